"""A file without some of its records. What stays, stays byte for byte; of a workbook, its values.

Belongs here: lines of text, records of JSON, rows of a sheet and of Parquet. Not here: which
records (finding.py), archives (scrubbing.py). Lines are copied, not taken apart.
"""

from __future__ import annotations

import json
import re
import warnings
import zipfile
from bisect import bisect_right
from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TextIO, cast

import duckdb

from connectors.jsonenvelope import values_within
from warehouse.casting import quote

_FIXED = (1980, 1, 1, 0, 0, 0)
_SPACE = re.compile(r"[\s,]*")


def opened(path: Path, encoding: str, *, newline: str, writing: bool = False) -> TextIO:
    """A text whose bytes come back as they were, whatever they are."""
    errors = "strict" if encoding.startswith("utf-16") else "surrogateescape"
    if encoding == "cp1252":
        # Five bytes mean nothing in Windows-1252; Latin-1 keeps them, and parts lines alike.
        encoding = "latin-1"
    if encoding == "utf-8-sig":
        encoding = "utf-8"
    if encoding == "utf-16":
        encoding = _utf16(path) if not writing else encoding
    mode = "w" if writing else "r"
    return cast("TextIO", path.open(mode, encoding=encoding, errors=errors, newline=newline))


def _utf16(path: Path) -> str:
    """UTF-16 with its mark kept as a character, so that it is written back."""
    with path.open("rb") as stream:
        return "utf-16-le" if stream.read(2) == b"\xff\xfe" else "utf-16-be"


def cut_lines(
    path: Path,
    target: Path,
    encoding: str,
    records: Collection[int],
    starts: Sequence[int] | None,
    *,
    newline: str,
) -> int:
    """Copy a text without some records; how many lines of others than the first one stay.

    A record reaches to the next one's start; where `starts` is None, it is one line. `newline`:
    "\\n" where only that ends a line, "" where a return does too.
    """
    left = 0
    with opened(path, encoding, newline=newline) as source:
        encoding = source.encoding
        with opened(target, encoding, newline="", writing=True) as sink:
            for number, line in enumerate(source, 1):
                first = number
                if starts is not None:
                    at = bisect_right(starts, number)
                    first = starts[at - 1] if at else number
                if first not in records:
                    sink.write(line)
                    left += number > 1 and bool(line.strip())
    return left


def cut_json(path: Path, target: Path, records: Collection[int]) -> int:
    """Copy a JSON text (UTF-8) without some records, counted from 1; how many stay.

    Records are the elements of the array, those of the envelope's list, or the objects in a row.
    """
    raw = path.read_bytes()
    start, text = 0, raw.decode("utf-8", "surrogateescape")
    if text.lstrip("\ufeff \t\r\n").startswith("["):
        start = text.index("[") + 1
    elif inner := [v for v in values_within(path) or [] if v.kind == "list"]:
        start = len(raw[: inner[0].start].decode("utf-8", "surrogateescape")) + 1
    spans = list(_spans(text, start))
    kept = [s for n, s in enumerate(spans, 1) if n not in records]
    if not spans:
        target.write_bytes(raw)
        return 0
    between = [text[a[1] : b[0]] for a, b in pairwise(spans)]
    # A record goes with the comma before it; the first one that stays needs none.
    joined = "".join(
        (between[spans.index(s) - 1] if i else "") + text[s[0] : s[1]] for i, s in enumerate(kept)
    )
    whole = text[: spans[0][0]] + joined + text[spans[-1][1] :]
    target.write_bytes(whole.encode("utf-8", "surrogateescape"))
    return len(kept)


def _spans(text: str, start: int) -> Iterator[tuple[int, int]]:
    """Where each value of a list, or of several in a row, begins and ends."""
    decoder = json.JSONDecoder(strict=False)
    at = start
    while True:
        gap = _SPACE.match(text, at)
        at = gap.end() if gap else at
        while text[at : at + 1] == "\ufeff":
            at += 1
        if at >= len(text) or text[at] in "]}":
            return
        _, end = decoder.raw_decode(text, at)
        yield at, end
        at = end


def cut_parquet(path: Path, target: Path, records: Collection[int]) -> int:
    """Copy a Parquet file without some rows, counted from 2 as rows of a table with a header."""
    with duckdb.connect(config={"threads": 1}) as db:
        rows: int = db.execute(
            f"""COPY (SELECT * EXCLUDE (_row) FROM (
                  SELECT *, row_number() OVER () + 1 AS _row FROM read_parquet({quote(str(path))}))
                WHERE NOT list_contains(?, _row)) TO {quote(str(target))} (FORMAT parquet)""",
            [list(records)],
        ).fetchall()[0][0]
    return rows


def cut_sheets(path: Path, target: Path, rows: dict[str, Collection[int]]) -> None:
    """Write a workbook anew, some rows of its sheets empty, hidden sheets and comments left out.

    Values stay, and the number of each row; formulas become the values that they had.
    """
    import openpyxl

    warnings.filterwarnings("ignore", module="openpyxl")
    with path.open("rb") as stream:
        book = openpyxl.load_workbook(stream, data_only=True, keep_links=False)
    for sheet in list(book.worksheets):
        if sheet.sheet_state != "visible":
            book.remove(sheet)
            continue
        for number in rows.get(sheet.title, ()):
            for cell in sheet[number]:
                cell.value = cell.comment = cell.hyperlink = None
    made = target.with_suffix(".fresh")
    book.save(made)
    # The same workbook gives the same bytes: no clock in the archive, none in its properties.
    with (
        zipfile.ZipFile(made) as source,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as sink,
    ):
        for info in source.infolist():
            if info.filename != "docProps/core.xml":
                sink.writestr(zipfile.ZipInfo(info.filename, _FIXED), source.read(info))
    made.unlink()
