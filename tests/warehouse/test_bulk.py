"""Rows that Python holds come into a table as they are."""

from __future__ import annotations

from datetime import date
from typing import Any

import duckdb
import pytest

from warehouse import bulk


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [(1, "a", date(2025, 9, 5), True)],
        [(None, None, None, None), (2, 'it\'s; "so"', None, False)],
        [(None, None, None, None)],
        [(n, "x" * (n % 3), date(2025, 9, 5) if n % 2 else None, None) for n in range(3000)],
    ],
    ids=["none", "one", "some not known", "nothing known", "many"],
)
def test_rows_come_as_they_are_once_each(rows: list[tuple[Any, ...]]) -> None:
    with duckdb.connect() as db:
        db.execute("CREATE TABLE t (n BIGINT, word VARCHAR, day DATE, is_so BOOLEAN)")
        bulk.insert(db, "t", rows)
        found = db.execute("FROM t").fetchall()
    assert sorted(found, key=str) == sorted(rows, key=str)


def test_a_row_with_too_few_columns_is_an_error() -> None:
    with duckdb.connect() as db:
        db.execute("CREATE TABLE t (a BIGINT, b BIGINT)")
        with pytest.raises(ValueError, match="shorter"):
            bulk.insert(db, "t", [(1, 2), (3,)])
        assert db.execute("FROM t").fetchall() == []
