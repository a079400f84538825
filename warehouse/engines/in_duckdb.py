"""The transforms on DuckDB, in the connection that holds the warehouse being built."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from transforms.table import Transform


@dataclass(frozen=True)
class InDuckDB:
    """Runs the SQL as it stands."""

    db: duckdb.DuckDBPyConnection

    def make(self, transform: Transform) -> int:
        """Make one table whose inputs are there; its rows."""
        place = "target" if transform.published else "scratch"
        order = transform.stored_by if transform.published else ""
        sql = f"FROM (\n{transform.sql}\n) ORDER BY {order}" if order else transform.sql
        made = self.db.execute(f"CREATE OR REPLACE TABLE {place}.{transform.table} AS {sql}")
        rows: int = made.fetchall()[0][0]
        return rows
