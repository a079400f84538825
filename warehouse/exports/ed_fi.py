"""Tests as bodies for the resources of Ed-Fi's Data Standard 5.2, lists of JSON objects.

Belongs here: what stands in which field. A field that is not known is left out. Not here:
performance levels, which the lake does not hold; the district's own benchmarks make them of the
scores.
"""

from __future__ import annotations

from warehouse.exports.shape import ShapeFile
from warehouse.intake.casting import quote

#: Longest assessmentIdentifier, title and studentUniqueId. Source: Ed-Fi Resources API 5.2.
_LONGEST, _LONGEST_TITLE, LONGEST_STUDENT = 60, 255, 32
#: Subjects that have a descriptor of Ed-Fi's own. Source: AcademicSubjectDescriptor, standard 5.
SUBJECTS = (
    "Career and Technical Education",
    "Composite",
    "Critical Reading",
    "Cross Subject",
    "English",
    "English Language Arts",
    "Fine and Performing Arts",
    "Foreign Language and Literature",
    "Life and Physical Sciences",
    "Mathematics",
    "Military Science",
    "Other",
    "Physical, Health, and Safety Education",
    "Reading",
    "Religious Education and Theology",
    "Science",
    "Social Sciences and History",
    "Social Studies",
    "Writing",
)
_TEST = "coalesce(t.test_name, concat_ws(' ', t.platform, t.subject))"
#: A long name is cut, and told apart by a hash of the whole.
_IDENTIFIER = f"""CASE WHEN length({_TEST}) <= {_LONGEST} THEN {_TEST}
    ELSE left({_TEST}, {_LONGEST} - 33) || ' ' || md5({_TEST}) END"""
_NAMESPACE = "'uri://homeroom/' || t.platform"
_TAKEN = "facts.assessment_result AS t WHERE t.student_id IS NOT NULL AND t.taken_on IS NOT NULL"


def _descriptor(kind: str, value: str) -> str:
    return f"'uri://ed-fi.org/{kind}Descriptor#' || {value}"


#: A subject that Ed-Fi does not list has a descriptor of ours, which the receiver must add.
_SUBJECT = f"""CASE WHEN t.subject IN ({", ".join(quote(s) for s in SUBJECTS)})
    THEN {_descriptor("AcademicSubject", "t.subject")}
    ELSE 'uri://homeroom/AcademicSubjectDescriptor#' || t.subject END"""


def _score(column: str, method: str, kind: str) -> str:
    """SQL for one of scoreResults; NULL where there is none."""
    return f"""CASE WHEN t.{column} IS NOT NULL THEN {{
        assessmentReportingMethodDescriptor:
            {_descriptor("AssessmentReportingMethod", quote(method))},
        result: CAST(t.{column} AS VARCHAR),
        resultDatatypeTypeDescriptor: {_descriptor("ResultDatatypeType", quote(kind))}}} END"""


_SCORES = ", ".join(
    (
        _score("score", "Scale score", "Decimal"),
        _score("standard_error", "Standard error measurement", "Decimal"),
        _score("percentile", "Percentile", "Percentile"),
        _score("lexile", "Lexile Measure", "Level"),
        _score("quantile", "Quantile Measure", "Level"),
    )
)
FILES = (
    ShapeFile(
        "assessments.json",
        f"""
        SELECT {{
            assessmentIdentifier: {_IDENTIFIER}, namespace: {_NAMESPACE},
            assessmentTitle: left({_TEST}, {_LONGEST_TITLE}),
            academicSubjects: list_sort(list(DISTINCT {{academicSubjectDescriptor: {_SUBJECT}}})
                FILTER (WHERE t.subject IS NOT NULL))}} AS one
        FROM {_TAKEN} GROUP BY t.platform, {_TEST}""",
        {"academicSubjects": "one.academicSubjects IS NULL"},
    ),
    ShapeFile(
        "studentAssessments.json",
        # The start of the test as an instant; where only its day is told, midnight of that day.
        f"""
        SELECT {{
            studentAssessmentIdentifier: md5(concat_ws(':', t.account_key, t.result_id)),
            assessmentReference: {{assessmentIdentifier: {_IDENTIFIER}, namespace: {_NAMESPACE}}},
            studentReference: {{studentUniqueId: t.student_id}},
            administrationDate: strftime(
                coalesce(t.taken_at, utc(CAST(t.taken_on AS TIMESTAMP))), '%Y-%m-%dT%H:%M:%SZ'),
            assessedMinutes: CAST(round(t.duration_minutes) AS INTEGER),
            schoolYearTypeReference: CASE WHEN t.school_year IS NOT NULL
                THEN {{schoolYear: CAST(right(t.school_year, 4) AS INTEGER)}} END,
            scoreResults: list_filter([{_SCORES}], lambda score: score IS NOT NULL)}} AS one
        FROM {_TAKEN}""",
        {
            f"studentUniqueId of at most {LONGEST_STUDENT} signs": "length("
            f"one.studentReference.studentUniqueId) > {LONGEST_STUDENT}"
        },
    ),
)
