"""Great Expectations on a published version: each view, whole or as a seeded sample.

A view's suite comes from what the version says of itself: its key (checks.KEYS) and the units and
names of its columns (ops.dictionary). Every row was seen by checks.py before; this looks from
outside, and only warns. Counts only, never a value.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from transforms.suppression import LEAST
from warehouse import ledger as ledgers
from warehouse.ledger import Ledger
from warehouse.quality.checks import CELLS, KEYS, STATUSES
from warehouse.quality.library import MOST_ROWS, SEED, validate
from warehouse.reader import attached

#: Under which the outcome stands in the ledger.
NOTE = "view_expectations"
_NOT_NEGATIVE = ("count", "minutes", "days", "weeks", "percent")
#: Measures with an end on both sides, by name or by how it ends.
_BOUNDS: dict[str, tuple[float, float]] = {
    "pacing": (-1, 1),
    "pacing_low": (-1, 1),
    "pacing_high": (-1, 1),
    "active_day_rate": (0, 1),
    "evenness": (0, 1),
    "last_day_share": (0, 1),
    "target_met_share": (0, 1),
    "start_delay": (0, 1),
    "class_late_rate_others": (0, 1),
    "late_low": (0, 1),
    "late_high": (0, 1),
}
_STATES = ("on_time", "late", "missing", "not_due", "excused", "no_due_date")
#: Of whom a row tells, and where everybody stands who may be told of.
_REFERENCES = {"student_id": "roster.student", "class_id": "roster.class_section"}


def suite(gx: Any, view: str, columns: Sequence[tuple[str, str]]) -> list[Any]:
    """The expectations of a view, from its columns (name and unit) alone. Pure."""
    e, names = gx.expectations, [name for name, _ in columns]
    key = KEYS[view].split(", ")
    found: list[Any] = [_unique(e, key)]
    for name, unit in columns:
        if name in _REFERENCES:
            found.append(e.ExpectColumnValuesToBeInSet(column=_known(name), value_set=[True]))
        if name == "status":
            found.append(e.ExpectColumnValuesToNotBeNull(column=name))
        if name == "status" or name.endswith("_status"):
            found.append(e.ExpectColumnValuesToBeInSet(column=name, value_set=list(STATUSES)))
        if name == "state" and view == "views.assignment_timing":
            found.append(e.ExpectColumnValuesToBeInSet(column=name, value_set=list(_STATES)))
        if name in _BOUNDS:
            low, high = _BOUNDS[name]
            found.append(_between(e, name, low - 1e-9, high + 1e-9))
        elif unit in _NOT_NEGATIVE:
            found.append(_between(e, name, 0, None))
    if view == "views.class_week":
        found += [
            e.ExpectColumnValuesToNotBeInSet(column=cell, value_set=list(range(1, LEAST)))
            for cell in CELLS
            if cell in names
        ]
    return found


def _unique(e: Any, key: Sequence[str]) -> Any:
    if len(key) == 1:
        return e.ExpectColumnValuesToBeUnique(column=key[0])
    return e.ExpectCompoundColumnsToBeUnique(column_list=list(key), ignore_row_if="never")


def _between(e: Any, name: str, low: float, high: float | None) -> Any:
    return e.ExpectColumnValuesToBeBetween(column=name, min_value=low, max_value=high)


def _known(name: str) -> str:
    return f"{name.removesuffix('_id')}_is_known"


def check(live: Path, ledger: Ledger, context: Any) -> None:
    """Validate every view of a published file, and keep the counts in the ledger."""
    import great_expectations as gx

    views: dict[str, Any] = {}
    with attached(live, {"memory_limit": "1GB"}) as db:
        told = db.execute(
            "SELECT table_name, list((column_name, unit)) FROM ops.dictionary GROUP BY table_name"
        ).fetchall()
        for view, columns in sorted(told):
            if view not in KEYS:
                continue
            wanted = suite(gx, view, columns)
            rows = int(db.execute(f"SELECT count(*) FROM {view}").fetchall()[0][0])
            frame = db.execute(_sample(view, _columns(wanted), rows)).df()
            views[view] = {
                "rows": rows,
                "rows_checked": len(frame),
                "expectations": validate(context, frame, view, wanted),
            }
    ledger.keep(NOTE, {"version": live.name, "checked_at": ledgers.now(), "views": views})


def _columns(wanted: Sequence[Any]) -> list[str]:
    """The columns that some expectation is about."""
    named = [n for e in wanted for n in (getattr(e, "column_list", None) or [e.column])]
    return list(dict.fromkeys(named))


def _sample(view: str, names: Sequence[str], rows: int) -> str:
    known = {_known(name): (name, table) for name, table in _REFERENCES.items()}
    told = [
        f"coalesce({known[n][0]} IN (SELECT {known[n][0]} FROM {known[n][1]}), TRUE) AS {n}"
        if n in known
        else n
        for n in names
    ]
    limit = f"reservoir({MOST_ROWS} ROWS) REPEATABLE ({SEED})"
    drawn = f"USING SAMPLE {limit}" if rows > MOST_ROWS else ""
    return f"SELECT {', '.join(told)} FROM (FROM {view} {drawn})"


def unmet(ledger: Ledger, live: Path) -> dict[str, list[dict[str, Any]]] | None:
    """The expectations of each view that a version does not meet; None where nobody looked."""
    note = ledger.note(NOTE)
    if not note or note["version"] != live.name:
        return None
    return {
        view: [e for e in outcome["expectations"] if not e["passed"]]
        for view, outcome in note["views"].items()
    }
