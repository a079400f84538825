"""A file made ready to be read, and the rows that are known to be lost before it is.

Belongs here: the values that reading.py, jsontext.py, workbook.py and careful.py hand on. Not
here: how they are made.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Fault:
    """One row that cannot be read: where it begins and a row reason's code.

    `line` is the line of a text file (1 = header), the number of a record in a JSON array, the
    row of a spreadsheet.
    """

    line: int
    code: str


@dataclass(frozen=True)
class Prepared:
    """A file made ready: `path` is UTF-8 with LF or CRLF, or Parquet.

    `lines` counts the rows: of text, line ends after the header's, which takes `header_lines`.
    `odd` says that a plain reading cannot be trusted (unbalanced quotes, bytes that are not text,
    a header that is not the first line), so that every line is looked at. `numbered`: the Parquet
    file is of our own making, with columns c0, c1, ... and `_line`. `faults`: rows that are not
    in `path` because they cannot be read.
    """

    path: Path
    header: tuple[str, ...]
    separator: str
    encoding: str
    lines: int
    odd: bool
    header_lines: int = 1
    parquet: bool = False
    numbered: bool = False
    faults: tuple[Fault, ...] = ()
