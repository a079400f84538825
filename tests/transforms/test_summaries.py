"""The roster, the weekly summary over all platforms, and who may see whom."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import pytest

from tests.transforms.conftest import (
    ORACLES,
    Row,
    Warehouse,
    covered,
    monday,
    roster,
    weekly,
)

PLATFORMS = ("alpha", "beta", "gamma")


def with_changes(cases: Sequence[Sequence[float | None]]) -> list[Row]:
    """Students on three platforms, their last week's units this far from the usual 10."""
    names = [f"s{i}" for i in range(len(cases))]
    built = roster(Warehouse(PLATFORMS), *names)
    for number, platform in enumerate(PLATFORMS):
        built.link(platform, **{f"k{name}": name for name in names})
        rows = [
            {
                "account_key": f"k{name}",
                "week_start": monday(week),
                "minutes": 30.0,
                "through": monday(week) + timedelta(days=6),
                "units_completed": 10.0 + ((changes[number] or 0) if week == 8 else 0),
            }
            for name, changes in zip(names, cases, strict=True)
            for week in range(9)
            if week < 8 or changes[number] is not None
        ]
        covered(built.add("usage_week", rows, platform=platform), platform, 9, zero=False)
    return built.query(f"{SUMMARY} WHERE week_start = DATE '{monday(8)}' ORDER BY student_id")


SUMMARY = "SELECT * FROM views.weekly_summary"
LAST = f"{SUMMARY} ORDER BY week_start DESC LIMIT 1"


def test_the_middle_of_the_platforms_changes_comes_with_their_number() -> None:
    case = ORACLES["O24"]
    got = with_changes([[*changes, None, None, None][:3] for changes in case["input"]])
    for row, expected in zip(got, case["expected"], strict=True):
        z = expected["z"]
        assert row["change_z_combined"] == (None if z is None else pytest.approx(z, abs=1e-6))
        assert row["change_z_platforms"] == expected["n"]


def test_agreement_is_said_in_words() -> None:
    case = ORACLES["O25"]
    got = [row["agreement"] for row in with_changes(case["input"])]
    assert got == case["expected"]


def test_screen_minutes_are_unknown_unless_every_platform_counts(school: Warehouse) -> None:
    weekly(school, [30, 40])
    school.add(
        "daily_activity",
        [{"date": monday(0), "minutes": 15.0}, {"date": monday(1), "minutes": 5.0}],
        account_key="a1",
    )
    school.add(
        "coverage",
        [{"covers_from": monday(0), "covers_to": monday(1) + timedelta(days=1)}],
        of="activity",
        absence_is_zero=True,
    )
    got = school.query("SELECT * FROM views.weekly_summary ORDER BY week_start")
    assert [row["screen_minutes"] for row in got] == [45, None]
    assert [row["lexia_status"] for row in got] == ["ok", "partial_week"]
    assert [row["khan_minutes"] for row in got] == [30, 40]


def test_a_platform_the_student_is_not_on_does_not_hide_the_screen_minutes() -> None:
    built = roster(Warehouse(), "ann").link("khan", a1="ann")
    covered(weekly(built, [30]), "lexia", 1, zero=True)
    assert built.one(LAST)["screen_minutes"] == 30


def test_assignments_stand_in_the_week_they_were_due(school: Warehouse) -> None:
    weekly(school, [30, 30])
    for i, due in enumerate((monday(0), monday(1), monday(1) + timedelta(days=6))):
        school.add(
            "assignment",
            [
                {
                    "assignment_id": f"t{i}",
                    "due_at": f"{due} 12:00:00",
                    "due_on": due,
                    "listed_only": True,
                    "data_through": monday(4),
                }
            ],
            platform="khan",
        )
    school.add("submission", "assignment_id account_key\nt0 a1\nt2 a1", platform="khan")
    school.add(
        "submission",
        [{"assignment_id": "t1", "account_key": "a1", "submitted_at": monday(0)}],
        platform="khan",
    )
    got = school.query("SELECT * FROM views.weekly_summary ORDER BY week_start")
    assert [row["assignments_closed"] for row in got] == [1, 2]
    assert [row["assignments_missing"] for row in got] == [1, 1]
    assert [row["assignments_on_time"] for row in got] == [0, 1]


