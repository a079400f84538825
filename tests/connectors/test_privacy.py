"""Whom a row is about is known from what its columns become."""

from __future__ import annotations

import pytest

from connectors.contract import Feed
from connectors.privacy import CLASSES, class_of, naming
from connectors.registry import PLATFORMS
from pipelines.data_schedule import elements

FEEDS = {f"{p.name}.{f.name}": f for p in PLATFORMS.values() for f in p.feeds}
#: Tables whose rows are a child's, where their feed's file does not name the child itself.
OF_A_CHILD = {
    "account",
    "submission",
    "daily_activity",
    "skill_state",
    "attendance",
    "person",
    "usage_week",
}
#: One file is one student, told by its name.
BY_FILE_NAME = {"khan.activity_log", "khan.student_assignments"}


@pytest.mark.parametrize("name", sorted(set(FEEDS) - BY_FILE_NAME))
def test_every_feed_about_children_has_a_column_that_names_them(name: str) -> None:
    feed = FEEDS[name]
    if {o.table for o in feed.outputs} & OF_A_CHILD:
        assert naming(feed)


@pytest.mark.parametrize(
    ("feed", "roster", "own", "names"),
    [
        (
            "oneroster.users",
            "email identifier sourced_id username",
            "",
            "family_name given_name preferred_name",
        ),
        ("oneroster.enrollments", "person_id", "", ""),
        ("oneroster.classes", "", "", ""),
        ("lexia.detailed_student", "username", "lexia_id", "family_name given_name"),
        ("khan.assignment_scores", "", "", "student"),
        ("canvas.course_sections", "", "", ""),
        ("canvas.gradebook", "login sis_id", "id", "student"),
        ("district.mentors", "student", "", ""),
        ("schoology.usage", "email login sis_id", "person", "family given"),
    ],
)
def test_ids_of_children_are_told_from_those_of_classes_and_adults(
    feed: str, roster: str, own: str, names: str
) -> None:
    told = naming(FEEDS[feed])
    assert told.roster == set(roster.split())
    assert told.own == set(own.split())
    assert told.full | told.given | told.family == set(names.split())


def test_classes_of_elements() -> None:
    def of(feed: Feed, column: str) -> str:
        return class_of(feed, column)

    assert of(FEEDS["oneroster.demographics"], "sex") == "group"
    assert of(FEEDS["district.interests"], "said") == "words"
    assert of(FEEDS["district.mentors"], "staff") == "adult"
    assert of(FEEDS["lexia.detailed_student"], "week_minutes") == "activity"
    assert of(FEEDS["oneroster.classes"], "title") in ("place", "not personal")
    assert {e.privacy_class for e in elements(PLATFORMS.values())} <= set(CLASSES)
    assert len(elements(PLATFORMS.values())) == sum(len(f.columns) for f in FEEDS.values())
