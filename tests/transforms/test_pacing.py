"""When the minutes of a week fall: worked cases, snapshots and their gaps."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from tests.transforms.conftest import (
    ORACLES,
    Warehouse,
    covered,
    days,
    holiday,
    monday,
    roster,
    weekly,
)

LEXIA = "SELECT * FROM views.student_platform_week WHERE platform = 'lexia' ORDER BY week_start"
DAYS = """
    SELECT date, earliest_date, minutes, minutes_basis, units_completed
    FROM facts.daily_activity ORDER BY date, earliest_date, minutes
"""
NAMES = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]


def snapshots(
    warehouse: Warehouse,
    told: Mapping[str, float],
    week: int = 0,
    account: str = "a1",
    **more: Mapping[str, float | None],
) -> Warehouse:
    """Minutes since Monday, exported on these days; each export covers its own day."""
    for name, minutes in told.items():
        day = monday(week) + timedelta(days=NAMES.index(name))
        warehouse.add(
            "usage_snapshot",
            [
                {
                    "account_key": account,
                    "date": day,
                    "week_start": monday(week),
                    "week_minutes": minutes,
                    **{key: value.get(name) for key, value in more.items()},
                }
            ],
        )
        warehouse.add(
            "coverage",
            [{"covers_from": day, "covers_to": day}],
            of="activity",
            absence_is_zero=False,
        )
    return warehouse


def placed(warehouse: Warehouse) -> dict[str, float]:
    """Minutes by day or span of days, zeros left out."""
    found: dict[str, float] = {}
    for row in warehouse.query(DAYS):
        names = [NAMES[row[column].weekday()] for column in ("earliest_date", "date")]
        span = "-".join(dict.fromkeys(names))
        if row["minutes"]:
            found[span] = found.get(span, 0.0) + row["minutes"]
    return found


@pytest.mark.parametrize("name", ["O20a", "O20b", "O20c", "O20d", "O20e", "O20f"])
def test_pacing_and_the_middle_of_the_minutes(school: Warehouse, name: str) -> None:
    case = ORACLES[name]
    minutes = case["input"]["minutes"]
    if len(minutes) == 3:
        holiday(school, 0, [3, 4])
    covered(days(school, 0, minutes), "lexia", 1, zero=True)
    got = school.one(LEXIA)
    for column in ("mean_day", "pacing", "last_day_share"):
        assert got[column] == pytest.approx(case["expected"][column], abs=1e-6), column
    assert got["pacing_status"] == "ok"


def test_pacing_needs_minutes_and_a_week_of_several_days(school: Warehouse) -> None:
    empty, single = ORACLES["O21"]["input"]["minutes"]
    covered(days(school, 0, empty), "lexia", 2, zero=True)
    days(holiday(school, 1, [1, 2, 3, 4]), 1, single)
    got = school.query(LEXIA)
    assert [row["pacing"] for row in got] == ORACLES["O21"]["expected"]
    assert [row["pacing_status"] for row in got] == ["too_few", "break_week"]


def test_a_week_of_the_weekend_alone_has_too_few_minutes_of_school_days(school: Warehouse) -> None:
    covered(days(school, 0, [0, 0, 0, 0, 0, 60]), "lexia", 1, zero=True)
    got = school.one(LEXIA)
    assert (got["minutes"], got["pacing"], got["pacing_status"]) == (60, None, "too_few")


def test_a_missing_snapshot_makes_pacing_a_range(school: Warehouse) -> None:
    case = ORACLES["O22"]
    snapshots(school, case["input"]["snapshots"])
    assert placed(school) == {"Mon": 10, "Wed": 25, "Thu-Fri": case["expected"]["unplaced_Thu_Fri"]}
    got = school.one(LEXIA)
    assert got["pacing_low"] == pytest.approx(case["expected"]["pacing_low"], abs=1e-6)
    assert got["pacing_high"] == pytest.approx(case["expected"]["pacing_high"], abs=1e-6)
    middle = (case["expected"]["pacing_low"] + case["expected"]["pacing_high"]) / 2
    assert got["pacing"] == pytest.approx(middle, abs=1e-6)
    assert got["last_day_share"] is None
    assert got["active_days"] is None
    assert got["minutes"] == 60


def test_a_told_day_is_exact_and_the_rest_falls_between_the_snapshots(school: Warehouse) -> None:
    snapshots(
        school, {"Mon": 10, "Thu": 50, "Fri": 50}, today_minutes={"Mon": 10, "Thu": 15, "Fri": 0}
    )
    assert placed(school) == {"Mon": 10, "Thu": 15, "Tue-Wed": 25}


def test_a_rest_that_only_one_school_day_can_hold_is_placed_there(school: Warehouse) -> None:
    holiday(school, 0, [1])
    snapshots(school, {"Mon": 10, "Thu": 50}, today_minutes={"Mon": 10, "Thu": 15})
    assert placed(school) == {"Mon": 10, "Wed": 25, "Thu": 15}


def test_the_weekend_holds_minutes_only_where_no_school_day_can(school: Warehouse) -> None:
    snapshots(school, {"Thu": 10, "Sat": 40, "Sun": 45}, today_minutes={"Thu": 10})
    assert placed(school) == {"Thu": 10, "Fri": 30, "Sun": 5}


def test_a_told_day_above_the_gain_is_capped(school: Warehouse) -> None:
    snapshots(school, {"Mon": 10, "Tue": 15}, today_minutes={"Mon": 10, "Tue": 40})
    assert placed(school) == {"Mon": 10, "Tue": 5}


def test_work_after_the_export_of_the_day_before_belongs_to_that_day(school: Warehouse) -> None:
    snapshots(school, {"Mon": 10, "Tue": 30}, today_minutes={"Mon": 10, "Tue": 12})
    assert placed(school) == {"Mon": 18, "Tue": 12}


def test_a_snapshot_above_a_later_one_is_ignored(school: Warehouse) -> None:
    snapshots(
        school,
        {"Mon": 10, "Tue": 90, "Wed": 20, "Thu": 25, "Fri": 25},
        week_units={"Mon": 1, "Tue": 9, "Wed": 2, "Thu": 3, "Fri": 3},
    )
    assert placed(school) == {"Mon": 10, "Tue-Wed": 10, "Thu": 5}
    got = school.one(LEXIA)
    assert (got["minutes"], got["units_completed"]) == (25, 3)
    assert school.one("SELECT sum(units_completed) u FROM facts.daily_activity")["u"] == 3


def test_counting_starts_anew_each_monday(school: Warehouse) -> None:
    for week in (0, 1):
        snapshots(school, {name: 10.0 * (i + 1) for i, name in enumerate(NAMES[:5])}, week)
    assert [row["minutes"] for row in school.query(LEXIA)] == [50, 50]
    assert [row["pacing"] for row in school.query(LEXIA)] == [0, 0]


def test_the_week_is_the_latest_snapshot_to_the_last_digit(school: Warehouse) -> None:
    told = {"Mon": 10.1, "Tue": 20.3, "Wed": 33.7, "Thu": 47.9, "Fri": 60.0}
    snapshots(school, told, target_minutes=dict.fromkeys(told, 60.0))
    got = school.one(LEXIA)
    assert (got["minutes"], got["dosage"]) == (60.0, 1.0)


def test_a_student_missing_from_the_last_files_has_a_partial_week(school: Warehouse) -> None:
    roster(school, "ben", school="s2")
    school.link("lexia", b1="ben")
    snapshots(school, dict.fromkeys(NAMES[:5], 30.0))
    snapshots(school, {"Mon": 5, "Wed": 9}, account="b1")
    got = school.one(f"SELECT * FROM ({LEXIA}) WHERE student_id = 'ben'")
    assert (got["status"], got["school_days_missing"]) == ("partial_week", 2)
    assert got["data_through"] == monday(0) + timedelta(days=2)


def test_unresolved_accounts_wait_in_the_facts_and_stay_out_of_the_views(
    school: Warehouse,
) -> None:
    snapshots(school, {"Mon": 5, "Fri": 9}, account="nobody")
    assert school.one("SELECT count(*) n FROM facts.daily_activity WHERE student_id IS NULL")["n"]
    got: Any = school.one(LEXIA)
    assert (got["status"], got["minutes"]) == ("not_rostered", None)


WHEN = "SELECT * FROM views.student_procrastination WHERE platform = 'lexia' AND student_id = 'ann'"


def test_pacing_is_the_mean_of_the_latest_four_weeks_that_have_one(school: Warehouse) -> None:
    weeks: list[list[float]] = [
        [60, 0, 0, 0, 0],
        [0, 0, 0, 0, 60],
        [0, 0, 60, 0, 0],
        [5],
        [60, 0, 0, 0, 0],
        [60, 0, 0, 0, 0],
    ]
    for week, told in enumerate(weeks):
        days(school, week, told)
    got = covered(school, "lexia", len(weeks), zero=True).one(WHEN)
    assert got["weeks_counted"] == 4
    assert got["pacing"] == pytest.approx((-1 + 0 + 1 + 1) / 4)
    assert got["last_day_share"] == pytest.approx(0.25)
    assert got["mean_day"] == pytest.approx((5 + 3 + 1 + 1) / 4)


def test_who_was_never_in_a_class_on_a_friday_is_none_of_its_students() -> None:
    """All of c2 are on Khan, but for three who came on a Monday and left on the Wednesday."""
    built = roster(Warehouse(("khan",)), "ann", "ben").link("khan", a1="ann")
    same = {"platform": "oneroster"}
    built.add("person", "person_id role\ncal student\ndan student\neve student", **same)
    built.add("class_section", "class_id class_type\nc2 scheduled", **same)
    built.add(
        "enrollment",
        f"""class_id person_id begin_date end_date
            c2 ann - -
            c2 cal {monday(0)} {monday(0) + timedelta(days=2)}
            c2 dan {monday(0)} {monday(0) + timedelta(days=2)}
            c2 eve {monday(0)} {monday(0) + timedelta(days=2)}""",
        role="student",
        **same,
    )
    weekly(built, [30])
    assert built.one("SELECT class_id FROM work.platform_class")["class_id"] == "c2"
