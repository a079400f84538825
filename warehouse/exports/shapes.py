"""The same facts in shapes that other systems read: OneRoster's gradebook, Ed-Fi's tests.

All weeks, as the warehouse stands, with the roster's ids. Belongs here: writing the files, and
counting what a standard asks for and nobody told. Which field holds what: oneroster.py, ed_fi.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

from connectors.errors import HomeroomError
from warehouse import publish
from warehouse.exports import ed_fi, oneroster
from warehouse.exports.shape import ShapeFile
from warehouse.exports.whole import whole
from warehouse.intake.casting import MACROS, quote
from warehouse.reader import attached

_SHAPES = {"oneroster": oneroster.FILES, "ed-fi": ed_fi.FILES}


@dataclass(frozen=True)
class Shaped:
    """A file that was written. `lacking`: what the standard asks for -> rows without it."""

    name: str
    rows: int
    lacking: dict[str, int]


def export_shape(warehouse: Path, shape: str, out: Path, zone: str) -> list[Shaped]:
    """Write "oneroster" or "ed-fi" to `out`. `zone`: the district's, for days. The files are whole
    or absent, and OneRoster's manifest comes last. Raises HomeroomError."""
    live = publish.live_file(warehouse)
    if live is None:
        raise HomeroomError(
            "nothing has been published yet", culprit=str(warehouse), fix="homeroom run"
        )
    out.mkdir(parents=True, exist_ok=True)
    with attached(live, {"threads": "2"}) as db:
        for macro in MACROS:
            db.execute(f"CREATE TEMP MACRO {macro.format(zone=zone)}")
        return [_file(db, file, out) for file in _SHAPES[shape]]


def _file(db: duckdb.DuckDBPyConnection, file: ShapeFile, out: Path) -> Shaped:
    db.execute(f"CREATE OR REPLACE TEMP TABLE shaped AS {file.rows}")
    write = _json if file.name.endswith(".json") else _csv
    write(db, out / file.name)
    counts = [f"count(*) FILTER (WHERE {lacks})" for lacks in file.asked.values()]
    told = db.execute(f"SELECT {', '.join(['count(*)', *counts])} FROM temp.shaped").fetchall()
    rows, *lacking = told[0]
    return Shaped(file.name, rows, {n: c for n, c in zip(file.asked, lacking, strict=True) if c})


def _json(db: duckdb.DuckDBPyConnection, target: Path) -> None:
    """Write one list. A merge patch leaves out what is null, as a field that is not known is."""
    rows = db.execute(
        "SELECT json_merge_patch('{}', to_json(one)) AS one FROM temp.shaped ORDER BY ALL"
    )
    first = True
    with whole(target) as fresh, fresh.open("w", encoding="utf-8") as stream:
        stream.write("[")
        while batch := rows.fetchmany(10_000):
            stream.write("\n" if first else ",\n")
            stream.write(",\n".join(one for (one,) in batch))
            first = False
        stream.write("\n]\n")


def _csv(db: duckdb.DuckDBPyConnection, target: Path) -> None:
    with whole(target) as fresh:
        db.execute(
            f"COPY (FROM temp.shaped ORDER BY ALL) TO {quote(str(fresh))} (FORMAT csv, HEADER)"
        )
