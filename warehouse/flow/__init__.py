"""From file to view: what became of every row, as one table of counts, ops.row_flow.

Belongs here: running the steps' SQL and joining it. The steps themselves are in steps.py. What is
counted at one step (`came`) and what became of it (`rows` by `outcome`) are counted apart from each
other, so that a row nobody accounts for shows as `unexplained`. Not here: judging (checks.py).
"""

from __future__ import annotations

import duckdb
import pyarrow

from warehouse.flow import shown, steps
from warehouse.ledger import Ledger

#: What `outcome` may say, and in words.
OUTCOMES = {
    "kept": "read, and live",
    "replaced": "read, and replaced by a newer file of the same scope",
    "turned_away": "turned away with a reason, by line",
    "file_refused": "turned away with the whole file",
    "repeated": "the same row twice in one file",
    "live": "a row of the lake that counts",
    "changed_since": "a newer file of changes stands above it",
    "linked": "in the facts, under a student",
    "waiting": "in the facts, under an account that waits for a student",
    "in_facts": "in the warehouse's tables",
    "told_again": "another row tells the same, and counts in its place",
    "overruled": "a newer file of the same school and term counts in its place",
    "no_valid_result": "of a test without a valid score",
    "no_figures": "tells no figure",
    "taken_back": "taken back by the platform, or what says so",
    "glitch": "a later export of the week shows less",
    "not_on_roster": "of somebody whom the roster does not name",
    "planned": "of a day after the file was made",
    "other_kind": "of a kind that no table of the warehouse holds",
    "lake_only": "stays in the lake; transforms may read it",
    "in_views": "shown in a view",
    "not_expected": "of a week in which the student is not enrolled, or not active",
    "no_assignment": "its assignment is not known",
    "withdrawn": "its assignment was taken back",
    "without_state": "a skill whose state is not told",
    "without_subject": "a test whose subject is not told",
    "unexplained": "nobody can say; report it",
}


def write(db: duckdb.DuckDBPyConnection, ledger: Ledger) -> None:
    """Make ops.row_flow; lake and facts must be there. Grain: platform x feed x file x step x
    table x outcome."""
    brought = ledger.rows(
        """SELECT f.platform, f.feed, f.sha256, p.table_name, sum(p.rows)
           FROM part p JOIN file f ON f.id = p.file_id
           WHERE f.status = 'loaded' AND p.table_name <> 'quarantine' GROUP BY 1, 2, 3, 4"""
    )
    parts = pyarrow.table(  # noqa: F841 - DuckDB reads it by its name
        {
            name: pyarrow.array(
                [row[i] for row in brought], pyarrow.int64() if name == "rows" else pyarrow.string()
            )
            for i, name in enumerate(("platform", "feed", "source_file", "of_table", "rows"))
        }
    )
    db.execute(
        "CREATE OR REPLACE TABLE scratch.work.flow_part AS SELECT platform, feed, source_file, "
        "of_table, CAST(rows AS BIGINT) AS rows FROM parts"
    )
    db.execute(f"CREATE OR REPLACE TABLE scratch.work.flow_live AS {steps.LIVE}")
    db.execute(f"CREATE OR REPLACE TABLE scratch.work.flow_weeks AS {shown.WEEKS}")
    db.execute(
        """CREATE OR REPLACE TABLE scratch.work.flow (platform VARCHAR, feed VARCHAR,
           source_file VARCHAR, step VARCHAR, of_table VARCHAR, came BIGINT, outcome VARCHAR,
           rows BIGINT)"""
    )
    for select in steps.every():
        db.execute(f"INSERT INTO scratch.work.flow {select}")
    db.execute(
        """CREATE OR REPLACE TABLE ops.row_flow AS
           SELECT flow.platform, flow.feed, flow.source_file, file.name, flow.step, flow.of_table,
                  flow.came, flow.outcome, flow.rows
           FROM scratch.work.flow AS flow
           LEFT JOIN (SELECT platform, sha256, min(name) AS name FROM ops.file GROUP BY ALL) AS file
             ON file.platform = flow.platform AND file.sha256 = flow.source_file
           WHERE flow.rows <> 0 ORDER BY ALL"""
    )
