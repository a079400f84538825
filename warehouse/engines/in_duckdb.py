"""The transforms on DuckDB, in the connection that holds the warehouse being built.

A hash join of many wide rows, or several in one query, can hold more memory than DuckDB is able to
write to disk. Tables that say so are made in parts, one after the other.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import duckdb

from transforms import parts
from transforms.table import Transform
from warehouse.intake.casting import quote


@dataclass(frozen=True)
class InDuckDB:
    """Runs the SQL as it stands, or in parts of so many pairs of student and platform."""

    db: duckdb.DuckDBPyConnection
    pairs: int = parts.PAIRS

    def make(self, transform: Transform) -> int:
        """Make one table whose inputs are there; its rows."""
        place = "target" if transform.published else "scratch"
        table = f"{place}.{transform.table}"
        order = transform.stored_by if transform.published else ""
        first, *rest = (
            f"FROM (\n{select}\n) ORDER BY {order}" if order else select
            for select in self._selects(transform.sql)
        )
        rows = self._count(f"CREATE OR REPLACE TABLE {table} AS {first}")
        return rows + sum(self._count(f"INSERT INTO {table} {select}") for select in rest)

    def _selects(self, sql: str) -> Iterator[str]:
        key = parts.key_of(sql)
        told = self.db.execute(parts.bounds(key, self.pairs)).fetchall() if key else []
        # A student with several platforms can end several parts.
        ends = dict.fromkeys(
            quote(str(end)) if key == "student_id" else str(end) for (end,) in told
        )
        for after, up_to in pairwise([None, *ends, None]):
            yield parts.between(sql, after, up_to)

    def _count(self, sql: str) -> int:
        rows: int = self.db.execute(sql).fetchall()[0][0]
        return rows
