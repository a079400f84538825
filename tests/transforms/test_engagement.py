"""Engagement: the worked cases of the measures, through the real transforms."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest

from tests.transforms.conftest import (
    ORACLES,
    Warehouse,
    absent,
    covered,
    days,
    holiday,
    monday,
    roster,
    weekly,
)

WEEKS = "SELECT * FROM views.student_platform_week WHERE platform = '{}' ORDER BY week_start"
ENGAGEMENT = "SELECT * FROM views.student_engagement WHERE platform = 'khan'"


def close(value: Any) -> Any:
    """Equal within the tolerance of the worked cases."""
    return value if value is None or isinstance(value, bool) else pytest.approx(value, abs=1e-6)


def student(*weeks: float | None) -> Warehouse:
    """Ann with these weekly minutes."""
    built = roster(Warehouse(), "ann").link("khan", a1="ann")
    return weekly(built, weeks)


def test_dosage_is_minutes_by_the_own_target(school: Warehouse) -> None:
    case = ORACLES["O02"]
    rows = [
        {
            "account_key": "a1",
            "week_start": monday(i),
            "through": monday(i) + timedelta(days=6),
            "minutes": minutes,
            "target_minutes": target,
        }
        for i, (minutes, target) in enumerate(case["input"])
    ]
    school.add("usage_week", rows, platform="khan")
    got = covered(school, "khan", len(rows), zero=False).query(WEEKS.format("khan"))
    assert [row["dosage"] for row in got] == [close(value) for value in case["expected"]]
    assert [row["dosage_status"] for row in got] == [
        "ok",
        "ok",
        "ok",
        "target_na",
        "target_na",
        "zero",
    ]


def test_weeks_met_count_only_eligible_weeks_with_a_target(school: Warehouse) -> None:
    case = ORACLES["O03"]
    for i, told in enumerate(case["input"]["rows"].split(",")):
        minutes, target = told.removesuffix("(break)").split("/")
        school.add(
            "usage_week",
            [
                {
                    "account_key": "a1",
                    "week_start": monday(i),
                    "through": monday(i) + timedelta(days=6),
                    "minutes": float(minutes),
                    "target_minutes": None if target == "NULL" else float(target),
                }
            ],
            platform="khan",
        )
        if told.endswith("(break)"):
            holiday(school, i, [0, 1, 2])
    got = covered(school, "khan", 6, zero=False).one(ENGAGEMENT)
    assert got["weeks_with_target"] == case["expected"]["eligible"]
    assert got["weeks_target_met"] == case["expected"]["met"]
    assert got["weeks_eligible"] == 5


def test_active_days_are_judged_by_days_present_and_the_weekend_stands_apart(
    school: Warehouse,
) -> None:
    case = ORACLES["O04"]["expected"]
    covered(days(absent(school, 0, [3]), 0, [10, 2.9, 3, 0, 20, 15]), "lexia", 1, zero=True)
    got = school.one(WEEKS.format("lexia"))
    assert got["active_day_rate"] == case["rate"]
    assert got["weekend_active_days"] == case["weekend_days"]
    assert (got["active_days"], got["days_present"], got["school_days"]) == (3, 4, 5)


def test_work_on_a_day_noted_as_absent_does_not_raise_the_rate_above_one(
    school: Warehouse,
) -> None:
    covered(days(absent(school, 0, [3]), 0, [10, 10, 10, 10, 10]), "lexia", 1, zero=True)
    assert school.one(WEEKS.format("lexia"))["active_day_rate"] == 1.0


def test_quiet_school_days_count_days_present_since_the_last_work(school: Warehouse) -> None:
    case = ORACLES["O08"]
    start, end = (date.fromisoformat(day) for day in case["input"]["window"].split(".."))
    school.add(
        "coverage", [{"covers_from": start, "covers_to": end}], of="activity", absence_is_zero=True
    )
    school.add(
        "daily_activity",
        [{"date": f"2026-{day}", "minutes": 10} for day in case["input"]["active"]],
        account_key="a1",
    )
    school.add(
        "attendance",
        [{"date": f"2026-{day}"} for day in case["input"]["absent"]],
        platform="district",
        student_sis_id="9ann",
        present=False,
    )
    got = school.one("SELECT * FROM views.student_engagement WHERE platform = 'lexia'")
    assert got["quiet_school_days"] == case["expected"]["current_gap"]
    by_week = school.query(
        "SELECT quiet_school_days q FROM views.weekly_summary ORDER BY week_start"
    )
    assert [row["q"] for row in by_week] == [2, 2 + 3, 4]


def test_quiet_school_days_stop_where_a_platform_stops_telling(school: Warehouse) -> None:
    weekly(school, [30, 30])
    covered(days(school, 0, [10]), "lexia", 1, zero=True)
    got = school.one("SELECT DISTINCT quiet_school_days q FROM views.student_engagement")
    assert got["q"] == 0


@pytest.mark.parametrize("name", ["O09", "O10", "O11"])
def test_change_z_divides_by_the_spread_with_its_floors(name: str) -> None:
    case = ORACLES[name]
    cases: Sequence[Any] = case["input"].get("cases") or [
        (case["input"]["baseline"], case["input"]["current"])
    ]
    expected = case["expected"]
    if name == "O09":
        expected = [expected["z"]]
    elif name == "O11":
        expected = [None]
    for (baseline, current), z in zip(cases, expected, strict=True):
        got = student(*baseline, current).query(WEEKS.format("khan"))[-1]
        assert got["change_z"] == close(z)
        if name == "O09":
            assert got["usual_minutes"] == case["expected"]["median"]
            assert got["usual_scale"] == close(case["expected"]["scale"])
        if name == "O11":
            assert got["baseline_status"] == "not_enough_history"
            assert got["usual_minutes"] is None


def test_two_weeks_are_judged_against_one_baseline() -> None:
    case = ORACLES["O12"]
    for pair, (first, second) in zip(case["input"]["cases"], case["expected"]["z"], strict=True):
        got = student(*case["input"]["baseline"], *pair).one(ENGAGEMENT)
        assert got["usual_minutes"] == case["expected"]["median"]
        assert got["previous_change_z"] == close(first)
        assert got["change_z"] == close(second)


def test_units_per_hour_is_drawn_towards_the_class() -> None:
    case = ORACLES["O13"]
    names = ["ann", "ben", "cem", "dia"]
    built = roster(Warehouse(), *names).link("khan", **{f"k{name}": name for name in names})
    hours = [5 / 60, 1.5, 1.5]
    units = [1.0, 3.0, 0.0]
    # A fourth student makes the class's rate the 2 units an hour of the worked case.
    hours.append(10.0)
    units.append(2 * sum(hours) - sum(units))
    rows = [
        {
            "account_key": f"k{name}",
            "week_start": monday(0),
            "minutes": 60 * h,
            "through": monday(0) + timedelta(days=6),
            "units_completed": u,
        }
        for name, h, u in zip(names, hours, units, strict=True)
    ]
    built.add("usage_week", rows, platform="khan")
    got = covered(built, "khan", 1, zero=False).query(f"{ENGAGEMENT} ORDER BY student_id")
    shrunk = case["expected"]["shrunk"]
    assert [row["units_per_hour"] for row in got[:3]] == [None, close(shrunk[1]), close(shrunk[2])]
    assert got[0]["units"] == 1.0
    assert got[0]["hours"] == close(5 / 60)


def test_share_of_usual_is_a_plain_ratio() -> None:
    case = ORACLES["O33"]
    for week, share in zip(case["input"]["weeks"], case["expected"]["share"], strict=True):
        got = student(*case["input"]["baseline"], week).query(WEEKS.format("khan"))[-1]
        assert got["usual_minutes"] == case["expected"]["usual"]
        assert got["share_of_usual"] == close(share)


@pytest.mark.parametrize(
    ("name", "column"), [("O34", "quieter_than_usual"), ("O35", "busier_than_usual")]
)
def test_quieter_and_busier_need_both_weeks(name: str, column: str) -> None:
    case = ORACLES[name]
    for drawn, expected in zip(case["input"]["cases"], case["expected"], strict=True):
        got = student(*drawn["baseline"], *drawn["weeks"]).one(ENGAGEMENT)
        assert got[column] is expected, drawn


def test_only_weeks_that_count_make_the_baseline(school: Warehouse) -> None:
    case = ORACLES["O36"]
    drawn = case["input"]["weeks_oldest_first"]
    for i, (status, minutes) in enumerate(drawn):
        through = 1 if status == "partial_week" else 6
        school.add(
            "usage_week",
            [
                {
                    "account_key": "a1",
                    "week_start": monday(i),
                    "minutes": minutes,
                    "through": monday(i) + timedelta(days=through),
                }
            ],
            platform="khan",
        )
        if status == "break_week":
            holiday(school, i, [0, 1, 2])
        if status == "absent":
            absent(school, i, [0, 1, 2, 3])
    covered(school, "khan", len(drawn), zero=False)
    weeks = school.query(WEEKS.format("khan"))
    assert [row["status"] for row in weeks] == [status for status, _ in drawn]
    got = school.one(ENGAGEMENT)
    assert got["usual_minutes"] == case["expected"]["usual"]
    assert got["baseline_weeks"] == len(case["expected"]["baseline"])
    assert got["minutes"] == case["expected"]["judged"][1]
    assert got["quieter_than_usual"] is case["expected"]["quieter"]


def test_a_share_needs_a_usual_of_twenty_minutes() -> None:
    got = student(19, 19, 19, 19, 19, 19, 19, 19).one(ENGAGEMENT)
    assert got["usual_minutes"] == 19
    assert got["share_of_usual"] is None
    assert (got["quieter_than_usual"], got["busier_than_usual"]) == (False, False)


def test_weekly_figures_give_no_days() -> None:
    got = student(30).one(WEEKS.format("khan"))
    assert got["minutes"] == 30
    assert got["active_days"] is None
    assert (got["pacing"], got["pacing_status"]) == (None, "no_feed")


def test_exactly_a_third_counts_whatever_the_decimals() -> None:
    # 6.8 / 20.4 is a third, and its last digit is above the third's.
    quarters = [(tenths / 10, 3 * tenths / 10) for tenths in range(67, 130)]
    names = [f"s{i}" for i in range(len(quarters))]
    built = roster(Warehouse(), *names).link("khan", **{f"k{name}": name for name in names})
    for name, (third, usual) in zip(names, quarters, strict=True):
        weekly(built, [usual] * 6 + [third] * 2, f"k{name}")
    got = built.query("SELECT quieter_than_usual q FROM views.student_engagement")
    assert [row["q"] for row in got if row["q"] is not None] == [True] * len(names)


def test_exactly_half_as_much_again_counts_whatever_the_decimals() -> None:
    tenths = range(200, 260)
    names = [f"s{i}" for i in tenths]
    built = roster(Warehouse(), *names).link("khan", **{f"k{name}": name for name in names})
    for name, told in zip(names, tenths, strict=True):
        weekly(built, [told / 10] * 6 + [15 * told / 100] * 2, f"k{name}")
    got = built.query(f"{ENGAGEMENT} ORDER BY student_id")
    assert [row["busier_than_usual"] for row in got] == [True] * len(names)


def test_evenness_is_not_told_where_no_minutes_are(school: Warehouse) -> None:
    rows = [{"date": monday(0) + timedelta(days=day), "events": 7} for day in (0, 1)]
    school.add("daily_activity", rows, account_key="a1", minutes_basis="clicks")
    got = covered(school, "lexia", 1, zero=True).one(WEEKS.format("lexia"))
    assert (got["active_days"], got["evenness"]) == (2, None)
