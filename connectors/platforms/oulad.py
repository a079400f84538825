"""The Open University Learning Analytics data set, its own platform and roster; CSV or Parquet.

Modules are classes. Dates are days from the presentation's start: 2013J starts on 2013-10-01,
2014B on 2014-02-01. Clicks are events, never minutes. Repeated click rows are real.
"""

from __future__ import annotations

from connectors.contract import Column, Feed, Kind, Output, Platform, Scope, words_between

_NOTHING = ("?",)
_CLASS = "code_module || '-' || code_presentation"
_START = (
    "make_date(CAST(left(code_presentation, 4) AS BIGINT), "
    "CASE right(code_presentation, 1) WHEN 'J' THEN 10 WHEN 'B' THEN 2 END, 1)"
)


def _id(name: str) -> Column:
    return Column(name, Kind.ID, (name,), filled=True, nothing=_NOTHING)


def _day(name: str, *, filled: bool = False) -> Column:
    return Column(name, Kind.INTEGER, (name,), filled=filled, nothing=_NOTHING)


_MODULE = _id("code_module")
_PRESENTATION = Column(
    "code_presentation",
    Kind.TEXT,
    ("code_presentation",),
    filled=True,
    choices=tuple(f"{year}{half}" for year in range(2012, 2016) for half in "BJ"),
)

_COURSES = Feed(
    "courses",
    "module presentations",
    (_MODULE, _PRESENTATION, _day("module_presentation_length")),
    (
        Output(
            "class_section",
            f"""SELECT _no, {_CLASS} AS class_id, {_CLASS} AS title, code_module AS class_code,
                       'scheduled' AS class_type, code_presentation AS term_id,
                       code_module AS course_id FROM rows""",
        ),
    ),
    Scope.WHOLE,
    key=("code_module", "code_presentation"),
    stems=("courses",),
)

_INFO = Feed(
    "student_info",
    "students",
    (
        _MODULE,
        _PRESENTATION,
        _id("id_student"),
        Column("final_result", Kind.TEXT, ("final_result",), required=False),
    ),
    (
        Output(
            "person",
            """SELECT DISTINCT _no, id_student AS person_id, 'student' AS role,
                      id_student AS sis_id, TRUE AS enabled FROM rows""",
        ),
        Output(
            "account",
            """SELECT DISTINCT _no, id_student AS account_key, 'sis_id' AS account_kind,
                      id_student AS sis_id FROM rows""",
        ),
    ),
    Scope.WHOLE,
    key=("code_module", "code_presentation", "id_student"),
    stems=("studentInfo",),
)

_REGISTRATION = Feed(
    "student_registration",
    "registrations",
    (
        _MODULE,
        _PRESENTATION,
        _id("id_student"),
        _day("date_registration"),
        _day("date_unregistration"),
    ),
    (
        Output(
            "enrollment",
            f"""SELECT _no, {_CLASS} AS class_id, id_student AS person_id, 'student' AS role,
                       {_START} + CAST(date_registration AS INTEGER) AS begin_date,
                       {_START} + CAST(date_unregistration AS INTEGER) AS end_date FROM rows""",
        ),
    ),
    Scope.WHOLE,
    key=("code_module", "code_presentation", "id_student"),
    stems=("studentRegistration",),
)

_ASSESSMENTS = Feed(
    "assessments",
    "assignments",
    (
        _MODULE,
        _PRESENTATION,
        _id("id_assessment"),
        Column(
            "assessment_type",
            Kind.TEXT,
            ("assessment_type",),
            filled=True,
            choices=("TMA", "CMA", "Exam"),
        ),
        _day("date"),
    ),
    (
        Output(
            "assignment",
            f"""SELECT _no, id_assessment AS assignment_id, {_CLASS} AS class_key,
                       assessment_type || ' ' || id_assessment AS title, assessment_type AS kind,
                       day_end({_START} + CAST(date AS INTEGER)) AS due_at,
                       {_START} + CAST(date AS INTEGER) AS due_on,
                       100.0 AS points_possible,
                       -- The data set leaves most exam results out: no row is not a missing exam.
                       assessment_type = 'Exam' AS listed_only,
                       {_START} AS class_starts_on, _exported_on AS data_through
                FROM rows""",
        ),
    ),
    Scope.WHOLE,
    key=("id_assessment",),
    stems=("assessments",),
)

