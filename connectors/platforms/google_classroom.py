"""Google Classroom: courses, course work, students and their submissions, as its API lists them.

Belongs here: what the API's fields mean. Not here: how JSON becomes columns (jsontext.py). A
column is the dotted path to a field; list responses, arrays and JSON lines are alike.
"""

from __future__ import annotations

from connectors.contract import Column, Feed, Kind, Output, Platform, Scope


def _id(name: str, *headers: str) -> Column:
    return Column(name, Kind.ID, headers, filled=True)


def _text(name: str, *headers: str, required: bool = False) -> Column:
    return Column(name, Kind.TEXT, headers, required=required)


def _part(name: str, header: str, low: int, high: int) -> Column:
    return Column(name, Kind.INTEGER, (header,), required=False, low=low, high=high)


_COURSES = Feed(
    "courses",
    "courses",
    (
        _id("id", "id"),
        _text("name", "name", required=True),
        # One of these tells a course from other things with a name.
        _text("shown", "courseState", "ownerId", "enrollmentCode", required=True),
        _text("section", "section"),
    ),
    (
        Output(
            "platform_class",
            "SELECT _no, id AS class_key, concat_ws(' ', name, section) AS title FROM rows",
        ),
    ),
    Scope.VALUE,
    key=("id",),
    scope_column="id",
    layouts="API v1",
)

#: The API leaves parts of a time out that are zero, and all of them at midnight. A file without
#: one time has lost them: then the whole day is meant.
_DUE = """SELECT *,
    TRY_CAST(printf('%d-%02d-%02d %02d:%02d:00', due_year, due_month, due_day,
                    coalesce(due_hour, 0), coalesce(due_minute, 0)) AS TIMESTAMP) AS moment
    FROM rows"""
_TOLD_TIME = "(_has_due_hour OR _has_due_minute)"

_COURSE_WORK = Feed(
    "course_work",
    "assignments and questions",
    (
        _id("course", "courseId"),
        _id("id", "id"),
        _text("title", "title", required=True),
        # One of these tells work from material.
        _text("shown", "workType", "maxPoints", "dueDate.year", required=True),
        _text("kind", "workType"),
        _text("state", "state"),
        _part("due_year", "dueDate.year", 1900, 2100),
        _part("due_month", "dueDate.month", 1, 12),
        _part("due_day", "dueDate.day", 1, 31),
        _part("due_hour", "dueTime.hours", 0, 23),
        _part("due_minute", "dueTime.minutes", 0, 59),
        Column("points", Kind.NUMBER, ("maxPoints",), required=False, low=0),
        Column("scheduled", Kind.TIME, ("scheduledTime",), required=False, utc=True),
    ),
    (
        Output(
            "assignment",
            f"""SELECT _no, id AS assignment_id, course AS class_key, title, kind,
                       scheduled AS assigned_at,
                       CASE WHEN {_TOLD_TIME} THEN moment
                            ELSE day_end(CAST(moment AS DATE)) END AS due_at,
                       CASE WHEN {_TOLD_TIME} THEN local_date(moment)
                            ELSE CAST(moment AS DATE) END AS due_on,
                       points AS points_possible,
                       -- There is a submission for every student who has the work.
                       TRUE AS listed_only, _exported_on AS data_through,
                       coalesce(state <> 'PUBLISHED', FALSE) AS withdrawn
                FROM ({_DUE})""",
        ),
    ),
    Scope.VALUE,
    key=("course", "id"),
    scope_column="course",
    layouts="API v1",
)

#: The changes of state in their order.
_STATES = """list_sort(list_transform(
    list_filter(from_json(TRY_CAST(history AS JSON),
        '[{"stateHistory": {"state": "VARCHAR", "stateTimestamp": "VARCHAR"}}]'),
      lambda e: e.stateHistory.state IS NOT NULL),
    lambda e: {'at': timezone('UTC', TRY_CAST(e.stateHistory.stateTimestamp AS TIMESTAMPTZ)),
               'state': e.stateHistory.state}))"""
