"""Reading the live warehouse: read-only, and never in the way of the run that writes the next.

Readers ask the pointer which file is live; an open reader keeps the version it opened.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TextIO

import duckdb

from connectors.errors import HomeroomError
from warehouse import publish
from warehouse.intake.casting import quote

FORMATS = ("table", "csv", "json")


def attached(live: Path, config: Mapping[str, Any] | None = None) -> duckdb.DuckDBPyConnection:
    """A connection that reads one published file, in UTC. A cursor of it needs `USE warehouse`.

    Attached, not opened: whoever else of this process has the file open may have opened it with
    other limits, and then DuckDB opens it no second time.
    """
    db = duckdb.connect(config=dict(config or {}))
    try:
        db.execute(f"ATTACH {quote(str(live))} AS warehouse (READ_ONLY)")
    except duckdb.Error:
        db.close()
        raise
    db.execute("USE warehouse")
    db.execute("SET GLOBAL TimeZone = 'UTC'")
    return db


class Reader:
    """A read-only connection to the live version."""

    def __init__(self, warehouse: Path) -> None:
        live = publish.live_file(warehouse)
        if live is None:
            raise HomeroomError(
                "nothing has been published yet", culprit=str(warehouse), fix="homeroom run"
            )
        self.path = live
        self._db = attached(live)
        # No outside files and no settings: what comes here is text typed by a person.
        self._db.execute("SET enable_external_access = false")
        self._db.execute("SET lock_configuration = true")

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self._db.close()
        # Some faults show only while rows are fetched, when `query` has long returned.
        if isinstance(error, duckdb.Error):
            raise _sql_error(error) from error

    def query(
        self, sql: str, parameters: Mapping[str, Any] | None = None
    ) -> duckdb.DuckDBPyConnection:
        """Run one statement; `$name` in it stands for a parameter.

        Raises HomeroomError with DuckDB's own words where it is wrong.
        """
        try:
            return self._db.execute(sql, dict(parameters) if parameters else None)
        except duckdb.Error as error:
            raise _sql_error(error) from error

    def rows(self, sql: str, parameters: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """The rows as dictionaries."""
        cursor = self.query(sql, parameters)
        names = [d[0] for d in cursor.description or []]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _sql_error(error: duckdb.Error) -> HomeroomError:
    return HomeroomError(
        str(error).strip(),
        culprit="SQL",
        fix="ops.dictionary lists every table and column there is",
    )


def write_csv(cursor: duckdb.DuckDBPyConnection, out: TextIO = sys.stdout) -> None:
    """The rows as CSV, in bounded memory."""
    import csv

    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([d[0] for d in cursor.description or []])
    while rows := cursor.fetchmany(10_000):
        writer.writerows(rows)


def write_json(cursor: duckdb.DuckDBPyConnection, out: TextIO = sys.stdout) -> None:
    """The rows as one JSON array of objects, in bounded memory."""
    import json

    names = [d[0] for d in cursor.description or []]
    out.write("[")
    first = True
    while rows := cursor.fetchmany(10_000):
        for row in rows:
            out.write("\n" if first else ",\n")
            first = False
            json.dump(dict(zip(names, row, strict=True)), out, default=str)
    out.write("\n]\n")
