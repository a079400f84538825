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

    @property
    def db(self) -> duckdb.DuckDBPyConnection:
        """The connection that holds the warehouse being built."""
        ...

    def make(self, transform: Transform) -> int:
        """Make one table whose inputs are there; its rows."""
        ...


@contextmanager
def opened(choice: Choice, db: duckdb.DuckDBPyConnection) -> Iterator[Engine]:
    """The chosen engine for one build into `db`; what it writes on the way lies beside the scratch
    file.

    Raises HomeroomError where Spark was chosen and cannot be had.
    """
    if choice.name == "duckdb":
        yield InDuckDB(db)
        return
    # Only here: most districts have neither pyspark nor Java.
    from warehouse.engines.session import session

    work = _scratch(db).parent / "spark"
    with session(choice, work) as spark:
        from warehouse.engines.on_spark import OnSpark

        yield OnSpark(db, spark, work)


def _scratch(db: duckdb.DuckDBPyConnection) -> Path:
    told = db.execute("SELECT path FROM duckdb_databases() WHERE database_name = 'scratch'")
    return Path(told.fetchall()[0][0])
