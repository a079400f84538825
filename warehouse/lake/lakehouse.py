"""The lake as DuckDB sees it: one view per table over the parts that the ledger calls live.

A part may hold rows of several small files; only the rows of the wanted arrivals are seen. A part
all of whose rows are wanted is read as it stands, so that DuckDB knows how many rows come. What a
part of an older layout cannot tell is NULL.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import duckdb

from warehouse import bulk
from warehouse.intake import deltas
from warehouse.intake.casting import quote
from warehouse.lake import layout as lake_layout
from warehouse.lake.tables import LAKE, PROVENANCE, LakeTable
from warehouse.ledger import Ledger

#: Columns that parts lack, by the part's path.
Lacking = Mapping[str, frozenset[str]]
#: Which arrivals' rows of a part are seen. A part's file name is its own within a table.
WANTED = "SELECT table_name, parse_filename(path) AS part, arrival, is_current FROM lake.wanted"


def attach(db: duckdb.DuckDBPyConnection, ledger: Ledger, lake: Path) -> None:
    """Fill schema `lake` with every table of the contract; empty where nothing was sent."""
    db.execute(
        "CREATE TABLE scratch.lake.wanted "
        "(table_name VARCHAR, path VARCHAR, arrival BIGINT, is_current BOOLEAN)"
    )
    db.execute(
        "CREATE TABLE scratch.lake.ranked "
        "(table_name VARCHAR, path VARCHAR, arrival BIGINT, rank BIGINT)"
    )
    for table in LAKE.values():
        parts = ledger.parts(table.name, history=table.keeps_history)
        wanted = [(table.name, str(lake / path), arrival, live) for path, arrival, live in parts]
        bulk.insert(db, "scratch.lake.wanted", wanted)
        paths = [str(lake / path) for path, _, _ in parts]
        ranks = [(str(lake / path), n, rank) for path, n, rank in ledger.delta_ranks(table.name)]
        bulk.insert(db, "scratch.lake.ranked", [(table.name, *row) for row in ranks])
        whole = _whole(db, ledger, lake, table)
        lacking = lake_layout.lacking(db, table, paths)
        select = select_parts(table, paths, [path for path, *_ in ranks], whole, lacking)
        db.execute(f"CREATE VIEW scratch.lake.{table.name} AS {select}")


def plain_parts(db: duckdb.DuckDBPyConnection, name: str) -> list[str]:
    """Paths of an attached table's parts where its rows are theirs as they stand; none where it
    has no parts, or some that hold changes or lack a column."""
    paths = [
        path
        for (path,) in db.execute(
            """SELECT DISTINCT path FROM lake.wanted WHERE table_name = $1
               AND NOT EXISTS (FROM lake.ranked WHERE table_name = $1) ORDER BY path""",
            [name],
        ).fetchall()
    ]
    return [] if lake_layout.lacking(db, LAKE[name], paths) else paths


def columns(name: str) -> tuple[str, ...]:
    """A lake table's columns as transforms see them: its own, then where a row came from."""
    return (*LAKE[name].names, *(n for n, _, _ in PROVENANCE))


def _whole(
    db: duckdb.DuckDBPyConnection, ledger: Ledger, lake: Path, table: LakeTable
) -> frozenset[str]:
    """Paths of the parts that hold live rows only: as many as they have at all."""
    live = {str(lake / path): rows for path, rows in ledger.live_rows(table.name)}
    if not live:
        return frozenset()
    held = db.execute(
        "SELECT file_name, num_rows FROM parquet_file_metadata($1)", [list(live)]
    ).fetchall()
    return frozenset(path for path, rows in held if live[path] == rows)


def select_parts(
    table: LakeTable,
    paths: list[str],
    changes: Sequence[str] = (),
    whole: Collection[str] = (),
    lacking: Lacking = MappingProxyType({}),
) -> str:
    """SQL for a table's rows: the contract's columns of the wanted arrivals.

    `changes`: those of the paths that hold changes only; no others cost anything. `whole`: those
    all of whose rows are live. `lacking`: those that lack columns, and which.
    """
    if held := set(changes) & set(paths):
        rest = _select(table, [p for p in paths if p not in held], whole, lacking)
        return deltas.laid_over(table, rest, _select_changes(table, sorted(held), lacking))
    return _select(table, paths, whole, lacking)


def _select_changes(table: LakeTable, paths: list[str], lacking: Lacking) -> str:
    own = ", ".join(f"p.{name}" for name in (*table.names, *(n for n, _, _ in PROVENANCE[:-1])))
    extra = ", ".join(f"p.{name}" for name, _, _ in deltas.EXTRA)
    return (
        f"SELECT {own}, {extra}, w.is_current, r.rank AS _rank "
        f"FROM {_read(table, paths, lacking)} p JOIN scratch.lake.wanted w "
        f"ON w.table_name = {quote(table.name)} AND w.path = p.filename AND w.arrival = p.arrival "
        f"JOIN scratch.lake.ranked r ON r.table_name = {quote(table.name)} "
        "AND r.path = p.filename AND r.arrival = p.arrival"
    )


def _select(table: LakeTable, paths: list[str], whole: Collection[str], lacking: Lacking) -> str:
    if not paths:
        columns = [(f.name, f.type) for f in table.fields] + [(n, t) for n, t, _ in PROVENANCE]
        nulls = ", ".join(f"CAST(NULL AS {kind}) AS {name}" for name, kind in columns)
        return f"SELECT {nulls} WHERE FALSE"
    own = ", ".join(f"p.{name}" for name in (*table.names, *(n for n, _, _ in PROVENANCE[:-1])))
    selects = []
    if plain := [path for path in paths if path in whole]:
        selects.append(f"SELECT {own}, TRUE AS is_current FROM {_read(table, plain, lacking)} p")
    if shared := [path for path in paths if path not in whole]:
        selects.append(
            f"SELECT {own}, w.is_current FROM {_read(table, shared, lacking)} p "
            f"JOIN scratch.lake.wanted w ON w.table_name = {quote(table.name)} "
            "AND w.path = p.filename AND w.arrival = p.arrival"
        )
    return " UNION ALL ".join(selects)


def _read(table: LakeTable, paths: list[str], lacking: Lacking) -> str:
    alike: dict[frozenset[str], list[str]] = {}
    for path in dict.fromkeys(paths):
        alike.setdefault(lacking.get(path, frozenset()), []).append(path)
    if not any(alike):
        return _files(paths)
    # DuckDB's own union_by_name would open every part once more, however few lack something.
    kinds = {f.name: f.type for f in table.fields}
    return "({})".format(
        " UNION ALL BY NAME ".join(
            "SELECT *{} FROM {}".format(
                "".join(f", CAST(NULL AS {kinds[name]}) AS {name}" for name in sorted(gone)),
                _files(held),
            )
            for gone, held in alike.items()
        )
    )


def _files(paths: list[str]) -> str:
    # DuckDB takes all files to be as long as the first: better too many rows than too few, or the
    # big side of a join is the one that is held in memory.
    sizes = {p: Path(p).stat().st_size if Path(p).exists() else 0 for p in dict.fromkeys(paths)}
    listed = ", ".join(quote(path) for path in sorted(sizes, key=lambda p: (-sizes[p], p)))
    return f"read_parquet([{listed}], filename=true, hive_partitioning=false)"
