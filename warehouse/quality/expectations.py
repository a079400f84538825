"""Great Expectations on what a run brought: each feed's new rows, whole or as a seeded sample.

The expectations come from the lake's contract. The contract's own checks in SQL have seen every
row before; these look at the result from outside. Only counts are kept, never a value.
"""

from __future__ import annotations

import json
import logging
import os
import random
import secrets
import subprocess
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import duckdb

from warehouse import ledger as ledgers
from warehouse.intake.casting import quote
from warehouse.intake.settling import Taken
from warehouse.lake.tables import LAKE, LakeTable
from warehouse.ledger import Ledger
from warehouse.settings import Settings, load

if TYPE_CHECKING:
    import pandas

#: Larger batches are sampled with this seed.
MOST_ROWS, SEED = 200_000, 20251121
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


class Apart:
    """The checks in a process of its own: it gets ready while files are read, looks while the
    warehouse is built, and gives its memory back.

    These checks never stop a run: where the process itself fails, that is kept as their outcome.
    """

    def __init__(self, settings: Settings) -> None:
        # What it keeps when all is looked at: a process may end without a word.
        self._token = secrets.token_hex(8)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "warehouse.quality.expectations", str(settings.file),
             self._token],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip

    def hand_over(self, taken: Taken) -> None:
        """Tell it what came; it looks while the warehouse is built."""
        self._say(_tables(taken))

    def finish(self, ledger: Ledger, published: Path | None = None) -> None:
        """Tell it what went live, if anything did, and wait until it has looked at that too."""
        self._say(str(published) if published else None)
        code = self._process.wait()
        done = ledger.note("expectations_done") == self._token
        ledger.keep("expectations_failed", None if done else f"the process ended with {code}")

    def _say(self, what: object) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(what) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            self._process.kill()

    def stop(self) -> None:
        """End it before it has been told anything."""
        self._process.kill()
        self._process.wait()


def check(settings: Settings, ledger: Ledger, taken: Taken) -> None:
    """Validate what each feed brought to each table, and keep the counts in the ledger."""
    if touched := _tables(taken):
        with _told(ledger):
            _check(settings, ledger, touched, context())


def check_views(ledger: Ledger, live: Path) -> None:
    """Validate the views of what went live, and keep the counts in the ledger."""
    from warehouse.quality import view_expectations

    with _told(ledger):
        view_expectations.check(live, ledger, context())


@contextmanager
def _told(ledger: Ledger) -> Iterator[None]:
    """Whatever ends these checks ends no run; that they did not end well is kept."""
    failed = None
    try:
        yield
    except Exception as error:  # noqa: BLE001 - the kind alone: its words may quote a value
        failed = type(error).__name__
    ledger.keep("expectations_failed", failed)


def _tables(taken: Taken) -> list[tuple[str, str, str, list[int]]]:
    return [(*key, ids) for key, ids in sorted(taken.touched.items()) if key[2] in LAKE]


def _check(
    settings: Settings,
    ledger: Ledger,
    touched: list[tuple[str, str, str, list[int]]],
    context: Any,
) -> None:
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


def context() -> Any:
    """One ephemeral context, without progress bars. Imported late: it takes seconds and 300 MB."""
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    with warnings.catch_warnings(), _without_spark():
        warnings.simplefilter("ignore")
        import great_expectations as gx

        logging.getLogger("great_expectations").setLevel(logging.ERROR)
        context: Any = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    return context


@contextmanager
def _without_spark() -> Iterator[None]:
    """Hide Spark while Great Expectations is imported, which looks for all of it: one of Spark's
    modules ends the process where the libraries of its remote client are missing."""
    held = {n: m for n, m in sys.modules.items() if n == "pyspark" or n.startswith("pyspark.")}
    for name in held:
        del sys.modules[name]
    sys.modules["pyspark"] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules["pyspark"]
        sys.modules.update(held)


def validate(
    context: Any, frame: pandas.DataFrame, table: str, wanted: list[Any]
) -> list[dict[str, Any]]:
    """Run expectations over a frame: name, column, how many rows break it."""
    import great_expectations as gx

    batch = (
        context.data_sources.add_pandas(f"{table}-{uuid4().hex}")
        .add_dataframe_asset(table)
        .add_batch_definition_whole_dataframe("batch")
        .get_batch({"dataframe": frame})
    )
    # A suite that the context does not know: it writes out whatever it keeps.
    outcome = batch.validate(gx.ExpectationSuite(table, wanted), result_format="BASIC")
    return [_counts(result) for result in outcome.results]


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


def _counts(result: Any) -> dict[str, Any]:
    """What may be kept of a result: counts."""
    config = result.expectation_config
    column = config.kwargs.get("column") or ", ".join(config.kwargs.get("column_list", []))
    return {
        "expectation": config.type,
        "column": column,
        "passed": bool(result.success),
        "unexpected": int(result.result.get("unexpected_count", 0) or 0),
    }


def _main(file: str, token: str) -> None:
    """The process of `Apart`: a line tells what came, a second what went live."""
    from warehouse.quality import view_expectations

    settings, ready = load(Path(file)), context()
    ledger = Ledger(settings.ledger)
    _check(settings, ledger, json.loads(sys.stdin.readline()), ready)
    if live := json.loads(sys.stdin.readline()):
        view_expectations.check(Path(live), ledger, ready)
    ledger.keep("expectations_done", token)


if __name__ == "__main__":
    _main(sys.argv[1], sys.argv[2])
