"""What a file's name says of it."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.contract import Feed, Scope
from connectors.errors import FileRefused
from tests.fixtures import START
from warehouse.intake.naming import class_key, dates_in, describe, student_of

CHICAGO = "America/Chicago"


@pytest.mark.parametrize(
    ("name", "dates"),
    [
        ("Lexia_20250905.csv", ["2025-09-05"]),
        ("2025-09-05 export.csv", ["2025-09-05"]),
        ("export 09-05-2025.csv", ["2025-09-05"]),
        ("a_20250901_20250907.csv", ["2025-09-01", "2025-09-07"]),
        ("2025_09_05.csv", ["2025-09-05"]),
        ("2025.09.05.csv", ["2025-09-05"]),
        ("20250230.csv", []),
        ("13-45-2025.csv", []),
        ("120250905.csv", []),
        ("202509051.csv", []),
        ("18990101.csv", []),
        ("2025-0905.csv", []),
        ("school 1234567.csv", []),
        ("", []),
    ],
)
def test_a_name_spells_these_dates(name: str, dates: list[str]) -> None:
    assert [str(d) for d in dates_in(name)] == dates


@given(
    st.dates(date(1990, 1, 1), date(2100, 12, 31)),
    st.sampled_from(["%Y%m%d", "%Y-%m-%d", "%m-%d-%Y"]),
)
@settings(max_examples=50)
def test_every_date_written_into_a_name_is_found(day: date, form: str) -> None:
    assert dates_in(f"x_{day.strftime(form)}_y.csv") == [day]


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("scores/reading3a_20250905.csv", "/reading3a"),
        ("Reading 3A/assignment_scores.csv", "/reading 3a"),
        ("exports/Reading 3A/assignment_scores.csv", "exports/reading 3a"),
        ("exports/Reading 3A.csv", "exports/reading 3a"),
        ("Grade 4/Math - Period 2 2025-09-05 corrected.csv", "grade 4/math period 2"),
        ("math (1).csv", "/math~1"),
        ("ÉCOLE 3.csv", "/école 3"),
        ("20250905.csv", "/"),
        ("scores_20250905.zip/reading3a.csv", "/reading3a"),
    ],
)
def test_the_class_of_a_file_is_its_folder_and_stem_without_dates(name: str, key: str) -> None:
    assert class_key(name) == key


@pytest.mark.parametrize(
    ("name", "student"),
    [
        ("Reading 3A/Ann Lee 2025-09-05.csv", "ann lee"),
        ("Reading 3A/ann-lee_activity_log (2).csv", "ann lee"),
        ("Reading 3A/O'Brien, Zoë.csv", "o brien zoë"),
        ("Reading 3A/activity log.csv", ""),
    ],
)
def test_a_file_of_one_student_is_named_after_the_student(name: str, student: str) -> None:
    assert student_of(name) == student


def feed(scope: Scope) -> Feed:
    return Feed("f", "f", (), (), scope)


@pytest.mark.parametrize(
    ("scope", "name", "says"),
    [
        (Scope.WHOLE, "users.csv", "all"),
        (Scope.DAY, "l_20250905.csv", "day=2025-09-05|Fall 2025-2026|Spring 2024-2025"),
        (Scope.PERIOD, "o_20250901_20250907.csv", "days=2025-09-01_2025-09-07"),
        (Scope.PERIOD, "o_20250907_20250901.csv", "days=2025-09-01_2025-09-07"),
        (Scope.PERIOD, "o_20250903.csv", "days=2025-09-03_2025-09-03"),
        (Scope.PERIOD, "o_20250907_20250908.csv", "odd_period"),
        (Scope.PERIOD, "o.csv", "no_period"),
        (Scope.SPAN, "o_20250801_20251231.csv", "days=2025-08-01_2025-12-31"),
        (Scope.SPAN, "o.csv", "no_period"),
        (Scope.CLASS, "Math 2_20250905.csv", "class=/math 2"),
        (Scope.STUDENT, "Math 2/log.csv", "no_student"),
        (Scope.STUDENT, "Ann Lee.csv", "no_single_class"),
        (Scope.STUDENT, "Math 2/Ann Lee_20250905.csv", "student=31cb7056d4eff3bc"),
        (Scope.VALUE, "r.csv", "Fall 2025-2026|Spring 2024-2025"),
    ],
)
def test_what_a_file_covers_follows_from_its_feeds_scope(
    scope: Scope, name: str, says: str
) -> None:
    terms = ["Spring 2024-2025", "Fall 2025-2026"]
    try:
        told = describe(feed(scope), name, START * 10**9, CHICAGO, None, terms).scope
    except FileRefused as refused:
        told = refused.code
    assert told == says


@pytest.mark.parametrize(
    ("name", "newest", "day", "by"),
    [
        ("l_20250905.csv", datetime.fromisoformat("2025-09-01"), "2025-09-05", "name"),
        ("l_20250901_20250905.csv", None, "2025-09-05", "name"),
        (
            "l.csv",
            datetime.fromisoformat("2025-09-06T03:00"),
            "2025-09-05",
            "content",
        ),  # 22:00 in Chicago
        ("l.csv", date(2025, 9, 6), "2025-09-06", "content"),
        ("l.csv", None, "2025-10-01", "modified"),
    ],
)
def test_a_file_is_dated_by_its_name_then_its_content_then_its_change(
    name: str, newest: datetime | None, day: str, by: str
) -> None:
    told = describe(feed(Scope.WHOLE), name, START * 10**9, CHICAGO, newest, [])
    assert (str(told.exported_on), told.dated_by) == (day, by)


def test_the_school_year_begins_in_july() -> None:
    years = {
        day: describe(feed(Scope.DAY), f"{day}.csv", 0, "UTC", None, []).school_year
        for day in ("20250630", "20250701", "20251231", "20260101")
    }
    assert years == {"20250630": 2025, "20250701": 2026, "20251231": 2026, "20260101": 2026}
