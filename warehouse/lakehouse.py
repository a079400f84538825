"""The lake as DuckDB sees it: one view per table over the parts that the ledger calls live."""

from __future__ import annotations

from pathlib import Path

import duckdb

from warehouse.casting import quote
from warehouse.ledger import Ledger
from warehouse.tables import LAKE, PROVENANCE, LakeTable

#: Above this many parts a table is read once into the scratch database instead of at every use.
_MANY = 64


def attach(db: duckdb.DuckDBPyConnection, ledger: Ledger, lake: Path) -> None:
    """Fill schema `lake` with every table of the contract; empty where nothing was sent."""
    for table in LAKE.values():
        parts = ledger.parts(table.name, history=table.keeps_history)
        kind = "TABLE" if len(parts) > _MANY and not _large(lake, parts) else "VIEW"
        db.execute(f"CREATE {kind} memory.lake.{table.name} AS {_select(table, lake, parts)}")


def _large(lake: Path, parts: list[tuple[str, bool]]) -> bool:
    return sum((lake / path).stat().st_size for path, _ in parts) > 64 << 20


def _select(table: LakeTable, lake: Path, parts: list[tuple[str, bool]]) -> str:
    reads = [
        f"SELECT *, {str(live).upper()} AS is_current FROM read_parquet([{paths}], "
        "hive_partitioning=false)"
        for live in (True, False)
        if (paths := ", ".join(quote(str(lake / p)) for p, is_live in parts if is_live is live))
    ]
    if reads:
        return " UNION ALL ".join(reads)
    nulls = ", ".join(
        f"CAST(NULL AS {kind}) AS {name}"
        for name, kind in [
            *((f.name, f.type) for f in table.fields),
            *((name, kind) for name, kind, _ in PROVENANCE),
        ]
    )
    return f"SELECT {nulls} WHERE FALSE"
