"""Parts of the lake that an older Homeroom wrote, and that lack columns of today's tables.

Their files are read again from the landing area, by themselves. Not here: files whose declaration
has changed (redeclared.py), reading (intake.py).
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import duckdb

from warehouse.ledger import Ledger
from warehouse.tables import LAKE, PROVENANCE

_NOTE = "lake_layout"


def layout() -> str:
    """A hash of the names and types of every table's columns: another one is another layout."""
    told = {t.name: [(f.name, f.type) for f in t.fields] for t in LAKE.values()}
    return hashlib.sha256(repr((told, PROVENANCE)).encode()).hexdigest()[:16]


def read_again(ledger: Ledger, lake: Path, landing: Path, only: str) -> None:
    """Set files pending whose parts lack a column. `only`: one platform's name, or %.

    The parts' own footers are looked at once per layout and platform. A file that is no longer in
    the landing area stays as it is: reading it would lose what the lake still knows.
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
        old = _lacking(lake, {(table, path) for table, path, _ in parts})
        for file_id in sorted({file_id for _, path, file_id in parts if path in old}):
            ledger.run("UPDATE file SET status = 'pending' WHERE id = ?", (file_id,))
        ledger.keep(_NOTE, seen | dict.fromkeys(todo, layout()))


def _lacking(lake: Path, parts: set[tuple[str, str]]) -> set[str]:
    """Paths of the parts that lack a column of their table. A part that is lost is no news here."""
    paths = {str(lake / path): (table, path) for table, path in parts if (lake / path).is_file()}
    if not paths:
        return set()
    with duckdb.connect() as db:
        rows = db.execute(
            "SELECT file_name, list(name) FROM parquet_schema($1) GROUP BY file_name", [list(paths)]
        ).fetchall()
    return {
        paths[name][1]
        for name, columns in rows
        if not {f.name for f in LAKE[paths[name][0]].fields} <= set(columns)
    }
