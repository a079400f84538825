"""How a number on a student's page was made: inputs, arithmetic and formula.

Most measures are explained row by row (warehouse/explain). A measure that it does not know is told
by its formula in the dictionary and the published row that it stands in.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from connectors.errors import HomeroomError
from portal.errors import Refused
from portal.live import Row
from portal.visit import Visit
from warehouse.explain import Explanation, explain

_LONGEST = 200


@dataclass(frozen=True)
class Making:
    """The measure as the dictionary tells it, and how it came about: `steps`, or only `rows`.
    `title`: how people call the platform."""

    meaning: Row
    steps: Explanation | None
    rows: list[Row]
    title: str = ""


def making(
    visit: Visit,
    student_id: str,
    measure: str,
    platform: str | None,
    week: date | None,
    item: str | None,
) -> Making:
    """How a measure of one student came about. Raises Refused where there is no such thing."""
    if max(len(measure), len(platform or ""), len(item or "")) > _LONGEST:
        raise Refused("not_found")
    view, _, column = measure.rpartition(".")
    meaning = _meaning(visit, view, column)
    try:
        steps = explain(
            visit.rows, measure, student_id, platform=platform, week=week, item=item,
            values=visit.settings.thresholds,
        )  # fmt: skip
    except (HomeroomError, OverflowError):
        if meaning is None:
            raise Refused("not_found") from None
        rows = _rows(visit, meaning, student_id, platform, week, item)
        return Making(meaning, None, rows)
    told = meaning or {"name": steps.name or column, "measure": column, "caution": ""}
    named = visit.rows(_TITLE, {"platform": steps.platform})
    return Making(told, steps, [], named[0]["title"] if named else steps.platform or "")


def _meaning(visit: Visit, view: str, column: str) -> Row | None:
    found = visit.rows(
        "SELECT * FROM views.measure_dictionary WHERE measure = $name "
        "ORDER BY table_name = $view DESC, table_name LIMIT 1",
        {"name": column, "view": f"views.{view}"},
    )
    return found[0] if found else None


def _rows(
    visit: Visit,
    meaning: Row,
    student_id: str,
    platform: str | None,
    week: date | None,
    item: str | None,
) -> list[Row]:
    """The published rows that hold the measure, the newest first; Refused where there are none."""
    of_card = not meaning["table_name"].startswith("views.")
    # The dictionary's own words, never the reader's.
    table = "views.card" if of_card else meaning["table_name"]
    columns = {row["column_name"] for row in visit.rows(_COLUMNS, {"table": table})}
    asked = {"platform": platform, "week_start": week and week - timedelta(days=week.weekday())}
    asked |= {"subject" if "subject" in columns else "item_id": item}
    asked |= {"student_id": student_id} | ({"rule_id": meaning["measure"]} if of_card else {})
    if "student_id" not in columns:
        raise Refused("not_found")
    held = {name: value for name, value in asked.items() if value is not None and name in columns}
    where = " AND ".join(f"{name} = ${name}" for name in held)
    order = " ORDER BY week_start DESC" if "week_start" in columns else ""
    rows = visit.rows(f"SELECT * FROM {table} WHERE {where}{order} LIMIT 8", held)
    if not rows:
        raise Refused("not_found")
    return rows


_TITLE = "SELECT title FROM roster.platform WHERE platform = $platform"
_COLUMNS = """SELECT column_name FROM duckdb_columns()
WHERE schema_name || '.' || table_name = $table"""
