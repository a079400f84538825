"""NWEA MAP Growth: comprehensive zip and combined file, 143 and 152 columns, students by school.

One term per export. Test dates are set by the school and are never a timing measure.
"""

from __future__ import annotations

from connectors.contract import Column, Feed, Kind, Output, Platform, Scope

_PAIRS = (
    ("Fall", "Fall"),
    ("Fall", "Winter"),
    ("Fall", "Spring"),
    ("Winter", "Winter"),
    ("Winter", "Spring"),
    ("Spring", "Spring"),
)
_GROWTH = (
    ("projected", "ProjectedGrowth", Kind.NUMBER),
    ("observed", "ObservedGrowth", Kind.NUMBER),
    ("observed_se", "ObservedGrowthSE", Kind.NUMBER),
    ("met", "MetProjectedGrowth", Kind.TEXT),
    ("cgi", "ConditionalGrowthIndex", Kind.NUMBER),
    ("cgp", "ConditionalGrowthPercentile", Kind.INTEGER),
)


def _col(
    name: str,
    kind: Kind,
    *headers: str,
    required: bool = False,
    filled: bool = False,
    low: float | None = None,
    high: float | None = None,
) -> Column:
    formats = ("%m/%d/%Y", "%Y-%m-%d") if kind is Kind.DATE else ()
    return Column(name, kind, headers, required, filled, formats=formats, low=low, high=high)


_TERM = _col("term", Kind.TEXT, "TermName", required=True, filled=True)
_STUDENT = _col("student", Kind.ID, "StudentID", required=True, filled=True)
_PERSON = (
    _col("family_name", Kind.TEXT, "StudentLastName", required=True),
    _col("given_name", Kind.TEXT, "StudentFirstName", required=True),
    _col("grade", Kind.TEXT, "Grade"),
    _col("school_name", Kind.TEXT, "SchoolName"),
)
_TEST = (
    _TERM,
    _STUDENT,
    _col("subject", Kind.TEXT, "Subject", "MeasurementScale", required=True),
    _col("course", Kind.TEXT, "Course", "Discipline"),
    _col("test_name", Kind.TEXT, "TestName", required=True, filled=True),
    _col("test_date", Kind.DATE, "TestStartDate", required=True, filled=True),
    _col("test_clock", Kind.CLOCK, "TestStartTime"),
    _col("duration", Kind.NUMBER, "TestDurationMinutes", low=0),
    _col("rit", Kind.NUMBER, "TestRITScore", required=True, low=0, high=400),
    _col("se", Kind.NUMBER, "TestStandardError", low=0),
    _col("percentile", Kind.INTEGER, "TestPercentile", low=0, high=100),
    _col("rapid", Kind.NUMBER, "RapidGuessingPercentage", low=0, high=100),
    *(
        _col(f"{a}_{b}_{short}".lower(), kind, f"{a}To{b}{long}")
        for a, b in _PAIRS
        for short, long, kind in _GROWTH
    ),
)
_TAKEN = "utc(test_date + coalesce(test_clock, TIME '00:00:00'))"


def _results(result_id: str, growth_measure: str) -> tuple[Output, Output]:
    """The outputs that both layouts share, given how a test is named and which one counts."""
    pairs = " UNION ALL ".join(
        f"""SELECT _no, {result_id} AS result_id, student AS account_key, subject, term,
                   '{a.lower()}' AS from_term, '{b.lower()}' AS to_term,
                   {a}_{b}_projected AS projected_growth, {a}_{b}_observed AS observed_growth,
                   {a}_{b}_observed_se AS observed_growth_se, {a}_{b}_met AS met_projected,
                   {a}_{b}_cgi AS conditional_growth_index,
                   {a}_{b}_cgp AS conditional_growth_percentile
            FROM rows WHERE {a}_{b}_projected IS NOT NULL OR {a}_{b}_observed IS NOT NULL"""
        for a, b in _PAIRS
    )
    return (
        Output(
            "assessment_result",
            f"""SELECT _no, {result_id} AS result_id, student AS account_key, term,
                       nullif(trim(regexp_extract(term, '\\d{{4}}-\\d{{4}}')), '') AS school_year,
                       subject, course, test_name, {_TAKEN} AS taken_at, test_date AS taken_on,
                       duration AS duration_minutes, rit AS score, se AS standard_error,
                       percentile, rapid AS rapid_guess_percent,
                       {growth_measure} AS growth_measure
                FROM rows""",
        ),
        Output("assessment_growth", pairs),
    )


