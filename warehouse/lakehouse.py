"""The lake as DuckDB sees it: one view per table over the parts that the ledger calls live.

A part may hold rows of several small files; only the rows of the wanted arrivals are seen.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from warehouse.casting import quote
from warehouse.ledger import Ledger
from warehouse.tables import LAKE, PROVENANCE, LakeTable


def attach(db: duckdb.DuckDBPyConnection, ledger: Ledger, lake: Path) -> None:
    """Fill schema `lake` with every table of the contract; empty where nothing was sent."""
    db.execute(
        "CREATE TABLE scratch.lake.wanted "
        "(table_name VARCHAR, path VARCHAR, arrival BIGINT, is_current BOOLEAN)"
    )
    for table in LAKE.values():
        parts = ledger.parts(table.name, history=table.keeps_history)
        if parts:
            db.execute(
                "INSERT INTO scratch.lake.wanted SELECT ?, unnest(?), unnest(?), unnest(?)",
                [
                    table.name,
                    [str(lake / path) for path, _, _ in parts],
                    [arrival for _, arrival, _ in parts],
                    [live for _, _, live in parts],
                ],
            )
        select = select_parts(table, [str(lake / path) for path, _, _ in parts])
        db.execute(f"CREATE VIEW scratch.lake.{table.name} AS {select}")


def select_parts(table: LakeTable, paths: list[str]) -> str:
    """SQL for a table's rows: the contract's columns of the wanted arrivals."""
    if not paths:
        columns = [(f.name, f.type) for f in table.fields] + [(n, t) for n, t, _ in PROVENANCE]
        nulls = ", ".join(f"CAST(NULL AS {kind}) AS {name}" for name, kind in columns)
        return f"SELECT {nulls} WHERE FALSE"
    own = ", ".join(f"p.{name}" for name in (*table.names, *(n for n, _, _ in PROVENANCE[:-1])))
    listed = ", ".join(quote(path) for path in dict.fromkeys(paths))
    return (
        f"SELECT {own}, w.is_current FROM read_parquet([{listed}], filename=true, "
        f"hive_partitioning=false) p JOIN scratch.lake.wanted w ON w.table_name = "
        f"{quote(table.name)} AND w.path = p.filename AND w.arrival = p.arrival"
    )
