"""Canvas end to end: each student's due date, attempts, withdrawn work, the gradebook's CSV."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from tests.fixtures import District, Row, accounted, lines, roster, zipped

#: Whole runs of many small districts.
pytestmark = pytest.mark.slow

SUBMISSION = "assignment_id,user_id,attempt,score,submitted_at,late,missing,excused,workflow_state,cached_due_date"
BOOK = 'Student,ID,SIS User ID,SIS Login ID,Section,"Essay, part 1 (77)",Lab (Week 2) (78),Assignments Current Score'


def assignment(number: int, due: str | None, **rest: Any) -> Row:
    return {
        "id": number,
        "title": f"Work {number}",
        "context_id": 5,
        "due_at": due,
        "unlock_at": None,
        "points_possible": 20,
        "submission_types": ["online_upload"],
        "workflow_state": "published",
        **rest,
    }


def hand_in(number: int, user: int, at: str | None, **rest: Any) -> Row:
    """As the API has it, with the work due at noon UTC on 10 October."""
    return {
        "id": 100 * number + user,
        "assignment_id": number,
        "user_id": user,
        "attempt": 1 if at else None,
        "score": None,
        "submitted_at": at,
        "late": False,
        "missing": False,
        "excused": False,
        "workflow_state": "submitted" if at else "unsubmitted",
        "cached_due_date": "2025-10-10T12:00:00Z",
        **rest,
    }


def by_line(*rows: Row) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


@pytest.fixture
def district(tmp_path: Path) -> District:
    """Ann 1, Bob 2 and Cy 3 in one class; Canvas knows them as 11, 12 and 13."""
    made = District(tmp_path, ("oneroster", "canvas"))
    made.put("oneroster/r.zip", zipped(roster(["1 Ann Ash c1", "2 Bob Bell c1", "3 Cy Cole c1"])))
    people = [
        {"id": 10 + n, "name": name, "sortable_name": name, "sis_user_id": str(n)}
        for n, name in enumerate(("Ann Ash", "Bob Bell", "Cy Cole"), 1)
    ]
    made.put("canvas/users.json", json.dumps(people))
    course = {"id": 5, "name": "Reading 3A", "course_code": "R3", "sis_course_id": "c1"}
    made.put("canvas/courses.json", json.dumps([course]))
    return made


def states(district: District) -> list[tuple[Any, ...]]:
    """Assignment, SIS id, state of everything that is shown."""
    assert not district.build().failed
    return [
        tuple(row.values())
        for row in district.ask(
            """SELECT assignment_id, sis_id, state FROM views.assignment_timing
               JOIN roster.student USING (student_id) ORDER BY ALL"""
        )
    ]


def test_each_student_is_judged_by_the_own_due_date(district: District) -> None:
    district.put("canvas/assignments_20251020.json", by_line(assignment(7, "2025-10-10T12:00:00Z")))
    district.put(
        "canvas/submissions_20251020.json",
        by_line(
            hand_in(7, 11, "2025-10-10T12:00:00Z"),
            hand_in(7, 12, "2025-10-11T09:00:00Z", late=True),
            hand_in(7, 13, "2025-10-11T09:00:00Z", cached_due_date="2025-10-12T12:00:00Z"),
        ),
    )
    assert states(district) == [("7", "1", "on_time"), ("7", "2", "late"), ("7", "3", "on_time")]
    linked = district.ask("SELECT class_id, kind, due_on FROM facts.assignment")
    assert [(r["class_id"], r["kind"], str(r["due_on"])) for r in linked] == [
        ("c1", "online_upload", "2025-10-10")
    ]


def test_times_are_utc_across_the_end_of_summer_time(district: District) -> None:
    """01:30 comes twice on 2 November in Chicago: at 06:30 and at 07:30 UTC. With and without Z."""
    due = {"cached_due_date": "2025-11-02 06:30:00"}
    night = {"cached_due_date": "2025-11-03T05:59:59Z"}
    district.put("canvas/assignments_20251104.json", by_line(assignment(7, "2025-11-02 06:30:00")))
    district.put(
        "canvas/submissions_20251104.json",
        by_line(
            hand_in(7, 11, "2025-11-02T06:29:00Z", **due),
            hand_in(7, 12, "2025-11-02 07:15:00", **due),
            hand_in(7, 13, "2025-11-03 05:00:00", **night),
        ),
    )
    assert states(district) == [("7", "1", "on_time"), ("7", "2", "late"), ("7", "3", "on_time")]
    days = district.ask("SELECT due_on FROM facts.submission ORDER BY account_key")
    assert [str(d["due_on"]) for d in days] == ["2025-11-02"] * 3


def test_the_file_of_hand_ins_says_what_can_be_missing(district: District) -> None:
    """However new the file of assignments is; this one lacks Canvas's own `missing`."""
    due = "2025-10-10T12:00:00Z"
    work = by_line(*(assignment(n, due) for n in (7, 8, 9)))
    district.put("canvas/assignments_20251101.json", work)
    for number, made in ((7, "20251009"), (8, "20251010"), (9, "20251011")):
        row = {k: v for k, v in hand_in(number, 11, None).items() if k != "missing"}
        district.put(f"canvas/submissions_{made}.json", by_line(row))
    assert states(district) == [("7", "1", "not_due"), ("8", "1", "not_due"), ("9", "1", "missing")]


