"""One table in every format: the same rows in the lake, the same place in the quarantine."""

from __future__ import annotations

import gzip
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.fixtures import District, accounted, zipped

HEADER = ["student_id", "date", "present"]
ROWS: list[list[Any]] = [
    ["007", "2025-09-02", "true"], ["8", "2025-09-02", "false"], ["9", "soon", "true"], ["9", "2025-09-03", "true"],
]  # fmt: skip
KEPT = [("007", "2025-09-02", True), ("8", "2025-09-02", False), ("9", "2025-09-03", True)]
CSV = "".join(",".join(row) + "\n" for row in [HEADER, *ROWS])
RECORDS = [dict(zip(HEADER, row, strict=True)) for row in ROWS]
JSON_LINES = "".join(json.dumps(r) + "\n" for r in RECORDS)


def book(**sheets: list[list[Any]]) -> bytes:
    made = openpyxl.Workbook()
    made.remove(made.worksheets[0])
    for name, rows in sheets.items():
        sheet = made.create_sheet(name.replace("_", " "))
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


BOOK = book(attendance=[HEADER, *ROWS])


def lake(district: District) -> list[tuple[Any, ...]]:
    return district.lake("attendance", "student_sis_id, CAST(date AS VARCHAR), present")


@pytest.fixture
def district(tmp_path: Path) -> District:
    return District(tmp_path, platforms=("district",))


@pytest.mark.parametrize(
    ("name", "content", "line"),
    [
        ("attendance.csv", CSV, 4),
        ("attendance.csv", CSV.encode("utf-16"), 4),
        ("attendance.csv", "sep=;\r\n" + CSV.replace(",", ";").replace("\n", "\r\n"), 5),
        ("attendance.txt", CSV.replace(",", "|").replace("\n", "\r"), 4),
        ("attendance.csv.gz", gzip.compress(CSV.encode(), mtime=0), 4),
        ("attendance.gz", CSV, 4),
        ("attendance.zip/attendance.csv.gz", zipped({"attendance.csv.gz": gzip.compress(CSV.encode(), mtime=0)}), 4),
        ("attendance.jsonl", JSON_LINES, 3),
        ("attendance.json.gz", gzip.compress(JSON_LINES.encode("utf-8-sig"), mtime=0), 3),
        ("attendance.json", json.dumps(RECORDS, indent=1), 3),
        ("attendance.json", json.dumps({"rows": RECORDS, "next": None}), 3),
        ("attendance.xlsx", BOOK, 4),
        ("a.zip/f/attendance.xlsx", zipped({"f/attendance.xlsx": BOOK}), 4),
    ],
)  # fmt: skip
def test_a_table_is_read_alike_in_every_format(
    district: District, name: str, content: str | bytes, line: int
) -> None:
    district.put(
        "district/" + name.split(".zip/")[0] + (".zip" if ".zip/" in name else ""), content
    )
    district.take()
    assert lake(district) == KEPT
    assert district.faults(name) == [(line, "date", "not_a_date")]
    assert accounted(district.files()[name])


def test_a_broken_line_of_json_is_quarantined_with_its_number(district: District) -> None:
    lines = JSON_LINES.splitlines(keepends=True)
    district.put("district/attendance.jsonl", lines[0] + "\n" + lines[1] + '{"a":\n' + lines[3])
    district.take()
    assert lake(district) == KEPT
    assert district.faults("attendance.jsonl") == [(4, "", "broken_json")]
    assert accounted(district.files()["attendance.jsonl"])


def test_a_sheets_rows_keep_their_numbers_in_the_quarantine(district: District) -> None:
    rows = [[], HEADER, [], *ROWS, ["9", "2025-09-04", "true", "", "more"]]
    district.put("district/attendance.xlsx", book(attendance=rows))
    district.take()
    assert lake(district) == KEPT
    assert district.faults("attendance.xlsx") == [
        (6, "date", "not_a_date"), (8, "", "too_many_fields"),
    ]  # fmt: skip


