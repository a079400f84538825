"""The dashboard's tables: activity overview, and of one student the log and the assignments."""

from __future__ import annotations

from connectors.contract import Column, Feed, Kind, Output, Scope
from connectors.platforms.khan.names import ASSIGNMENT_KEY, MOMENTS, NULL, name_key, with_year

OVERVIEW = Feed(
    "activity_overview",
    "activity overview of a day or a week",
    (
        Column("student", Kind.TEXT, ("Student",), nothing=NULL),
        Column("login", Kind.TEXT, ("Username / Email",), filled=True, nothing=NULL),
        Column(
            "minutes", Kind.NUMBER, ("Total learning minutes",), nothing=NULL, low=0, high=10080
        ),
        Column("units", Kind.NUMBER, ("Skills leveled up",), nothing=NULL, low=0),
        Column("stuck", Kind.NUMBER, ("Skills w/o progress",), required=False, nothing=NULL, low=0),
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

_NOTHING = (*NULL, "-", "–", "—", "--")
_STUDENT = name_key("_student")
_ACCOUNT = Output(
    "account",
    f"""SELECT DISTINCT _no, {_STUDENT} AS account_key, 'name_in_class' AS account_kind,
               _student AS full_name, _class_key AS class_key FROM rows""",
)
_SOLVED = r"regexp_extract(problems, '^([0-9]+) */ *([0-9]+)$', {})"

ACTIVITY_LOG = Feed(
    "activity_log",
    "a student's activity log",
    (
        Column("activity", Kind.TEXT, ("Activity",), filled=True, nothing=_NOTHING),
        Column("day", Kind.DATE, ("Date",), filled=True, formats=MOMENTS),
        Column("level", Kind.TEXT, ("Level",), required=False, nothing=_NOTHING),
        Column("problems", Kind.TEXT, ("Correct/Total Problems",), nothing=_NOTHING),
        Column("minutes", Kind.NUMBER, ("Time (min)",), nothing=_NOTHING, low=0, high=1440),
    ),
    (
        _ACCOUNT,
        Output(
            "daily_activity",
            # Without minutes: those of the overview count, and the two must not be added.
            f"""SELECT _no, {_STUDENT} AS account_key, date, _class_key AS class_key,
                       CAST(sum(TRY_CAST({_SOLVED.format(2)} AS BIGINT)) AS BIGINT)
                           AS items_attempted,
                       CAST(sum(TRY_CAST({_SOLVED.format(1)} AS BIGINT)) AS BIGINT)
                           AS items_correct
                FROM ({with_year("day", "date")}) WHERE {_SOLVED.format(2)} <> ''
                GROUP BY _no, _student, _class_key, date""",
        ),
        Output(
            "progress_week",
            f"""SELECT _no, {_STUDENT} AS account_key, week_start(date) AS week_start,
                       least(week_start(date) + 6, _exported_on) AS through,
                       'minutes in the activity log' AS measure, sum(minutes) AS value
                FROM ({with_year("day", "date")}) WHERE minutes IS NOT NULL
                GROUP BY _no, _student, _class_key, _exported_on, week_start(date)""",
        ),
        Output(
            "skill_state",
            f"""SELECT _no, {_STUDENT} AS account_key, lower(activity) AS skill_id, date,
                       any_value(activity) AS skill_name, _class_key AS class_key,
                       CASE WHEN count(DISTINCT level) = 1 THEN any_value(level) END AS level
                FROM ({with_year("day", "date")})
                GROUP BY _no, _student, _class_key, lower(activity), date""",
        ),
    ),
    Scope.STUDENT_DAY,
)

STUDENT_ASSIGNMENTS = Feed(
    "student_assignments",
    "a student's assignments",
    (
        Column("title", Kind.TEXT, ("Assignment",), filled=True, nothing=_NOTHING),
        Column("due", Kind.DATE, ("Due date & time",), nothing=_NOTHING, formats=MOMENTS),
        Column("due_text", Kind.TEXT, ("Due date & time",), nothing=_NOTHING),
        Column("status", Kind.TEXT, ("Status",), nothing=_NOTHING),
        Column("attempts", Kind.INTEGER, ("Attempts",), required=False, nothing=_NOTHING, low=0),
        # Points, percent or points of points: which one is not documented, so it is told by form.
        Column("best", Kind.TEXT, ("Best Score",), required=False, nothing=_NOTHING),
    ),
    (
        _ACCOUNT,
        Output(
            "assignment",
            f"""SELECT _no, {ASSIGNMENT_KEY} AS assignment_id, _class_key AS class_key, title,
                       due_at(due_on, due_text) AS due_at, due_on, TRUE AS listed_only,
                       _exported_on AS data_through
                FROM ({with_year("due", "due_on")}) GROUP BY ALL""",
        ),
        Output(
            "submission",
            # What the words of the status are is not documented: no attempt is not handed in, and
            # of an attempt nobody knows when it was.
            f"""SELECT _no, {ASSIGNMENT_KEY} AS assignment_id, {_STUDENT} AS account_key,
                       CASE WHEN attempts = 0 AND best IS NULL THEN 'not_submitted' END AS timing,
                       TRY_CAST(regexp_extract(best, '^([0-9.]+)( */ *[0-9.]+)?$', 1) AS DOUBLE)
                           AS score,
                       TRY_CAST(regexp_extract(best, '^([0-9.]+) *%$', 1) AS DOUBLE)
                           AS score_percent,
                       attempts, FALSE AS excused
                FROM ({with_year("due", "due_on")})
                WHERE attempts IS NOT NULL OR best IS NOT NULL""",
        ),
        Output(
            "coverage",
            """SELECT DISTINCT _no, _class_key AS class_key, _exported_on AS covers_from,
                      _exported_on AS covers_to, 'assignments' AS of, FALSE AS absence_is_zero
               FROM rows""",
        ),
    ),
    Scope.STUDENT,
    key=("title", "due"),
)
