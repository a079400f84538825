"""Instructure Canvas: assignments, submissions, and the gradebook's CSV.

Shapes of the API and of Canvas Data, as JSON, JSON lines or CSV. Belongs here: what their columns
mean; people and classes stand in _canvas_people.py. Not here: how a due time and a hand-in become
a state (transforms/procrastination/).
"""

from __future__ import annotations

from connectors.contract import Column, Feed, Kind, Output, Platform, Scope, Wide
from connectors.platforms._canvas_people import EMAIL, FEEDS, number, text

_HISTORY = """list_min(list_transform(
    from_json(TRY_CAST(history AS JSON), '[{"submitted_at": "VARCHAR"}]'),
    lambda e: timezone('UTC', TRY_CAST(e.submitted_at AS TIMESTAMPTZ))))"""


def _time(name: str, *headers: str, required: bool = False) -> Column:
    return Column(name, Kind.TIME, headers, required=required, utc=True)


def _flag(name: str) -> Column:
    return Column(name, Kind.BOOLEAN, (name,), required=False)


_ASSIGNMENTS = Feed(
    "assignments",
    "assignments",
    (
        number("id", "id"),
        text("title", "title", "name", required=True),
        number("course", "course_id", "context_id"),
        _time("due_at", "due_at", required=True),
        _time("unlock_at", "unlock_at"),
        Column("points", Kind.NUMBER, ("points_possible",), required=False, low=0),
        text("types", "submission_types"),
        text("state", "workflow_state"),
        _flag("published"),
    ),
    (
        Output(
            "assignment",
            """SELECT _no, id AS assignment_id, course AS class_key, title,
                      nullif(regexp_replace(types, '[\\[\\]{}" ]', '', 'g'), '') AS kind,
                      unlock_at AS assigned_at, due_at, local_date(due_at) AS due_on,
                      points AS points_possible,
                      -- Canvas keeps a row for each student who has the assignment.
                      TRUE AS listed_only, _exported_on AS data_through,
                      coalesce(lower(state) <> 'published', NOT published, FALSE) AS withdrawn
               FROM rows""",
        ),
    ),
    Scope.VALUE,
    key=("id",),
    scope_column="course",
    layouts="API and Canvas Data",
)

_SUBMISSIONS = Feed(
    "submissions",
    "hand-ins and scores",
    (
        number("assignment", "assignment_id"),
        number("person", "user_id"),
        _time("submitted_at", "submitted_at", required=True),
        _time("due_at", "cached_due_date"),
        Column("attempt", Kind.INTEGER, ("attempt",), required=False, low=0),
        Column("score", Kind.NUMBER, ("score",), required=False),
        _flag("late"),
        _flag("missing"),
        _flag("excused"),
        text("state", "workflow_state"),
        text("history", "submission_history"),
    ),
    (
        Output(
            "submission",
            # Of several attempts the first hand-in counts, as far as the file tells of it.
            f"""SELECT *,
                  CASE WHEN submitted_at IS NOT NULL THEN NULL
                       WHEN is_missing THEN 'missing'
                       WHEN is_late THEN 'late'
                       -- Canvas says of work on paper neither: nothing was to be handed in.
                       WHEN NOT is_missing AND score IS NULL THEN 'unknown' END AS timing,
                  last_at > due_at AS worked_after_due
                FROM (SELECT _no, assignment AS assignment_id, person AS account_key,
                        max(due_at) AS due_at, local_date(max(due_at)) AS due_on,
                        least(min(submitted_at), min({_HISTORY})) AS submitted_at,
                        max(submitted_at) AS last_at, bool_or(late) AS is_late,
                        bool_or(missing) AS is_missing, max(score) AS score,
                        max(attempt) AS attempts, coalesce(bool_or(excused), FALSE) AS excused,
                        any_value(_exported_on) AS data_through
                      FROM rows WHERE coalesce(lower(state), '') <> 'deleted' GROUP BY ALL)""",
        ),
    ),
    Scope.VALUE,
    key=("assignment", "person", "attempt"),
    scope_column="assignment",
    layouts="API and Canvas Data",
)

