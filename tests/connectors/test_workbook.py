"""Workbooks as tables: which sheets, which rows, how a cell becomes text, damage."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest

from connectors import workbook
from connectors.errors import FileRefused
from connectors.prepared import Prepared
from connectors.reading import is_archive, members, prepare
from warehouse.intake.rawtext import rows_of

Rows = list[list[Any]]
moment = dt.datetime.fromisoformat


def book(*sheets: Rows, hidden: int = -1, names: tuple[str, ...] = ()) -> bytes:
    made = openpyxl.Workbook()
    made.remove(made.worksheets[0])
    for number, rows in enumerate(sheets):
        sheet = made.create_sheet(names[number] if names else f"S{number}")
        for row, cells in enumerate(rows, start=1):
            for column, value in enumerate(cells, start=1):
                if value is not None:
                    sheet.cell(row, column, value)
        if number == hidden:
            sheet.sheet_state = "hidden"
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def at(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "in.xlsx"
    path.write_bytes(content)
    return path


def ready(tmp_path: Path, content: bytes) -> Prepared:
    return prepare(at(tmp_path, content), tmp_path)


def table(prepared: Prepared) -> list[tuple[Any, ...]]:
    """Rows: line, then cells."""
    with duckdb.connect() as db:
        return db.execute(f"SELECT * EXCLUDE _no FROM {rows_of([prepared])}").fetchall()


def refusal(call: Callable[[], object]) -> str:
    with pytest.raises(FileRefused) as caught:
        call()
    return caught.value.code


def edited(content: bytes, part: str, old: str, new: str) -> bytes:
    """The workbook with one of its parts changed by a pattern."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(out, "w", 8) as sink:
        for info in source.infolist():
            data = source.read(info)
            if info.filename == part:
                changed = re.sub(old.encode(), new.encode(), data)
                assert changed != data
                data = changed
            sink.writestr(info.filename, data)
    return out.getvalue()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (dt.date(2025, 9, 1), "2025-09-01"), (moment("2025-09-01"), "2025-09-01"),
        (moment("2025-09-01 13:05:07"), "2025-09-01 13:05:07"),
        (moment("2025-09-01 23:59:59"), "2025-09-01 23:59:59"),
        (dt.time(8, 30), "08:30:00"), (dt.timedelta(hours=27, minutes=4), "27:04:00"),
        (True, "true"), (False, "false"), (7, "7"), (7.0, "7"), (-3, "-3"), (0, "0"),
        (2.5, "2.5"), (0.1, "0.1"), ("007", "007"), ("Zoë\nB", "Zoë\nB"), ("  ", None),
        ("#N/A", None), ("=1+1", None), (100000000000007, "100000000000007"),
        (12345678901234567, "1.234567890123457e+16"), (1e20, "1e+20"),
    ],
)  # fmt: skip
def test_a_cell_becomes_the_text_that_a_csv_would_hold(
    tmp_path: Path, value: Any, text: str | None
) -> None:
    prepared = ready(tmp_path, book([["id", "v"], ["x", value]]))
    assert table(prepared) == [(2, "x", text)]


def test_a_formula_is_its_cached_value_and_an_error_is_empty(tmp_path: Path) -> None:
    plain = book([["id", "v"], ["x", "=1+1"]])
    cached = edited(plain, "xl/worksheets/sheet1.xml", r"<v ?/>|<v></v>", "<v>2</v>")
    assert table(ready(tmp_path, cached)) == [(2, "x", "2")]
    broken = edited(
        plain, "xl/worksheets/sheet1.xml", r'<c r="B2">.*?</c>', '<c r="B2" t="e"><v>#REF!</v></c>'
    )
    assert table(ready(tmp_path, broken)) == [(2, "x", None)]


def test_empty_rows_are_no_records_and_every_row_keeps_its_number(tmp_path: Path) -> None:
    rows: Rows = [[], [], ["id", " name ", None], [], ["1", "a"], [None, " "], ["2"], []]
    prepared = ready(tmp_path, book(rows))
    assert prepared.header == ("id", "name")
    assert table(prepared) == [(5, "1", "a"), (7, "2", None)]


def test_cells_past_the_header_make_a_row_too_long(tmp_path: Path) -> None:
    prepared = ready(tmp_path, book([["id"], ["1"], ["2", None, "more"], ["3"]]))
    assert [r[0] for r in table(prepared)] == [2, 4]
    assert [(f.line, f.code) for f in prepared.faults] == [(3, "too_many_fields")]


def test_a_size_that_the_workbook_tells_wrongly_is_not_believed(tmp_path: Path) -> None:
    content = edited(
        book([["id", "name"], ["1", "a"], ["2", "b"]]), "xl/worksheets/sheet1.xml",
        r'<dimension ref="[^"]*"', '<dimension ref="A1"',
    )  # fmt: skip
    assert table(ready(tmp_path, content)) == [(2, "1", "a"), (3, "2", "b")]