def test_hand_ins_newer_than_the_list_of_assignments_decide(district: District) -> None:
    district.put("canvas/assignments_20250901.json", by_line(assignment(7, "2025-10-10T12:00:00Z")))
    rows = by_line(hand_in(7, 11, None, missing=True, score=0), hand_in(7, 12, None))
    district.put("canvas/submissions_20251020.json", rows)
    assert states(district) == [("7", "1", "missing"), ("7", "2", None)]


_FIRST = {"attempt": 1, "submitted_at": "2025-10-09T01:00:00Z"}
_SECOND = {"attempt": 2, "submitted_at": "2025-10-12T01:00:00Z"}
#: What differs from work not handed in, and the state that follows.
CASES: list[tuple[Row, str | None]] = [
    ({"excused": True}, "excused"),
    ({"excused": True, "submitted_at": "2025-10-11T00:00:00Z"}, "excused"),
    ({"score": 12}, None),
    ({"late": True}, "late"),
    ({"submitted_at": "2025-10-10T12:00:01Z"}, "late"),
    ({"submitted_at": "2025-10-10T11:00:00Z", "late": True}, "on_time"),
    ({"submitted_at": "2025-10-10T13:00:00Z", "cached_due_date": None}, "late"),
    ({"submission_history": [_FIRST, _SECOND], **_SECOND}, "on_time"),
    ({"submission_history": [_SECOND], **_SECOND}, "late"),
    ({"submission_history": [{"submitted_at": None}], "missing": True, "score": 0}, "missing"),
    ({}, None),
]


def test_what_one_submission_says(district: District) -> None:
    due = "2025-10-10T12:00:00Z"
    work = [assignment(n, due) for n in range(len(CASES))]
    rows = [{**hand_in(n, 11, None), **row} for n, (row, _) in enumerate(CASES)]
    district.put("canvas/assignments_20251020.json", by_line(*work))
    district.put("canvas/submissions_20251020.json", by_line(*rows))
    found = {int(number): state for number, _, state in states(district)}
    assert found == {n: state for n, (_, state) in enumerate(CASES)}


def test_of_several_attempts_the_first_hand_in_and_the_best_score_count(
    district: District,
) -> None:
    district.put("canvas/assignments_20251020.json", by_line(assignment(7, "2025-10-10T12:00:00Z")))
    district.put(
        "canvas/submissions_20251020.csv",
        lines(
            SUBMISSION,
            "7,11,2,18,2025-10-12T09:00:00Z,true,false,false,graded,2025-10-10T12:00:00Z",
            "7,11,1,9,2025-10-10T09:00:00Z,false,false,false,graded,2025-10-10T12:00:00Z",
        ),
    )
    assert states(district) == [("7", "1", "on_time")]
    [row] = district.ask("SELECT attempts, score, worked_after_due FROM facts.submission")
    assert list(row.values()) == [2, 18.0, True]


def test_withdrawn_work_counts_for_nobody_whatever_an_older_file_says(district: District) -> None:
    changes: list[Row] = [
        {"workflow_state": "published"},
        {"workflow_state": "deleted"},
        {"workflow_state": "unpublished"},
        {"workflow_state": None, "published": False},
        {"workflow_state": None, "published": True},
    ]
    due = "2025-10-10T12:00:00Z"
    work = [assignment(n, due, published=True) for n in range(len(changes))]
    rows = [hand_in(n, 11, None, missing=True) for n in range(len(changes))]
    district.put("canvas/submissions_20251020.json", by_line(*rows))
    district.put(
        "canvas/assignments_20251020.json", by_line(*work, assignment(9, None, context_id=6))
    )
    changed = [{**old, **change} for old, change in zip(work, changes, strict=True)]
    district.put("canvas/assignments_20251021.json", by_line(*changed))
    assert states(district) == [("0", "1", "missing"), ("4", "1", "missing")]


