"""One file tried against a platform: what it would become, and why rows would be turned away.

The same recognising, reading and casting as a run's; nothing is kept. Not here: printing. No value
of the file leaves this module: only counts, lines, names of columns and dates that a file's name or
content gives it as a whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import duckdb

from connectors.contract import Platform, recognise, repeated
from connectors.errors import FileRefused
from connectors.reading import is_archive, prepare
from warehouse.intake.casting import quote
from warehouse.intake.normalise import Batch, Item, Normaliser, connect
from warehouse.ledger import File


@dataclass(frozen=True)
class Reject:
    """Rows turned away for one reason: the column, the kind of value, how many, the first lines."""

    reason: str
    column: str
    value_class: str
    rows: int
    first: tuple[int, ...]


@dataclass
class Trial:
    """What one file would become."""

    feed: str | None = None
    refused: FileRefused | None = None
    unknown: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    rows_in: int = 0
    kept: int = 0
    twice: int = 0
    scope: str = ""
    exported_on: date | None = None
    dated_by: str = ""
    class_key: str | None = None
    tables: Mapping[str, int] = field(default_factory=dict)
    days: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    rejects: tuple[Reject, ...] = ()


def attempt(platform: Platform, path: Path, name: str, zone: str, work: Path) -> Trial:
    """Read one file as a run would that met it under `name`. `work`: an empty folder."""
    trial = Trial()
    try:
        if is_archive(path):
            raise FileRefused(
                "broken_archive", "it holds several files or sheets: try them one by one"
            )
        prepared = prepare(path, work)
        match = recognise(platform, name, prepared.header)
        rows = prepared.lines + len(prepared.faults)
        if match is None:
            raise FileRefused("unknown_layout", rows=rows)
        trial.feed = match.feed.name
        if match.is_header:
            trial.unknown = tuple(filter(None, match.unknown))
        trial.absent = tuple(
            c.headers[0] for c in match.feed.columns if c.name not in match.positions
        )
        if match.missing:
            missing = ", ".join(c.headers[0] for c in match.missing)
            raise FileRefused("missing_column", f"column {missing}", rows=rows)
        if match.feed.wide is not None and not match.wide:
            raise FileRefused("unknown_layout", rows=rows)
        if (again := repeated(prepared.header)) is not None:
            raise FileRefused(
                "repeated_column", f"column {again}" if match.is_header else "", rows=rows
            )
    except FileRefused as refused:
        trial.refused, trial.rows_in = refused, refused.rows
        return trial
    stat = path.stat()
    file = File.new(platform.name, name, stat.st_size, stat.st_mtime_ns)
    item = Item(file, prepared, faults=prepared.faults)
    _read(Batch(platform, match, [item]), item, trial, zone, work)
    return trial


def _read(batch: Batch, item: Item, trial: Trial, zone: str, work: Path) -> None:
    with connect(zone, work, threads=2, memory="1GB") as db:
        Normaliser(db, zone, work).run(batch)
        trial.refused = item.refused
        trial.rows_in, trial.kept, trial.twice = item.rows_in, item.kept, item.twice
        if item.described is not None:
            trial.scope, trial.exported_on = item.described.scope, item.described.exported_on
            trial.dated_by, trial.class_key = item.described.dated_by, item.described.class_key
        parts = dict(item.parts)
        quarantine = parts.pop("quarantine", None)
        trial.tables = {
            o.table: parts[o.table][1] if o.table in parts else 0 for o in batch.feed.outputs
        }
        trial.days = {t: found for t, (p, _) in parts.items() if (found := _days(db, p))}
        if quarantine is not None:
            trial.rejects = _rejects(db, quarantine[0])


def _days(db: duckdb.DuckDBPyConnection, path: Path) -> tuple[str, str] | None:
    """The first and the last day that a part tells of, in any of its columns."""
    source = f"read_parquet({quote(str(path))})"
    own = [
        name
        for name, kind, *_ in db.execute(f"DESCRIBE FROM {source}").fetchall()
        if kind == "DATE" and name != "exported_on"
    ]
    if not own:
        return None
    low = ", ".join(f"min({name})" for name in own)
    high = ", ".join(f"max({name})" for name in own)
    found = db.execute(f"SELECT least({low}), greatest({high}) FROM {source}").fetchall()[0]
    return (str(found[0]), str(found[1])) if found[0] is not None else None


def _rejects(db: duckdb.DuckDBPyConnection, path: Path) -> tuple[Reject, ...]:
    return tuple(
        Reject(reason, column, kind, rows, tuple(first))
        for reason, column, kind, rows, first in db.execute(
            f"""SELECT reason, "column", value_class, count(*), list(line ORDER BY line)[1:3]
                FROM read_parquet({quote(str(path))}) GROUP BY ALL ORDER BY 4 DESC, 1, 2, 3"""
        ).fetchall()
    )