def test_the_sheets_of_a_workbook_are_files_of_their_own(district: District) -> None:
    calendar: list[list[Any]] = [
        ["date", "is_school_day"],
        ["2025-09-01", False],
        ["2025-09-02", True],
    ]
    content = book(
        calendar=calendar, attendance=[HEADER, *ROWS], read_me=[["Some words"], ["more"]]
    )
    district.put("district/ours 2025-09-30.xlsx", content)
    district.take()
    assert lake(district) == KEPT
    assert district.lake("calendar_day", "is_school_day, exported_on::VARCHAR") == [
        (False, "2025-09-30"), (True, "2025-09-30"),
    ]  # fmt: skip
    book_name = "ours 2025-09-30.xlsx"
    assert district.states("district") == {
        f"{book_name}/calendar": ("loaded", None),
        f"{book_name}/attendance": ("loaded", None),
        f"{book_name}/read me": ("refused", "unknown_layout"),
    }
    assert district.faults(f"{book_name}/attendance") == [(4, "date", "not_a_date")]


def test_the_same_workbook_again_changes_nothing(district: District) -> None:
    content = book(
        calendar=[["date", "is_school_day"], ["2025-09-01", False]], attendance=[HEADER, *ROWS]
    )
    district.put("district/a.xlsx", content)
    district.take()
    district.put("district/b.xlsx", content)
    district.take()
    assert {s for s, _ in district.states("district").values()} == {"loaded", "duplicate"}
    assert lake(district) == KEPT


# -- a million rows -----------------------------------------------------------------------------

MOST_MB = 1500
_TAKE = """
import resource, sys
from pathlib import Path
from tests.fixtures import District
District(Path(sys.argv[1]), platforms=("district",)).take()
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


def take_apart(folder: Path) -> int:
    """Take in a process of its own; gives the most memory it held, in MB."""
    done = subprocess.run(
        [sys.executable, "-c", _TAKE, str(folder)], capture_output=True, text=True, check=True
    )
    return int(done.stdout.split()[-1])


@pytest.mark.slow
@pytest.mark.parametrize(
    "form", ["csv", "broken quote", "bad byte", "lines", "array", "envelope", "xlsx"]
)
def test_a_million_rows_come_in_within_bounded_memory(district: District, form: str) -> None:
    rows = 1_000_000 if form != "xlsx" else 100_000
    days = [f"2025-{m:02}-{d:02}" for m in (9, 10, 11, 12) for d in range(1, 26)]
    cells = ((f"{n // 100 + 10_000}", days[n % 100]) for n in range(rows))
    path = district.folder / "district" / "attendance.data"
    if form == "xlsx":
        made = openpyxl.Workbook(write_only=True)
        sheet = made.create_sheet("s")
        sheet.append(HEADER)
        for student, day in cells:
            sheet.append([student, day, True])
        made.save(path)
    elif form in ("csv", "broken quote", "bad byte"):
        with path.open("wb") as out:
            out.write(b"student_id,date,present,note\n")
            for n, (student, day) in enumerate(cells):
                note = b""
                if n == rows // 2 and form != "csv":
                    note = b'"open' if form == "broken quote" else "Zoë".encode() + b"\xff"
                out.write(f"{student},{day},true,".encode() + note + b"\n")
    else:
        first, between, last = {
            "lines": ("", "\n", "\n"), "array": ("[", ",\n", "]"), "envelope": ('{"rows":[', ",", "]}"),
        }[form]  # fmt: skip
        with path.open("w") as text:
            text.write(first)
            for n, (student, day) in enumerate(cells):
                record = {"student_id": student, "date": day, "present": True, "more": {"n": n}}
                text.write((between if n else "") + json.dumps(record))
            text.write(last)
    assert take_apart(district.folder) < MOST_MB
    file = district.files()["attendance.data"]
    lost = 1 if form in ("broken quote", "bad byte") else 0
    assert (file["rows_kept"], file["rows_quarantined"]) == (rows - lost, lost)
    if lost:
        code = "broken_quote" if form == "broken quote" else "bad_encoding"
        assert district.faults("attendance.data") == [(rows // 2 + 2, "", code)]
