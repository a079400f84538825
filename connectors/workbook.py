"""Sheets of an .xlsx workbook as flat tables of text, row by row in bounded memory.

Belongs here: which sheets count, how a cell becomes text. Not here: zips in general (packing.py),
what the columns mean (contract.py).

A sheet's first row that is not empty is its header. Cells past the header's last name make a row
too long; hidden sheets are passed over; a formula is its cached value, an error is empty.
"""

from __future__ import annotations

import datetime as dt
import json
import struct
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

import pyarrow
import pyarrow.parquet

from connectors.errors import FileRefused
from connectors.packing import refuse_unsafe
from connectors.prepared import Fault, Prepared

OLE = b"\xd0\xcf\x11\xe0"
#: Rows of the largest sheet there can be.
MOST_ROWS = 1_048_576
_BATCH = 10_000
#: Bytes of the parts that are held in memory whole.
_HELD = {"xl/sharedStrings.xml": 256 << 20, "xl/styles.xml": 32 << 20, "xl/workbook.xml": 8 << 20}
_ERRORS = {
    "#N/A", "#REF!", "#DIV/0!", "#VALUE!", "#NAME?", "#NULL!", "#NUM!", "#SPILL!", "#CALC!",
    "#GETTING_DATA",
}  # fmt: skip
#: From here on a spreadsheet has lost digits of a whole number.
_EXACT = 10**15
#: Where the Parquet file of a sheet keeps its header and its faults.
_TOLD = "homeroom"
_LINE = "_line"


