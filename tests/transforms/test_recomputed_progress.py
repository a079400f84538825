"""What tests, paths and class assignments say, a second time in plain Python."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.independent import progress, stories
from tests.independent.stories import AS_OF, Stories
from tests.transforms.conftest import Warehouse, roster
from tests.transforms.districts import agree
from transforms.drawn import Titled

SIZES = [(1, 250), *(pytest.param((seed, 3000), marks=pytest.mark.slow) for seed in (2, 3))]
TITLES = (Titled("lexia", "Core5", "Reading"), Titled("powerup", "PowerUp", "Reading"))


def filled(drawn: Stories) -> Warehouse:
    """A warehouse that holds them."""
    built = roster(Warehouse((*stories.PATHS, "khan"), TITLES), *drawn.own)
    same = {"platform": "oneroster"}
    built.add("class_section", "class_id class_type subject\nc9 scheduled Reading", **same)
    enrolled = [{"class_id": "c9", "person_id": who} for who in drawn.own]
    built.add("enrollment", enrolled, role="student", **same)
    links = [{"class_key": "k9", "class_id": "c9"}]
    built.add("identity.class_link", links, platform="khan", evidence="id")
    for platform in (*stories.TESTS, "khan"):
        built.link(platform, **{who: who for who in drawn.own})
    for platform in stories.TESTS:
        tests = [
            {**row, "account_key": who}
            for who, own in drawn.own.items()
            for row in own.tests.get(platform, ())
        ]
        built.add("assessment_result", tests, platform=platform)
    pairs = [{**row, "account_key": who} for who, own in drawn.own.items() for row in own.growth]
    built.add("assessment_growth", pairs, platform="nwea")
    for platform in stories.PATHS:
        built.link(
            platform, **{who: who for who, own in drawn.own.items() if platform in own.weeks}
        )
        weeks = [
            {**row, "account_key": who}
            for who, own in drawn.own.items()
            for row in own.weeks.get(platform, ())
        ]
        built.add("usage_week", weeks, platform=platform)
        covers = [{"covers_from": AS_OF - timedelta(weeks=stories.WEEKS), "covers_to": AS_OF}]
        built.add("coverage", covers, platform=platform, of="activity", absence_is_zero=False)
    tasks = [
        {"assignment_id": name, "due_on": due, "due_at": f"{due} 20:00:00"}
        for name, due in drawn.due.items()
    ]
    told = {"class_key": "k9", "listed_only": True, "data_through": AS_OF}
    built.add("assignment", tasks, platform="khan", **told)
    work = [{**row, "account_key": who} for who, own in drawn.own.items() for row in own.work]
    return built.add("submission", work, platform="khan")


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"seed{size[0]}")
def test_progress_agrees(size: tuple[int, int]) -> None:
    drawn = stories.draw(*size)
    want = progress.compute(drawn)
    rows = filled(drawn).query("SELECT * FROM views.student_progress WHERE subject = 'Reading'")
    agree(want, rows, ("student_id",), least=100)
    assert {row["agreement"] for row in want.values()} == {
        *("agree", "two stories", "too close to call", "one source only", None)
    }
    assert {row["score_may_understate"] for row in want.values()} == {True, False, None}
    assert len({row["growth_story"] for row in want.values()}) == 4
    assert len({row["path_story"] for row in want.values()}) == 3
    assert len({row["class_story"] for row in want.values()}) == 3