_CELLS = "SELECT _no, id, unnest(_wide) AS cell FROM rows WHERE {}"
#: Canvas's own number of the assignment, which it writes behind the title.
_NUMBER = "regexp_extract(trim(cell.label), '\\(([0-9]+)\\)$', 1)"
_IS_STUDENT = "id IS NOT NULL AND simple_spaces(student) NOT IN ('Student, Test', 'Test Student')"

_GRADEBOOK = Feed(
    "gradebook",
    "gradebook of a course: scores only",
    (
        text("student", "Student", required=True),
        number("id", "ID", filled=False),
        number("sis_id", "SIS User ID", required=False),
        text("login", "SIS Login ID"),
        text("section", "Section", required=True),
    ),
    (
        Output(
            "account",
            f"""SELECT _no, id AS account_key, 'platform_user' AS account_kind, sis_id,
                       {EMAIL.format("login")} AS email, login AS username, student AS full_name
                FROM rows WHERE {_IS_STUDENT}""",
        ),
        Output(
            "assignment",
            # The file has no class, no due date and no day up to which hand-ins are known.
            f"""SELECT _no, {_NUMBER} AS assignment_id,
                       trim(regexp_replace(trim(any_value(cell.label)), '\\([0-9]+\\)$', ''))
                         AS title,
                       max(TRY_CAST(cell.value AS DOUBLE)) FILTER (WHERE id IS NULL)
                         AS points_possible, TRUE AS listed_only
                FROM ({_CELLS.format("id IS NULL OR " + _IS_STUDENT)}) GROUP BY 1, 2""",
        ),
        Output(
            "submission",
            f"""SELECT _no, {_NUMBER} AS assignment_id, id AS account_key,
                       max(TRY_CAST(cell.value AS DOUBLE)) AS score,
                       bool_or(upper(cell.value) = 'EX') AS excused
                FROM ({_CELLS.format(_IS_STUDENT)}) GROUP BY 1, 2, 3""",
        ),
    ),
    Scope.FILE,
    key=("student", "id"),
    wide=Wide(r".*\S\s*\([0-9]+\)", "Essay (12345)", Kind.TEXT, nothing=("n/a",)),
    layouts="CSV",
)

_QUIZZES = Feed(
    "quizzes",
    "quizzes; the assignment of a quiz tells the same",
    (
        number("id", "id"),
        text("title", "title", required=True),
        text("quiz_type", "quiz_type", required=True),
        number("assignment", "assignment_id", filled=False),
        number("course", "course_id", "context_id", required=False),
        _time("due_at", "due_at"),
        _time("unlock_at", "unlock_at"),
        text("points", "points_possible"),
        text("state", "workflow_state"),
        text("published", "published"),
    ),
    (),
    Scope.WHOLE,
)

_ABOUT = """
Files of the API's or Canvas Data's shape, as a JSON array, JSON lines or CSV; pages of one listing
belong into one file. Times are UTC, with or without a Z. `cached_due_date` is the due date of that
one student and wins over the assignment's. On time or late is judged by `submitted_at` against it,
never by `late`, which Canvas keeps for the latest attempt and which a teacher may set. Of several
attempts (rows, or `submission_history`) the first hand-in counts, and the best score; where only
the latest attempt is told, that one is judged. `missing` is believed; where it says no and nothing
was handed in, as for work on paper, nobody is called missing. Without that column a student with
no hand-in is missing once the file was made after the due day. Assignments that are deleted or not
published count for nobody, also where an older file has them. A course is a class; a section's SIS
id is taken for the course where it is the only one of it.

The gradebook's CSV has no dates, so it tells scores and who is excused (`EX`) and nothing about
time; `N/A` and empty cells tell nothing. Where submissions are sent too, they go before it. The
test student, the read-only totals and the rows above the students are left out.

Unknown: when a student began, and when an assignment without `unlock_at` opened. Whether a student
without `cached_due_date` has none: then the assignment's holds. Activity (page views) is not read.
"""

PLATFORM = Platform(
    "canvas",
    "Instructure Canvas",
    (*FEEDS, _ASSIGNMENTS, _SUBMISSIONS, _GRADEBOOK, _QUIZZES),
    carries="assignments, each student's due date, hand-in times, scores",
    tested_on="files of Canvas Data's layout with made-up values; drawn files for submissions, "
    "logins and the gradebook",
    about=_ABOUT,
)
