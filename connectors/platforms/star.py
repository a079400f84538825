"""Renaissance Star: tests, and what they say of skill areas and standards.

One row a test (repeated for each class of the student), one row a test and skill or standard. Times
are UTC; `CompletedDateLocal` is local, in spite of the Z that it ends in.
"""

from __future__ import annotations

from connectors.contract import Column, Feed, Kind, Output, Platform, Scope


def _text(name: str, header: str) -> Column:
    return Column(name, Kind.TEXT, (header,), required=False)


def _percent(name: str, header: str) -> Column:
    return Column(name, Kind.NUMBER, (header,), low=0, high=100)


_TEST = (
    Column("student", Kind.ID, ("StudentRenaissanceID",), filled=True),
    Column("sourced_id", Kind.ID, ("StudentSourcedID",), required=False),
    Column("identifier", Kind.ID, ("StudentIdentifier",), required=False),
    Column("user_id", Kind.ID, ("StudentUserID",), required=False),
    Column("test", Kind.ID, ("AssessmentID",), filled=True),
    _text("year", "SchoolYear"),
    Column("launched", Kind.TIME, ("LaunchDate",), required=False, utc=True),
    # Read as it stands: its Z is not true.
    Column("completed", Kind.TIME, ("CompletedDateLocal",), filled=True, utc=True),
)
_ACCOUNT = """SELECT _no, student AS account_key, 'renaissance_id' AS account_kind,
                     coalesce(any_value(identifier), any_value(sourced_id)) AS sis_id,
                     any_value(user_id) AS username{} FROM rows GROUP BY _no, student"""
#: The layout is the same for all of them; only the file's name tells the subject.
_SUBJECT = """CASE WHEN regexp_matches(_stem, '^(sr|star reading)( |$)') THEN 'Reading'
                   WHEN regexp_matches(_stem, '^(sm|star math)( |$)') THEN 'Math'
                   WHEN regexp_matches(_stem, '^(sel|star early literacy)( |$)')
                     THEN 'Early Literacy' END"""
_VALID = "coalesce(lower(status), 'active') = 'active' AND reason IS NULL"

_TESTS = Feed(
    "tests",
    "tests",
    (
        *_TEST,
        _text("email", "StudentEmail"),
        _text("given_name", "StudentFirstName"),
        _text("family_name", "StudentLastName"),
        _text("grade", "CurrentGrade"),
        _text("school", "SchoolName"),
        _text("kind", "AssessmentType"),
        _text("status", "AssessmentStatus"),
        _text("reason", "DeactivationReason"),
        Column("score", Kind.NUMBER, ("ScaledScore",), low=0),
        Column("percentile", Kind.INTEGER, ("PercentileRank",), required=False, low=0, high=100),
        Column("seconds", Kind.NUMBER, ("TotalTimeInSeconds",), required=False, low=0),
        _text("period", "ScreeningPeriodWindowName"),
    ),
    (
        Output(
            "account",
            _ACCOUNT.format(
                """, any_value(email) AS email, any_value(given_name) AS given_name,
                     any_value(family_name) AS family_name, any_value(grade) AS grade_level,
                     any_value(school) AS school_name"""
            ),
        ),
        Output(
            "assessment_result",
            f"""SELECT _no, test AS result_id, student AS account_key, period AS term,
                       year AS school_year, {_SUBJECT} AS subject,
                       concat_ws(' ', 'Star', {_SUBJECT}, kind) AS test_name,
                       launched AS taken_at, CAST(completed AS DATE) AS taken_on,
                       seconds / 60 AS duration_minutes,
                       CASE WHEN {_VALID} THEN score END AS score,
                       CASE WHEN {_VALID} THEN percentile END AS percentile
                FROM rows""",
        ),
        Output(
            "coverage",
            """SELECT _no, CAST(min(completed) AS DATE) AS covers_from,
                      CAST(max(completed) AS DATE) AS covers_to, 'assessments' AS of,
                      FALSE AS absence_is_zero FROM rows GROUP BY _no""",
        ),
    ),
    Scope.FILE,
    # Rows that differ only in the class are one test.
    key=("student", "test"),
    dated_by="completed",
)


def _skills(name: str, title: str, columns: tuple[Column, ...], skill_id: str, level: str) -> Feed:
    """What tests say of skills: of several tests of a day the last one counts."""
    return Feed(
        name,
        title,
        (*_TEST, *columns),
        (
            Output("account", _ACCOUNT.format("")),
            Output(
                "skill_state",
                f"""SELECT _no, student AS account_key, {skill_id} AS skill_id,
                           CAST(completed AS DATE) AS date, skill_name,
                           {level} AS level, percent AS score_percent
                    FROM rows QUALIFY row_number() OVER (
                      PARTITION BY _no, student, {skill_id}, CAST(completed AS DATE)
                      ORDER BY completed DESC, test DESC) = 1""",
            ),
        ),
        Scope.FILE,
        key=("student", "test", *(c.name for c in columns if c.filled)),
        dated_by="completed",
    )


_SKILL_AREAS = _skills(
    "skill_areas",
    "skill areas",
    (
        _text("family", "FamilyName"),
        Column("domain", Kind.TEXT, ("DomainName",), filled=True),
        Column("skill_name", Kind.TEXT, ("SkillAreaName",), filled=True),
        _percent("percent", "SkillAreaMasteryScore"),
    ),
    "concat_ws(' / ', family, domain, skill_name)",
    "CAST(NULL AS VARCHAR)",
)
_STANDARDS = _skills(
    "standards",
    "dashboard standards",
    (
        Column("standard", Kind.TEXT, ("StandardName",), filled=True),
        _text("skill_name", "StandardDescription"),
        _percent("percent", "StandardPercentMastery"),
        _text("mastery", "StandardMasteryLevel"),
    ),
    "standard",
    "mastery",
)

_ABOUT = """
Files of tests add to each other: a test is known by its `AssessmentID`, and of several files that
list it the newest counts. A test that was deactivated stays as a test taken, without a score and a
percentile. The layouts do not name the subject; it is taken from a file name that begins with `SR`
(reading), `SM` (mathematics) or `SEL` (early literacy), else it is empty. Seconds become minutes.
The day is that of `CompletedDateLocal`, which is local time in spite of its `Z`.

The mastery of skill areas and standards is an estimate in percent: it is kept as `score_percent`,
with the level as written, and no state of done or not done is made of it.

Unknown: the scale of `StandardErrorOfMeasurement`. Its values (0.4 beside scores of several
hundred) fit the Rasch score and not the scaled score, so `standard_error` stays empty. Not read:
Rasch, Unified, Lexile and other scores, growth percentiles, benchmark categories, and everything
about the child's background.
"""

PLATFORM = Platform(
    "star",
    "Renaissance Star",
    (_TESTS, _SKILL_AREAS, _STANDARDS),
    carries="test scores, mastery of skill areas and standards",
    tested_on="real layouts with anonymised values",
    about=_ABOUT,
)
