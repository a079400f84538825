"""Khan Academy: teacher's assignment scores, the administrator's overall file, activity overview.

The teacher's file knows a student only by name, within the class that the file's name or folder
tells, and it tells late from on time only through its two scores; there is no hand-in time.
"""

from __future__ import annotations

from connectors.contract import Column, Feed, Kind, Output, Platform, Scope

_NULL = ("null",)
_DUE = ("%b %d, %Y", "%B %d, %Y", "%Y-%m-%d", "%m/%d/%Y", "%b %d", "%B %d")
#: The name as an account key: hashed, so that no key, log or review list spells a child's name.
_NAME_KEY = "'name:' || left(sha256(_class_key || '|' || lower(simple_spaces(student))), 32)"
_ASSIGNMENT_KEY = (
    "'khan:' || left(sha256(concat_ws('|', _class_key, lower(simple_spaces(title)), "
    "CAST(due_on AS VARCHAR))), 32)"
)
#: A date without a year belongs to the school year of the file, which begins in July.
_WITH_YEAR = """SELECT *,
    CASE WHEN due IS NULL OR year(due) > 1900 THEN due
         WHEN month(due) >= 7 THEN make_date(_school_year - 1, month(due), day(due))
         ELSE make_date(_school_year, month(due), day(due)) END AS due_on
    FROM rows"""


def _score(name: str, header: str, *, required: bool) -> Column:
    return Column(name, Kind.NUMBER, (header,), required=required, nothing=_NULL, low=0)


_SCORES = Feed(
    "assignment_scores",
    "teacher's assignment scores of one class",
    (
        Column("student", Kind.TEXT, ("Student Name",), filled=True, nothing=_NULL),
        Column("title", Kind.TEXT, ("Assignment Name",), filled=True, nothing=_NULL),
        Column("kind", Kind.TEXT, ("Assignment Type",), required=False, nothing=_NULL),
        Column("due", Kind.DATE, ("Due Date",), nothing=_NULL, formats=_DUE),
        Column("due_text", Kind.TEXT, ("Due Date",), nothing=_NULL),
        _score("at_due", "Score At Due Date", required=False),
        _score("best", "Score Best Ever", required=True),
        _score("possible", "Points Possible", required=False),
        Column(
            "attempts", Kind.INTEGER, ("Number Of Attempts",), required=False, nothing=_NULL, low=0
        ),
    ),
    (
        Output(
            "account",
            f"""SELECT DISTINCT _no, {_NAME_KEY} AS account_key, 'name_in_class' AS account_kind,
                       simple_spaces(student) AS full_name, _class_key AS class_key FROM rows""",
        ),
        Output(
            "assignment",
            f"""SELECT _no, {_ASSIGNMENT_KEY} AS assignment_id, _class_key AS class_key,
                       title, kind,
                       due_at(due_on, due_text) AS due_at, due_on,
                       max(possible) AS points_possible, TRUE AS listed_only,
                       _exported_on AS data_through
                FROM ({_WITH_YEAR}) GROUP BY ALL""",
        ),
        Output(
            "submission",
            # By the due time nothing was scored, later something was: that is late. A score at
            # the due time that grew later was handed in on time and worked on further.
            f"""SELECT _no, {_ASSIGNMENT_KEY} AS assignment_id, {_NAME_KEY} AS account_key,
                       CASE WHEN best IS NULL THEN 'not_submitted'
                            WHEN due_on IS NULL OR NOT _has_at_due THEN NULL
                            WHEN due_on >= _exported_on THEN 'on_time'
                            WHEN at_due IS NULL OR (at_due = 0 AND best > 0) THEN 'late'
                            ELSE 'on_time' END AS timing,
                       CASE WHEN _has_at_due AND due_on < _exported_on AND best IS NOT NULL
                            THEN best > coalesce(at_due, -1) END AS worked_after_due,
                       best AS score,
                       CASE WHEN possible > 0 THEN 100 * best / possible END AS score_percent,
                       at_due AS score_at_due, attempts, FALSE AS excused
                FROM ({_WITH_YEAR})""",
        ),
        Output(
            "coverage",
            """SELECT DISTINCT _no, _class_key AS class_key, _exported_on AS covers_from,
                      _exported_on AS covers_to, 'assignments' AS of, FALSE AS absence_is_zero
               FROM rows""",
        ),
    ),
    Scope.CLASS,
    key=("student", "title", "due"),
    stub_rows=True,
)

