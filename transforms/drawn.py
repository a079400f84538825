"""Tables that are drawn up from declarations and not from data: the measure dictionary, how people
call the platforms, and what schools set for themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from transforms.table import Column, Transform
from transforms.thresholds import Ceilings

_HERE = Path(__file__)


@dataclass(frozen=True)
class Titled:
    """A platform and how people call it.

    `subject`: of what it teaches; empty where several. `test_scale`: of its tests' scores; empty
    where it has no name.
    """

    platform: str
    title: str
    subject: str = ""
    test_scale: str = ""


def dictionary(transforms: Sequence[Transform]) -> Transform:
    """views.measure_dictionary, from the measures that the SQL files' headers tell."""
    measures = sorted(
        (m for t in transforms for m in t.measures), key=lambda m: (m.measure, m.table)
    )
    return _drawn(
        "views.measure_dictionary",
        "summaries",
        "every measure: what it is called, how it is computed, from how much data on, and what to "
        "keep in mind",
        "measure x table that holds it",
        (
            Column("measure", "id", "name of the column, or of the card's rule"),
            Column("name", "text", "as teachers see it"),
            Column("version", "text", "number, and the thresholds that the district has set"),
            Column("unit", "text", "unit"),
            Column("formula", "text", "how it is computed, in words"),
            Column("minimum", "text", "from how much data on it is a number"),
            Column("caution", "text", "what to keep in mind; empty where nothing"),
            Column("source", "text", "where the formula comes from, and what is known about it"),
            Column("table_name", "id", "table that holds it"),
        ),
        [
            (
                m.measure,
                m.name,
                m.version,
                m.unit,
                m.formula,
                m.minimum,
                m.caution,
                m.source,
                m.table,
            )
            for m in measures
        ],
    )


def platforms(titles: Sequence[Titled]) -> Transform:
    """roster.platform, from the platforms' declarations."""
    return _drawn(
        "roster.platform",
        "roster",
        "how people call the platforms.",
        "platform",
        (
            Column("platform", "id", "platform"),
            Column("title", "text", "as people call it"),
            Column("subject", "text", "subject of what it teaches; empty where it has several"),
            Column("test_scale", "text", "scale of its tests' scores; empty where it has no name"),
        ),
        [(t.platform, t.title, t.subject, t.test_scale) for t in titles],
    )


def school_ceiling(ceilings: Ceilings) -> Transform:
    """work.school_ceiling, from the district's settings."""
    return _drawn(
        "work.school_ceiling",
        "roster",
        "schools with a ceiling of screen time of their own.",
        "school",
        (
            Column("school_id", "id", "school"),
            Column("screen_minutes", "minutes", "weekly ceiling of minutes on all platforms"),
        ),
        [(school, repr(float(minutes))) for school, minutes in ceilings.items()],
    )


def _drawn(
    table: str,
    group: str,
    summary: str,
    grain: str,
    columns: tuple[Column, ...],
    rows: Sequence[tuple[str, ...]],
) -> Transform:
    names = ", ".join(column.name for column in columns)
    typed = ", ".join(map(_typed, columns))
    told = ", ".join(f"({', '.join(map(_text, row))})" for row in rows)
    if rows:
        sql = f"SELECT {typed} FROM (VALUES {told}) AS told ({names})"
    else:
        nulls = ", ".join(f"CAST(NULL AS VARCHAR) AS {column.name}" for column in columns)
        sql = f"SELECT {typed} FROM (SELECT {nulls}) AS told WHERE FALSE"
    return Transform(table, group, _HERE, sql, summary, grain, columns, frozenset())


def _typed(column: Column) -> str:
    if column.unit != "minutes":
        return column.name
    return f"CAST({column.name} AS DOUBLE) AS {column.name}"


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
