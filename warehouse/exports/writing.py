"""One week of every table as CSV, Parquet and one workbook, and the manifest that lists them.

Identical data makes identical bytes: rows are in order, and nothing tells when it was written.
Files appear whole or not at all; the manifest comes last.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb

from connectors.errors import HomeroomError
from warehouse import publish
from warehouse.exports import workbook
from warehouse.exports.listing import EXPORTS, PERSONS, Export
from warehouse.exports.pseudonyms import pseudonym
from warehouse.exports.spreadsheet import cell_sql
from warehouse.exports.whole import whole
from warehouse.intake.casting import quote
from warehouse.ledger import disk_told
from warehouse.reader import attached

Manifest = dict[str, Any]
#: A constant number of threads keeps the files' inner layout the same on every machine.
_CONFIG = {"threads": "2", "preserve_insertion_order": "true"}


@dataclass(frozen=True)
class Wanted:
    """What is asked for. `week`: any day of it. `key`: for pseudonyms; None = ids as they are."""

    week: date
    key: bytes | None = None
    fairness_audit: bool = False

    @property
    def monday(self) -> date:
        """The week's first day."""
        return date.fromordinal(self.week.toordinal() - self.week.weekday())

    @property
    def exports(self) -> list[Export]:
        """The tables, in order."""
        return [e for e in EXPORTS if self.fairness_audit or not e.coordinators]


def export_week(warehouse: Path, wanted: Wanted, out: Path) -> Manifest:
    """Write one week's files to `out`; the manifest's content. Raises HomeroomError."""
    pointer = publish.read_pointer(warehouse)
    if pointer is None or not (warehouse / pointer.file).is_file():
        raise HomeroomError(
            "nothing has been published yet", culprit=str(warehouse), fix="homeroom run"
        )
    with disk_told(out):
        out.mkdir(parents=True, exist_ok=True)
        return _export(warehouse, pointer, wanted, out)


def _export(warehouse: Path, pointer: publish.Pointer, wanted: Wanted, out: Path) -> Manifest:
    # While a manifest is there, the files are those it lists.
    older = _taken(out / manifest_name(wanted))
    with attached(warehouse / pointer.file, _CONFIG) as db:
        if wanted.key is not None:
            _keyed(db, wanted.key)
        sheets, files = [], []
        for export in wanted.exports:
            told, sheet = _table(db, export, wanted, out)
            files += told
            sheets.append(sheet)
        fresh_to = _fresh(db)
        book = out / f"homeroom_{wanted.monday}.xlsx"
        with whole(book) as fresh:
            workbook.write(fresh, wanted.monday, fresh_to, sheets, pseudonymous=bool(wanted.key))
        files.append(_told(book) | {"sheets": [sheet.name for sheet in sheets]})
        manifest: Manifest = {
            "week_start": str(wanted.monday),
            "week_end": str(date.fromordinal(wanted.monday.toordinal() + 6)),
            "pseudonymous": wanted.key is not None,
            "inputs": pointer.inputs,
            "homeroom": version("homeroom"),
            "data_through": fresh_to,
            "measures": _measures(db),
            "files": files,
        }
    for name in left_over(older, manifest):
        (out / name).unlink(missing_ok=True)
    with whole(out / manifest_name(wanted)) as fresh:
        fresh.write_text(json.dumps(manifest, indent=1) + "\n", "utf-8")
    return manifest


def left_over(older: bytes, manifest: Manifest) -> list[str]:
    """Files that an older manifest of the same week lists and this one does not; none where it is
    no manifest of ours, or names a file that no export of the week is called. Pure."""
    try:
        told = json.loads(older)
        week, names = told["week_start"], [file["file"] for file in told["files"]]
        ours = isinstance(told["homeroom"], str) and week == manifest["week_start"]
    except (ValueError, TypeError, KeyError):
        return []
    if not ours or not all(re.fullmatch(rf"[a-z_]+_{week}\.(csv|parquet|xlsx)", n) for n in names):
        return []
    return sorted(set(names) - {file["file"] for file in manifest["files"]})


def manifest_name(wanted: Wanted) -> str:
    """The file that lists all others."""
    return f"manifest_{wanted.monday}.json"


