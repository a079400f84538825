"""Great Expectations, made ready and asked: what both kinds of suites have in common.

Not here: what is expected of a batch (expectations.py) or of a view (view_expectations.py).
"""

from __future__ import annotations

import logging
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from uuid import uuid4

if TYPE_CHECKING:
    import pandas

#: Larger batches are sampled with this seed.
MOST_ROWS, SEED = 200_000, 20251121


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
