"""Rows that Python holds, put into a table of DuckDB by one statement.

`executemany` runs its statement for every row, which costs a quarter of a millisecond each. Not
here: rows of the data, which Python never holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import duckdb


def fill(db: duckdb.DuckDBPyConnection, table: str, rows: Iterable[Sequence[Any]]) -> None:
    """Append rows, each with every column in the table's order. `table`: as SQL names it."""
    columns = [list(column) for column in zip(*rows, strict=True)]
    if columns:
        values = ", ".join("unnest(?)" for _ in columns)
        db.execute(f"INSERT INTO {table} SELECT {values}", columns)