#: The first hand-in that the student did not take back.
_HANDED_IN = """list_filter(states, lambda e, i: e.state = 'TURNED_IN'
    AND states[i + 1].state IS DISTINCT FROM 'RECLAIMED_BY_STUDENT')[1].at"""

_SUBMISSIONS = Feed(
    "student_submissions",
    "hand-ins and grades",
    (
        _id("work", "courseWorkId"),
        _id("person", "userId"),
        _text("state", "state", required=True),
        Column("late", Kind.BOOLEAN, ("late",), required=False),
        Column("grade", Kind.NUMBER, ("assignedGrade",), required=False, low=0),
        _text("history", "submissionHistory"),
    ),
    (
        Output(
            "submission",
            f"""SELECT _no, work AS assignment_id, person AS account_key, submitted_at,
                       CASE WHEN submitted_at IS NOT NULL THEN NULL
                            WHEN state = 'TURNED_IN' AND late THEN 'late'
                            -- false is left out by the API where others are true.
                            WHEN state = 'TURNED_IN' AND _has_late THEN 'on_time'
                            WHEN state IN ('TURNED_IN', 'RETURNED') AND grade IS NULL
                              THEN 'unknown' END AS timing,
                       grade AS score, FALSE AS excused, _exported_on AS data_through
                FROM (SELECT *, {_HANDED_IN} AS submitted_at
                      FROM (SELECT *, {_STATES} AS states FROM rows))""",
        ),
    ),
    Scope.VALUE,
    key=("work", "person"),
    scope_column="work",
    layouts="API v1",
)

_STUDENTS = Feed(
    "students",
    "students of a course",
    (
        _id("course", "courseId"),
        _id("person", "userId"),
        _text("name", "profile.name.fullName", required=True),
        _text("given", "profile.name.givenName"),
        _text("family", "profile.name.familyName"),
        _text("email", "profile.emailAddress"),
    ),
    (
        Output(
            "account",
            """SELECT _no, person AS account_key, 'platform_user' AS account_kind,
                      max(email) AS email, max(given) AS given_name, max(family) AS family_name,
                      max(name) AS full_name FROM rows GROUP BY _no, person""",
        ),
        Output(
            "class_member",
            """SELECT _no, course AS class_key, person AS account_key, 'student' AS role
               FROM rows""",
        ),
    ),
    Scope.VALUE,
    key=("course", "person"),
    scope_column="course",
    layouts="API v1",
)

_PROFILES = Feed(
    "user_profiles",
    "people",
    (
        _id("id", "id"),
        _text("name", "name.fullName", required=True),
        _text("given", "name.givenName"),
        _text("family", "name.familyName"),
        _text("email", "emailAddress"),
    ),
    (
        Output(
            "account",
            """SELECT _no, id AS account_key, 'platform_user' AS account_kind, email,
                      given AS given_name, family AS family_name, name AS full_name FROM rows""",
        ),
    ),
    Scope.VALUE,
    key=("id",),
    scope_column="id",
    layouts="API v1",
)

_ABOUT = """
Files of the API's shape: the list response (`{"courseWork": [...]}`), an array, or JSON lines. Due
dates and times are UTC, and a part of the time that is zero is left out. A file in which no work
has a time has lost them; then the whole local day is meant. Of the states in `submissionHistory`
the first `TURNED_IN` that the student did not take back counts, whatever was handed in again
later. Without a history only `late` tells, and only for work that is turned in now. Work that was
returned with a grade and never turned in is called neither missing nor late. Drafts and deleted
work count for nobody. `draftGrade` is not read: the student has not seen it.

Unknown: when a student began, when work that was not scheduled opened, and the SIS ids of students
and classes. Students are known by their address, which the API shows only to a client that may see
it. Teachers have the same columns as students; a file with `teachers` in its name is left alone.
"""

PLATFORM = Platform(
    "google_classroom",
    "Google Classroom",
    (_COURSES, _COURSE_WORK, _SUBMISSIONS, _STUDENTS, _PROFILES),
    ignores=("*teachers*",),
    carries="assignments, due and hand-in times, grades",
    tested_on="drawn files in the layout of the API's documentation",
    about=_ABOUT,
)
