"""MAP Reading Fluency: every score a row of its own, named as the publisher's column."""

from __future__ import annotations

from connectors.contract import Column, Feed, Kind, Output, Scope
from connectors.platforms.nwea.columns import COVERAGE, SCHOOL, SCHOOL_YEAR, STUDENT, TERM, col

#: Scores of Reading Fluency, by the publisher's own column names, with the column of their
#: percentile where there is one. What a score means is the publisher's to say.
_FLUENCY_SCORES = (
    ("PhonologicalAwarenessDomainScore", "PhonologicalAwarenessTestPercentile"),
    ("PhonicsWordRecognitionDomainScore", "PhonicsWordRecognitionTestPercentile"),
    ("LanguageComprehensionDomainScore", "LanguageComprehensionTestPercentile"),
    ("OralReadingWCPMScaled", None),
    ("OralReadingAccuracyScore", None),
    ("ProgressMonitoringOralReadingWCPMScaled", None),
    ("ProgressMonitoringOralReadingAccuracyScore", None),
    ("ProgressMonitoringFoundationalSkillsPhonologicalAwarenessDomainScore", None),
    ("ProgressMonitoringFoundationalSkillsPhonicsWordRecognitionDomainScore", None),
)
_NO_SCORE = ("no score", "n/a")
_FLUENCY_NAMES = ("assigned_type", "result_type", "language")
_FLUENCY_ID = (
    f"left(sha256(concat_ws('|', student, term, {', '.join(_FLUENCY_NAMES)}, "
    "CAST(test_date AS VARCHAR), {measure})), 32)"
)


def _fluency(measure: str | None, percentile: str | None) -> str:
    """A row per test that has this score; for None, per test that has no score at all."""
    told = [name.lower() for name, _ in _FLUENCY_SCORES]
    where = f"{measure} IS NOT NULL" if measure else f"coalesce({', '.join(told)}) IS NULL"
    name = f"'MAP Reading Fluency: {measure}'" if measure else "'MAP Reading Fluency'"
    score = f"{measure}" if measure else "CAST(NULL AS DOUBLE)"
    return f"""SELECT _no, {_FLUENCY_ID.format(measure=f"'{measure or ''}'")} AS result_id,
                      student AS account_key, term,
                      {SCHOOL_YEAR} AS school_year, school_name,
                      concat_ws(', ', result_type, language) AS course, {name} AS test_name,
                      test_date AS taken_on, {score} AS score,
                      {percentile or "CAST(NULL AS BIGINT)"} AS percentile
               FROM rows WHERE {where}"""


def _fluency_column(header: str, kind: Kind) -> Column:
    high = 100 if kind is Kind.INTEGER else None
    return Column(header.lower(), kind, (header,), required=False, nothing=_NO_SCORE, high=high)


FLUENCY = Feed(
    "reading_fluency",
    "MAP Reading Fluency",
    (
        TERM,
        STUDENT,
        SCHOOL,
        col("grade", Kind.TEXT, "Grade"),
        col("assigned_type", Kind.TEXT, "AssignedTestType"),
        col("result_type", Kind.TEXT, "ResultType", required=True),
        col("language", Kind.TEXT, "TestLanguage"),
        col("test_date", Kind.DATE, "TestCompletionDate", required=True, filled=True),
        *(_fluency_column(score, Kind.NUMBER) for score, _ in _FLUENCY_SCORES),
        *(_fluency_column(rank, Kind.INTEGER) for _, rank in _FLUENCY_SCORES if rank),
    ),
    (
        Output(
            "account",
            """SELECT _no, student AS account_key, 'sis_id' AS account_kind, student AS sis_id,
                      any_value(grade) AS grade_level, any_value(school_name) AS school_name
               FROM rows GROUP BY _no, student""",
        ),
        Output(
            "assessment_result",
            " UNION ALL ".join(_fluency(s, p) for s, p in (*_FLUENCY_SCORES, (None, None))),
        ),
        COVERAGE,
    ),
    Scope.VALUE,
    key=("student", "term", *_FLUENCY_NAMES, "test_date"),
    scope_column="term",
    scope_part="school_name",
    stems=("MAP_Reading_Fluency*",),
    layouts="one layout, seen in 2023",
)