def access(warehouse: Warehouse) -> set[tuple[str, str, str]]:
    """Who sees whom, and why."""
    rows = warehouse.query("SELECT * FROM views.student_access")
    return {(row["staff_id"], row["student_id"], row["reason"]) for row in rows}


def staffed() -> Warehouse:
    """Two schools, a student each, a teacher, an aide, a mentor and a principal."""
    built = roster(Warehouse(), "ann")
    built.add("org", "org_id name org_type\ns2 South school\nd1 All district")
    built.add("person", "person_id role sis_id org_id\nben student 9ben s2")
    built.add(
        "person",
        "person_id role sis_id org_id\ntom teacher 71 s1\nada aide 72 s1\nmia teacher 73 s1\n"
        "pam principal 74 s2\nsue administrator 75 d1",
    )
    built.add(
        "enrollment",
        "class_id person_id role begin_date end_date\nc1 tom teacher - -\nc1 ada aide - -\n"
        "c1 mia teacher - 2026-09-08\nc1 ghost teacher - -",
    )
    built.add("mentor", "student_sis_id staff_id\n9ben 71")
    return covered(built, "lexia", 2, zero=True)


def test_access_is_by_current_class_mentoring_and_leading_a_school() -> None:
    assert access(staffed()) == {
        ("tom", "ann", "teacher_of_class"),
        ("tom", "ben", "mentor"),
        ("pam", "ben", "school_leader"),
    }


def test_nobody_sees_a_student_who_left() -> None:
    built = staffed()
    built.db.execute("UPDATE lake.person SET is_current = FALSE WHERE person_id IN ('ann', 'ben')")
    assert access(built) == set()


def test_a_number_that_fits_two_students_is_nobodys() -> None:
    built = staffed()
    built.add("person", "person_id role sis_id org_id\nbo student 9ben s2")
    assert ("tom", "ben", "mentor") not in access(built)


def test_grades_are_written_alike(warehouse: Warehouse) -> None:
    written = [
        "K",
        "KG",
        "0",
        "Kindergarten",
        "03",
        "3",
        "3rd_Grade",
        "PreK",
        "12",
        "UG",
        "-",
        "3.0",
    ]
    rows = "\n".join(f"s{i:02} student {grade}" for i, grade in enumerate(written))
    warehouse.add("person", f"person_id role grade_level\n{rows}")
    got = warehouse.query("SELECT grade_level FROM roster.student ORDER BY student_id")
    assert [row["grade_level"] for row in got] == [
        "K",
        "K",
        "K",
        "K",
        "3",
        "3",
        "3",
        "PK",
        "12",
        "UG",
        None,
        "3",
    ]


def test_the_newest_roster_tells_of_a_student_who_changed_school(warehouse: Warehouse) -> None:
    warehouse.add(
        "person",
        "person_id role org_id\nann student s1",
        is_current=False,
        exported_on="2026-09-01",
    )
    warehouse.add("person", "person_id role org_id\nann student s2", exported_on="2026-10-01")
    warehouse.add(
        "person",
        "person_id role org_id\nzoe student s1",
        is_current=False,
        exported_on="2026-08-01",
    )
    warehouse.add(
        "person",
        "person_id role org_id\nzoe student s3",
        is_current=False,
        exported_on="2026-09-01",
    )
    got = warehouse.query("SELECT student_id, school_id, active FROM roster.student ORDER BY 1")
    assert [tuple(row.values()) for row in got] == [("ann", "s2", True), ("zoe", "s3", False)]


def test_the_calendar_runs_over_whole_weeks_for_every_school(school: Warehouse) -> None:
    school.add("org", "org_id name org_type\ns2 South school")
    school.add(
        "coverage",
        [{"covers_from": monday(0) + timedelta(days=2), "covers_to": monday(1)}],
        of="activity",
        absence_is_zero=True,
    )
    school.add(
        "calendar_day",
        [{"school_id": "s2", "date": monday(0), "is_school_day": False, "note": "Fair"}],
    )
    got = school.query(
        "SELECT school_id, min(date) f, max(date) t, sum(is_school_day::INT)::INT n "
        "FROM roster.calendar_day GROUP BY 1 ORDER BY 1 NULLS LAST"
    )
    end = date(2026, 9, 20)
    assert [tuple(row.values()) for row in got] == [
        ("s1", monday(0), end, 10),
        ("s2", monday(0), end, 9),
        (None, monday(0), end, 10),
    ]
