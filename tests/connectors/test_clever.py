"""Clever end to end: counts are events, never minutes; a row of nothing done is a zero."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.fixtures import District, lines, roster

HEAD = (
    "date,sis_id,clever_user_id,clever_school_id,school_name,active,num_logins,"
    "num_resources_accessed"
)
STUDENTS = "2025-09-12-daily-participation-Students.csv"


def week(*rows: str, first: int = 8) -> str:
    """Rows of `sis user counts`: from a Monday on, one `logins+resources` a day, `.` no row."""
    made = []
    for row in rows:
        sis, user, *counts = row.split()
        for day, count in enumerate(counts, first):
            if count != ".":
                logins, resources = count.split("+")
                active = count != "0+0"
                sis_id = "" if sis == "-" else sis
                made.append(
                    f"2025-09-{day:02d},{sis_id},{user},s,North,{active},{logins},{resources}"
                )
    return lines(HEAD, *made)


@pytest.fixture
def district(tmp_path: Path) -> District:
    made = District(tmp_path, ("oneroster", "clever"))
    made.put_all("oneroster", roster(("11 Ann Ash c1", "12 Bob Bell c1", "13 Cid Cole c1")))
    return made


def days(district: District, columns: str) -> list[Any]:
    found = district.ask(f"SELECT {columns} FROM facts.daily_activity ORDER BY ALL")
    return [tuple(row.values()) for row in found]


def test_counts_are_events_and_no_view_shows_minutes(district: District) -> None:
    district.put(
        f"clever/{STUDENTS}",
        week("11 u1 2+3 0+0 1+0 0+0 0+1", "12 u2 0+0 0+0 0+0 0+0 0+0", "13 u3 . . . . ."),
    )
    district.build()
    found = district.ask(
        "SELECT student_id, status, events, active_days, minutes, observed_minutes, "
        "baseline_status FROM views.student_platform_week "
        "WHERE platform = 'clever' AND week_start = '2025-09-08' ORDER BY ALL"
    )
    assert [tuple(row.values()) for row in found] == [
        ("U11", "ok", 7, 3, None, None, "no_feed"),
        ("U12", "zero", 0, 0, None, None, "no_feed"),
        ("U13", "not_rostered", None, None, None, None, "not_rostered"),
    ]
    assert days(district, "DISTINCT minutes, minutes_basis") == [(None, None)]


@pytest.mark.slow
def test_a_user_without_a_row_is_not_zero(district: District) -> None:
    district.put(
        f"clever/{STUDENTS}", week("11 u1 1+1 1+1 1+1 1+1 1+1", "12 u2 1+1 . . . .", first=1)
    )
    district.put(
        "clever/2025-09-19-daily-participation-Students.csv", week("11 u1 1+1 1+1 1+1 1+1 1+1")
    )
    district.build()
    found = district.ask(
        "SELECT status FROM views.student_platform_week WHERE platform = 'clever' "
        "AND student_id = 'U12' AND week_start = '2025-09-08'"
    )
    assert [row["status"] for row in found] == ["not_rostered"]


@pytest.mark.slow
def test_a_later_file_of_the_same_days_counts_and_a_gone_sis_id_keeps_its_student(
    district: District,
) -> None:
    district.put("clever/20250910-daily-participation-Students.csv", week("11 u1 1+1 2+0 3+0"))
    district.put(
        "clever/20250912-daily-participation-Students.csv",
        week("11 u1 . 2+2 . 4+4", "- u1 . . . . 0+0"),
    )
    district.build()
    assert days(district, "student_id, CAST(date AS VARCHAR), events") == [
        ("U11", "2025-09-08", 2),
        ("U11", "2025-09-09", 4),
        ("U11", "2025-09-10", 3),
        ("U11", "2025-09-11", 8),
        ("U11", "2025-09-12", 0),
    ]


def test_files_of_teachers_are_not_read(district: District) -> None:
    text = week("11 t1 1+1 1+1")
    district.put("clever/2025-09-12-daily-participation-Teachers.csv", text)
    district.put("clever/2025-09-12-daily-participation-Students.csv", text.replace("t1", "u1"))
    district.take()
    states = district.states("clever")
    assert states["2025-09-12-daily-participation-Teachers.csv"][0] == "ignored"
    assert district.lake("daily_activity", "DISTINCT account_key") == [("u1",)]


@pytest.mark.parametrize(
    ("content", "state"),
    [
        ("", ("refused", "empty_file")),
        (lines(HEAD), ("refused", "header_only")),
        (week("11 u1 1+1 1+1")[:-25], ("refused", "cut_file")),
        (week("11 u1 1+1").replace("num_logins", "logins"), ("refused", "missing_column")),
        (week("11 u1 1+1").replace("school_name", "school"), ("loaded", None)),
        (week("11 u1 1+1").replace("True", "perhaps"), ("refused", "nothing_survived")),
    ],
)
def test_what_becomes_of_odd_files(
    district: District, content: str, state: tuple[str, str | None]
) -> None:
    district.put(f"clever/{STUDENTS}", content)
    district.take()
    assert district.states("clever")[STUDENTS] == state


def test_the_real_layout_is_read_whole(district: District, shared_data: Path) -> None:
    (path,) = (shared_data / "clever").glob("*.csv")
    district.put(f"clever/{path.name}", path.read_bytes())
    district.take()
    file = district.files()[path.name]
    assert (file["status"], file["rows_kept"], file["rows_quarantined"]) == ("loaded", 15000, 0)
    told = "count(*), count(minutes), count(*) FILTER (events = 0), count(DISTINCT account_key)"
    assert district.lake("daily_activity", told) == [(15000, 0, 7500, 600)]
    assert district.lake(
        "coverage", "CAST(covers_from AS VARCHAR), CAST(covers_to AS VARCHAR)"
    ) == [("2022-01-03", "2022-01-27")]
