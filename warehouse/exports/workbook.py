"""The workbook: a first sheet that says what this is, and a sheet for each table.

Memory is bounded: rows go straight to the file. A table too long for a sheet is named on the first
sheet and left to the other files; none is cut.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.exceptions import XlsxWriterException

from warehouse.exports.spreadsheet import cell

#: What Excel can hold, less the header. Source: Microsoft, "Excel specifications and limits".
MOST_ROWS = 1_048_575
#: Any fixed day: the bytes may not tell when they were written.
_MADE = datetime(2000, 1, 1)  # noqa: DTZ001  (a workbook knows no zone)
_OPTIONS = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
_DATE, _TIME = {"num_format": "yyyy-mm-dd"}, {"num_format": "yyyy-mm-dd hh:mm"}


@dataclass(frozen=True)
class Sheet:
    """One table. `batches`: its rows, read when they are written."""

    name: str
    about: str
    columns: list[str]
    rows: int
    batches: Iterator[list[tuple[Any, ...]]]

    @property
    def fits(self) -> bool:
        """Whether a sheet can hold it."""
        return self.rows <= MOST_ROWS


def write(
    path: Path,
    monday: date,
    fresh_to: Mapping[str, str],
    sheets: Iterable[Sheet],
    *,
    pseudonymous: bool,
) -> None:
    """Write the workbook. `fresh_to`: each platform's last day with data. Raises OSError."""
    made = list(sheets)
    # Rows wait in files beside it, so that nothing of a child is left elsewhere.
    with (
        _as_os_error(),
        _folder(path.with_name(f"{path.name}.rows")) as waiting,
        xlsxwriter.Workbook(str(path), _OPTIONS | {"tmpdir": str(waiting)}) as book,
    ):
        book.set_properties({"title": f"Homeroom, week of {monday}", "created": _MADE})
        _first(book, monday, fresh_to, made, pseudonymous=pseudonymous)
        for sheet in made:
            if sheet.fits:
                _fill(book, sheet)


@contextmanager
def _folder(path: Path) -> Iterator[Path]:
    """A folder for the block; what a killed run has left there goes first."""
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir()
    try:
        yield path
    finally:
        shutil.rmtree(path)


@contextmanager
def _as_os_error() -> Iterator[None]:
    """A full disk is an OSError, whoever meets it."""
    try:
        yield
    except XlsxWriterException as error:
        raise OSError(str(error)) from error


def _page(book: xlsxwriter.Workbook, name: str) -> Any:
    """A sheet that is printed as wide as it is read."""
    page = book.add_worksheet(name)
    page.set_landscape()
    page.fit_to_pages(1, 0)
    return page


def _first(
    book: xlsxwriter.Workbook,
    monday: date,
    fresh_to: Mapping[str, str],
    sheets: list[Sheet],
    *,
    pseudonymous: bool,
) -> None:
    page, bold = _page(book, "about"), book.add_format({"bold": True})
    page.set_column(0, 0, 28)
    page.set_column(1, 1, 12)
    page.set_column(2, 2, 90)
    friday = monday + timedelta(days=4)
    people = "pseudonyms made with the district's key" if pseudonymous else "ids of the roster"
    lines: list[tuple[Any, ...]] = [
        (f"Week of {monday:%A} {monday} to {friday:%A} {friday}",),
        ("Confidential, education record",),
        (),
        ("People stand as", "", people),
        ("Times are", "", "UTC"),
        *(("Data through", day, platform) for platform, day in fresh_to.items()),
        (),
        ("Sheet", "Rows", "What it holds"),
    ]
    for row, line in enumerate(lines):
        page.write_row(row, 0, line, bold if row == 0 or line[:1] == ("Sheet",) else None)
    for row, sheet in enumerate(sheets, start=len(lines)):
        about = sheet.about
        if not sheet.fits:
            about += f" Too long for a sheet: see {sheet.name}_{monday}.csv and .parquet."
        page.write(row, 0, sheet.name)
        if sheet.fits:
            page.write_url(row, 0, f"internal:'{sheet.name}'!A1", string=sheet.name)
        page.write(row, 1, sheet.rows)
        page.write(row, 2, about)


def _fill(book: xlsxwriter.Workbook, sheet: Sheet) -> None:
    page = _page(book, sheet.name)
    page.repeat_rows(0)
    page.freeze_panes(1, 0)
    page.set_column(0, len(sheet.columns) - 1, 16)
    page.write_row(0, 0, sheet.columns, book.add_format({"bold": True}))
    day, time = book.add_format(_DATE), book.add_format(_TIME)
    row = 0
    for batch in sheet.batches:
        for values in batch:
            row += 1
            for column, value in enumerate(values):
                if value is None:
                    continue
                if isinstance(value, datetime):
                    page.write_datetime(row, column, value.replace(tzinfo=None), time)
                elif isinstance(value, date):
                    page.write_datetime(row, column, value, day)
                else:
                    page.write(row, column, cell(value))
    page.autofilter(0, 0, row, len(sheet.columns) - 1)
