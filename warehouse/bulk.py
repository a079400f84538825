"""Many rows into a table of DuckDB at once.

Not here: rows that lie in files; DuckDB reads those by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import duckdb


def insert(db: duckdb.DuckDBPyConnection, table: str, rows: Sequence[Sequence[Any]]) -> None:
    """Insert rows, each with every column of the table, in one statement.

    `executemany` makes a statement of every row.
    """
    if rows:
        columns = [list(column) for column in zip(*rows, strict=True)]
        values = ", ".join("unnest(?)" for _ in columns)
        db.execute(f"INSERT INTO {table} SELECT {values}", columns)
