"""What homeroom explain computes of tests, paths, skills, check-ins and cards, on drawn cases."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from connectors.errors import HomeroomError
from tests.transforms.conftest import Warehouse, covered, days, monday, roster, weekly
from tests.transforms.test_progress import district, group, growth, path, sat, scored
from tests.warehouse.test_explain import asking
from transforms.thresholds import DEFAULTS
from warehouse.explain import Explanation, cards, explain, places


def told(built: Warehouse, measure: str, who: str = "ann", **asked: Any) -> Explanation:
    """An explanation that agrees with what is published."""
    one = explain(asking(built.db), measure, who, values=built.values, **asked)
    assert one.agrees, (one.value, one.published, one.says)
    return one


@pytest.fixture(scope="module")
def subjects() -> Warehouse:
    """Four students with tests, paths and class scores in Reading; one has nothing but a class."""
    cases: dict[str, tuple[list[float], float | None, list[float]]] = {
        "ann": ([5, 5, 5, 5], 12, [90, 80, 64.995]),
        "bea": ([1, 2, 0, 1], -2, [20, 64.99, 90]),
        "cem": ([5, 5], 7.2, [70]),
        "dov": ([], None, []),
    }
    built = group(district(*cases), "Reading", *cases)
    for who, (units, grown, scores) in cases.items():
        path(built, units, 5, first=8 - len(units), who=who)
        if grown is not None:
            sat(built, f"""
                result_id subject term taken_on test_name score standard_error percentile rapid_guess_percent
                {who}1 Reading Fall_2026-2027 2026-09-08 Growth 190 3.1 40 0
                {who}2 Reading Winter_2026-2027 2026-10-20 Growth 201.5 3.2 45 30""", who=who)  # fmt: skip
            growth(built, f"{who}2 fall winter {grown} 2.2 5\n{who}2 winter winter 1 9 9", who)
        scored(built, scores, who)
    return built.build()


def test_progress_of_every_student_comes_out_as_published(subjects: Warehouse) -> None:
    ask = asking(subjects.db)
    rows = ask("SELECT student_id, subject FROM views.student_progress", {})
    columns = ask("DESCRIBE views.student_progress", {})
    assert len(rows) >= 4
    recipes = places.RECIPES["student_progress"]
    assert set(recipes) <= {c["column_name"] for c in columns}
    for row in rows:
        for measure in recipes:
            told(subjects, f"student_progress.{measure}", row["student_id"], item=row["subject"])


@pytest.mark.parametrize(
    ("measure", "who", "value"),
    [
        ("rit_score", "ann", 201.5),
        ("tests_counted", "ann", 2),
        ("tests_counted", "dov", 0),
        ("score_may_understate", "bea", True),
        ("observed_growth", "ann", 12),
        ("growth_story", "ann", "more than projected"),
        ("growth_story", "bea", "less than projected"),
        ("growth_story", "cem", "too close to call"),
        ("path_story", "ann", "own target reached"),
        ("path_story", "bea", "under the own target"),
        ("units_target", "cem", 10),
        ("class_score_median", "ann", 80),
        ("class_story", "bea", "middle score below the threshold"),
        ("stories", "ann", 3),
    ],
)
def test_progress_is_what_was_drawn(
    subjects: Warehouse, measure: str, who: str, value: object
) -> None:
    assert told(subjects, measure, who, item="Reading").value == value


@pytest.mark.parametrize(
    ("measure", "who", "says"),
    [
        ("rit_score", "dov", "no_feed: no valid test of the subject is told"),
        ("path_story", "cem", "too_few: 2 of 4 weeks with a target"),
        ("class_story", "cem", "too_few: 1 of 3 scores"),
        ("growth_story", "dov", "no_feed: no growth with its error is told"),
    ],
)
def test_progress_that_is_not_known_says_why(
    subjects: Warehouse, measure: str, who: str, says: str
) -> None:
    one = told(subjects, measure, who, item="Reading")
    assert (one.value, one.says) == (None, says)


def test_a_story_reads_with_its_numbers(subjects: Warehouse) -> None:
    one = told(subjects, "growth_story", "ann", item="reading")
    assert [f"{line.name} = {line.filled} = {line.result}" for line in one.steps] == [
        "beyond_error = abs(12 - 5) - 2.2 = 4.8",
        "growth_story = too close to call if 4.8 <= 0 else more than projected if 12 > 5 else "
        "less than projected = more than projected",
    ]


def test_a_score_of_another_scale_is_no_rit_score() -> None:
    built = district("ann")
    sat(built, "result_id subject taken_on score\nr1 Reading 2026-10-20 912", platform="star")
    built.build()
    assert told(built, "test_score", item="Reading").value == 912
    assert told(built, "rit_score", item="Reading").says.startswith("target_na: ")


@pytest.fixture(scope="module")
def year() -> Warehouse:
    """Ann for nine weeks on Lexia and Khan, with a ceiling, a target, tasks and skills."""
    built = roster(Warehouse(("lexia", "khan", "xapi")), "ann", "ben")
    built.values = {**DEFAULTS, "screen_minutes": 100.0}
    for platform in ("lexia", "khan", "xapi"):
        built.link(platform, a1="ann", b1="ben")
    weekly(built, [50, 55, 60, 45, 62, 58, 70, 50, 61], "a1", target_minutes=60)
    covered(built, "lexia", 9, zero=True)
    for week, minutes in enumerate(([5, 5, 0, 0, 0], [5, 0, 5, 0, 0], [20] * 5, [0] * 5)):
        days(built, week, minutes, "a1")
    built.add(
        "assignment",
        [
            {
                "assignment_id": f"i{n}",
                "title": f"Task {n}",
                "due_at": f"{monday(n)} 18:00:00",
                "due_on": monday(n),
                "listed_only": True,
                "class_key": "k",
                "data_through": monday(9),
            }
            for n in range(5)
        ],
        platform="khan",
    )
    handed = [
        {"assignment_id": f"i{n}", "submitted_at": f"{monday(n)} {12 if n < 4 else 22}:00:00"}
        for n in range(5)
    ]
    built.add("submission", handed, platform="khan", account_key="a1", data_through=monday(9))
    built.add(
        "skill_state",
        [
            {"skill_id": "s1", "date": monday(1), "needs_instruction": True, "attempts": 4},
            {"skill_id": "s1", "date": monday(3), "state": "complete", "attempts": 9},
            {"skill_id": "s2", "date": monday(2), "state": "in_progress"},
        ],
        platform="lexia",
        account_key="a1",
    )
    built.add(
        "event",
        [
            {"event_id": f"e{n}", "happened_at": f"{monday(0)} 15:0{n}:00", "date": monday(0)}
            for n in range(3)
        ],
        platform="xapi", account_key="a1", object_id="q", action="answered", correct=True,
    )  # fmt: skip
    talks = [{"student_id": "ann", "date": monday(n) + timedelta(days=1)} for n in (2, 8)]
    built.add("notes.check_in", talks)
    return built.build()


def test_every_card_comes_out_as_published(year: Warehouse) -> None:
    published = asking(year.db)(
        "SELECT * FROM views.card WHERE coalesce(platform, '') <> 'xapi'", {}
    )
    rules = {card["rule_id"] for card in published}
    assert rules >= set(cards.RECIPES) - {"grew_more_than_projected"}
    for card in published:
        if card["rule_id"] in cards.RECIPES:
            told(
                year,
                f"card.{card['rule_id']}",
                platform=card["platform"],
                week=card["week_start"],
                item=card["item_id"],
            )


def test_growth_that_is_a_card_comes_out_as_published(subjects: Warehouse) -> None:
    one = told(subjects, "grew_more_than_projected", platform="nwea")
    assert (one.item_id, one.value) == ("ann2", 12)


@pytest.mark.parametrize(
    ("measure", "asked", "value"),
    [
        ("all_on_time", {"platform": "khan", "week": monday(3)}, 4),
        ("target_reached", {"platform": "khan", "week": monday(8)}, 61),
        ("screen_time", {"week": monday(2)}, 160),
        ("stuck_skill", {"item": "s1"}, 4),
        ("skill_mastered", {"item": "s1"}, 9),
        ("attempts", {"platform": "lexia", "item": "s1"}, 9),
        ("skill_state", {"platform": "lexia", "item": "s1"}, "mastered"),
        ("skill_state", {"platform": "lexia", "item": "s2"}, "indeterminate"),
        ("check_ins", {}, 2),
        ("check_in_due", {}, False),
        ("days_since_check_in", {}, 5),
        ("checkins", {"week": monday(2)}, 1),
    ],
)
def test_the_year_is_what_was_drawn(
    year: Warehouse, measure: str, asked: dict[str, Any], value: object
) -> None:
    assert told(year, measure, **asked).value == value


def test_nobody_who_was_never_seen_is_given_days(year: Warehouse) -> None:
    assert told(year, "days_since_check_in", "ben").says.startswith("not_enough_history: ")
    assert told(year, "check_in_due", "ben").value is True


def test_the_same_days_each_week_are_counted_in_pairs(year: Warehouse) -> None:
    """Of the latest 8 weeks: Monday and Wednesday, all five days, then six weeks without work."""
    one = told(year, "weekday_habit", platform="lexia")
    assert [len(table.rows) for table in one.inputs] == [8, 28]
    assert one.value == pytest.approx(2 / 5 / 13)


@pytest.mark.parametrize("measure", ["attempts", "attempts_to_state", "skill_mastered"])
def test_what_single_answers_tell_is_refused(year: Warehouse, measure: str) -> None:
    with pytest.raises(HomeroomError, match="single answers"):
        told(year, measure, platform="xapi", item="q")


def test_a_card_whose_rule_does_not_hold_is_called_out(year: Warehouse) -> None:
    year.db.execute("BEGIN")
    year.db.execute("UPDATE views.assignment_timing SET state = 'late' WHERE assignment_id = 'i1'")
    one = explain(asking(year.db), "all_on_time", "ann", platform="khan", week=monday(3))
    year.db.execute("ROLLBACK")
    assert (one.agrees, one.says) == (False, "zero: 3 of 4 items on time")
