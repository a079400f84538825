"""The process that answers one question: fills a database, locks it and itself, asks, and ends.

Started by asking.py with nothing in its environment; the job comes as JSON on standard input, the
answer goes as JSON to standard output. Nothing that was not copied before the lock can be reached.
"""

from __future__ import annotations

import datetime
import json
import math
import resource
import sys
from decimal import Decimal
from typing import Any

import duckdb

from portal.ask.judge import NotAllowed, tables_in

_LOCKED = (
    "SET python_enable_replacements = false",
    "SET autoinstall_known_extensions = false",
    "SET autoload_known_extensions = false",
    "SET allow_community_extensions = false",
    "SET enable_external_access = false",
    "SET lock_configuration = true",
)
#: No answer is longer, in characters, and no cell of it.
_MOST, _CELL = 4_000_000, 10_000


def main() -> None:
    """Read the job, write the answer."""
    job = json.load(sys.stdin)
    try:
        told = answer(job)
    except NotAllowed as error:
        told = {"problem": str(error)}
    except (duckdb.OutOfMemoryException, MemoryError):
        told = {"stopped": "memory"}
    except duckdb.Error as error:
        told = {"problem": str(error)}
    json.dump(told, sys.stdout)


def answer(job: dict[str, Any]) -> dict[str, Any]:
    """Columns, rows and whether more rows there are. Raises NotAllowed and duckdb.Error."""
    db = duckdb.connect(
        config={
            "threads": "1",
            "memory_limit": job["memory"],
            # What is about children is not spilled to disk.
            "temp_directory": "",
        }
    )
    (tree,) = db.execute("SELECT json_serialize_sql(?)", [job["sql"]]).fetchone() or ("{}",)
    fill(db, job, tables_in(json.loads(tree), job["tables"].keys()))
    lock(db, job)
    cursor = db.execute(job["sql"])
    columns = [d[0] for d in cursor.description or []]
    rows: list[list[Any]] = []
    left = _MOST
    while len(rows) <= job["rows"] and left > 0:
        row = cursor.fetchone()
        if row is None:
            return {"columns": columns, "rows": rows, "cut": False}
        rows.append([_cell(v) for v in row])
        left -= sum(len(v) if isinstance(v, str) else 8 for v in rows[-1])
    return {"columns": columns, "rows": rows[: job["rows"]], "cut": True}


def fill(db: duckdb.DuckDBPyConnection, job: dict[str, Any], tables: set[str]) -> None:
    """Copy the rows of the tables that the question names, and let go of where they come from."""
    for schema in ("views", "mine", "may"):
        db.execute(f"CREATE SCHEMA {schema}")
    for name, ids in (("student", job["students"]), ("class_section", job["classes"])):
        db.execute(f"CREATE TABLE may.{name} AS SELECT unnest(CAST(? AS VARCHAR[])) AS id", [ids])
    where = str(job["warehouse"]).replace("'", "''")
    db.execute(f"ATTACH '{where}' AS live (READ_ONLY)")
    for table in sorted(tables):
        db.execute(f"CREATE TABLE {table} AS {job['tables'][table]}")
    db.execute("DETACH live")
    db.execute("DROP SCHEMA may CASCADE")


def lock(db: duckdb.DuckDBPyConnection, job: dict[str, Any]) -> None:
    """From here on: no file, no setting, little memory, little time."""
    db.execute("SET TimeZone = 'UTC'")
    db.execute("SET search_path = 'views,mine'")
    for statement in _LOCKED:
        db.execute(statement)
    for what, most in (
        (resource.RLIMIT_CPU, job["seconds"]),
        (resource.RLIMIT_DATA, job["bytes"]),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        # The three that are open are the job and the answer.
        (resource.RLIMIT_NOFILE, 3),
    ):
        resource.setrlimit(what, (most, most))


def _cell(value: Any) -> Any:
    """A value as JSON has it; a long text is cut."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, Decimal):
        value = float(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, datetime.datetime):
        value = value.isoformat(" ")
    text = str(value)
    return text if len(text) <= _CELL else f"{text[:_CELL]}..."


if __name__ == "__main__":
    main()
