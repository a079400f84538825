"""i-Ready: results of the diagnostics, and lessons of the personalised instruction.

Full year-to-date snapshots under fixed names. Headers change every year, so nothing is needed but
what a row is about. Reading and mathematics are different files with different columns.
"""

from __future__ import annotations

from connectors.contract import Column, Feed, Kind, Output, Platform, Scope

_DAY = ("%m/%d/%Y", "%Y-%m-%d")


def _text(name: str, *headers: str, needed: bool = False) -> Column:
    return Column(name, Kind.TEXT, headers, required=needed, filled=needed)


def _day(name: str, header: str, *, needed: bool = False) -> Column:
    return Column(name, Kind.DATE, (header,), required=needed, filled=needed, formats=_DAY)


_PERSON = (
    _text("family_name", "Last Name"),
    _text("given_name", "First Name"),
    Column("student", Kind.ID, ("Student ID",), filled=True),
    _text("grade", "Student Grade"),
    _text("year", "Academic Year", needed=True),
    _text("school", "School"),
    _text("username", "User Name"),
)
_ACCOUNT = Output(
    "account",
    """SELECT _no, student AS account_key, 'sis_id' AS account_kind, student AS sis_id,
              any_value(username) AS username, any_value(given_name) AS given_name,
              any_value(family_name) AS family_name, any_value(grade) AS grade_level,
              any_value(school) AS school_name
       FROM rows GROUP BY _no, student""",
)


def _diagnostic(name: str, title: str, subject: str, only: Column) -> Feed:
    """One subject's diagnostics; `only`: a column that the other subject's file has not."""
    return Feed(
        name,
        title,
        (
            *_PERSON,
            _day("started", "Start Date"),
            _day("completed", "Completion Date", needed=True),
            _text("period", "Norming Window"),
            _text("language", "Diagnostic Language"),
            Column("duration", Kind.NUMBER, ("Duration (min)",), required=False, low=0),
            Column("score", Kind.NUMBER, ("Overall Scale Score",), low=0, high=1000),
            Column("percentile", Kind.INTEGER, ("Percentile",), required=False, low=0, high=100),
            only,
        ),
        (
            _ACCOUNT,
            Output(
                "assessment_result",
                f"""SELECT _no, 'iready:' || left(sha256(concat_ws('|', '{subject}', year, student,
                             CAST(started AS VARCHAR), CAST(completed AS VARCHAR), language,
                             CAST(duration AS VARCHAR))), 32) AS result_id,
                           student AS account_key, period AS term, year AS school_year,
                           '{subject}' AS subject,
                           'i-Ready Diagnostic' || CASE WHEN lower(language) <> 'english'
                             THEN ' (' || language || ')' ELSE '' END AS test_name,
                           completed AS taken_on, duration AS duration_minutes, score, percentile
                    FROM rows""",
            ),
            Output(
                "coverage",
                """SELECT _no, min(completed) AS covers_from, max(completed) AS covers_to,
                          'assessments' AS of, FALSE AS absence_is_zero FROM rows GROUP BY _no""",
            ),
        ),
        Scope.VALUE,
        # Two tests of one day are both real.
        key=("student", "year", "started", "completed", "language", "duration"),
        scope_column="year school",
        dated_by="completed",
        layouts="2021-22, 2025-26",
    )


_ELA = _diagnostic(
    "diagnostic_ela",
    "diagnostic results, reading",
    "Reading",
    Column("own", Kind.TEXT, ("Phonics Scale Score", "Vocabulary Scale Score", "Lexile Measure")),
)
_MATH = _diagnostic(
    "diagnostic_math",
    "diagnostic results, mathematics",
    "Math",
    Column("own", Kind.TEXT, ("Number and Operations Scale Score", "Quantile Measure")),
)

_LESSONS = Feed(
    "lessons",
    "personalised instruction by lesson",
    (
        *_PERSON,
        _text("subject", "Subject", needed=True),
        _text("lesson_grade", "Lesson Grade"),
        _text("lesson_level", "Lesson Level"),
        _text("lesson", "Lesson ID", needed=True),
        _text("lesson_name", "Lesson Name"),
        _day("completed", "Completion Date", needed=True),
        Column("minutes", Kind.NUMBER, ("Total Time on Lesson (min)",), required=False, low=0),
        Column("score", Kind.NUMBER, ("Score",), required=False, low=0, high=100),
        Column(
            "passed",
            Kind.TEXT,
            ("Passed or Not Passed",),
            required=False,
            choices=("Passed", "Not Passed"),
        ),
    ),
    (
        _ACCOUNT,
        Output(
            "skill_state",
            """SELECT _no, student AS account_key, lesson AS skill_id, completed AS date,
                      any_value(lesson_name) AS skill_name, 'complete' AS state,
                      CAST(sum(count(*)) OVER so_far AS BIGINT) AS attempts,
                      any_value(nullif(concat_ws(' ', lesson_grade, lesson_level), '')) AS level,
                      sum(sum(minutes)) OVER so_far AS minutes,
                      bool_or(passed = 'Passed') AS passed, max(score) AS score_percent
               FROM rows GROUP BY _no, student, lesson, completed
               WINDOW so_far AS (PARTITION BY _no, student, lesson ORDER BY completed)""",
        ),
    ),
    Scope.VALUE,
    # A lesson may be done twice on one day.
    key=("student", "year", "lesson", "completed", "minutes", "score", "passed"),
    scope_column="year subject school",
    dated_by="completed",
    layouts="2021-22",
)

_ABOUT = """
Each file is the whole school year so far, under a fixed name. A newer one replaces the older one of
the same academic year and schools (and of the same subject for lessons); a test that two live files
list counts once, as the newer one tells it. The headers of the domains and of the flags change
every year and are not needed: `Diagnostic used to establish Growth Measures (Y/N)` became `Baseline
Diagnostic (Y/N)`, `Most Recent Diagnostic (Y/N)` became `Most Recent Diagnostic YTD (Y/N)`.

A lesson's time is all the time that was spent on it, on however many days, told on the day on which
it was completed. It is kept with the lesson (`facts.skill_state`) and never becomes the minutes of
a day. A lesson done again adds to its minutes and attempts; `passed` and the score are the best of
the day.

The baseline flag marks the test that growth is measured from. Elsewhere `growth_measure` means the
one test of a term that counts, so it stays empty here. The rush flag gives no percent, so
`rapid_guess_percent` is unknown. Not read: the domains' scores and placements,
Lexile and Quantile, growth targets, and everything about the child's background.
"""

PLATFORM = Platform(
    "iready",
    "i-Ready",
    (_ELA, _MATH, _LESSONS),
    carries="diagnostic scores, lessons with their time and score",
    tested_on="two years' real layouts with synthetic and anonymised values",
    about=_ABOUT,
)
