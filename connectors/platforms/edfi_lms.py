"""The Ed-Fi LMS unified model: files of one section in its folder, each re-issued whole.

`section=<id>/assignment=<id>/submissions/<time>.csv` and the like: the folder's name decides the
feed, the folder what a newer file replaces. Belongs here: what the columns mean.
"""

from __future__ import annotations

from connectors.contract import Column, Feed, Kind, Output, Platform, Scope

#: Files that went through a spreadsheet have their times rewritten.
_REWRITTEN = ("%m/%d/%Y %H:%M", "%m/%d/%Y %H:%M:%S")


def _id(name: str, header: str, *, filled: bool = True) -> Column:
    return Column(name, Kind.ID, (header,), filled=filled)


def _text(name: str, header: str, *, required: bool = False) -> Column:
    return Column(name, Kind.TEXT, (header,), required=required)


def _time(name: str, header: str, *, filled: bool = False) -> Column:
    return Column(name, Kind.TIME, (header,), filled=filled, formats=_REWRITTEN, utc=True)


_KEY = _id("id", "SourceSystemIdentifier")
_SYSTEM = _text("system", "SourceSystem")
_USER = _id("person", "LMSUserSourceSystemIdentifier")
_SECTION = _id("section", "LMSSectionSourceSystemIdentifier")

_USERS = Feed(
    "users",
    "people",
    (
        _KEY,
        _text("role", "UserRole", required=True),
        _text("login", "LocalUserIdentifier"),
        _id("sis_id", "SISUserIdentifier", filled=False),
        _text("name", "Name"),
        _text("email", "EmailAddress"),
    ),
    (
        Output(
            "account",
            """SELECT _no, id AS account_key, 'platform_user' AS account_kind, sis_id, email,
                      login AS username, name AS full_name
               FROM rows WHERE lower(role) = 'student'""",
        ),
    ),
    Scope.FOLDER,
    key=("id",),
    folders=("users",),
)

_SECTIONS = Feed(
    "sections",
    "sections",
    (
        _KEY,
        _id("sis_id", "SISSectionIdentifier", filled=False),
        _text("title", "Title", required=True),
        _text("status", "LMSSectionStatus"),
    ),
    (
        Output(
            "platform_class",
            # Of last year's section and this year's with one SIS id, the active one has it.
            """SELECT _no, id AS class_key, title, sis_id FROM rows
               WHERE coalesce(lower(status), 'active') = 'active'""",
        ),
    ),
    Scope.FOLDER,
    key=("id",),
    folders=("sections",),
)

_MEMBERS = Feed(
    "section_associations",
    "who is in a section",
    (_KEY, _USER, _SECTION, _text("status", "EnrollmentStatus")),
    (
        Output(
            "class_member",
            """SELECT DISTINCT _no, section AS class_key, person AS account_key FROM rows
               WHERE coalesce(lower(status), 'active') = 'active'""",
        ),
    ),
    Scope.FOLDER,
    key=("id",),
    folders=("section-associations",),
)

_ASSIGNMENTS = Feed(
    "assignments",
    "assignments of a section",
    (
        _KEY,
        _text("title", "Title", required=True),
        _text("kind", "AssignmentCategory"),
        _time("starts_at", "StartDateTime"),
        _time("due_at", "DueDateTime"),
        Column("points", Kind.NUMBER, ("MaxPoints",), required=False, low=0),
        _SECTION,
    ),
    (
        Output(
            "assignment",
            """SELECT _no, id AS assignment_id, section AS class_key, title, kind,
                      starts_at AS assigned_at, due_at, local_date(due_at) AS due_on,
                      points AS points_possible,
                      -- Whether each student of the section has a submission is not told.
                      TRUE AS listed_only, _exported_on AS data_through FROM rows""",
        ),
    ),
    Scope.FOLDER,
    key=("id",),
    folders=("assignments",),
)

_NOT_HANDED_IN = (
    "('created', 'new', 'draft', 'not started', 'unsubmitted', 'upcoming', 'missing', "
    "'reclaimed_by_student')"
)

_SUBMISSIONS = Feed(
    "submissions",
    "hand-ins and points of an assignment",
    (
        _KEY,
        _text("status", "SubmissionStatus", required=True),
        _time("moment", "SubmissionDateTime"),
        Column("points", Kind.NUMBER, ("EarnedPoints",)),
        _id("assignment", "AssignmentSourceSystemIdentifier"),
        _USER,
    ),
    (
        Output(
            "submission",
            # A draft has a time too; a student who did nothing may have 0 points.
            f"""SELECT _no, assignment AS assignment_id, person AS account_key,
                       min(moment) FILTER (WHERE NOT is_open) AS submitted_at,
                       CASE WHEN count(moment) FILTER (WHERE NOT is_open) > 0 THEN NULL
                            WHEN bool_or(word = 'late') THEN 'late'
                            WHEN bool_or(word IN ('on-time', 'on time')) THEN 'on_time'
                            WHEN bool_or(word = 'missing') THEN 'missing'
                            WHEN max(points) IS NULL AND NOT bool_and(is_open) THEN 'unknown'
                            END AS timing,
                       max(points) AS score, bool_or(word = 'excused') AS excused,
                       any_value(_exported_on) AS data_through
                FROM (SELECT *, word IN {_NOT_HANDED_IN} AS is_open
                      FROM (SELECT *, coalesce(lower(status), '') AS word FROM rows))
                GROUP BY 1, 2, 3""",
        ),
    ),
    Scope.FOLDER,
    key=("id",),
    folders=("submissions",),
)


