"""Check-ins from both their sources, whom they make due, and each student's adult."""

from __future__ import annotations

from datetime import date, timedelta

from tests.transforms.classroom import LATEST, STEADY, block, class_of, seen
from tests.transforms.conftest import ORACLES, Warehouse, monday

SEEN = "SELECT * FROM views.student_check_in ORDER BY student_id"
#: The latest day that the files of these classes tell of.
AS_OF = LATEST + timedelta(days=6)


def staffed(*students: str) -> Warehouse:
    """A class with teacher tom, and mia and zoe beside it."""
    built = class_of(dict.fromkeys(students, STEADY))
    built.add(
        "person",
        "person_id role sis_id family_name\ntom teacher 71 Young\nmia teacher 72 Adams\n"
        "zoe counselor 73 Berg",
        org_id="s1",
    )
    return built.add("enrollment", "class_id person_id role\nc1 tom teacher")


def test_a_check_in_is_due_after_seven_days_or_when_there_was_none() -> None:
    case = ORACLES["O32"]["input"]
    as_of = date.fromisoformat(case["as_of"])
    built = class_of(dict.fromkeys(("s0", "s1", "s2"), STEADY))
    for n, last in enumerate(case["last"]):
        if last:
            ago = as_of - date.fromisoformat(last)
            seen(built, **{f"s{n}": AS_OF - ago})
    got = [(row["days_since_check_in"], row["check_in_due"]) for row in built.query(SEEN)]
    assert got == [(e["days"], e["due"]) for e in ORACLES["O32"]["expected"]]


def test_the_last_of_several_counts_whoever_it_was_and_later_than_the_files_is_today() -> None:
    built = seen(staffed("ann", "ben"), ann="2026-10-01")
    seen(built, ann="2026-11-03", ben=AS_OF + timedelta(days=2))
    got = built.query(SEEN)
    assert [(r["last_check_in"], r["days_since_check_in"], r["check_ins"]) for r in got] == [
        (date(2026, 11, 3), (AS_OF - date(2026, 11, 3)).days, 2),
        (AS_OF + timedelta(days=2), 0, 1),
    ]


def test_check_ins_come_from_the_portal_and_from_a_file_with_numbers_of_the_district() -> None:
    built = staffed("ann", "ben")
    built.add(
        "notes.check_in",
        [{"student_id": "ann", "staff_id": "mia", "date": "2026-11-02", "owner_id": "tom"}],
        note="likes horses",
    )
    built.add(
        "check_in",
        "student_sis_id staff_id date topic owner_id due_date\n"
        "9ben 73 2026-11-03 reading 71 2026-11-10\n9ben 99 2026-11-04 - - -\n"
        "9nobody 73 2026-11-04 - - -\n9ben 73 2026-11-30 planned - -",
        platform="district",
        exported_on="2026-11-15",
    )
    got = built.query("SELECT * FROM facts.check_in ORDER BY date")
    assert [(r["student_id"], r["staff_id"], r["owner"], r["source"]) for r in got] == [
        ("ann", "mia", "tom", "portal"),
        ("ben", "zoe", "tom", "file"),
        ("ben", None, None, "file"),
    ]
    assert got[0]["note"] == "likes horses"
    assert got[1]["due_date"] == date(2026, 11, 10)


def test_the_weekly_summary_counts_check_ins_and_tells_no_word_of_them() -> None:
    built = staffed("ann", "ben")
    for day in (0, 6, 7):
        built.add(
            "notes.check_in",
            [{"student_id": "ann", "date": monday(3) + timedelta(days=day), "note": "horses"}],
        )
    got = built.query(
        "SELECT * FROM views.weekly_summary WHERE student_id = 'ann' ORDER BY week_start"
    )
    assert [row["checkins"] for row in got[2:6]] == [0, 2, 1, 0]
    assert not any("horses" in str(value) for row in got for value in row.values())


def test_the_adult_is_the_mentor_else_a_teacher_of_the_homeroom() -> None:
    built = staffed("ann", "ben", "cal")
    built.add(
        "mentor",
        "student_sis_id staff_id begin_date end_date\n9ann 72 2026-09-01 -\n"
        "9ann 73 2026-09-01 2026-10-01\n9ben 73 2026-09-01 2026-10-01",
        platform="district",
    )
    built.add("class_section", "class_id title class_type school_id\na1 Art scheduled s1")
    built.add(
        "enrollment", "class_id person_id role\na1 mia teacher\na1 cal student\na1 ben student"
    )
    built.db.execute("DELETE FROM lake.enrollment WHERE class_id = 'c1' AND person_id = 'cal'")
    got = [(row["staff_id"], row["adult_reason"]) for row in built.query(SEEN)]
    assert got == [("mia", "mentor"), ("tom", "homeroom_teacher"), ("mia", "class_teacher")]


def test_not_seen_lately_stands_by_adult_then_longest_then_a_to_z() -> None:
    built = staffed("ann", "ben", "cal", "dan", "eve")
    built.add("mentor", "student_sis_id staff_id\n9dan 72\n9eve 72", platform="district")
    seen(built, ann=AS_OF - timedelta(days=7), cal=AS_OF - timedelta(days=6), eve="2026-09-30")
    got = [(row["staff_id"], row["student_id"]) for row in block(built, "not_seen_lately")]
    assert got == [("mia", "dan"), ("mia", "eve"), ("tom", "ben"), ("tom", "ann")]
