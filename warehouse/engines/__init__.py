"""Where the transforms run: on DuckDB in this process, or on a Spark cluster.

Belongs here: what an engine does, and which one a district has chosen. Not here: the order of the
tables (build.py), what SQL both engines understand (transforms/portable.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import duckdb

from transforms.table import Transform
from warehouse.engines.choice import Choice
from warehouse.engines.in_duckdb import InDuckDB

__all__ = ["Choice", "Engine", "InDuckDB", "opened"]


class Engine(Protocol):
    """Makes tables that `db` then sees under their names: published ones in the target file."""

    db: duckdb.DuckDBPyConnection

    def make(self, transform: Transform) -> int:
        """Make one table whose inputs are there; its rows."""
        ...


@contextmanager
def opened(choice: Choice, db: duckdb.DuckDBPyConnection, work: Path) -> Iterator[Engine]:
    """The chosen engine for one build; `work` holds what it writes on the way.

    Raises HomeroomError where Spark was chosen and cannot be had.
    """
    if choice.name == "duckdb":
        yield InDuckDB(db)
        return
    # Only here: most districts have neither pyspark nor Java.
    from warehouse.engines.session import session

    with session(choice, work) as spark:
        from warehouse.engines.on_spark import OnSpark

        yield OnSpark(db, spark, work)