def _activity(section: str) -> str:
    """The SELECT for events of a feed; `section`: the SQL of their class."""
    return f"""SELECT _no, person AS account_key, local_date(moment) AS date,
                      {section} AS class_key,
                      sum(minutes) AS minutes,
                      CASE WHEN count(minutes) > 0 THEN 'exported' END AS minutes_basis,
                      count(*) AS events
               FROM rows WHERE coalesce(lower(status), '') <> 'deleted' GROUP BY 1, 2, 3, 4"""


_COVERAGE = Output(
    "coverage",
    """SELECT _no, min(local_date(moment)) AS covers_from, max(local_date(moment)) AS covers_to,
              'activity' AS of, FALSE AS absence_is_zero FROM rows GROUP BY _no""",
)
_EVENT = (
    _KEY,
    _USER,
    _time("moment", "ActivityDateTime", filled=True),
    _text("status", "ActivityStatus"),
    Column("minutes", Kind.NUMBER, ("ActivityTimeInMinutes",), low=0, high=1440),
)

_SECTION_ACTIVITIES = Feed(
    "section_activities",
    "what was done in a section, with minutes where told",
    (*_EVENT, _SECTION),
    (Output("daily_activity", _activity("section")), _COVERAGE),
    Scope.FOLDER,
    key=("id",),
    folders=("section-activities",),
)

_SYSTEM_ACTIVITIES = Feed(
    "system_activities",
    "signing in and the like, of no section",
    (*_EVENT, _id("parent", "ParentSourceSystemIdentifier", filled=False)),
    (Output("daily_activity", _activity("CAST(NULL AS VARCHAR)")), _COVERAGE),
    Scope.FOLDER,
    key=("id",),
)

_ATTENDANCE = Feed(
    "attendance_events",
    "attendance as a section of the platform keeps it; the school's own holds",
    (
        _KEY,
        _text("day", "EventDate", required=True),
        _text("status", "AttendanceStatus", required=True),
    ),
    (),
    Scope.FOLDER,
    folders=("attendance-events",),
)

_GRADES = Feed(
    "grades",
    "grades of a whole section",
    (_KEY, _text("grade", "Grade", required=True), _text("type", "GradeType", required=True)),
    (),
    Scope.FOLDER,
    folders=("grades",),
)

_SHEET_ASSIGNMENTS = Feed(
    "sheet_assignments",
    "a teacher's sheet of assignments, without ids",
    tuple(
        _text(name, header, required=True)
        for name, header in (
            ("class_name", "Class Name"),
            ("title", "Assignment Name"),
            ("due_on", "Due Date"),
            ("due_time", "Due Time"),
        )
    ),
    (),
    Scope.FILE,
)

_SHEET_SUBMISSIONS = Feed(
    "sheet_submissions",
    "a teacher's sheet of hand-ins, without ids or class",
    tuple(
        _text(name, header, required=True)
        for name, header in (
            ("title", "Assignment Name"),
            ("student", "Student Name"),
            ("on", "Date"),
            ("late", "Late"),
            ("status", "Status"),
        )
    ),
    (),
    Scope.FILE,
)

_ABOUT = """
Each folder holds one thing, such as one assignment's submissions, as files named by the time at
which they were made; the newest holds, and what is no longer in it is gone. The case of folders
varies. Times without an offset are read as UTC: the ids of sign-ins in the sample hold seconds
since 1970 that agree with it. On time or late is judged by `SubmissionDateTime` against
`DueDateTime`; the word in `SubmissionStatus` tells only where there is no time. `Missing` is
believed; a draft (`Created`) has a time and is not handed in. Only users with the role `student`
become accounts. A section that is not active lends its SIS id to none. Activities without
minutes are counted and have no minutes.

Left in the landing area: grades of a whole section, the platform's attendance (the school's own is
the one that counts), and a teacher's sheets of assignments and hand-ins, which name students
without an id or a class. Unknown: whether every student of a section has a submission, so a
student without one is never called missing; the words that other platforms put into
`SubmissionStatus`.
"""

PLATFORM = Platform(
    "edfi_lms",
    "Ed-Fi LMS unified model",
    (
        _USERS,
        _SECTIONS,
        _MEMBERS,
        _ASSIGNMENTS,
        _SUBMISSIONS,
        _SECTION_ACTIVITIES,
        _SYSTEM_ACTIVITIES,
        _ATTENDANCE,
        _GRADES,
        _SHEET_ASSIGNMENTS,
        _SHEET_SUBMISSIONS,
    ),
    sends_activity=True,
    carries="assignments, hand-in times, points, events with minutes where told",
    tested_on="the toolkit's sample files, with fictional people",
    about=_ABOUT,
)