def select(db: duckdb.DuckDBPyConnection, export: Export, wanted: Wanted) -> str:
    """SQL for an export's rows, in order, from the attached warehouse."""
    try:
        columns = _columns(db, f"SELECT * FROM {export.table}")
    except duckdb.CatalogException as error:
        raise HomeroomError(
            "the published version was made by an older Homeroom",
            culprit=export.table,
            fix="homeroom run --rebuild",
        ) from error
    rows = export.rows.replace("$monday", f"DATE '{wanted.monday}'")
    if wanted.key is None:
        chosen = ", ".join(columns)
    else:
        kept = [c for c in columns if any(fnmatchcase(c, told) for told in export.unnamed)]
        chosen = ", ".join(f"pseudonym({c}) AS {c}" if c in PERSONS else c for c in kept)
    return f"SELECT {chosen} FROM {export.table} WHERE {rows} ORDER BY ALL"


def _table(
    db: duckdb.DuckDBPyConnection, export: Export, wanted: Wanted, out: Path
) -> tuple[list[Manifest], workbook.Sheet]:
    """Write one table as CSV and Parquet; what the manifest tells of them, and its sheet."""
    db.execute(f"CREATE OR REPLACE TEMP TABLE exported AS {select(db, export, wanted)}")
    columns = _columns(db, "SELECT * FROM temp.exported")
    safe = ", ".join(
        f"{cell_sql(name)} AS {name}" if kind == "VARCHAR" else name
        for name, kind in columns.items()
    )
    stem = out / f"{export.name}_{wanted.monday}"
    files = []
    for form, rows, options in (
        ("csv", f"SELECT {safe} FROM temp.exported", "FORMAT csv, HEADER"),
        ("parquet", "FROM temp.exported", "FORMAT parquet, COMPRESSION zstd"),
    ):
        target = Path(f"{stem}.{form}")
        with whole(target) as fresh:
            (count,) = db.execute(f"COPY ({rows}) TO {quote(str(fresh))} ({options})").fetchall()[0]
        files.append(
            _told(target)
            | {
                "table": export.table,
                "rows": count,
                "columns": [{"name": name, "type": kind} for name, kind in columns.items()],
            }
        )
    # Read again from the file when the sheet is made: the temporary table is replaced by the next.
    source = f"SELECT * FROM read_parquet({quote(str(target))})"
    sheet = workbook.Sheet(export.name, export.about, list(columns), count, _batches(db, source))
    return files, sheet


def _batches(db: duckdb.DuckDBPyConnection, sql: str) -> Iterator[list[tuple[Any, ...]]]:
    cursor = db.cursor().execute(sql)
    while rows := cursor.fetchmany(10_000):
        yield rows


def _columns(db: duckdb.DuckDBPyConnection, sql: str) -> dict[str, str]:
    return {row[0]: row[1] for row in db.execute(f"DESCRIBE {sql}").fetchall()}


def _keyed(db: duckdb.DuckDBPyConnection, key: bytes) -> None:
    """A table of every person's pseudonym, and the macro that looks one up."""
    people = db.execute(
        "SELECT student_id FROM roster.student UNION SELECT staff_id FROM roster.staff"
    ).fetchall()
    db.execute("CREATE TEMP TABLE pseudonyms (person_id VARCHAR, pseudonym VARCHAR)")
    ids = [person_id for (person_id,) in people]
    db.execute(
        "INSERT INTO pseudonyms SELECT unnest($1), unnest($2)",
        [ids, [pseudonym(key, person_id) for person_id in ids]],
    )
    db.execute(
        "CREATE TEMP MACRO pseudonym(id) AS "
        "(SELECT p.pseudonym FROM temp.pseudonyms AS p WHERE p.person_id = id)"
    )


def _fresh(db: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Each platform's last day with data."""
    rows = db.execute(
        "SELECT platform, max(data_through) FROM views.student_platform_week "
        "WHERE data_through IS NOT NULL GROUP BY platform ORDER BY platform"
    ).fetchall()
    return {platform: str(day) for platform, day in rows}


def _measures(db: duckdb.DuckDBPyConnection) -> dict[str, str]:
    rows = db.execute(
        "SELECT measure, min(version) FROM views.measure_dictionary GROUP BY measure ORDER BY 1"
    ).fetchall()
    return {measure: str(told) for measure, told in rows}


def _taken(path: Path) -> bytes:
    """A file's content; the file is gone."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return b""
    path.unlink()
    return content


def _told(path: Path) -> Manifest:
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return {"file": path.name, "bytes": path.stat().st_size, "sha256": digest}
