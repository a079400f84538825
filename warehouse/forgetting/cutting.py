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

from connectors.jsontext import BESIDE, first_character, is_lines
from warehouse.intake.casting import quote

_FIXED = (1980, 1, 1, 0, 0, 0)
_SPACE = re.compile(r"[\s,\ufeff]*")
_DECODER = json.JSONDecoder(strict=False)


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


def is_by_line(path: Path, header: Sequence[str]) -> bool:
    """Whether the records of a JSON text are its lines, by the columns that were read of it."""
    if first_character(path) == "[" or not is_lines(path):
        return False
    text = path.read_text("utf-8-sig", "surrogateescape")
    return _list_key(text, next(_spans(text, 0), None), header) is None


def cut_json(path: Path, target: Path, records: Collection[int], header: Sequence[str]) -> int:
    """Copy a JSON text (UTF-8) without some records, counted from 1; how many stay.

    Records are the elements of the array, those of each envelope's list, or the objects in a row;
    `header`: the columns that were read of them.
    """
    text = path.read_bytes().decode("utf-8", "surrogateescape")
    first = len(text) - len(text.lstrip("\ufeff \t\r\n"))
    is_array = text[first : first + 1] == "["
    lists = [list(_spans(text, first + is_array))]
    if not is_array and (key := _list_key(text, lists[0][0] if lists[0] else None, header)):
        lists = [list(_spans(text, at + 1)) for at in _lists(text, lists[0], key)]
    made, done, number, left = [], 0, 0, 0
    for spans in lists:
        kept = []
        for span in spans:
            number += 1
            kept += [span] * (number not in records)
        left += len(kept)
        if len(kept) == len(spans):
            continue
        before = {b: text[a[1] : b[0]] for a, b in pairwise(spans)}
        made.append(text[done : spans[0][0]])
        # A record goes with the comma before it; the first one that stays needs none.
        made += [(before[s] if n else "") + text[s[0] : s[1]] for n, s in enumerate(kept)]
        done = spans[-1][1]
    made.append(text[done:])
    target.write_bytes("".join(made).encode("utf-8", "surrogateescape"))
    return left


Span = tuple[int, int]


def _spans(text: str, start: int) -> Iterator[Span]:
    """Where each value of a list, or of several in a row, begins and ends."""
    at = start
    while (at := _past(text, at)) < len(text) and text[at] not in "]}":
        _, end = _DECODER.raw_decode(text, at)
        yield at, end
        at = end


def _members(text: str, start: int) -> Iterator[tuple[str, int]]:
    """The keys of an object, and where their values begin."""
    at = start + 1
    while (at := _past(text, at)) < len(text) and text[at] == '"':
        key, at = _DECODER.raw_decode(text, at)
        at = _past(text, text.index(":", at) + 1)
        yield key, at
        _, at = _DECODER.raw_decode(text, at)


def _list_key(text: str, first: Span | None, header: Sequence[str]) -> str | None:
    """The key of an envelope's list: one of objects, of which nothing was read as a column."""
    if first is None or text[first[0]] != "{":
        return None
    read = {name.split(".")[0] for name in header}
    for key, at in _members(text, first[0]):
        is_list = text[at] == "[" and text[_past(text, at + 1)] == "{"
        if is_list and key not in read and key.casefold() not in BESIDE:
            return key
    return None


def _lists(text: str, objects: Sequence[Span], key: str) -> Iterator[int]:
    for start, _ in objects:
        yield from (at for name, at in _members(text, start) if name == key and text[at] == "[")


def _past(text: str, at: int) -> int:
    gap = _SPACE.match(text, at)
    return gap.end() if gap else at


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