def test_a_workbook_of_one_filled_visible_sheet_is_a_file(tmp_path: Path) -> None:
    content = book([], [["id"], ["1"]], [["secret"], ["x"]], hidden=2)
    assert not is_archive(at(tmp_path, content))
    assert ready(tmp_path, content).header == ("id",)


def test_a_workbook_of_several_sheets_is_an_archive_of_them(tmp_path: Path) -> None:
    content = book([["id"], ["1"]], [[], ["b", "c"], ["2", "3"], ["4", "5", "6"]], [["only"]],
                   names=("users", "class list", "empty"))  # fmt: skip
    path = at(tmp_path, content)
    assert is_archive(path)
    found = dict(members(path, tmp_path))
    assert list(found) == ["users", "class list", "empty"]
    assert table(prepare(found["users"], tmp_path)) == [(2, "1")]
    second = prepare(found["class list"], tmp_path)
    assert (second.header, table(second)) == (("b", "c"), [(3, "2", "3")])
    assert [(f.line, f.code) for f in second.faults] == [(4, "too_many_fields")]
    assert refusal(lambda: prepare(found["empty"], tmp_path)) == "header_only"
    assert refusal(lambda: prepare(path, tmp_path)) == "several_lists"


def test_workbooks_within_a_zip_give_their_sheets(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("one.xlsx", book([["id"], ["1"]]))
        archive.writestr("f/two.xlsx", book([["id"], ["1"]], [["id"], ["2"]]))
        archive.writestr("three.csv", "id\n3\n")
    found = dict(members(path, tmp_path))
    assert list(found) == ["one.xlsx", "f/two.xlsx/S0", "f/two.xlsx/S1", "three.csv"]
    assert table(prepare(found["f/two.xlsx/S1"], tmp_path)) == [(2, "2")]
    assert table(prepare(found["one.xlsx"], tmp_path)) == [(2, "1")]


def test_the_same_sheet_gives_the_same_bytes(tmp_path: Path) -> None:
    path = at(tmp_path, book([["id"], ["1"]], [["id"], ["2"]]))
    again = tmp_path / "again"
    again.mkdir()
    for (_, a), (_, b) in zip(members(path, tmp_path), members(path, again), strict=True):
        assert a.read_bytes() == b.read_bytes()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (workbook.OLE + b"x" * 3000 + "EncryptedPackage".encode("utf-16-le"), "locked_workbook"),
        (workbook.OLE + b"an old one", "other_workbook"),
        (book([]), "empty_file"),
        (book([["id", "name"]]), "header_only"),
        (book([["id"], ["1", "2"]]), "nothing_survived"),
        (book([], [["id"], ["1"]], hidden=1), "empty_file"),
    ],
)
def test_a_workbook_that_gives_no_table_says_why(tmp_path: Path, content: bytes, code: str) -> None:
    assert refusal(lambda: ready(tmp_path, content)) == code


def test_other_kinds_of_workbooks_say_so(tmp_path: Path) -> None:
    for names in (("[Content_Types].xml", "xl/workbook.bin"), ("mimetype", "content.xml")):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            for name in names:
                archive.writestr(name, "x")
        assert refusal(lambda: ready(tmp_path, out.getvalue())) == "other_workbook"  # noqa: B023


def test_a_workbook_damaged_anywhere_is_refused_or_whole(tmp_path: Path) -> None:
    content = book([["id", "name"], *([str(n), "a"] for n in range(50))])
    for place in range(4, len(content), len(content) // 80):
        for damaged in (
            content[:place],
            content[:place] + bytes([content[place] ^ 0xA5]) + content[place + 1 :],
        ):
            try:
                assert len(table(ready(tmp_path, damaged))) == 50
            except FileRefused:
                continue


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (r'<row r="2"', '<row r="999999999"'),
        (r"</sheetData>.*", ""),
        (r"<sheetData>", '<!DOCTYPE x [<!ENTITY a "aaaa">]><sheetData>'),
        (r'r="A2"', 'r="ZZZZZZ2"'),
        (r'r="A2"', 'r="XFD2"'),
    ],
)
def test_a_sheet_that_lies_about_its_cells_ends_in_a_reason(
    tmp_path: Path, old: str, new: str
) -> None:
    content = edited(book([["id"], ["1"]]), "xl/worksheets/sheet1.xml", old, new)
    assert refusal(lambda: ready(tmp_path, content)) in (
        "broken_archive", "archive_bomb", "nothing_survived",
    )  # fmt: skip


def test_a_workbook_that_unpacks_beyond_reason_is_refused(tmp_path: Path) -> None:
    out = io.BytesIO(book([["id"], ["1"]]))
    with zipfile.ZipFile(out, "a", 8) as archive:
        archive.writestr("xl/media/x.xml", b"0" * 40_000_000)
    assert refusal(lambda: ready(tmp_path, out.getvalue())) == "archive_bomb"
