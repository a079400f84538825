"""What a newer file of a scope changed: rows gained, lost and changed against the one before it.

Each file is compared with the next older one of its scope, whatever the order in which the two
came. Belongs here: which files are compared, and the SQL that counts. Not here: which file is
live (settling.py).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

import duckdb

from warehouse.intake.casting import quote
from warehouse.lake import layout as lake_layout
from warehouse.lake.tables import LAKE, LakeTable
from warehouse.ledger import Ledger

#: Columns that tell what a file can know of, and so differ in every export.
_OF_THE_EXPORT = {"data_through"}
#: Tables with rows of the platform's; `coverage` is about files.
_COMPARED = {name: table for name, table in LAKE.items() if name != "coverage"}
_MEMORY = "1GB"

# A superseded file's parts are gone after the run in which it was replaced; only quarantine stays.
_HAS_PARTS = "EXISTS (SELECT 1 FROM part WHERE file_id = {} AND table_name <> 'quarantine')"
_PAIRS = f"""
    SELECT id, older FROM (
      SELECT id, compared_to, lag(id) OVER (
               PARTITION BY platform, feed, scope
               ORDER BY coalesce(exported_at, exported_on, ''), modified_ns, id) AS older
      FROM file WHERE status IN ('loaded', 'superseded') AND is_archive = 0)
    WHERE older IS NOT NULL AND older IS NOT compared_to
      AND {_HAS_PARTS.format("id")} AND {_HAS_PARTS.format("older")}"""


def counts_sql(
    table: LakeTable, paths: Sequence[str], unknown: Collection[str] = frozenset()
) -> str:
    """Per pair of files the rows gained, lost and changed in one table.

    Reads table `compared` (newer, arrival, is_newer, path). Rows of one key are compared as a
    whole; nothing but the table's own columns counts, without the `unknown` ones.
    """
    left_out = {*_OF_THE_EXPORT, *table.key, *unknown}
    key = ", ".join(f"p.{name}" for name in table.key if name not in unknown)
    rest = ", ".join(f"p.{name}" for name in table.names if name not in left_out)
    listed = ", ".join(quote(path) for path in paths)
    return f"""
        SELECT newer, count(*) FILTER (WHERE before = 0) AS gained,
               count(*) FILTER (WHERE after = 0) AS lost,
               count(*) FILTER (WHERE before > 0 AND after > 0
                                AND (before <> after OR difference <> 0)) AS changed
        FROM (SELECT newer, key, count(*) FILTER (WHERE is_newer) AS after,
                     count(*) FILTER (WHERE NOT is_newer) AS before,
                     sum(CASE WHEN is_newer THEN print ELSE -print END) AS difference
              FROM (SELECT c.newer, c.is_newer, hash({key or "0"}) AS key,
                           CAST(hash({rest or "0"}) AS HUGEINT) AS print
                    FROM read_parquet([{listed}], filename=true, hive_partitioning=false) p
                    JOIN compared c ON c.path = p.filename AND c.arrival = p.arrival)
              GROUP BY newer, key)
        GROUP BY newer"""


def count_changes(ledger: Ledger, lake: Path, work: Path) -> None:
    """Count what newer files changed, of all pairs whose rows are still there, one statement per
    table; the counts go to the ledger."""
    pairs: list[tuple[int, int]] = [(n, o) for n, o in ledger.rows(_PAIRS)]
    if not pairs:
        return
    wanted = {arrival for pair in pairs for arrival in pair}
    parts: dict[str, dict[int, str]] = {}
    for arrival, table, path in ledger.rows("SELECT file_id, table_name, path FROM part"):
        if arrival in wanted and table in _COMPARED:
            parts.setdefault(table, {})[arrival] = str(lake / path)
    totals = {newer: [0, 0, 0] for newer, _ in pairs}
    with duckdb.connect(
        config={"memory_limit": _MEMORY, "temp_directory": str(work / "changes")}
    ) as db:
        for table, found in parts.items():
            lacks = lake_layout.lacking(db, _COMPARED[table], found.values())
            alike: dict[frozenset[str], list[tuple[int, int, bool, str]]] = {}
            for newer, older in pairs:
                here = [(newer, a, a == newer, found[a]) for a in (newer, older) if a in found]
                # What one of the two cannot tell has not changed.
                unknown = frozenset(name for *_, path in here for name in lacks.get(path, ()))
                if here:
                    alike.setdefault(unknown, []).extend(here)
            for unknown, sides in alike.items():
                for newer, *counts in _count(db, _COMPARED[table], sides, unknown):
                    totals[newer] = [a + b for a, b in zip(totals[newer], counts, strict=True)]
    with ledger.transaction():
        for newer, older in pairs:
            gained, lost, changed = totals[newer]
            ledger.update(
                newer, compared_to=older, rows_gained=gained, rows_lost=lost, rows_changed=changed
            )


def _count(
    db: duckdb.DuckDBPyConnection,
    table: LakeTable,
    sides: Sequence[tuple[int, int, bool, str]],
    unknown: frozenset[str],
) -> list[tuple[int, int, int, int]]:
    db.execute(
        "CREATE OR REPLACE TABLE compared AS SELECT unnest(?) AS newer, "
        "unnest(?) AS arrival, unnest(?) AS is_newer, unnest(?) AS path",
        [list(column) for column in zip(*sides, strict=True)],
    )
    sql = counts_sql(table, sorted({path for *_, path in sides}), unknown)
    return db.execute(sql).fetchall()
