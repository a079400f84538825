"""The gradebook files of OneRoster 1.2 (CSV, bulk): assignments of classes and their results.

Belongs here: what stands in which field. What is not known stays empty, also where OneRoster asks
for it; a receiver can be told, a guess cannot be taken back. 1.2 and not 1.1, which wants a score
of every result, also of work that was never handed in. Tests are of no class, and line items need
one: they are in ed_fi.py.
"""

from __future__ import annotations

from warehouse.exports.shape import ShapeFile

#: Line items that can be written: OneRoster wants a class of the roster.
_WORK = "facts.assignment AS a WHERE a.class_id IS NOT NULL AND a.withdrawn IS NOT TRUE"
_CATEGORY = "md5(concat_ws(':', a.platform, coalesce(a.kind, 'assignment')))"
_ITEM = "md5(concat_ws(':', a.platform, a.assignment_id))"
#: In bulk files status and dateLastModified are empty. Source: OneRoster 1.2.1 CSV, section 3.
_BULK = "NULL AS status, NULL AS dateLastModified"
_ABSENT = (
    "academicSessions classes classResources courseResources courses demographics enrollments"
    " lineItemLearningObjectiveIds lineItemScoreScales orgs resources resultLearningObjectiveIds"
    " resultScoreScales roles scoreScales userProfiles userResources users"
).split()
_PROPERTIES = ", ".join(
    f"('{name}', '{value}')"
    for name, value in (
        ("manifest.version", "1.0"),
        ("oneroster.version", "1.2"),
        *((f"file.{name}", "absent") for name in _ABSENT),
        *((f"file.{name}", "bulk") for name in ("categories", "lineItems", "results")),
        ("source.systemName", "Homeroom"),
        ("source.systemCode", "homeroom"),
    )
)


def _empty(*columns: str) -> dict[str, str]:
    return {column: f"{column} IS NULL" for column in columns}


FILES = (
    ShapeFile(
        "categories.csv",
        f"""
        SELECT DISTINCT {_CATEGORY} AS sourcedId, {_BULK},
            concat_ws(' ', a.platform, coalesce(a.kind, 'assignment')) AS title, NULL AS weight
        FROM {_WORK}""",
    ),
    ShapeFile(
        "lineItems.csv",
        f"""
        SELECT {_ITEM} AS sourcedId, {_BULK}, a.title, NULL AS description,
            local_date(a.assigned_at) AS assignDate, a.due_on AS dueDate,
            a.class_id AS classSourcedId, {_CATEGORY} AS categorySourcedId,
            c.term_id AS academicSessionSourcedId,
            CASE WHEN a.points_possible IS NOT NULL THEN 0 END AS resultValueMin,
            a.points_possible AS resultValueMax, c.school_id AS schoolSourcedId
        FROM (FROM {_WORK}) AS a
        LEFT JOIN roster.class_section AS c USING (class_id)""",
        _empty("title", "assignDate", "dueDate", "academicSessionSourcedId", "schoolSourcedId"),
    ),
    ShapeFile(
        "results.csv",
        f"""
        SELECT md5(concat_ws(':', a.platform, a.assignment_id, s.student_id)) AS sourcedId, {_BULK},
            {_ITEM} AS lineItemSourcedId, s.student_id AS studentSourcedId,
            CASE
                WHEN s.excused THEN 'exempt'
                WHEN s.score IS NOT NULL THEN 'fully graded'
                WHEN s.submitted_at IS NOT NULL OR s.timing IN ('on_time', 'late') THEN 'submitted'
                WHEN s.timing IN ('not_submitted', 'missing') THEN 'not submitted'
            END AS scoreStatus,
            s.score, s.scored_on AS scoreDate, NULL AS comment, NULL AS textScore,
            a.class_id AS classSourcedId, NULL AS inProgress, NULL AS incomplete,
            CASE s.timing WHEN 'late' THEN TRUE WHEN 'on_time' THEN FALSE END AS late,
            CASE s.timing WHEN 'missing' THEN TRUE WHEN 'late' THEN FALSE WHEN 'on_time' THEN FALSE
            END AS missing
        FROM (FROM {_WORK}) AS a
        JOIN facts.submission AS s USING (platform, assignment_id)
        WHERE s.student_id IS NOT NULL AND scoreStatus IS NOT NULL
        QUALIFY row_number() OVER (
            PARTITION BY a.platform, a.assignment_id, s.student_id
            ORDER BY s.score DESC NULLS LAST, s.account_key) = 1""",
        _empty("scoreDate"),
    ),
    # It comes last: while it is there, so are the others.
    ShapeFile("manifest.csv", f'SELECT * FROM (VALUES {_PROPERTIES}) AS t(propertyName, "value")'),
)
