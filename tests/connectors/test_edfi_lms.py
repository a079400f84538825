"""The Ed-Fi LMS unified model end to end: folders, statuses beside times, activities."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.fixtures import District, accounted, lines, roster, zipped

#: Whole runs of many small districts.
pytestmark = pytest.mark.slow

USERS = "SourceSystemIdentifier,SourceSystem,UserRole,LocalUserIdentifier,SISUserIdentifier,Name,EmailAddress,CreateDate"
SECTIONS = "SourceSystemIdentifier,SourceSystem,SISSectionIdentifier,Title,SectionDescription,Term,LMSSectionStatus"
ASSIGNMENTS = "SourceSystemIdentifier,SourceSystem,Title,AssignmentCategory,StartDateTime,EndDateTime,DueDateTime,MaxPoints,LMSSectionSourceSystemIdentifier"
SUBMISSIONS = "SourceSystemIdentifier,SourceSystem,SubmissionStatus,SubmissionDateTime,EarnedPoints,Grade,AssignmentSourceSystemIdentifier,LMSUserSourceSystemIdentifier"
ACTIVITIES = "SourceSystemIdentifier,SourceSystem,ActivityType,ActivityDateTime,ActivityStatus,ActivityTimeInMinutes,LMSSectionSourceSystemIdentifier,LMSUserSourceSystemIdentifier"
NIGHT = "2025-10-20-01-02-03.csv"


@pytest.fixture
def district(tmp_path: Path) -> District:
    """Ann 11, Bob 12 and a teacher 19; section 5 is the roster's class c1."""
    made = District(tmp_path, ("oneroster", "edfi_lms"))
    made.put("oneroster/r.zip", zipped(roster(["1 Ann Ash c1", "2 Bob Bell c1"])))
    people = ("11,L,student,ann,1,Ann Ash,", "12,L,Student,bob,2,Bob Bell,", "19,L,teacher,t,,T,")
    made.put(f"edfi_lms/users/{NIGHT}", lines(USERS, *(p + "," for p in people)))
    made.put(
        f"edfi_lms/sections/{NIGHT}",
        lines(SECTIONS, "4,L,c1,OLD,,,Archived", "5,L,c1,R-3,,,Active"),
    )
    return made


def put(district: District, number: int, *rows: str, name: str = NIGHT) -> None:
    """Submissions of an assignment, drawn as `user status time points`; `_` a space, `-` nothing."""
    cells = [[c.replace("_", " ").replace("-" * 2, "") for c in row.split()] for row in rows]
    district.put(
        f"edfi_lms/section=5/Assignment={number}/submissions/{name}",
        lines(SUBMISSIONS, *(f"{number}{u},L,{s},{t},{p},,{number},{u}" for u, s, t, p in cells)),
    )


def assigned(district: District, *numbers: int, name: str = NIGHT) -> None:
    """Due on 10 October 2025 at noon UTC; the second time written as a spreadsheet does."""
    due = ('" 2025-10-10 12:00:00"', "10/10/2025 12:00", "2025-10-10 12:00")
    rows = [f"{n},L,Work {n},Quiz,2025-10-01  12:00:00,,{due[n % 3]},20,5" for n in numbers]
    district.put(f"edfi_lms/section=5/assignments/{name}", lines(ASSIGNMENTS, *rows))


def states(district: District) -> dict[tuple[int, str], Any]:
    """State by assignment and SIS id."""
    assert not district.build().failed
    return {
        (int(row["assignment_id"]), row["sis_id"]): row["state"]
        for row in district.ask(
            "SELECT assignment_id, sis_id, state FROM views.assignment_timing "
            "JOIN roster.student USING (student_id)"
        )
    }


