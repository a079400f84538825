"""A landed file read once more, as a run reads it: which of some lines were kept, and which not.

The rows that kept lines become stand in temporary tables `line_<table>` of the connection. Not
here: what becomes of those rows (fates.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from connectors.contract import Match, Platform, recognise
from connectors.prepared import Prepared
from warehouse.intake.normalise import Batch, Item, Normaliser, connect
from warehouse.ledger import File


@dataclass(frozen=True)
class TurnedAway:
    """A line in quarantine. `header`: the column as this file calls it, or the contract."""

    line: int
    reason: str
    column: str
    header: str
    value_class: str


@dataclass(frozen=True)
class Read:
    """What became of the lines that were asked for. `last`: the number of the file's last line.

    `absent`: (column, header) that the feed reads and the file lacks; `unread`: headers of the file
    that nothing reads. `tables`: of the lake, to which kept lines brought rows.
    """

    last: int = 0
    kept: tuple[int, ...] = ()
    repeated: tuple[int, ...] = ()
    turned_away: tuple[TurnedAway, ...] = ()
    absent: tuple[tuple[str, str], ...] = ()
    unread: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()


def opened(zone: str, work: Path) -> duckdb.DuckDBPyConnection:
    """A connection to read with; close it."""
    return connect(zone, work, threads=2, memory="1GB")


def read(
    db: duckdb.DuckDBPyConnection,
    zone: str,
    platform: Platform,
    file: File,
    prepared: Prepared,
    asked: Sequence[int],
    work: Path,
) -> Read:
    """Read a file again and look at the lines asked for; none where it has no layout to read."""
    match = recognise(platform, file.name, prepared.header)
    if match is None or match.missing:
        return Read()
    item = Item(file, prepared, faults=prepared.faults)
    batch = Batch(platform, match, [item])
    normaliser = Normaliser(db, zone, work)
    normaliser.run(batch)
    faults = {f.line: f.code for f in item.faults}
    cells: list[tuple[int, str | None, bool]] = []
    last = max((1, *faults))
    if db.execute("FROM duckdb_tables() WHERE table_name = 'typed'").fetchall():
        cells = db.execute(
            "SELECT _line, _fault, _twice FROM typed WHERE list_contains(?, _line) ORDER BY _line",
            [list(asked)],
        ).fetchall()
        ends = db.execute("SELECT coalesce(max(_line), 1) FROM typed").fetchone()
        last = max(last, ends[0] if ends else 1)
    turned = [TurnedAway(n, faults[n], "", "", "row") for n in asked if n in faults]
    turned += [_told(match, n, fault) for n, fault, _ in cells if fault is not None]
    kept = tuple(n for n, fault, twice in cells if fault is None and not twice)
    stands = kept and item.refused is None
    return Read(
        last=last,
        kept=kept,
        repeated=tuple(n for n, fault, twice in cells if fault is None and twice),
        turned_away=tuple(sorted(turned, key=lambda t: t.line)),
        absent=tuple(
            (c.name, c.headers[0]) for c in match.feed.columns if c.name not in match.positions
        ),
        unread=tuple(filter(None, match.unknown)) if match.is_header else (),
        tables=_rows(db, normaliser, batch, kept) if stands else (),
    )


def _told(match: Match, line: int, fault: str) -> TurnedAway:
    column, reason, value_class = fault.split("|")
    known = {c.name: c.headers[0] for c in match.feed.columns}
    return TurnedAway(line, reason, column, known.get(column, ""), value_class)


def _rows(
    db: duckdb.DuckDBPyConnection, normaliser: Normaliser, batch: Batch, kept: Sequence[int]
) -> tuple[str, ...]:
    """Tables `line_<table>`: what the kept lines alone become."""
    db.execute(
        "CREATE OR REPLACE TEMP VIEW all_rows AS SELECT * FROM typed JOIN meta USING (_no) "
        f"WHERE NOT _twice AND list_contains([{', '.join(map(str, kept))}], _line)"
    )
    selects: dict[str, list[str]] = {}
    for output in batch.feed.outputs:
        if output.table == "coverage":
            # What the whole file tells of, not a line.
            continue
        select = normaliser.part_select(batch, output.table, output.select)
        selects.setdefault(output.table, []).append(select)
    made = []
    for table, parts in selects.items():
        db.execute(f"CREATE TEMP TABLE line_{table} AS {' UNION ALL '.join(parts)}")
        if db.execute(f"FROM line_{table} LIMIT 1").fetchall():
            made.append(table)
    return tuple(made)
