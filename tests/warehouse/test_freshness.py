"""School days as the calendar tells them, and which exports are missing by their usual rhythm."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.fixtures import District, lines, roster
from warehouse.ledger import Ledger
from warehouse.watch.freshness import missing_since
from warehouse.watch.school_days import SchoolDays, school_days

#: Off from 22 December to 2 January.
WINTER = SchoolDays({date(2025, 12, 22) + timedelta(days=n): False for n in range(12)})


def days(first: str, *steps: int) -> list[date]:
    """Days of export, each so many days after the one before."""
    made = [date.fromisoformat(first)]
    for step in steps:
        made.append(made[-1] + timedelta(days=step))
    return made


FRIDAYS = days("2025-11-21", 7, 7, 7, 7)
DAILY = days("2025-12-12", 3, 1, 1, 1, 1)


@pytest.mark.parametrize(
    ("export", "school", "today", "due"),
    [
        # Weekly, the last one on Friday 19 December. The holidays do not count.
        (FRIDAYS, WINTER, "2025-12-26", None),
        (FRIDAYS, WINTER, "2026-01-02", None),
        (FRIDAYS, WINTER, "2026-01-09", None),
        # One school day of patience, told on the next: Tuesday.
        (FRIDAYS, WINTER, "2026-01-12", None),
        (FRIDAYS, WINTER, "2026-01-13", "2026-01-12"),
        # What is missing stays so over the weekend.
        (FRIDAYS, WINTER, "2026-01-17", "2026-01-12"),
        # Without a calendar it would be told on 30 December.
        (FRIDAYS, SchoolDays(), "2025-12-30", "2025-12-29"),
        (DAILY, WINTER, "2025-12-21", None),
        (DAILY, WINTER, "2026-01-04", None),
        (DAILY, WINTER, "2026-01-05", None),
        (DAILY, WINTER, "2026-01-06", "2026-01-05"),
        # Of three exports no rhythm is known.
        (FRIDAYS[:3], WINTER, "2026-06-01", None),
    ],
    ids=str,
)
def test_an_export_is_missed_by_its_rhythm_in_school_days(
    export: list[date], school: SchoolDays, today: str, due: str | None
) -> None:
    found = missing_since(export, school, date.fromisoformat(today))
    assert found == (date.fromisoformat(due) if due else None)


def test_a_school_s_own_row_comes_first_and_one_open_school_opens_the_district(
    tmp_path: Path,
) -> None:
    district = District(tmp_path, ("oneroster", "district"))
    files = roster(["001 Ann Ash c1"])
    files["orgs.csv"] += "S2,,,South,school,,\n"
    district.put_all("oneroster", files)
    district.put(
        "district/calendar.csv",
        lines(
            "date,is_school_day,note,school_id",
            "2025-10-06,false,both off,",
            "2025-10-07,false,north only,S1",
            "2025-10-08,false,off,",
            "2025-10-08,true,south has school,S2",
            "2025-10-09,false,,S1",
            "2025-10-09,false,,S2",
            "2025-10-11,true,a Saturday,",
        ),
    )
    district.take()
    ledger = Ledger(district.settings.ledger)
    school = school_days(district.settings, ledger)
    ledger.close()
    week = [date(2025, 10, 6) + timedelta(days=n) for n in range(8)]
    #                                       Mon    Tue   Wed   Thu    Fri   Sat   Sun    Mon
    assert [school.is_open(day) for day in week] == [
        False, True, True, False, True, True, False, True,
    ]  # fmt: skip
    assert school.last == date(2025, 10, 11)


def test_a_district_without_a_calendar_has_school_from_monday_to_friday(tmp_path: Path) -> None:
    district = District(tmp_path, ("khan",))
    ledger = Ledger(tmp_path / "l.sqlite")
    school = school_days(district.settings, ledger)
    ledger.close()
    assert [school.is_open(date(2025, 10, d)) for d in (10, 11, 12, 13)] == [
        True, False, False, True,
    ]  # fmt: skip