def test_the_files_of_two_courses_stand_beside_each_other(district: District) -> None:
    due = "2025-10-10T12:00:00Z"
    district.put("canvas/a/assignments_20251020.json", by_line(assignment(7, due)))
    district.put("canvas/b/assignments_20251020.json", by_line(assignment(8, due, context_id=6)))
    district.put("canvas/a/submissions_20251020.json", by_line(hand_in(7, 11, due)))
    district.put("canvas/b/submissions_20251020.json", by_line(hand_in(8, 11, due)))
    district.put("canvas/b/assignments_20251021.json", by_line(assignment(9, due, context_id=6)))
    assert states(district) == [("7", "1", "on_time"), ("8", "1", None)]
    assert [r["assignment_id"] for r in district.ask("SELECT assignment_id FROM facts.assignment ORDER BY 1")] == ["7", "9"]  # fmt: skip


def test_other_orders_names_and_packings_are_read_alike(district: District) -> None:
    named = assignment(7, "2025-10-10T12:00:00Z", name="Work", course_id=5, new_field={"a": 1})
    del named["title"], named["context_id"]
    packed = gzip.compress(json.dumps([dict(reversed(named.items()))], indent=1).encode(), mtime=0)
    district.put("canvas/x_20251020.json.gz", packed)
    header = ",".join(reversed(SUBMISSION.upper().split(",")))
    row = "2025-10-10 12:00:00,graded,FALSE,FALSE,TRUE,2025-10-11 12:00:00,3,1,11,7"
    district.put("canvas/y_20251020.csv", lines(header, row).encode("utf-16"))
    assert states(district) == [("7", "1", "late")]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "empty_file"),
        ("[]", "header_only"),
        (SUBMISSION + "\n", "header_only"),
        (by_line(hand_in(7, 11, None))[:-30], "cut_file"),
        (lines(SUBMISSION.replace("submitted_at", "handed"), "7,11,1,,,,,,,"), "missing_column"),
        (lines(SUBMISSION, "7,11,1,,yesterday,,,,,"), "nothing_survived"),
    ],
)
def test_what_cannot_be_read_is_turned_away_by_name(
    district: District, content: str, reason: str
) -> None:
    district.put("canvas/submissions_20251020.json", content)
    district.take()
    assert district.states("canvas")["submissions_20251020.json"] == ("refused", reason)


def test_a_damaged_row_is_turned_away_and_the_others_stay(district: District) -> None:
    good = by_line(hand_in(7, 11, None), hand_in(7, 12, None))
    spoilt = by_line(hand_in(7, 13, None, score="much"))
    district.put("canvas/submissions_20251020.json", good + "{broken\n" + spoilt + good)
    district.take()
    file = district.files()["submissions_20251020.json"]
    assert accounted(file)
    assert file["rows_kept"] == 2
    assert file["rows_duplicate"] == 2
    found = district.faults("submissions_20251020.json")
    assert [reason for _, _, reason in found] == ["broken_json", "not_a_number"]


def test_logins_and_enrolments_tell_who_is_who(district: District) -> None:
    district.put(
        "canvas/pseudonyms.csv",
        lines(
            "id,user_id,account_id,workflow_state,unique_name,sis_user_id",
            "1,21,1,active,ann,", "2,22,1,deleted,bob,2", "3,22,1,active,bob2,3", "4,23,1,active,x,1",
            "5,23,1,active,y,2",
        ),
    )  # fmt: skip
    enrolment = {"id": 1, "user_id": 24, "course_id": 5, "type": "StudentEnrollment", "enrollment_state": "active", "user": {"id": 24, "name": "Bob Bell", "login_id": "bob@x.org"}}  # fmt: skip
    district.put("canvas/enrollments.json", json.dumps([enrolment]))
    district.put("canvas/users.json", json.dumps([{"id": 9, "name": "T", "sortable_name": "T"}]))
    district.build()
    found = district.ask("SELECT account_key, student_id FROM facts.account ORDER BY 1")
    assert [tuple(r.values()) for r in found if r["account_key"] > "2"] == [
        ("21", "U1"), ("22", "U3"), ("23", None), ("24", "U2"), ("9", None),
    ]  # fmt: skip
    members = district.lake("class_member", "class_key, account_key, role")
    assert members == [("5", "24", "StudentEnrollment")]


