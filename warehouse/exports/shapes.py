"""The same facts in shapes that other systems read: OneRoster 1.1 gradebook files, Ed-Fi JSON.

Belongs here: what stands in which field. All weeks, as the warehouse stands, with the roster's ids;
what the warehouse does not know stays empty. Tests are of no class, so OneRoster's gradebook, whose
line items need one, holds assignments only; Ed-Fi holds the tests.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from connectors.errors import HomeroomError
from warehouse import publish
from warehouse.casting import quote
from warehouse.exports.whole import whole
from warehouse.reader import attached

#: Line items that can be written: OneRoster wants a class of the roster.
_WORK = "facts.assignment AS a WHERE a.class_id IS NOT NULL AND a.withdrawn IS NOT TRUE"
_CATEGORY = "md5(concat_ws(':', a.platform, coalesce(a.kind, 'assignment')))"
_ITEM = "md5(concat_ws(':', a.platform, a.assignment_id))"
#: In bulk files status and dateLastModified are empty. Source: OneRoster 1.1 CSV, section 4.
_BULK = "NULL AS status, NULL AS dateLastModified"

ONEROSTER = {
    "categories.csv": f"""
        SELECT DISTINCT {_CATEGORY} AS sourcedId, {_BULK},
            concat_ws(' ', a.platform, coalesce(a.kind, 'assignment')) AS title
        FROM {_WORK}""",
    "lineItems.csv": f"""
        SELECT {_ITEM} AS sourcedId, {_BULK}, a.title, NULL AS description,
            CAST(a.assigned_at AS DATE) AS assignDate, a.due_on AS dueDate,
            a.class_id AS classSourcedId, {_CATEGORY} AS categorySourcedId,
            NULL AS gradingPeriodSourcedId,
            CASE WHEN a.points_possible IS NOT NULL THEN 0 END AS resultValueMin,
            a.points_possible AS resultValueMax
        FROM {_WORK}""",
    "results.csv": f"""
        SELECT md5(concat_ws(':', a.platform, a.assignment_id, s.student_id)) AS sourcedId, {_BULK},
            {_ITEM} AS lineItemSourcedId, s.student_id AS studentSourcedId,
            CASE
                WHEN s.excused THEN 'exempt'
                WHEN s.score IS NOT NULL THEN 'fully graded'
                WHEN s.submitted_at IS NOT NULL OR s.timing IN ('on_time', 'late') THEN 'submitted'
                WHEN s.timing IN ('not_submitted', 'missing') THEN 'not submitted'
            END AS scoreStatus,
            s.score, CAST(NULL AS DATE) AS scoreDate, NULL AS comment
        FROM (FROM {_WORK}) AS a
        JOIN facts.submission AS s USING (platform, assignment_id)
        WHERE s.student_id IS NOT NULL AND scoreStatus IS NOT NULL
        QUALIFY row_number() OVER (
            PARTITION BY a.platform, a.assignment_id, s.student_id
            ORDER BY s.score DESC NULLS LAST, s.account_key) = 1""",
    "manifest.csv": """
        SELECT * FROM (VALUES
            ('manifest.version', '1.0'), ('oneroster.version', '1.1'),
            ('file.academicSessions', 'absent'), ('file.categories', 'bulk'),
            ('file.classes', 'absent'), ('file.classResources', 'absent'),
            ('file.courses', 'absent'), ('file.courseResources', 'absent'),
            ('file.demographics', 'absent'), ('file.enrollments', 'absent'),
            ('file.lineItems', 'bulk'), ('file.orgs', 'absent'), ('file.resources', 'absent'),
            ('file.results', 'bulk'), ('file.users', 'absent'),
            ('source.systemName', 'Homeroom'), ('source.systemCode', 'homeroom')
        ) AS t(propertyName, "value")""",
}

_TEST = "coalesce(t.test_name, concat_ws(' ', t.platform, t.subject))"
_REFERENCE = f"{{assessmentIdentifier: {_TEST}, namespace: 'uri://homeroom/' || t.platform}}"


def _descriptor(kind: str, value: str) -> str:
    return f"'uri://ed-fi.org/{kind}Descriptor#' || {value}"


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
ED_FI = {
    "assessments.json": f"""
        SELECT {{
            assessmentIdentifier: {_TEST}, namespace: 'uri://homeroom/' || t.platform,
            assessmentTitle: {_TEST},
            academicSubjects: list_sort(list(DISTINCT {{
                academicSubjectDescriptor: {_descriptor("AcademicSubject", "t.subject")}
            }}) FILTER (WHERE t.subject IS NOT NULL))}}
        FROM facts.assessment_result AS t WHERE t.student_id IS NOT NULL AND t.taken_on IS NOT NULL
        GROUP BY t.platform, {_TEST}""",
    "studentAssessments.json": f"""
        SELECT {{
            studentAssessmentIdentifier: md5(concat_ws(':', t.account_key, t.result_id)),
            assessmentReference: {_REFERENCE},
            studentReference: {{studentUniqueId: t.student_id}},
            administrationDate: CAST(t.taken_on AS VARCHAR),
            schoolYearTypeReference: CASE WHEN t.school_year IS NOT NULL
                THEN {{schoolYear: CAST(right(t.school_year, 4) AS INTEGER)}} END,
            scoreResults: list_filter([{_SCORES}], lambda score: score IS NOT NULL)}}
        FROM facts.assessment_result AS t
        WHERE t.student_id IS NOT NULL AND t.taken_on IS NOT NULL""",
}


def export_shape(warehouse: Path, shape: str, out: Path) -> dict[str, int]:
    """Write "oneroster" or "ed-fi" to `out`; rows of each file. The files are whole or absent, and
    OneRoster's manifest comes last. Raises HomeroomError."""
    live = publish.live_file(warehouse)
    if live is None:
        raise HomeroomError(
            "nothing has been published yet", culprit=str(warehouse), fix="homeroom run"
        )
    out.mkdir(parents=True, exist_ok=True)
    with attached(live, {"threads": "2"}) as db:
        if shape == "oneroster":
            return {
                name: _copy(db, f"{sql} ORDER BY ALL", out / name, "FORMAT csv, HEADER")
                for name, sql in ONEROSTER.items()
            }
        return {name: _json(db, sql, out / name) for name, sql in ED_FI.items()}


def _json(db: duckdb.DuckDBPyConnection, sql: str, target: Path) -> int:
    """Write one list. A merge patch leaves out what is null, as a field that is not known is."""
    rows = db.execute(
        f"SELECT json_merge_patch('{{}}', to_json(one)) AS one FROM ({sql}) AS t(one) ORDER BY ALL"
    )
    count = 0
    with whole(target) as fresh, fresh.open("w", encoding="utf-8") as stream:
        stream.write("[")
        while batch := rows.fetchmany(10_000):
            stream.write(",\n" if count else "\n")
            stream.write(",\n".join(one for (one,) in batch))
            count += len(batch)
        stream.write("\n]\n")
    return count


def _copy(db: duckdb.DuckDBPyConnection, sql: str, target: Path, options: str) -> int:
    with whole(target) as fresh:
        copied = db.execute(f"COPY ({sql}) TO {quote(str(fresh))} ({options})").fetchall()
    return int(copied[0][0])