def is_workbook(path: Path) -> bool:
    """Whether a zip is a workbook of any kind; False for what is no whole zip."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError, struct.error):
        return False
    return bool(names & {"xl/workbook.xml", "xl/workbook.bin"}) or names >= {
        "mimetype",
        "content.xml",
    }


def refuse_old(path: Path) -> None:
    """Say why an OLE file is not read: a workbook with a password, or one of the old kind."""
    mark = "EncryptedPackage".encode("utf-16-le")
    with path.open("rb") as stream:
        last = b""
        while block := stream.read(1 << 20):
            if mark in last + block:
                raise FileRefused("locked_workbook")
            last = block[-len(mark) :]
    raise FileRefused("other_workbook")


def sheet_names(path: Path) -> list[str]:
    """The visible sheets that hold anything. Raises FileRefused for a broken workbook."""
    with _opened(path) as book:
        return [s.title for s in book.worksheets if _is_filled(s)]


def prepare_sheet(path: Path, sheet: str | None, target: Path) -> Prepared:
    """Write one sheet (None: the only one filled) to Parquet `target`: c0, c1, ..., and `_line`.

    `_line` is the sheet's row. Raises FileRefused for a broken or empty workbook.
    """
    with _opened(path) as book:
        filled = [s for s in book.worksheets if _is_filled(s)]
        if sheet is None and len(filled) > 1:
            raise FileRefused("several_lists", "several sheets")
        chosen = [s for s in filled if sheet in (None, s.title)]
        if not chosen:
            raise FileRefused("empty_file")
        return _write(_rows(chosen[0]), target)


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    # Loaded when a workbook comes: it costs a third of a second.
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
        refuse_unsafe(infos, path.stat().st_size)
        if any(i.file_size > _HELD.get(i.filename, i.file_size) for i in infos):
            raise FileRefused("archive_bomb")
        if "xl/workbook.xml" not in {i.filename for i in infos}:
            raise FileRefused("other_workbook")
        # It warns of styles and extensions that it leaves out: nothing that is read here.
        warnings.filterwarnings("ignore", module="openpyxl")
        with path.open("rb") as stream:
            book = openpyxl.load_workbook(stream, read_only=True, data_only=True, keep_links=False)
            try:
                yield book
            finally:
                book.close()
    except (
        zipfile.BadZipFile, zlib.error, EOFError, struct.error, NotImplementedError, RuntimeError,
        ParseError, InvalidFileException, KeyError, ValueError, TypeError, AttributeError,
        IndexError, OverflowError,
    ) as error:  # fmt: skip
        raise FileRefused("broken_archive", "the workbook") from error


def _rows(sheet: Any) -> Iterator[tuple[int, list[str | None]]]:
    """Rows with anything in them: number from 1, texts without empty ones at the end."""
    # The size that a workbook tells of itself is often wrong.
    sheet.reset_dimensions()
    for number, values in enumerate(sheet.iter_rows(values_only=True), start=1):
        if number > MOST_ROWS:
            raise FileRefused("archive_bomb")
        cells = [_text(v) for v in values]
        while cells and cells[-1] is None:
            cells.pop()
        if cells:
            yield number, cells


def _is_filled(sheet: Any) -> bool:
    return sheet.sheet_state == "visible" and any(True for _ in islice(_rows(sheet), 1))


def _text(value: Any) -> str | None:
    """A cell as text; None for an empty one."""
    match value:
        case None:
            return None
        case bool():
            return "true" if value else "false"
        case int() | float():
            if abs(value) >= _EXACT:
                return repr(float(value))  # 1e+17: an id is then seen to be damaged
            return str(int(value)) if value == int(value) else repr(value)
        case dt.datetime():
            moment = (value + dt.timedelta(microseconds=500_000)).replace(microsecond=0)
            return str(moment.date() if moment.time() == dt.time() else moment)
        case dt.date():
            return value.isoformat()
        case dt.time():
            return value.replace(microsecond=0).isoformat()
        case dt.timedelta():
            seconds = round(value.total_seconds())
            return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    text = str(value)
    return None if not text.strip() or text in _ERRORS else text


def _write(rows: Iterator[tuple[int, list[str | None]]], target: Path) -> Prepared:
    _, names = next(rows)
    header = tuple((name or "").strip() for name in names)
    width = len(header)
    schema = pyarrow.schema(
        [*((f"c{i}", pyarrow.string()) for i in range(width)), (_LINE, pyarrow.int64())]
    )
    faults: list[Fault] = []
    count = 0
    with pyarrow.parquet.ParquetWriter(target, schema) as writer:
        while batch := list(islice(rows, _BATCH)):
            good = [(n, c + [None] * (width - len(c))) for n, c in batch if len(c) <= width]
            faults += [Fault(n, "too_many_fields") for n, c in batch if len(c) > width]
            columns: list[Any] = list(zip(*(c for _, c in good), strict=True)) or [()] * width
            lines = [n for n, _ in good]
            writer.write_table(pyarrow.table([*map(list, columns), lines], schema=schema))
            count += len(good)
        told = {"header": header, "faults": [(f.line, f.code) for f in faults]}
        writer.add_key_value_metadata({_TOLD: json.dumps(told)})
    return _prepared(target, header, count, tuple(faults))


def prepare_written(path: Path) -> Prepared | None:
    """A sheet that was written by `prepare_sheet`; None for any other Parquet file."""
    with pyarrow.parquet.ParquetFile(path) as file:
        told = (file.metadata.metadata or {}).get(_TOLD.encode())
        rows, names = file.metadata.num_rows, file.schema_arrow.names
    if told is None:
        return None
    kept = json.loads(told)
    if names != [*(f"c{i}" for i in range(len(kept["header"]))), _LINE]:
        return None
    faults = tuple(Fault(line, code) for line, code in kept["faults"])
    return _prepared(path, tuple(kept["header"]), rows, faults)


def _prepared(
    path: Path, header: tuple[str, ...], rows: int, faults: tuple[Fault, ...]
) -> Prepared:
    if not rows:
        raise FileRefused("nothing_survived" if faults else "header_only", rows=len(faults))
    return Prepared(
        path, header, ",", "xlsx", rows, odd=False, parquet=True, numbered=True, faults=faults
    )
