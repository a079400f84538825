"""The cards: each rule in a small drawn table, and what keeps a card away."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.transforms.classroom import LAST, LATEST, QUIET, STEADY, USUAL, class_of, task
from tests.transforms.conftest import (
    Row,
    Warehouse,
    absent,
    covered,
    days,
    holiday,
    loaded,
    monday,
    roster,
    run,
)
from transforms import catalog
from transforms.thresholds import DEFAULTS


def cards(warehouse: Warehouse, rule: str) -> list[Row]:
    """The cards of one rule, the oldest first."""
    return warehouse.query(
        f"SELECT * FROM views.card WHERE rule_id = '{rule}' ORDER BY week_start, student_id"
    )


def test_a_quieter_card_tells_both_weeks_and_the_usual() -> None:
    (card,) = cards(class_of({"ann": QUIET}), "quieter_than_usual")
    assert (card["student_id"], card["platform"]) == ("ann", "khan")
    assert card["week_start"] == LATEST
    assert (card["value"], card["reference"], card["n"]) == (9, 60, 8)
    assert (card["window_start"], card["window_end"]) == (
        monday(LAST - 1),
        LATEST + timedelta(days=6),
    )
    assert card["data_through"] == LATEST + timedelta(days=6)


def test_the_two_weeks_of_a_card_may_have_a_break_between_them() -> None:
    built = holiday(class_of({"ann": [*USUAL, 12, 0, 9]}), LAST, [0, 1, 2])
    (card,) = cards(built, "quieter_than_usual")
    assert (card["window_start"], card["week_start"]) == (monday(LAST - 1), monday(LAST + 1))


def test_a_busier_card_needs_both_weeks() -> None:
    built = class_of({"ann": [*USUAL, 90, 95], "ben": [*USUAL, 90, 89]})
    (card,) = cards(built, "busier_than_usual")
    assert (card["student_id"], card["value"], card["reference"]) == ("ann", 95, 60)


def test_a_week_that_does_not_count_has_no_card() -> None:
    partial = class_of({"ann": QUIET})
    last = f"week_start = DATE '{LATEST}'"
    partial.db.execute(f"UPDATE lake.usage_week SET through = week_start + 2 WHERE {last}")
    assert cards(partial, "quieter_than_usual") == []
    away = absent(class_of({"ann": QUIET}), LAST, [0, 1, 2, 3])
    assert cards(away, "quieter_than_usual") == []
    excluded = class_of({"ann": QUIET}).add(
        "notes.exclusion", [{"student_id": "ann", "platform": "khan", "week_start": LATEST}]
    )
    assert cards(excluded, "quieter_than_usual") == []


def test_a_target_reached_is_told_when_it_is_news() -> None:
    built = class_of({"ann": [30, 40, 60, 70, 50, 61]}, target_minutes=60.0)
    got = cards(built, "target_reached")
    assert [card["week_start"] for card in got] == [monday(2), monday(5)]
    assert [(card["value"], card["reference"]) for card in got] == [(60, 60), (61, 60)]
    assert cards(class_of({"ann": [30, 90]}), "target_reached") == []


def test_work_that_lands_at_the_end_is_told_beside_the_classmates() -> None:
    built = roster(Warehouse(), "ann", "ben", "cal").link("lexia", a1="ann", b1="ben", c1="cal")
    for week in range(4):
        days(built, week, [0, 0, 0, 10, 30])
        days(built, week, [10, 10, 10, 10, 10], "b1")
        days(built, week, [20, 10, 10, 5, 5], "c1")
    (card,) = cards(covered(built, "lexia", 4, zero=True), "work_lands_at_end")
    assert (card["student_id"], card["n"]) == ("ann", 4)
    assert card["value"] == pytest.approx(-0.875)
    assert card["reference"] == pytest.approx(0.175)
    assert (card["window_start"], card["window_end"]) == (monday(0), monday(3) + timedelta(days=6))


def test_a_score_under_the_line_is_a_card_of_the_week_it_was_due() -> None:
    built = class_of({"ann": STEADY, "ben": STEADY})
    task(built, "Fractions", monday(3) + timedelta(days=4), {"ann": 64.995, "ben": 65.0})
    (card,) = cards(built, "below_threshold")
    assert (card["student_id"], card["item_title"]) == ("ann", "Fractions")
    assert (card["week_start"], card["window_end"]) == (monday(3), monday(3) + timedelta(days=4))
    assert (card["value"], card["reference"], card["n"]) == (64.995, 65, 1)


def test_a_sunday_belongs_to_the_monday_before_it() -> None:
    built = class_of({"ann": STEADY})
    task(built, "t", monday(3) + timedelta(days=6), {"ann": 10.0})
    (card,) = cards(built, "below_threshold")
    assert card["week_start"] == monday(3)


def test_everything_on_time_needs_three_tasks_in_four_weeks_and_no_unknown() -> None:
    built = class_of({"ann": STEADY, "ben": STEADY, "cal": STEADY})
    for week in (0, 2, 3, 7):
        late = ["ben"] if week == 2 else []
        scores = {"ann": 90.0, "ben": 90.0, "cal": 90.0}
        task(built, f"t{week}", monday(week) + timedelta(days=2), scores, late=late)
    built.db.execute(
        "UPDATE lake.submission SET submitted_at = NULL, timing = 'unknown' "
        "WHERE assignment_id = 't3' AND account_key = 'a_cal'"
    )
    (card,) = cards(built, "all_on_time")
    assert (card["student_id"], card["week_start"], card["n"]) == ("ann", monday(3), 3)
    assert card["window_start"] == monday(0)


def with_ceiling(warehouse: Warehouse, minutes: float) -> Warehouse:
    """Built by the rules of a district with a ceiling of screen time."""
    for transform in catalog.load(warehouse.platforms, {**DEFAULTS, "screen_minutes": minutes}):
        run(warehouse.db, transform)
    warehouse._built = True
    return warehouse


def test_screen_time_is_off_until_a_ceiling_is_set() -> None:
    weeks = {"ann": [100.0, 101.0], "ben": [50.0, 90.0]}
    assert cards(class_of(weeks), "screen_time") == []
    (card,) = cards(with_ceiling(class_of(weeks), 100), "screen_time")
    assert (card["student_id"], card["week_start"]) == ("ann", monday(1))
    assert (card["value"], card["reference"], card["platform"]) == (101, 100, None)
    assert card["rule_version"] == "1 (screen_minutes 100)"


def test_no_screen_time_is_told_over_a_stale_feed() -> None:
    built = roster(Warehouse(), "ann").link("lexia", a1="ann").link("khan", a1="ann")
    built.add("account", "account_key\na1", platform="lexia")
    built.add(
        "usage_week",
        [
            {"account_key": "a1", "week_start": monday(i), "through": monday(i) + timedelta(days=6)}
            for i in range(2)
        ],
        platform="khan",
        minutes=500.0,
    )
    covered(built, "khan", 2, zero=False)
    days(covered(built, "lexia", 1, zero=True), 0, [10])
    assert [c["week_start"] for c in cards(with_ceiling(built, 60), "screen_time")] == [monday(0)]


def test_every_rule_of_a_card_is_in_the_dictionary_with_its_version() -> None:
    built = class_of({"ann": [*USUAL, 90, 95]}, target_minutes=80.0)
    (card,) = cards(built, "target_reached")
    assert card["rule_version"] == "1"
    measures = {m.measure for t in loaded(("khan",)) for m in t.measures}
    for rule in ("target_reached", "all_on_time", "screen_time", "check_in_due"):
        assert rule in measures
    for rule in ("shared_dip", "shared_late", "shared_stuck"):
        assert rule in measures
