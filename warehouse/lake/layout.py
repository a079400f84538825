"""Parts of the lake that an older Homeroom wrote, and that lack columns of today's tables.

Their files are read again from the landing area, by themselves; what is landed no longer is told
with what it lacks. Not here: files whose declaration has changed (redeclared.py), reading files
(intake.py), reading parts (lakehouse.py).
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from pathlib import Path

import duckdb

from warehouse.lake.tables import LAKE, PROVENANCE, LakeTable
from warehouse.ledger import Ledger

_NOTE = "lake_layout"


def layout() -> str:
    """A hash of the names and types of every table's columns: another one is another layout."""
    told = {t.name: [(f.name, f.type) for f in t.fields] for t in LAKE.values()}
    return hashlib.sha256(repr((told, PROVENANCE)).encode()).hexdigest()[:16]


def read_again(ledger: Ledger, lake: Path, landing: Path, only: str) -> None:
    """Set files pending whose parts lack a column. `only`: one platform's name, or %.

    The parts' own footers are looked at once per layout and platform. A file that is no longer in
    the landing area stays as it is: reading it would lose what the lake still knows. What its
    part lacks is NULL where the lake is read.
    """
    seen: dict[str, str] = ledger.note(_NOTE) or {}
    rows = ledger.rows("SELECT DISTINCT platform FROM file WHERE platform LIKE ?", (only,))
    held = {platform for (platform,) in rows}
    todo = {platform for platform in held if seen.get(platform) != layout()}
    if not todo:
        return
    with ledger.transaction():
        parts = [
            (table, path, file_id)
            for table, path, file_id, platform, landed in ledger.rows(
                "SELECT p.table_name, p.path, f.id, f.platform, f.landed FROM part p "
                "JOIN file f ON f.id = p.file_id WHERE f.status IN ('loaded', 'superseded')"
            )
            if platform in todo and table in LAKE and (landing / landed).is_file()
        ]
        named: dict[str, dict[str, str]] = {}
        for table, path, _ in parts:
            named.setdefault(table, {})[str(lake / path)] = path
        with duckdb.connect() as db:
            old = {
                held[whole]
                for table, held in named.items()
                for whole in lacking(db, LAKE[table], held)
            }
        for file_id in sorted({file_id for _, path, file_id in parts if path in old}):
            ledger.run("UPDATE file SET status = 'pending' WHERE id = ?", (file_id,))
        ledger.keep(_NOTE, seen | dict.fromkeys(todo, layout()))


def lacking(
    db: duckdb.DuckDBPyConnection, table: LakeTable, paths: Collection[str]
) -> Mapping[str, frozenset[str]]:
    """Those of a table's parts that lack some of its columns, and which. A part that is lost is no
    news here."""
    there = [path for path in dict.fromkeys(paths) if Path(path).is_file()]
    if not there:
        return {}
    rows = db.execute(
        "SELECT file_name, list(name) FROM parquet_schema($1) GROUP BY file_name", [there]
    ).fetchall()
    return {path: gone for path, held in rows if (gone := frozenset(table.names) - set(held))}