_OVERALL = Feed(
    "overall",
    "administrator's overall file",
    (
        Column("student", Kind.TEXT, ("Student Name",), nothing=_NULL),
        Column("email", Kind.TEXT, ("Student Email",), nothing=_NULL),
        Column("sis_id", Kind.ID, ("Student SIS ID",), nothing=_NULL),
        Column("roster_status", Kind.TEXT, ("Roster Status",), nothing=_NULL),
    ),
    (
        Output(
            "account",
            """SELECT _no, lower(coalesce(email, 'sis:' || sis_id)) AS account_key,
                      'directory' AS account_kind, any_value(sis_id) AS sis_id,
                      any_value(email) AS email, any_value(student) AS full_name
               FROM rows WHERE coalesce(email, sis_id) IS NOT NULL GROUP BY 1, 2""",
        ),
    ),
    Scope.SPAN,
    key=("email", "sis_id"),
)

_OVERVIEW = Feed(
    "activity_overview",
    "activity overview of a day or a week",
    (
        Column("student", Kind.TEXT, ("Student",), nothing=_NULL),
        Column("login", Kind.TEXT, ("Username / Email",), filled=True, nothing=_NULL),
        Column(
            "minutes", Kind.NUMBER, ("Total learning minutes",), nothing=_NULL, low=0, high=10080
        ),
        Column("units", Kind.NUMBER, ("Skills leveled up",), nothing=_NULL, low=0),
        Column(
            "stuck", Kind.NUMBER, ("Skills w/o progress",), required=False, nothing=_NULL, low=0
        ),
    ),
    (
        Output(
            "account",
            """SELECT _no, lower(login) AS account_key, 'login' AS account_kind,
                      CASE WHEN contains(login, '@') THEN login END AS email,
                      CASE WHEN NOT contains(login, '@') THEN login END AS username,
                      student AS full_name
               FROM rows""",
        ),
        Output(
            "usage_week",
            """SELECT _no, lower(login) AS account_key, week_start(_covers_from) AS week_start,
                      _covers_to AS through, minutes, units AS units_completed
               FROM rows WHERE _covers_from < _covers_to""",
        ),
        Output(
            "daily_activity",
            """SELECT _no, lower(login) AS account_key, _covers_from AS date, minutes,
                      'exported' AS minutes_basis, units AS units_completed
               FROM rows WHERE _covers_from = _covers_to""",
        ),
        Output(
            "coverage",
            """SELECT DISTINCT _no, _covers_from AS covers_from, _covers_to AS covers_to,
                      'activity' AS of, FALSE AS absence_is_zero FROM rows""",
        ),
    ),
    Scope.PERIOD,
    key=("login",),
)

_ABOUT = """
The teacher's assignment scores know a student only by name and a class only by the name of the
file or its folder. There is no time of handing in: what was scored at the due date, beside the
best score ever, tells on time from late (see [measures](measures.md#assignment_timing)). A due
date without a year belongs to the school year of the file, which begins in July.

Unknown: the columns of the administrator's overall file after the fourth, and of the mastery and
skills progress files; none of these is read. `Score At Due Date` may be absent; then nobody is
called late or on time. The student's activity log and the dashboard's assignment table are not
read.
"""

PLATFORM = Platform(
    "khan",
    "Khan Academy",
    (_SCORES, _OVERALL, _OVERVIEW),
    sends_activity=True,
    carries="minutes, skills levelled up, assignments with their two scores",
    tested_on="the sample district",
    about=_ABOUT,
)
