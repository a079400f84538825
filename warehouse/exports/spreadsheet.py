"""Text that a spreadsheet would run is made plain: what begins like a formula gets a quote.

Belongs here: that rule, for a value in Python and for a column in SQL.
"""

from __future__ import annotations

from typing import Any

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def cell(value: Any) -> Any:
    """A value as a spreadsheet may read it. Numbers stay numbers."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def cell_sql(column: str) -> str:
    """SQL for a text column as a spreadsheet may read it."""
    first = ", ".join(f"chr({ord(sign)})" for sign in _FORMULA)
    return f"CASE WHEN left({column}, 1) IN ({first}) THEN '''' || {column} ELSE {column} END"