_ACCOUNT = """SELECT _no, student AS account_key, 'sis_id' AS account_kind, student AS sis_id,
                     any_value(given_name) AS given_name, any_value(family_name) AS family_name,
                     any_value(grade) AS grade_level, any_value(school_name) AS school_name
              FROM rows GROUP BY _no, student"""
_COVERAGE = Output(
    "coverage",
    """SELECT _no, min(test_date) AS covers_from, max(test_date) AS covers_to, 'assessments' AS of,
              FALSE AS absence_is_zero FROM rows GROUP BY _no""",
)

_ASSESSMENT_RESULTS = Feed(
    "assessment_results",
    "AssessmentResults of the comprehensive export",
    (
        *_TEST,
        _col("test_id", Kind.ID, "TestID", required=True, filled=True),
        _col("counts", Kind.BOOLEAN, "GrowthMeasureYN"),
        _col("school_name", Kind.TEXT, "SchoolName"),
    ),
    (
        Output(
            "account",
            """SELECT _no, student AS account_key, 'sis_id' AS account_kind, student AS sis_id,
                      any_value(school_name) AS school_name FROM rows GROUP BY _no, student""",
        ),
        *_results("test_id", "counts"),
        _COVERAGE,
    ),
    Scope.VALUE,
    key=("test_id", "student"),
    scope_column="term",
)

_COMBINED_KEY = (
    "left(sha256(concat_ws('|', student, test_name, term, CAST(test_date AS VARCHAR), "
    "CAST(test_clock AS VARCHAR))), 32)"
)
_COMBINED = Feed(
    "combo_student_assessment",
    "ComboStudentAssessment, the combined export",
    (*_TEST, *_PERSON),
    (
        Output("account", _ACCOUNT),
        # The layout lacks the flag: of several tests the lowest standard error counts.
        *_results(
            _COMBINED_KEY,
            "row_number() OVER (PARTITION BY _no, student, term, subject, course "
            "ORDER BY se NULLS LAST, test_date, test_clock) = 1",
        ),
        _COVERAGE,
    ),
    Scope.VALUE,
    key=("student", "test_name", "term", "test_date", "test_clock"),
    scope_column="term",
)

_STUDENTS = Feed(
    "students_by_school",
    "StudentsBySchool",
    (_TERM, _STUDENT, *_PERSON),
    (Output("account", _ACCOUNT),),
    Scope.VALUE,
    key=("term", "student", "school_name"),
    scope_column="term",
    stems=("StudentsBySchool", "StudentBySchool"),
)

_ABOUT = """
One term per export: a newer file of a term replaces the older one, so a test that the publisher
has invalidated disappears with it. `MeasurementScale` and `Discipline`, the names before 2020, are
read as `Subject` and `Course`. Of several tests the export says which one counts
(`GrowthMeasureYN`); the combined file lacks that column, and there the lowest standard error
counts. The school sets the test dates: they never enter a measure of timing.

Not read: class, program and accommodation files (kept in the landing area, status `ignored`), the
goal areas and Lexile columns, and the scheduler's delivery over the network.
"""

PLATFORM = Platform(
    "nwea",
    "NWEA MAP Growth",
    (_ASSESSMENT_RESULTS, _COMBINED, _STUDENTS),
    ignores=(
        "ClassAssignments",
        "ProgramAssignments",
        "AccommodationAssignment",
        "AccommodationAssignments",
        "MAP_Reading_Fluency",
    ),
    carries="test results with errors and growth",
    tested_on="real layouts with anonymised values; the sample district",
    about=_ABOUT,
)
