"""Great Expectations on what a run brought: each feed's new rows, whole or as a seeded sample.

The expectations come from the lake's contract. The contract's own checks in SQL have seen every
row before; these look at the result from outside. Only counts are kept, never a value.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import duckdb

from warehouse import ledger as ledgers
from warehouse.intake.casting import quote
from warehouse.intake.settling import Taken
from warehouse.lake.tables import LAKE, LakeTable
from warehouse.ledger import Ledger
from warehouse.quality.library import MOST_ROWS, SEED, validate
from warehouse.settings import Settings

if TYPE_CHECKING:
    import pandas

_RANGES: dict[str, tuple[float, float]] = {
    "minutes": (0, 10080),
    "week_minutes": (0, 10080),
    "today_minutes": (0, 1440),
    "target_minutes": (0, 10080),
    "percentile": (0, 100),
    "rapid_guess_percent": (0, 100),
    "percent_completed": (0, 100),
    "score": (0, 1e6),
    "standard_error": (0, 100),
    "attempts": (0, 1e6),
    "events": (0, 1e9),
}
_CHOICES: dict[str, list[str]] = {
    "minutes_basis": ["exported", "sessionised", "clicks"],
    "timing": ["on_time", "late", "not_submitted"],
    "of": ["activity", "assignments", "assessments", "roster"],
    "state": ["complete", "in_progress", "not_started"],
}


def tables(taken: Taken) -> list[tuple[str, str, str, list[int]]]:
    """What came: platform, feed, table of the lake, and the files' numbers in the ledger."""
    return [(*key, ids) for key, ids in sorted(taken.touched.items()) if key[2] in LAKE]


def check(
    settings: Settings,
    ledger: Ledger,
    touched: list[tuple[str, str, str, list[int]]],
    context: Any,
) -> None:
    """Validate what each feed brought to each table, and keep the counts in the ledger."""
    import great_expectations as gx

    kept: dict[str, Any] = ledger.note("expectations") or {}
    for platform, feed, table, arrivals in touched:
        parts = _parts(settings, ledger, table, arrivals)
        if parts:
            frame, rows = _frame(parts, LAKE[table])
            results = validate(context, frame, table, _expectations(gx, LAKE[table]))
            kept[f"{platform}.{feed}.{table}"] = {
                "checked_at": ledgers.now(),
                "rows": rows,
                "rows_checked": len(frame),
                "expectations": results,
            }
    ledger.keep("expectations", kept)


def _parts(
    settings: Settings, ledger: Ledger, table: str, arrivals: list[int]
) -> list[tuple[str, int]]:
    """Path and arrival of what some files brought, in a seeded order, enough for a sample."""
    marks = ", ".join(map(str, arrivals))
    parts = ledger.rows(
        f"""SELECT p.path, p.file_id, p.rows FROM part p JOIN file f ON f.id = p.file_id
            WHERE p.table_name = ? AND f.status = 'loaded' AND f.id IN ({marks})
            ORDER BY f.id""",
        (table,),
    )
    # Reading everything to keep a fiftieth would cost more than the checks: parts are drawn
    # first, two samples' worth, and rows are drawn from them.
    random.Random(SEED).shuffle(parts)
    drawn, rows = [], 0
    for path, arrival, count in parts:
        if rows > 2 * MOST_ROWS:
            break
        drawn.append((str(settings.lake / path), arrival))
        rows += count
    return drawn


def _frame(parts: list[tuple[str, int]], table: LakeTable) -> tuple[pandas.DataFrame, int]:
    """The rows of some parts, all of them or a seeded sample; and how many they hold."""
    with duckdb.connect(config={"memory_limit": "1GB"}) as db:
        db.execute("CREATE TABLE drawn (path VARCHAR, arrival BIGINT)")
        db.execute(
            "INSERT INTO drawn SELECT unnest(?), unnest(?)",
            [[path for path, _ in parts], [arrival for _, arrival in parts]],
        )
        paths = ", ".join(quote(path) for path in dict.fromkeys(path for path, _ in parts))
        columns = ", ".join(_looked_at(table))
        source = (
            f"(SELECT p.* FROM read_parquet([{paths}], filename=true, hive_partitioning=false) p "
            "JOIN drawn d ON d.path = p.filename AND d.arrival = p.arrival)"
        )
        rows = int(db.execute(f"SELECT count(*) FROM {source}").fetchall()[0][0])
        sample = f"USING SAMPLE reservoir({MOST_ROWS} ROWS) REPEATABLE ({SEED})"
        limited = f"SELECT {columns} FROM {source} {sample if rows > MOST_ROWS else ''}"
        return db.execute(limited).df(), rows


def _expectations(gx: Any, table: LakeTable) -> list[Any]:
    e, found = gx.expectations, []
    key = ["source_file", *table.key]
    if table.name != "account":
        found.append(e.ExpectCompoundColumnsToBeUnique(column_list=key, ignore_row_if="never"))
    found += [
        e.ExpectColumnValuesToNotBeNull(column=field.name)
        for field in table.fields
        if field.name in table.key
        and field.name.endswith(("_id", "_key"))
        and not field.may_be_absent
    ]
    for field in table.fields:
        if field.name in _RANGES:
            low, high = _RANGES[field.name]
            found.append(
                e.ExpectColumnValuesToBeBetween(column=field.name, min_value=low, max_value=high)
            )
        if field.name in _CHOICES:
            found.append(
                e.ExpectColumnValuesToBeInSet(column=field.name, value_set=_CHOICES[field.name])
            )
    if not found:
        found.append(e.ExpectTableRowCountToBeBetween(min_value=1))
    return found


def _looked_at(table: LakeTable) -> list[str]:
    """The columns that some expectation is about."""
    wanted = {*table.key, *_RANGES, *_CHOICES}
    return ["source_file", *(name for name in table.names if name in wanted)]