#: Status, time and points of work due on 10 October at noon; the state that follows.
CASES = [
    ("Returned 2025-10-10_12:00:00 7", "on_time"),
    ("graded 2025-10-10_12:01 7", "late"),
    ("Late 2025-10-09_12:00:00 7", "on_time"),
    ("Late -- 7", "late"),
    ("on-time -- 7", "on_time"),
    ("Missing -- 0", "missing"),
    ("Created 2025-10-09_12:00:00 --", "missing"),
    ("Upcoming -- --", "missing"),
    ("Graded -- 7", None),
    ("Graded -- --", None),
    ("Excused -- --", "excused"),
]


def test_what_one_submission_says(district: District) -> None:
    assigned(district, *range(len(CASES)))
    for number, (drawn, _) in enumerate(CASES):
        put(district, number, f"11 {drawn}")
    assert states(district) == {(n, "1"): state for n, (_, state) in enumerate(CASES)}
    told = district.ask(
        "SELECT DISTINCT class_id, due_at, assigned_at, due_on FROM facts.assignment"
    )
    assert [[str(v) for v in row.values()] for row in told] == [
        ["c1", "2025-10-10 12:00:00", "2025-10-01 12:00:00", "2025-10-10"]
    ]


def test_a_newer_file_of_a_folder_replaces_the_older_whatever_its_case(district: District) -> None:
    assigned(district, 1, 2, name="2025-10-19-01-02-03.csv")
    assigned(district, 1)
    put(district, 1, "11 Created -- --", "12 Returned 2025-10-09_12:00:00 5", name="2025-10-19-01-02-03.csv")  # fmt: skip
    put(district, 2, "11 Returned 2025-10-09_12:00:00 5")
    name = "edfi_lms/Section=5/assignment=1/Submissions/2025-10-21-01-02-03.csv"
    district.put(name, lines(SUBMISSIONS, "111,L,Late,2025-10-11 12:00:00,5,,1,11"))
    assert states(district) == {(1, "1"): "late", (2, "1"): None}


def test_missing_waits_until_the_hand_ins_are_newer_than_the_due_day(district: District) -> None:
    assigned(district, 1, 2)
    put(district, 1, "11 Created -- --", name="2025-10-10-23-00-00.csv")
    put(district, 2, "11 Created -- --", name="2025-10-11-23-00-00.csv")
    assert states(district) == {(1, "1"): "not_due", (2, "1"): "missing"}


def test_minutes_fall_on_the_local_day_of_the_section(district: District) -> None:
    district.put(
        f"edfi_lms/section=5/section-activities/{NIGHT}",
        lines(
            ACTIVITIES,
            "1,L,Discussion,2025-10-10 04:30:00,Published,20,5,11",
            "2,L,Discussion,2025-10-10 05:30:00,Published,,5,11",
            "3,L,Discussion,2025-10-10 15:30:00,Published,1.5,5,11",
            "4,L,Discussion,2025-10-10 15:30:00,deleted,30,5,11",
            "5,L,Discussion,2025-10-10 15:30:00,Published,,5,12",
        ),
    )
    header = "LMSUserSourceSystemIdentifier,ActivityDateTime,SourceSystem,SourceSystemIdentifier,ActivityType,ActivityStatus,ParentSourceSystemIdentifier,ActivityTimeInMinutes"
    signs = ("11,2025-10-10 15:00:00,L,in#1,sign-in,active,,", "11,2025-10-10 16:00:00,L,out#1,sign-out,active,,")  # fmt: skip
    district.put(f"edfi_lms/system-activities/date=2025-10-10/{NIGHT}", lines(header, *signs))
    assert not district.build().failed
    found = district.ask(
        "SELECT account_key, date, class_id, minutes, minutes_basis, events "
        "FROM facts.daily_activity ORDER BY ALL"
    )
    assert [[str(v) for v in row.values()] for row in found] == [
        ["11", "2025-10-09", "c1", "20.0", "exported", "1"],
        ["11", "2025-10-10", "c1", "1.5", "exported", "2"],
        ["11", "2025-10-10", "None", "None", "None", "2"],
        ["12", "2025-10-10", "c1", "None", "None", "1"],
    ]
    accounts = district.ask("SELECT account_key, student_id FROM facts.account ORDER BY 1")
    assert [tuple(a.values()) for a in accounts] == [("11", "U1"), ("12", "U2")]


