"""Schoology's usage export end to end: seconds to minutes, students only, overlapping exports."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fixtures import District, accounted, lines, roster, zipped

#: Whole runs of small districts.
pytestmark = pytest.mark.slow

HEADER = "role_name,username,email,schoology_user_id,unique_user_id,action_type,item_type,course_name,section_name,event_count,last_name,first_name,section_id,section_code,date,time spent (seconds)"


@pytest.fixture
def district(tmp_path: Path) -> District:
    made = District(tmp_path, ("oneroster", "schoology"))
    made.put("oneroster/r.zip", zipped(roster(["1 Ann Ash c1", "2 Bob Bell c1"])))
    return made


def usage(*rows: str, header: str = HEADER) -> str:
    """Rows of `user date section count seconds`; `-` is nothing, a 9 in front makes a teacher."""
    people = {"11": "Student,ann,,11,1", "12": "Student,,bob@x.org,12,", "91": "Teacher,t,,91,7"}
    drawn = [["" if c == "-" else c for c in row.split()] for row in rows]
    return lines(
        header,
        *(
            f"{people[u]},READ,ASSIGNMENT,Reading,3A,{n},,,{section},,{day},{seconds}"
            for u, day, section, n, seconds in drawn
        ),
    )


def days(district: District) -> list[list[str]]:
    assert not district.build().failed
    found = district.ask(
        "SELECT student_id, date, class_id, minutes, minutes_basis, events "
        "FROM facts.daily_activity ORDER BY ALL"
    )
    return [[str(v) for v in row.values()] for row in found]


def test_seconds_become_minutes_and_no_time_is_not_zero(district: District) -> None:
    district.put(
        "schoology/usage_20251010.csv",
        usage(
            "11 10/09/2025 5 2 90",
            "11 10/09/2025 5 2 90",
            "11 10/09/2025 5 3 -",
            "11 10/09/2025 - 1 -",
            "12 10/10/2025 5 1 0",
            "12 10/09/2025 5 1 -",
            "91 10/09/2025 5 1 600",
        ),
    )
    assert days(district) == [
        ["U1", "2025-10-09", "c1", "3.0", "exported", "7"],
        ["U1", "2025-10-09", "None", "None", "None", "1"],
        ["U2", "2025-10-09", "c1", "None", "None", "1"],
        ["U2", "2025-10-10", "c1", "0.0", "exported", "1"],
    ]
    file = district.files()["usage_20251010.csv"]
    assert accounted(file)
    assert file["rows_kept"] == 7
    assert [r["account_key"] for r in district.ask("SELECT account_key FROM facts.account ORDER BY 1")] == ["11", "12"]  # fmt: skip


def test_a_day_of_two_exports_is_the_newers(district: District) -> None:
    district.put("schoology/b.csv", usage("11 10/09/2025 5 1 120", "11 10/10/2025 5 1 60"))
    district.put("schoology/a.csv", usage("11 10/08/2025 5 1 60", "11 10/09/2025 5 1 60"))
    assert [(row[1], row[3]) for row in days(district)] == [
        ("2025-10-08", "1.0"),
        ("2025-10-09", "2.0"),
        ("2025-10-10", "1.0"),
    ]
    dated = {n: f["exported_on"] for n, f in district.files().items() if n in ("a.csv", "b.csv")}
    assert dated == {"a.csv": "2025-10-09", "b.csv": "2025-10-10"}


def test_an_export_without_seconds_tells_of_events_only(district: District) -> None:
    header = HEADER.replace("time spent (seconds)", "something else")
    district.put("schoology/u.csv", usage("11 2025-10-09 5 4 90", header=header))
    assert days(district) == [["U1", "2025-10-09", "c1", "None", "None", "4"]]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "empty_file"),
        (HEADER + "\n", "header_only"),
        (usage("11 10/09/2025 5 1 90", header=HEADER.replace("date", "day")), "missing_column"),
        (usage("11 10/09/2025 5 1 90").rstrip("\n")[:-20], "cut_file"),
        (usage("11 10/09/2025 5 1 -90"), "nothing_survived"),
        (usage("11 31/31/2025 5 1 90"), "nothing_survived"),
    ],
)
def test_what_cannot_be_read_is_turned_away_by_name(
    district: District, content: str, reason: str
) -> None:
    district.put("schoology/u.csv", content)
    district.take()
    assert district.states("schoology")["u.csv"] == ("refused", reason)


def test_a_damaged_row_is_turned_away_and_the_others_stay(district: District) -> None:
    rows = usage("11 10/09/2025 5 1 90", "12 10/09/2025 5 x 90", "12 10/09/2025 5 1 90")
    district.put("schoology/u.csv", rows)
    district.take()
    assert accounted(district.files()["u.csv"])
    assert district.faults("u.csv") == [(3, "events", "not_a_number")]


def test_the_sample_export_is_read(tmp_path: Path, shared_data: Path) -> None:
    district = District(tmp_path, ("oneroster", "schoology"))
    people = ["604863 Mary Archer c1", "604874 Kyle Hughes c1"]
    district.put("oneroster/r.zip", zipped(roster(people)))
    for path in (shared_data / "schoology").iterdir():
        district.put(f"schoology/{path.name}", path.read_bytes())
    told = [(row[0], row[1], row[3]) for row in days(district) if row[3] != "None"]
    assert told == [("U604863", "2020-11-09", "1.0"), ("U604874", "2020-11-10", "3.0")]
    [file] = [f for f in district.files().values() if f["platform"] == "schoology"]
    assert file["rows_kept"] == 45
