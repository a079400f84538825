"""What became of a line's rows of the lake: facts, accounts and views of the live warehouse.

The steps and their words are those of ops.row_flow (warehouse/flow). Not here: reading the line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from warehouse.flow.shown import SHOWN, WEEKS
from warehouse.flow.steps import PEOPLE, ROSTER, TOLD
from warehouse.identity import REF
from warehouse.intake.casting import quote
from warehouse.lake.tables import LAKE
from warehouse.ledger import File

_ACCOUNT = "f.account_key = r.account_key"
#: Tables of the lake whose rows become rows of a fact with another key.
_OTHERWISE = {
    "usage_snapshot": ("daily_activity", _ACCOUNT + " AND f.source_file = r.source_file"),
    "event": ("daily_activity", _ACCOUNT + " AND f.date = r.date"),
}


@dataclass(frozen=True)
class Fate:
    """Rows of one table of the lake with one outcome, a word of warehouse.flow.OUTCOMES.

    `view`: where it is shown, of which `week`. `instead`: the file that tells the same in its
    place. `maybe`: outcomes of the file's rows of that table, where the row's own cannot be told.
    `account_ref`, `waits_for`: of an account that waits.
    """

    table: str
    outcome: str
    rows: int
    view: str = ""
    week: date | None = None
    instead: str = ""
    student_id: str = ""
    account_ref: str = ""
    waits_for: str = ""
    maybe: tuple[str, ...] = ()


def of_tables(
    db: duckdb.DuckDBPyConnection, live: Path, file: File, tables: Sequence[str]
) -> tuple[tuple[Fate, ...], bool]:
    """The fates of the rows in `line_<table>`, and whether the live warehouse knows the file."""
    db.execute(f"ATTACH {quote(str(live))} AS warehouse (READ_ONLY)")
    db.execute("USE warehouse")
    known = db.execute("FROM ops.file WHERE id = ? AND sha256 = ?", [file.id, file.sha256])
    if not known.fetchall():
        return (), False
    return tuple(fate for table in tables for fate in _of_table(db, file, table)), True


def _of_table(db: duckdb.DuckDBPyConnection, file: File, table: str) -> list[Fate]:
    if table in ROSTER:
        rows = db.execute(
            f"SELECT {ROSTER[table].format(people=PEOPLE)} AS outcome, count(*) "
            f"FROM temp.line_{table} AS l GROUP BY ALL ORDER BY ALL"
        ).fetchall()
        return [Fate(table, outcome, count) for outcome, count in rows]
    if table in TOLD:
        key = " AND ".join(f"f.{k} IS NOT DISTINCT FROM r.{k}" for k in TOLD[table].key)
        fact, same = table, f"f.platform = r.platform AND {key}"
    elif table in _OTHERWISE:
        fact, key = _OTHERWISE[table]
        same = f"f.platform = r.platform AND {key}"
    else:
        count = db.execute(f"SELECT count(*) FROM temp.line_{table}").fetchall()[0][0]
        return [Fate(table, "lake_only", count)]
    return _of_fact(db, file, table, fact, same)


def _of_fact(
    db: duckdb.DuckDBPyConnection, file: File, table: str, fact: str, same: str
) -> list[Fate]:
    db.execute(
        f"CREATE OR REPLACE TEMP TABLE found AS SELECT r.rowid AS row, f.* "
        f"FROM temp.line_{table} AS r JOIN facts.{fact} AS f ON {same}"
    )
    shown = SHOWN.get(fact)
    day = {"usage_week": "l.week_start", "daily_activity": "l.date"}.get(fact, "NULL")
    joined = ""
    if shown is not None and "{weeks}" in shown.joined:
        db.execute(
            "CREATE OR REPLACE TEMP TABLE shown_weeks AS "
            + WEEKS.replace("GROUP BY", "SEMI JOIN temp.found USING (student_id) GROUP BY")
        )
        joined = shown.joined.format(weeks="temp.shown_weeks")
    if fact in ("assignment", "coverage"):
        # Nobody's.
        student, outcome = "NULL", "'in_facts'"
    else:
        student, outcome = "l.student_id", shown.outcome if shown else "'linked'"
        outcome = f"CASE WHEN l.student_id IS NULL THEN 'waiting' ELSE {outcome} END"
    # Several files make a day of events; who an account is, the newest of several files tells.
    mine = "TRUE" if table in ("account", "event") else "s.source_file = r.source_file"
    ref = REF.replace("platform", "r.platform").replace("account_key", "r.account_key")
    if "account_key" not in LAKE[table].names:
        ref = "NULL"
    rows = db.execute(
        f"""
        WITH s AS (
          SELECT l.row, l.source_file, {student} AS student_id,
                 CAST(date_trunc('week', CAST({day} AS DATE)) AS DATE) AS week,
                 {outcome} AS outcome
          FROM temp.found AS l {joined}),
        told AS (
          SELECT r.rowid AS row, {ref} AS ref, s.week, s.student_id,
                 CASE WHEN s.row IS NULL THEN 'left_out' WHEN {mine} THEN s.outcome
                      ELSE 'told_again' END AS outcome,
                 CASE WHEN NOT {mine} THEN s.source_file END AS other
          FROM temp.line_{table} AS r LEFT JOIN s ON s.row = r.rowid)
        SELECT outcome, count(DISTINCT row), week, any_value(student_id), ref,
               (SELECT min(name) FROM ops.file AS o WHERE o.sha256 = told.other),
               (SELECT min(waits_for) FROM ops.identity_review AS i WHERE i.account_ref = ref)
        FROM told GROUP BY outcome, week, ref, other ORDER BY ALL"""
    ).fetchall()
    left = [
        outcome
        for (outcome,) in db.execute(
            "SELECT DISTINCT outcome FROM ops.row_flow WHERE step = 'facts' AND of_table = ? "
            "AND source_file = ? AND rows > 0 AND outcome NOT IN ('linked', 'waiting') ORDER BY 1",
            [table, file.sha256],
        ).fetchall()
    ]
    return [
        Fate(
            table,
            left[0] if outcome == "left_out" and len(left) == 1 else outcome,
            count,
            view=f"views.{shown.view}" if shown and outcome == "in_views" else "",
            week=week,
            instead=instead or "",
            student_id=student_id or "",
            account_ref=ref if outcome == "waiting" else "",
            waits_for=waits_for or "",
            maybe=tuple(left) if outcome == "left_out" and len(left) > 1 else (),
        )
        for outcome, count, week, student_id, ref, instead, waits_for in rows
    ]
