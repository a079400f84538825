"""Google Classroom end to end: due times with zero parts left out, and what was taken back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.fixtures import District, Row, accounted, roster, zipped

#: Whole runs of many small districts.
pytestmark = pytest.mark.slow

NOON = {"dueDate": {"year": 2025, "month": 10, "day": 10}, "dueTime": {"hours": 17}}


def work(number: int, **rest: Any) -> Row:
    """Due on 10 October 2025 at 17:00 UTC, noon in Chicago, unless told otherwise."""
    kind = {"courseId": "5", "id": str(number), "title": f"Work {number}", "workType": "ASSIGNMENT"}
    return {**kind, "state": "PUBLISHED", "maxPoints": 10, **NOON, **rest}


def submission(number: int, user: int, state: str, *history: str, **rest: Any) -> Row:
    """`history`: `TURNED_IN 2025-10-10T12:00`, in UTC."""
    told = [h.split() for h in history]
    listed = [{"stateHistory": {"state": s, "stateTimestamp": f"{t}:00.123456789Z"}} for s, t in told]  # fmt: skip
    row = {"courseId": "5", "courseWorkId": str(number), "id": f"s{number}-{user}", "userId": str(user), "state": state, **rest}  # fmt: skip
    return {**row, "submissionHistory": [*listed, {"gradeHistory": {"maxPoints": 10}}]} if told else row  # fmt: skip


@pytest.fixture
def district(tmp_path: Path) -> District:
    """Ann 11 and Bob 12 in course 5."""
    made = District(tmp_path, ("oneroster", "google_classroom"))
    made.put("oneroster/r.zip", zipped(roster(["1 Ann Ash c1", "2 Bob Bell c1"])))
    names = (("11", "Ann", "Ash"), ("12", "Bob", "Bell"))
    students = [
        {
            "courseId": "5",
            "userId": number,
            "profile": {
                "id": number,
                "name": {"givenName": g, "familyName": f, "fullName": f"{g} {f}"},
                "emailAddress": f"{g}@X.org",
            },
        }
        for number, g, f in names
    ]
    made.put("google_classroom/students.json", json.dumps({"students": students}))
    course = {"id": "5", "name": "Reading 3A", "courseState": "ACTIVE", "ownerId": "1"}
    made.put("google_classroom/courses.json", json.dumps({"courses": [course]}))
    return made


def put(district: District, list_name: str, *rows: Row, made: str = "20251020") -> None:
    """As the API's list response, over two lines: a page each."""
    pages = [rows[: len(rows) // 2], rows[len(rows) // 2 :]]
    text = "\n".join(json.dumps({list_name: page, "nextPageToken": "x"}) for page in pages if page)
    district.put(f"google_classroom/{list_name}_{made}.json", text + "\n")


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


IN, OUT, BACK = "TURNED_IN", "RECLAIMED_BY_STUDENT", "RETURNED"
#: State now, history, other fields, and the state that follows.
CASES: list[tuple[str, list[str], Row, str | None]] = [
    (IN, [f"{IN} 2025-10-10T16:59"], {}, "on_time"),
    (IN, [f"{IN} 2025-10-10T17:01"], {}, "late"),
    (IN, [f"{IN} 2025-10-09T12:00", f"{OUT} 2025-10-09T13:00", f"{IN} 2025-10-11T12:00"], {}, "late"),
    (IN, [f"{IN} 2025-10-11T12:00", f"{OUT} 2025-10-09T13:00", f"{IN} 2025-10-09T12:00"], {}, "late"),
    (IN, [f"{IN} 2025-10-09T12:00", f"{BACK} 2025-10-10T12:00", f"{IN} 2025-10-12T12:00"], {}, "on_time"),
    (OUT, [f"{IN} 2025-10-09T12:00", f"{OUT} 2025-10-09T13:00"], {"late": True}, "missing"),
    (BACK, [f"{IN} 2025-10-09T12:00", f"{BACK} 2025-10-12T12:00"], {"assignedGrade": 5}, "on_time"),
    (BACK, ["CREATED 2025-10-09T12:00", f"{BACK} 2025-10-12T12:00"], {"assignedGrade": 5}, None),
    (BACK, ["CREATED 2025-10-09T12:00", f"{BACK} 2025-10-12T12:00"], {}, None),
    ("NEW", [], {}, "missing"),
    ("CREATED", ["CREATED 2025-10-09T12:00"], {"assignedGrade": 7}, None),
    ("CREATED", ["CREATED 2025-10-09T12:00"], {"draftGrade": 7}, "missing"),
    (IN, [], {"late": True}, "late"),
    (IN, [], {}, "on_time"),
]  # fmt: skip


def test_what_one_submission_says(district: District) -> None:
    put(district, "courseWork", *(work(n) for n in range(len(CASES))))
    rows = [submission(n, 11, now, *h, **rest) for n, (now, h, rest, _) in enumerate(CASES)]
    put(district, "studentSubmissions", *rows)
    assert states(district) == {(n, "1"): case[3] for n, case in enumerate(CASES)}
    [row] = district.ask("SELECT class_id, due_at, due_on FROM facts.assignment LIMIT 1")
    assert [str(v) for v in row.values()] == ["c1", "2025-10-10 17:00:00", "2025-10-10"]


#: Fields of the work, and due time and local day.
DUE: list[tuple[Row, str, str]] = [
    ({"dueTime": {"hours": 4, "minutes": 59}}, "2025-10-10 04:59:00", "2025-10-09"),
    ({"dueTime": {"minutes": 30}}, "2025-10-10 00:30:00", "2025-10-09"),
    ({"dueTime": {}}, "2025-10-10 00:00:00", "2025-10-09"),
    ({"dueDate": {"year": 2025, "month": 11, "day": 3}, "dueTime": {"hours": 5, "minutes": 59}}, "2025-11-03 05:59:00", "2025-11-02"),
    ({"dueDate": None, "dueTime": None}, "None", "None"),
    ({"dueDate": {"year": 2025, "month": 2, "day": 30}}, "None", "None"),
]  # fmt: skip


def test_parts_of_a_due_time_that_are_zero_are_left_out(district: District) -> None:
    put(district, "courseWork", *(work(n, **fields) for n, (fields, _, _) in enumerate(DUE)))
    district.take()
    found = district.lake("assignment", "CAST(assignment_id AS INT), due_at, due_on")
    assert [(n, str(at), str(on)) for n, at, on in found] == [
        (n, at, on) for n, (_, at, on) in enumerate(DUE)
    ]


def test_a_file_without_one_due_time_means_whole_days_of_the_district(district: District) -> None:
    row = {k: v for k, v in work(1).items() if k != "dueTime"}
    put(district, "courseWork", row)
    put(
        district,
        "studentSubmissions",
        submission(1, 11, IN, f"{IN} 2025-10-11T04:30"),
        submission(1, 12, IN, f"{IN} 2025-10-11T05:30"),
    )
    assert states(district) == {(1, "1"): "on_time", (1, "2"): "late"}


def test_drafts_and_deleted_work_count_for_nobody(district: District) -> None:
    told = ("PUBLISHED", "DRAFT", "DELETED")
    put(district, "courseWork", *(work(n, state=state) for n, state in enumerate(told)))
    put(district, "studentSubmissions", *(submission(n, 11, "NEW") for n in range(3)))
    assert states(district) == {(0, "1"): "missing"}


def test_turned_in_without_a_word_of_when_is_not_judged(district: District) -> None:
    put(district, "courseWork", work(1))
    put(district, "studentSubmissions", submission(1, 11, IN))
    assert states(district) == {(1, "1"): None}


def test_the_files_of_two_works_stand_beside_each_other(district: District) -> None:
    put(district, "courseWork", work(1), work(2))
    for number in (1, 2):
        rows = json.dumps([submission(number, 11, "NEW")])
        district.put(f"google_classroom/{number}/submissions_20251020.json", rows)
    again = submission(2, 11, IN, f"{IN} 2025-10-10T12:00")
    district.put("google_classroom/2/submissions_20251021.json", json.dumps([again]))
    assert states(district) == {(1, "1"): "missing", (2, "1"): "on_time"}


def test_profiles_are_accounts_and_teachers_are_left_alone(district: District) -> None:
    person = {"id": "21", "name": {"fullName": "Bob Bell"}, "emailAddress": "bob@x.org"}
    teacher = {"courseId": "5", "userId": "9", "profile": {"id": "9", "name": {"fullName": "T"}}}
    district.put("google_classroom/students.json", json.dumps([teacher]).replace("9", "8"))
    district.put("google_classroom/userProfiles.json", json.dumps([person]))
    district.put("google_classroom/teachers.json", json.dumps({"teachers": [teacher]}))
    district.build()
    found = district.ask("SELECT account_key, student_id FROM facts.account ORDER BY 1")
    assert [tuple(row.values()) for row in found] == [("21", "U2"), ("8", None)]
    assert district.states("google_classroom")["teachers.json"] == ("ignored", "not_read_yet")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "empty_file"),
        ('{"studentSubmissions": []}', "header_only"),
        (json.dumps([submission(1, 11, "NEW")])[:-9], "cut_file"),
        (json.dumps([{"courseWorkId": "1", "userId": "2", "id": "3", "status": "NEW"}]), "missing_column"),
        (json.dumps([{"courseId": "5", "id": "1", "title": "Slides", "materials": []}]), "missing_column"),
        (json.dumps([{"courseId": "5", "topicId": "1", "name": "Unit"}]), "unknown_layout"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_turned_away_by_name(
    district: District, content: str, reason: str
) -> None:
    district.put("google_classroom/x.json", content)
    district.take()
    assert district.states("google_classroom")["x.json"] == ("refused", reason)


def test_a_damaged_row_is_turned_away_and_the_others_stay(district: District) -> None:
    rows = [submission(n, 11, "NEW") for n in (1, 2, 3)]
    rows[1]["userId"] = None
    rows.append(submission(3, 11, "CREATED"))
    rows += [submission(n, 12, "NEW") for n in (4, 5, 6)]
    district.put("google_classroom/x.json", json.dumps(rows))
    district.take()
    file = district.files()["x.json"]
    assert accounted(file)
    assert file["rows_kept"] == 4
    found = [reason for _, _, reason in district.faults("x.json")]
    assert found == ["missing_value", "conflicting_key", "conflicting_key"]
