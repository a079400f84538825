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
AS_OF = f"{ENGAGEMENT} ORDER BY student_id"


def close(value: Any) -> Any:
    """Equal within the tolerance of the worked cases."""
    return value if value is None or isinstance(value, bool) else pytest.approx(value, abs=1e-6)


def students(*weeks: Sequence[float | None]) -> Warehouse:
    """Students s00, s01, ... with these weekly minutes each."""
    names = [f"s{i:02}" for i in range(len(weeks))]
    built = roster(Warehouse(), *names).link("khan", **{f"k{name}": name for name in names})
    for name, told in zip(names, weeks, strict=True):
        weekly(built, told, f"k{name}")
    return built


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
    got = students(*([*baseline, current] for baseline, current in cases)).query(
        f"SELECT * FROM ({WEEKS.format('khan')}) WHERE eligible_rank = 1 ORDER BY student_id"
    )
    assert [row["change_z"] for row in got] == [close(z) for z in expected]
    if name == "O09":
        assert got[0]["usual_minutes"] == case["expected"]["median"]
        assert got[0]["usual_scale"] == close(case["expected"]["scale"])
    if name == "O11":
        assert got[0]["baseline_status"] == "not_enough_history"
        assert got[0]["usual_minutes"] is None


def test_two_weeks_are_judged_against_one_baseline() -> None:
    case = ORACLES["O12"]
    pairs = case["input"]["cases"]
    got = students(*([*case["input"]["baseline"], *pair] for pair in pairs)).query(AS_OF)
    for row, (first, second) in zip(got, case["expected"]["z"], strict=True):
        assert row["usual_minutes"] == case["expected"]["median"]
        assert row["previous_change_z"] == close(first)
        assert row["change_z"] == close(second)


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
    got = covered(built, "khan", 1, zero=False).query(AS_OF)
    shrunk = case["expected"]["shrunk"]
    assert [row["units_per_hour"] for row in got[:3]] == [None, close(shrunk[1]), close(shrunk[2])]
    assert got[0]["units"] == 1.0
    assert got[0]["hours"] == close(5 / 60)


def test_share_of_usual_is_a_plain_ratio() -> None:
    case = ORACLES["O33"]
    got = students(*([*case["input"]["baseline"], week] for week in case["input"]["weeks"])).query(
        f"SELECT * FROM ({WEEKS.format('khan')}) WHERE eligible_rank = 1 ORDER BY student_id"
    )
    assert {row["usual_minutes"] for row in got} == {case["expected"]["usual"]}
    assert [row["share_of_usual"] for row in got] == [close(x) for x in case["expected"]["share"]]


@pytest.mark.parametrize(
    ("name", "column"), [("O34", "quieter_than_usual"), ("O35", "busier_than_usual")]
)
def test_quieter_and_busier_need_both_weeks(name: str, column: str) -> None:
    case = ORACLES[name]
    told = [[*drawn["baseline"], *drawn["weeks"]] for drawn in case["input"]["cases"]]
    assert [row[column] for row in students(*told).query(AS_OF)] == case["expected"]


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


def test_exactly_a_third_counts_whatever_the_decimals() -> None:
    # 6.8 / 20.4 is a third, and its last digit is above the third's.
    told = [[3 * tenths / 10] * 6 + [tenths / 10] * 2 for tenths in range(67, 130)]
    got = students(*told).query(AS_OF)
    assert [row["quieter_than_usual"] for row in got] == [True] * len(told)


def test_exactly_half_as_much_again_counts_whatever_the_decimals() -> None:
    told = [[tenths / 10] * 6 + [15 * tenths / 100] * 2 for tenths in range(200, 260)]
    got = students(*told).query(AS_OF)
    assert [row["busier_than_usual"] for row in got] == [True] * len(told)


def test_evenness_is_the_entropy_by_its_greatest_value(school: Warehouse) -> None:
    case = ORACLES["O05"]
    built = days(days(school, 0, case["input"]["minutes"]), 1, [0, 0, 60])
    even, single = covered(built, "lexia", 2, zero=True).query(WEEKS.format("lexia"))
    assert even["evenness"] == close(case["expected"]["evenness"])
    assert single["evenness"] is None


def test_evenness_is_not_told_where_no_minutes_are(school: Warehouse) -> None:
    rows = [{"date": monday(0) + timedelta(days=day), "events": 7} for day in (0, 1)]
    school.add("daily_activity", rows, account_key="a1", minutes_basis="clicks")
    got = covered(school, "lexia", 1, zero=True).one(WEEKS.format("lexia"))
    assert (got["active_days"], got["evenness"]) == (2, None)
