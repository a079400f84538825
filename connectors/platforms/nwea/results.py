"""Results of MAP Growth: the comprehensive export's and the combined one."""

from __future__ import annotations

from connectors.contract import Feed, Kind, Output, Scope
from connectors.platforms.nwea.columns import (
    ACCOUNT,
    COVERAGE,
    PERSON,
    SCHOOL,
    SCHOOL_YEAR,
    STUDENT,
    TERM,
    col,
)

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


_TEST = (
    TERM,
    STUDENT,
    col("subject", Kind.TEXT, "Subject", "MeasurementScale", required=True),
    col("course", Kind.TEXT, "Course", "Discipline"),
    col("test_name", Kind.TEXT, "TestName", required=True, filled=True),
    col("test_date", Kind.DATE, "TestStartDate", required=True, filled=True),
    col("test_clock", Kind.CLOCK, "TestStartTime"),
    col("duration", Kind.NUMBER, "TestDurationMinutes", low=0),
    col("rit", Kind.NUMBER, "TestRITScore", required=True, low=0, high=400),
    col("se", Kind.NUMBER, "TestStandardError", low=0),
    col("percentile", Kind.INTEGER, "TestPercentile", low=0, high=100),
    col("rapid", Kind.NUMBER, "RapidGuessingPercentage", low=0, high=100),
    col("lexile", Kind.TEXT, "LexileScore", "RITtoReadingScore"),
    col("quantile", Kind.TEXT, "QuantileScore"),
    *(
        col(f"{a}_{b}_{short}".lower(), kind, f"{a}To{b}{long}")
        for a, b in _PAIRS
        for short, long, kind in _GROWTH
    ),
)
_TAKEN = "utc(test_date + coalesce(test_clock, TIME '00:00:00'))"


def _results(result_id: str, chosen: str) -> tuple[Output, ...]:
    """The outputs that both layouts share, given how a test is named and what a platform that
    says which of several counts says of it."""
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
                       {SCHOOL_YEAR} AS school_year, school_name,
                       subject, course, test_name, {_TAKEN} AS taken_at, test_date AS taken_on,
                       duration AS duration_minutes, rit AS score, se AS standard_error,
                       percentile, rapid AS rapid_guess_percent,
                       rit IS NOT NULL AND row_number() OVER (
                           PARTITION BY _no, student, term, subject, course
                           ORDER BY rit IS NULL, {chosen}, se NULLS LAST, test_date, test_clock,
                                    {result_id}) = 1 AS growth_measure,
                       lexile, quantile, TRUE AS lost_is_invalid
                FROM rows""",
        ),
        Output("assessment_growth", pairs),
    )


def _unread(result_id: str) -> Output:
    """Which tests the rows that were turned away tell of, as far as they can be read: such a test
    is not one that the publisher has withdrawn."""
    return Output(
        "result_unread",
        f"""SELECT _no, {result_id} AS result_id,
                   CASE WHEN NOT starts_with(_fault, 'student|') THEN student END AS account_key,
                   term, test_name, {_TAKEN} AS taken_at
            FROM all_rows WHERE _fault IS NOT NULL
            UNION ALL
            SELECT DISTINCT _no, NULL, NULL, NULL, NULL, NULL FROM rows WHERE _unread > 0""",
    )


ASSESSMENT_RESULTS = Feed(
    "assessment_results",
    "AssessmentResults of the comprehensive export",
    (
        *_TEST,
        col("test_id", Kind.ID, "TestID", required=True, filled=True),
        col("counts", Kind.BOOLEAN, "GrowthMeasureYN"),
        SCHOOL,
    ),
    (
        Output(
            "account",
            """SELECT _no, student AS account_key, 'sis_id' AS account_kind, student AS sis_id,
                      any_value(school_name) AS school_name FROM rows GROUP BY _no, student""",
        ),
        *_results("test_id", "counts IS NOT TRUE"),
        _unread("CASE WHEN NOT starts_with(_fault, 'test_id|') THEN test_id END"),
        COVERAGE,
    ),
    Scope.VALUE,
    key=("test_id", "student"),
    scope_column="term",
    scope_part="school_name",
    layouts="64 columns before 2015, 128 until 2019, 143 since 2020",
)

_COMBINED_KEY = (
    "left(sha256(concat_ws('|', student, test_name, term, CAST(test_date AS VARCHAR), "
    "CAST(test_clock AS VARCHAR))), 32)"
)
COMBINED = Feed(
    "combo_student_assessment",
    "ComboStudentAssessment, the combined export",
    (*_TEST, *PERSON),
    (
        Output("account", ACCOUNT),
        # The layout lacks the flag: of several tests the lowest standard error counts.
        *_results(_COMBINED_KEY, "NULL"),
        _unread("NULL"),
        COVERAGE,
    ),
    Scope.VALUE,
    key=("student", "test_name", "term", "test_date", "test_clock"),
    scope_column="term",
    scope_part="school_name",
    stems=("ComboStudentAssessment",),
    layouts="152 columns",
)
