"""The workbook in a spreadsheet program: LibreOffice, without a screen, finds SQL's numbers."""

from __future__ import annotations

import csv
import subprocess
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.scenario import Scenario
from tests.servers import needs
from warehouse.exports.listing import EXPORTS
from warehouse.exports.spreadsheet import cell
from warehouse.exports.writing import Wanted, export_week, select
from warehouse.reader import attached

#: Comma, quote, UTF-8, from line 1, every sheet, values as they are stored.
_OPTIONS = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,false,false,false,-1"


@pytest.mark.slow
def test_a_spreadsheet_program_finds_the_numbers_of_sql(district: Scenario, tmp_path: Path) -> None:
    (office,) = needs("soffice")
    (week,) = district.rows(
        "SELECT week_start FROM views.weekly_summary GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1"
    )[0]
    assert isinstance(week, date)
    wanted = Wanted(week, fairness_audit=True)
    export_week(district.settings.warehouse, wanted, tmp_path)
    subprocess.run(
        [office, f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless",
         "--convert-to", _OPTIONS, "--outdir", str(tmp_path / "read"),
         str(tmp_path / f"homeroom_{week}.xlsx")],
        check=True, capture_output=True, timeout=300,
    )  # fmt: skip
    told = 0
    with attached(district.warehouse) as db:
        for export in EXPORTS:
            asked = db.execute(select(db, export, wanted))
            columns = [str(column[0]) for column in asked.description or ()]
            want = Counter(tuple(_plain(value) for value in row) for row in asked.fetchall())
            path = tmp_path / "read" / f"homeroom_{week}-{export.name}.csv"
            with path.open(encoding="utf-8", newline="") as stream:
                header, *rows = csv.reader(stream)
            assert header == columns, export.name
            found = Counter(tuple(_read(text) for text in row) for row in rows)
            assert found == want, export.name
            told += len(rows)
    assert told > 1000


def _plain(value: Any) -> Any:
    """A value of SQL as a cell can hold it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | float) or type(value).__name__ == "Decimal":
        return _rounded(float(value))
    if hasattr(value, "hour"):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    return _read(cell(str(value)))


def _read(text: str) -> Any:
    """A cell's text; what is a number as one."""
    try:
        return _rounded(float(text))
    except ValueError:
        return text


def _rounded(number: float) -> float:
    """A workbook keeps 15 digits."""
    return float(f"{number:.12g}")