@pytest.mark.parametrize(
    ("name", "content", "fate"),
    [
        ("section=5/attendance-events/x.csv", "SourceSystemIdentifier,EventDate,AttendanceStatus\n1,2025-10-10,Excused\n", ("ignored", "not_read_yet")),
        ("section=5/grades/x.csv", "SourceSystemIdentifier,Grade,GradeType\n1,A,Final\n", ("ignored", "not_read_yet")),
        ("s.csv", "Assignment Name, Student Name, Date, Late, Status, Grade\nA, B, 2025-10-10, no, returned, 1\n", ("ignored", "not_read_yet")),
        ("a.csv", "Class Name, Assignment Name, Due Date, Due Time\nA, B, 2025-10-10, 14:00:00.000\n", ("ignored", "not_read_yet")),
        ("section=5/assignment=1/submissions/x.csv", "", ("refused", "empty_file")),
        ("section=5/assignment=1/submissions/x.csv", SUBMISSIONS + "\n", ("refused", "header_only")),
        ("section=5/assignment=1/submissions/x.csv", lines(SUBMISSIONS.replace("EarnedPoints", "Points"), "1,L,Late,,5,,1,11"), ("refused", "missing_column")),
        ("section=5/assignment=1/submissions/x.csv", lines(SUBMISSIONS, "1,L,Late,soon,5,,1,11"), ("refused", "nothing_survived")),
        ("section=5/assignment=1/submissions/x.csv", lines(SUBMISSIONS, "1,L,Late,,5,,1,11", "2,L,La"), ("refused", "cut_file")),
    ],
)  # fmt: skip
def test_what_is_not_read_says_why(
    district: District, name: str, content: str, fate: tuple[str, str]
) -> None:
    if fate[1] == "cut_file":
        content = content.rstrip("\n")
    district.put(f"edfi_lms/{name}", content)
    district.take()
    assert district.states("edfi_lms")[name] == fate


def test_a_damaged_row_is_turned_away_and_the_others_stay(district: District) -> None:
    put(district, 1, "11 Late -- 5", "12 Late -- much", "13 Late -- 5")
    district.take()
    [file] = [f for n, f in district.files().items() if "submissions" in n]
    assert accounted(file)
    assert file["rows_kept"] == 2
    assert [found[2] for found in district.faults(file["name"])] == ["not_a_number"]


@pytest.mark.parametrize("folder", ["sample-out", "starter-kit-sample", "sample-in-assignments"])
def test_the_toolkits_samples_are_read(tmp_path: Path, shared_data: Path, folder: str) -> None:
    district = District(tmp_path, ("oneroster", "edfi_lms"))
    people = ["604863 Mary Archer c1", "604874 Kyle Hughes c1", "604822 Lisa Woods c1"]
    district.put("oneroster/r.zip", zipped(roster(people)))
    root = shared_data / "lms_unified" / folder
    for path in root.rglob("*.csv"):
        district.put(f"edfi_lms/{path.relative_to(root)}", path.read_bytes())
    assert not district.build().failed
    fates = Counter(district.states("edfi_lms").values())
    timing = district.ask("SELECT count(DISTINCT state) AS n FROM views.assignment_timing")
    match folder:
        case "sample-out":
            assert fates[("ignored", "not_read_yet")] == 4
            assert sum(fates.values()) == 21
            assert district.lake("daily_activity", "account_key, minutes", "minutes > 0") == [
                ("100032890", 98.0)
            ]
        case "starter-kit-sample":
            assert fates == {("loaded", None): 34}
            assert len(district.lake("submission", "1")) == 901
            assert timing[0]["n"] > 1
        case _:
            assert fates == {("ignored", "not_read_yet"): 2}
