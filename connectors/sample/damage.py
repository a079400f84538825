"""Damage to the bytes of a CSV, as spreadsheets, old versions and broken transfers do it.

Each function takes the whole file as UTF-8 with LF and a header, and returns the damaged bytes.
Only a handful of files come here, so loops over lines are affordable.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping


def count_rows(page: bytes) -> int:
    """Lines after the header."""
    return page.count(b"\n") - 1


def marked(page: bytes) -> bytes:
    """With a byte order mark."""
    return b"\xef\xbb\xbf" + page


def recoded(page: bytes, encoding: str) -> bytes:
    """In another encoding; UTF-16 gets its byte order mark, little end first."""
    mark = b"\xff\xfe" if encoding == "utf-16-le" else b""
    return mark + page.decode().encode(encoding)


def lone_returns(page: bytes) -> bytes:
    """With the line ends of an old Macintosh."""
    return page.replace(b"\n", b"\r")


def spreadsheet_german(page: bytes) -> bytes:
    """With semicolons and CRLF, as a spreadsheet outside of the United States saves it."""
    return page.replace(b",", b";").replace(b"\n", b"\r\n")


def header_only(page: bytes) -> bytes:
    """The header without a row."""
    return page[: page.index(b"\n") + 1]


def cut(page: bytes) -> bytes:
    """The first half, ending in the middle of a row: a transfer that broke off."""
    end = page.index(b"\n", len(page) // 2) + 1
    # Forty bytes into the next row: before its middle, and never at a line's end.
    return page[: end + 40]


def with_extra_column(page: bytes, name: str, value: str) -> bytes:
    """With one more column at the end."""
    head, rows = page[: page.index(b"\n")], page[page.index(b"\n") + 1 :]
    return head + f",{name}\n".encode() + rows.replace(b"\n", f",{value}\n".encode())


def renamed_and_reordered(page: bytes, names: Mapping[str, str]) -> bytes:
    """With some columns renamed, and all of them in the reverse order."""
    rows = csv.reader(io.StringIO(page.decode(), newline=""))
    sheet = io.StringIO()
    write = csv.writer(sheet, lineterminator="\n").writerow
    header = next(rows)
    write([names.get(name, name) for name in reversed(header)])
    for row in rows:
        write(list(reversed(row)))
    return sheet.getvalue().encode()


def with_cell(page: bytes, row: int, column: str, change: Callable[[str], str]) -> bytes:
    """With one cell changed; `row` counts from 0 after the header. Other bytes stay."""
    lines = page.split(b"\n")
    header = lines[0].decode().split(",")
    cells = next(csv.reader([lines[row + 1].decode()]))
    place = header.index(column)
    cells[place] = change(cells[place])
    # Written by hand: the csv module would mend the very quote that is to be broken.
    lines[row + 1] = ",".join(f'"{c}"' if "," in c else c for c in cells).encode()
    return b"\n".join(lines)