_SUBMISSIONS = Feed(
    "student_assessment",
    "hand-ins and results",
    (
        _id("id_assessment"),
        _id("id_student"),
        _day("date_submitted"),
        Column("is_banked", Kind.BOOLEAN, ("is_banked",)),
        Column("score", Kind.NUMBER, ("score",), nothing=_NOTHING, low=0, high=100),
    ),
    (
        Output(
            "submission",
            """SELECT _no, id_assessment AS assignment_id, id_student AS account_key,
                      date_submitted AS submitted_day, score, score AS score_percent,
                      coalesce(is_banked, FALSE) AS excused FROM rows""",
        ),
    ),
    Scope.WHOLE,
    key=("id_assessment", "id_student"),
    stems=("studentAssessment",),
)

_CLICKS = Feed(
    "student_vle",
    "daily clicks",
    (
        _MODULE,
        _PRESENTATION,
        _id("id_student"),
        _id("id_site"),
        _day("date", filled=True),
        Column("sum_click", Kind.INTEGER, ("sum_click",), filled=True, nothing=_NOTHING, low=0),
    ),
    (
        Output(
            "daily_activity",
            f"""SELECT _no, id_student AS account_key, {_START} + CAST(date AS INTEGER) AS date,
                       {_CLASS} AS class_key, 'clicks' AS minutes_basis,
                       CAST(sum(sum_click) AS BIGINT) AS events
                FROM rows GROUP BY ALL""",
        ),
        Output(
            "coverage",
            f"""SELECT _no, {_CLASS} AS class_key,
                       min({_START} + CAST(date AS INTEGER)) AS covers_from,
                       max({_START} + CAST(date AS INTEGER)) AS covers_to, 'activity' AS of,
                       TRUE AS absence_is_zero
                FROM rows GROUP BY ALL""",
        ),
    ),
    Scope.WHOLE,
    stems=("studentVle",),
)

_SITES = Feed(
    "vle",
    "learning resources",
    (
        _id("id_site"),
        _MODULE,
        _PRESENTATION,
        Column("activity_type", Kind.TEXT, ("activity_type",)),
        _day("week_from"),
        _day("week_to"),
    ),
    (
        Output(
            "resource",
            f"""SELECT _no, id_site AS resource_id, {_CLASS} AS class_key, activity_type AS kind,
                       week_from, week_to FROM rows""",
        ),
    ),
    Scope.WHOLE,
    key=("id_site", "code_module", "code_presentation"),
    stems=("vle",),
)

_ABOUT = """
An open research data set from a real virtual learning environment, with its own roster, as CSV or
Parquet. It is here so that everything can be tried on real behaviour. Days are counted from the
start of the presentation: 2013J starts on 2013-10-01, 2014B on 2014-02-01. Clicks are events and
never minutes, so no measure of minutes exists for it. Repeated click rows are real and are summed.

Unknown: when an assignment opened and when a student began it; the due dates of some assessments;
most exam results. A student without an exam row is not called missing.
"""

#: Columns that the platform documents and nothing here reads.
_LEAVES = """
weight|gender|region|highest_education|imd_band|age_band|num_of_prev_attempts|studied_credits
disability
"""

PLATFORM = Platform(
    "oulad",
    "Open University Learning Analytics data set",
    (_COURSES, _INFO, _REGISTRATION, _ASSESSMENTS, _SUBMISSIONS, _CLICKS, _SITES),
    sends_activity=True,
    leaves=words_between(_LEAVES),
    carries="clicks, due and hand-in days, results",
    tested_on="the whole of three real presentations, anonymised by the publisher",
    about=_ABOUT,
)
