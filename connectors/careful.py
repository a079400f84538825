"""Reading a damaged CSV line by line: what can be saved, and where each fault stands.

Only files whose plain reading failed come here, so a Python loop over lines is affordable.
"""

from __future__ import annotations

import csv
import io
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from connectors.errors import FileRefused
from connectors.prepared import Fault, Prepared

#: A longer record (characters) is a quote that was never closed.
LONGEST = 1 << 21


@dataclass(frozen=True)
class Salvage:
    """A clean copy (same columns plus a last one with the line number), and the faults."""

    path: Path
    rows: int
    faults: tuple[Fault, ...]


def salvage(prepared: Prepared, work: Path, *, stub_rows: bool) -> Salvage:
    """Copy the readable rows of a damaged file, with their line numbers, and list the rest.

    A quoted value may hold line ends; but where a continued line is by itself a whole row, the
    quote was broken, and only the line that opened it is lost. Raises FileRefused("cut_file")
    where the last row is not ended and not whole.
    """
    width = len(prepared.header)
    target = work / f"{prepared.path.name}.clean"
    faults: list[Fault] = []
    rows = 0
    with target.open("w", encoding="utf-8", newline="") as sink:
        # Everything quoted: by itself the writer would leave a lone return within a value bare.
        write = csv.writer(
            sink, delimiter=prepared.separator, lineterminator="\n", quoting=csv.QUOTE_ALL
        ).writerow
        for line, cells, last in _records(prepared, width):
            code = _fault(cells, width, stub_rows=stub_rows)
            if last and code and not _only_lost_its_tail(cells, width, stub_rows=stub_rows):
                raise FileRefused("cut_file", f"line {line}", rows=rows + len(faults) + 1)
            if code:
                faults.append(Fault(line, code))
            elif cells is not None:
                rows += 1
                write([*cells[:width], line])
    return Salvage(target, rows, tuple(faults))


def _only_lost_its_tail(cells: list[str] | None, width: int, *, stub_rows: bool) -> bool:
    """Whether the short last row of a file is the writer's habit and not a cut.

    Some programs leave trailing empty fields away; a cut in the middle of a file seldom falls on
    the last twentieth of a row that ends with empty fields.
    """
    if cells is None or len(cells) > width:
        return False
    if stub_rows and len(cells) == 1:
        return True
    return 20 * (width - len(cells)) <= width and not any(cells[-2:])


def _fault(cells: list[str] | None, width: int, *, stub_rows: bool) -> str | None:
    if cells is None:
        return "broken_quote"
    if any("\ufffd" in cell or "\x00" in cell for cell in cells):
        return "bad_encoding"
    # A separator at the end of a row is a habit of some writers.
    if any(cell.strip() for cell in cells[width:]):
        return "too_many_fields"
    if len(cells) < width:
        return "stub_row" if stub_rows else "too_few_fields"
    return None


def _records(prepared: Prepared, width: int) -> Iterator[tuple[int, list[str] | None, bool]]:
    """Every record after the header: line, cells (None = broken quote), and whether it is the
    last of the file and not ended by a newline."""
    separator = prepared.separator
    with prepared.path.open(encoding="utf-8-sig", errors="replace", newline="") as stream:
        lines = enumerate(stream, start=1)
        deque(islice(lines, prepared.header_lines), maxlen=0)
        waiting: list[tuple[int, str]] = []
        open_quote = False
        for number, text in lines:
            if not waiting and not text.strip("\r\n"):
                continue
            if waiting and _whole(text, separator, width):
                # The line stands on its own: what was open before it was a broken quote.
                yield from _alone(waiting, separator)
                waiting, open_quote = [], False
            waiting.append((number, text))
            open_quote ^= text.count('"') % 2 == 1
            if not open_quote:
                joined = "".join(t for _, t in waiting)
                cells = _split(joined, separator)
                if cells is None and len(waiting) > 1:
                    yield from _alone(waiting, separator)
                else:
                    yield waiting[0][0], cells, _unended(joined)
                waiting = []
        yield from _alone(waiting, separator)


def _alone(
    lines: list[tuple[int, str]], separator: str
) -> Iterator[tuple[int, list[str] | None, bool]]:
    """Each line as a record of its own."""
    return ((n, _split(t, separator), _unended(t)) for n, t in lines if t.strip("\r\n"))


def _unended(text: str) -> bool:
    return not text.endswith(("\n", "\r"))


def _whole(text: str, separator: str, width: int) -> bool:
    cells = _split(text, separator)
    return cells is not None and len(cells) == width and width > 1


def _split(text: str, separator: str) -> list[str] | None:
    """The cells of one record; None where its quotes are broken."""
    body = text.rstrip("\r\n")
    if body.count('"') % 2 or len(body) > LONGEST:
        return None
    lines = io.StringIO(body, newline="")
    try:
        rows = list(csv.reader(lines, delimiter=separator, skipinitialspace=True, strict=True))
    except csv.Error:
        return None
    return rows[0] if len(rows) == 1 else None
