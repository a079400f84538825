"""Parts of the lake without what must be no more: rows of a student, and rows that nothing reads.

Small files share a part, so a file that was read anew or has gone by age leaves its rows behind in
the old one; and of files whose landed bytes have gone, the parts are all there is. Not here: files
that can be read anew (rereading.py).
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePosixPath

import duckdb

from connectors.privacy import OWN_IDS, ROSTER_IDS
from warehouse.forgetting.marks import MACROS
from warehouse.forgetting.whom import Whom
from warehouse.identity import names
from warehouse.intake.casting import quote
from warehouse.intake.normalise import connect
from warehouse.lake.tables import LAKE
from warehouse.ledger import Ledger
from warehouse.settings import Settings

#: How many rows of the student went so far, kept until the certificate is written.
ROWS = "forgetting_rows"
_MEMORY = "1536MB"
_THEIR_ACCOUNT = "(platform, account_key) IN (SELECT (platform, account_key) FROM their_account)"


@dataclass(frozen=True)
class _Change:
    """A part that is to be written anew: what stays of each arrival, and how many rows of the
    student go with that."""

    table: str
    path: str
    stays: dict[int, int]
    gone: int


def cut(settings: Settings, ledger: Ledger, whom: Whom | None = None) -> None:
    """Write the parts anew that hold rows of `whom`, or rows that no file of the ledger needs.

    In one transaction; the old ones go with the next sweep. Done twice, it does nothing.
    """
    with _engine(settings, whom) as db:
        changes = [c for table in LAKE for c in _changes(db, settings, ledger, table)]
        fresh = [_written(db, settings, change) for change in changes]
    if not changes:
        return
    with ledger.transaction():
        for change, path in zip(changes, fresh, strict=True):
            old = (change.table, change.path)
            ledger.run("DELETE FROM part WHERE table_name = ? AND path = ?", old)
            for arrival, rows in change.stays.items():
                new = (arrival, change.table, path, rows)
                ledger.run("INSERT INTO part VALUES (?, ?, ?, ?)", new)
        ledger.keep(ROWS, (ledger.note(ROWS) or 0) + sum(c.gone for c in changes))
        ledger.keep("swept", False)


def count(settings: Settings, ledger: Ledger, whom: Whom) -> int:
    """Rows of the student in parts of files that cannot be read anew; nothing is changed."""
    alone = {n for (n,) in ledger.rows("SELECT id FROM file WHERE landed = ''")}
    with _engine(settings, whom) as db:
        return sum(
            gone
            for table in LAKE
            for _, arrival, _, gone in _held(db, settings, table, _wanted(ledger, table))
            if arrival in alone
        )


@contextmanager
def _engine(settings: Settings, whom: Whom | None) -> Iterator[duckdb.DuckDBPyConnection]:
    """DuckDB with tables their_id (platform, value; no platform: of all) and their_account
    (platform, account_key), empty for nobody."""
    work = settings.work / "parts"
    work.mkdir(parents=True, exist_ok=True)
    db = connect(settings.time_zone, work, threads=2, memory=_MEMORY)
    try:
        for macro in (*names.MACROS, *MACROS):
            db.execute(f"CREATE OR REPLACE TEMP MACRO {macro}")
        ids = [mark[1:] for mark in whom.marks if mark[0] == "id"] if whom else []
        accounts = whom.accounts if whom else []
        for table, column, pairs in (
            ("their_id", "value", ids),
            ("their_account", "account_key", accounts),
        ):
            db.execute(
                f"CREATE OR REPLACE TEMP TABLE {table} AS "
                f"SELECT unnest($1::VARCHAR[]) AS platform, unnest($2::VARCHAR[]) AS {column}",
                [[platform for platform, _ in pairs], [value for _, value in pairs]],
            )
        yield db
    finally:
        db.close()
        shutil.rmtree(work, ignore_errors=True)


def _changes(
    db: duckdb.DuckDBPyConnection, settings: Settings, ledger: Ledger, table: str
) -> list[_Change]:
    wanted = _wanted(ledger, table)
    stays: dict[str, dict[int, int]] = {}
    gone: dict[str, int] = {}
    todo = set()
    for path, arrival, rows, theirs in _held(db, settings, table, wanted):
        dead = arrival not in wanted[path]
        if dead or theirs:
            todo.add(path)
        if not dead:
            gone[path] = gone.get(path, 0) + theirs
            if rows > theirs:
                stays.setdefault(path, {})[arrival] = rows - theirs
    return [_Change(table, p, stays.get(p, {}), gone.get(p, 0)) for p in sorted(todo)]


def _wanted(ledger: Ledger, table: str) -> dict[str, set[int]]:
    """Arrivals whose rows of each part are needed."""
    found: dict[str, set[int]] = {}
    for path, arrival in ledger.rows(
        "SELECT path, file_id FROM part WHERE table_name = ?", (table,)
    ):
        found.setdefault(path, set()).add(arrival)
    return found


def _held(
    db: duckdb.DuckDBPyConnection, settings: Settings, table: str, paths: Iterable[str]
) -> list[tuple[str, int, int, int]]:
    """Of each part: arrival, its rows, and how many of them are the student's."""
    there = {str(settings.lake / path): path for path in paths if (settings.lake / path).is_file()}
    if not there:
        return []
    # Parts of an older layout may lack a column.
    source = "read_parquet($paths, filename=true, union_by_name=true, hive_partitioning=false)"
    theirs = _theirs(db, source, {"paths": list(there)})
    rows = db.execute(
        f"SELECT filename, arrival, count(*), count(*) FILTER (WHERE {theirs}) FROM {source} AS t "
        "GROUP BY ALL ORDER BY ALL",
        {"paths": list(there)},
    ).fetchall()
    return [(there[name], *rest) for name, *rest in rows]


def _theirs(db: duckdb.DuckDBPyConnection, source: str, values: dict[str, list[str]]) -> str:
    """SQL that is true of the student's rows; by ids alone, as where files are looked through."""
    told = {row[0] for row in db.execute(f"DESCRIBE FROM {source}", values).fetchall()}
    found = [
        f"mark_id({name}) IN (SELECT value FROM their_id WHERE platform IN ('', t.platform))"
        for name in sorted(ROSTER_IDS & told)
    ]
    if told >= OWN_IDS:
        found.append(_THEIR_ACCOUNT)
    return f"coalesce({' OR '.join(found) or 'FALSE'}, FALSE)"


def _written(db: duckdb.DuckDBPyConnection, settings: Settings, change: _Change) -> str:
    """Write what stays of a part beside it; its path below the lake."""
    fresh = str(PurePosixPath(change.path).with_name(f"part-{secrets.token_hex(6)}.parquet"))
    if not change.stays:
        return fresh
    source = f"read_parquet({quote(str(settings.lake / change.path))}, hive_partitioning=false)"
    arrivals = ", ".join(map(str, change.stays))
    stays = f"arrival IN ({arrivals}) AND NOT {_theirs(db, source, {})}"
    db.execute(
        f"COPY (FROM {source} AS t WHERE {stays}) "
        f"TO {quote(str(settings.lake / fresh))} "
        "(FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)"
    )
    return fresh
