"""Students and accounts drawn as small tables, linked by the real code without any files."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pandas

from warehouse import build, identity
from warehouse.lake.tables import LAKE
from warehouse.notes import decisions as notes
from warehouse.notes.decisions import Decision

STUDENT = (
    "student_id sis_id given_name family_name grade_level school_id class_id email username active"
)
ACCOUNT = "platform account_key account_kind sis_id email username full_name grade_level school_name class_key"
Outcome = tuple[str | None, str]


def drawn(columns: str, rows: Iterable[str]) -> pandas.DataFrame:
    """Rows of words: `-` is NULL, `_` a space; columns left out at the end are NULL."""
    names = columns.split()
    cells = [[None if w == "-" else w.replace("_", " ") for w in row.split()] for row in rows]
    return pandas.DataFrame(
        [r + [None] * (len(names) - len(r)) for r in cells], columns=names, dtype=object
    )


def link(
    students: Sequence[str],
    accounts: Sequence[str],
    decisions: Sequence[Decision] = (),
    *,
    live: Path | None = None,
) -> dict[str, Outcome]:
    """Account key to (student, evidence), or to (None, what it waits for)."""
    return {row[0]: (row[1], row[2]) for row in link_rows(students, accounts, decisions, live=live)}


def link_rows(
    students: Sequence[str],
    accounts: Sequence[str],
    decisions: Sequence[Decision] = (),
    *,
    live: Path | None = None,
    ask: str | None = None,
) -> list[tuple[Any, ...]]:
    """The same as rows, or what `ask` selects."""
    who, told = drawn(STUDENT, students), drawn(ACCOUNT, accounts)  # noqa: F841 - DuckDB reads them
    with tempfile.TemporaryDirectory() as folder:
        db = build.open_target(Path(folder, "t.duckdb"), Path(folder, "work"))
        for name in identity.READS:
            db.execute(f"CREATE TABLE scratch.lake.{name} ({LAKE[name].ddl()})")
        db.execute("""
            CREATE TABLE roster.student AS
            SELECT student_id, sis_id, given_name, family_name, NULL::VARCHAR AS preferred_name, grade_level,
                   email, username, school_id, coalesce(active, 'yes') = 'yes' AS active FROM who;
            CREATE TABLE roster.school AS SELECT DISTINCT school_id, 'School ' || school_id AS name FROM who WHERE school_id IS NOT NULL;
            CREATE TABLE roster.class_section AS
            SELECT class_id, class_id AS title, NULL::VARCHAR AS class_code, min(school_id) AS school_id
            FROM who WHERE class_id IS NOT NULL GROUP BY ALL;
            CREATE TABLE roster.enrollment AS
            SELECT class_id, student_id AS person_id, 'student' AS role FROM who WHERE class_id IS NOT NULL;
            INSERT INTO scratch.lake.person BY NAME
            SELECT student_id AS person_id, 'student' AS role, sis_id, username, email, given_name, family_name,
                   coalesce(active, 'yes') = 'yes' AS is_current, DATE '2025-09-01' AS exported_on FROM who;
            CREATE TABLE scratch.work.newest_account AS
            SELECT * EXCLUDE (full_name) REPLACE (replace(account_kind, ' ', '_') AS account_kind), NULL::VARCHAR AS given_name, NULL::VARCHAR AS family_name, full_name, 'f' AS source_file FROM told;
            INSERT INTO scratch.lake.account BY NAME
            SELECT platform, account_key, class_key, DATE '2025-09-01' AS exported_on, TRUE AS is_current FROM told""")
        try:
            identity.link(db, {}, notes.standing(decisions), live)
            return db.execute(
                ask
                or """
                SELECT v.account_key, CASE WHEN waits_for IS NULL THEN proposed_id END,
                       coalesce(waits_for, v.evidence) FROM verdict v ORDER BY ALL"""
            ).fetchall()
        finally:
            db.close()
