"""The same table in every way a file can be written prepares to equal cells."""

from __future__ import annotations

import csv
import gzip
import io
import json
import zipfile
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import duckdb
import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.careful import salvage
from connectors.reading import is_archive, members, prepare
from warehouse.intake.rawtext import rows_of

Table = list[list[str]]
#: No character that Windows-1252 lacks or that XML forbids; no line ends, which containers differ in.
LETTERS = "aZ09é–€ß,;|\t\"' {}[]:/.#="
CELL = st.text(LETTERS, max_size=8).map(str.strip)


@st.composite
def tables(draw: st.DrawFn) -> Table:
    width = draw(st.integers(2, 4))
    header = [f"column {i}é" for i in range(width)]
    rows = draw(st.lists(st.lists(CELL, min_size=width, max_size=width), min_size=1, max_size=6))
    # A row begins with a key, as no format can tell an empty row from none.
    return [header, *([f"k{n}", *row[1:]] for n, row in enumerate(rows))]


def ways(table: Table) -> Iterator[tuple[str, bytes]]:
    """Every combination of encoding, separator, line end and packing, by name."""
    texts: dict[str, str] = {}
    for separator, end in product(",;\t|", ("\n", "\r\n", "\r")):
        out = io.StringIO(newline="")
        csv.writer(out, delimiter=separator, lineterminator=end).writerows(table)
        texts[f"csv {separator!r} {end!r}"] = out.getvalue()
    records = [dict(zip(table[0], row, strict=True)) for row in table[1:]]
    for plain in (True, False):
        each = [json.dumps(r, ensure_ascii=plain) for r in records]
        texts[f"json lines {plain}"] = "\n".join(each) + "\n"
        texts[f"json array {plain}"] = f"[{','.join(each)}]"
        texts[f"json envelope {plain}"] = f'{{"rows":[{",".join(each)}],"next":null}}'
    for name, text in texts.items():
        for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"):
            yield f"{name} {encoding}", text.encode(encoding)
        yield f"{name} gzip", gzip.compress(text.encode(), mtime=0)
        yield f"{name} zip", zipped("f/a.csv", text.encode())
        yield (
            f"{name} gzip in zip",
            zipped("a.csv.gz", gzip.compress(text.encode("utf-16"), mtime=0)),
        )
    book = openpyxl.Workbook()
    for y, row in enumerate(table, start=1):
        for x, value in enumerate(row, start=1):
            cell = book.worksheets[0].cell(y, x)
            cell.value, cell.data_type = value, "s"
    out_bytes = io.BytesIO()
    book.save(out_bytes)
    yield "xlsx", out_bytes.getvalue()
    yield "xlsx in zip", zipped("a.xlsx", out_bytes.getvalue())


def zipped(name: str, content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return out.getvalue()


def read(db: duckdb.DuckDBPyConnection, content: bytes, work: Path) -> Table:
    path = work / "in"
    path.write_bytes(content)
    if is_archive(path):
        [(_, path)] = members(path, work)
    prepared = prepare(path, work)
    assert not prepared.faults
    saved = salvage(prepared, work, stub_rows=False).path if prepared.odd else None
    found = db.execute(
        f"SELECT * EXCLUDE (_no, _line) FROM {rows_of([prepared], saved)}"
    ).fetchall()
    return [list(prepared.header), *([v or "" for v in row] for row in found)]


@pytest.mark.slow
@given(tables())
@settings(
    max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_table_has_the_same_cells_however_it_is_written(tmp_path: Path, table: Table) -> None:
    with duckdb.connect() as db:
        for name, content in ways(table):
            assert read(db, content, tmp_path) == table, name
