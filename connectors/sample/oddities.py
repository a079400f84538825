"""Every oddity of the sample, where it stands, and what a careful pipeline should do with it.

Belongs here: the plan and the list that goes to truth/oddities.csv. Not here: how the bytes are
damaged (damage.py).
"""

from __future__ import annotations

import csv
import io
from dataclasses import astuple, dataclass, fields

#: Lexia's export days with something wrong: (week, weekday) to the name of the oddity.
LEXIA_DAYS: dict[tuple[int, int], str] = {
    (1, 1): "cp1252",
    (1, 3): "byte_order_mark",
    (2, 2): "old_layout",
    (2, 5): "header_only",
    (3, 1): "missing_day",
    (4, 1): "corrected",
    (4, 4): "unknown_column",
    (5, 1): "broken_quote",
    (5, 3): "cut_then_complete",
    (6, 2): "cut",
    (7, 1): "same_bytes",
    (7, 3): "stale_twin",
    (8, 2): "out_of_range",
}
#: Khan's weekly overviews with something unusual.
UTF16_WEEK, GZIP_WEEK, LONE_RETURN_WEEK = 3, 5, 7
#: Every oddity finds its place in a window of this many weeks and this many students.
FEWEST_WEEKS, FEWEST_STUDENTS = 10, 60


@dataclass(frozen=True)
class Oddity:
    """One planted oddity.

    `file`: path below the sample's folder, or a pattern where it runs through many files.
    `expected_status`: of the file (loaded, superseded, refused, duplicate) or waiting where
    something stays unresolved. `expected_reason`: code of the refusal or of the quarantined rows,
    empty where nothing is turned away. `rows`: rows concerned, as sent.
    """

    file: str
    oddity: str
    expected_status: str
    expected_reason: str
    rows: int
    note: str


class OddityList:
    """The oddities planted so far."""

    def __init__(self) -> None:
        self.items: list[Oddity] = []

    def add(
        self,
        file: str,
        oddity: str,
        status: str,
        reason: str = "",
        *,
        rows: int = 0,
        note: str = "",
    ) -> None:
        """Record one oddity."""
        self.items.append(Oddity(file, oddity, status, reason, rows, note))

    def as_csv(self) -> bytes:
        """The list as a CSV, in the order of planting."""
        sheet = io.StringIO()
        write = csv.writer(sheet, lineterminator="\n").writerow
        write(f.name for f in fields(Oddity))
        for item in self.items:
            write(astuple(item))
        return sheet.getvalue().encode()