def test_a_course_of_one_section_is_known_by_the_sections_sis_id(district: District) -> None:
    section = {"id": 1, "name": "S", "course_id": 8, "nonxlist_course_id": "", "sis_source_id": "c1"}  # fmt: skip
    course = {"id": 8, "name": "Something", "course_code": "S1", "sis_source_id": "zz"}
    district.put("canvas/courses.json", json.dumps([course]))
    district.put("canvas/course_sections.json", by_line(section))
    district.put("canvas/assignments.json", by_line(assignment(7, None, context_id=8)))
    district.build()
    [row] = district.ask("SELECT class_id FROM facts.assignment")
    assert row == {"class_id": "c1"}


def book(*cells: str) -> str:
    return lines(BOOK, *cells)


def test_a_gradebook_tells_scores_and_nothing_about_time(district: District) -> None:
    district.put(
        "canvas/2025-10-20T1012_Grades-R3.csv",
        book(
            ",,,,,Manual Posting,,",
            "    Points Possible,,,,,10,20,(read only)",
            '"Ash, Ann",11,1,ann@x.org,Reading,7.5,EX,90',
            '"Bell, Bob",12,2,bob,Reading and Math,N/A,,',
            '"Student, Test",14,,abc,Reading,1,1,',
        ),
    )
    assert states(district) == [("77", "1", "no_due_date"), ("78", "1", "excused")]
    told = district.ask(
        """SELECT title, points_possible, score_percent FROM facts.assignment
           LEFT JOIN facts.submission USING (platform, assignment_id) ORDER BY title"""
    )
    assert [list(row.values()) for row in told] == [
        ["Essay, part 1", 10.0, 75.0],
        ["Lab (Week 2)", 20.0, None],
    ]
    file = district.files()["2025-10-20T1012_Grades-R3.csv"]
    assert accounted(file)
    assert json.loads(file["unknown_columns"]) == ["Assignments Current Score"]


def test_a_gradebook_gives_way_to_hand_ins_and_not_to_another_courses(district: District) -> None:
    due = "2025-10-10T12:00:00Z"
    district.put("canvas/assignments_20251020.json", by_line(assignment(77, due)))
    district.put("canvas/submissions_20251020.json", by_line(hand_in(77, 11, "2025-10-11T00:00:00Z")))  # fmt: skip
    district.put("canvas/2025-10-22T1012_Grades-R3.csv", book("Ann Ash,11,1,a,Reading,7,,"))
    other = book("Bob Bell,12,2,b,Reading,,9,")
    district.put("canvas/2025-10-22T1015_Grades-M3.csv", other)
    assert states(district) == [("77", "1", "late"), ("78", "2", "no_due_date")]


def test_quizzes_and_terms_are_kept_and_not_read(district: District) -> None:
    quiz = {**assignment(3, None), "assignment_id": 7, "quiz_type": "assignment"}
    term = {"id": 1, "name": "Fall", "start_at": None, "end_at": None, "sis_source_id": "F"}
    district.put("canvas/q.json", by_line(quiz))
    district.put("canvas/t.json", by_line(term))
    district.take()
    for name in ("q.json", "t.json"):
        assert district.states("canvas")[name] == ("ignored", "not_read_yet")


def test_canvas_data_of_a_whole_district_is_read(tmp_path: Path, shared_data: Path) -> None:
    district = District(tmp_path, ("oneroster", "canvas"))
    district.put("oneroster/r.zip", zipped(roster(["1 Ann Ash c1"])))
    for path in (shared_data / "canvas").iterdir():
        district.put(f"canvas/{path.name}", path.read_bytes())
    assert not district.build().failed
    assert {state for state, _ in district.states("canvas").values()} == {"loaded", "ignored"}
    told = district.ask("SELECT count(*) AS n, count(due_at) AS due FROM facts.assignment")
    assert told == [{"n": 281, "due": 281}]
    assert len(district.lake("platform_class", "class_key", "title IS NOT NULL")) == 87
