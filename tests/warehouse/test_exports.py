"""Weekly exports: they reconcile to the row, name nobody unless asked to, and are whole or absent."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest

from connectors.errors import HomeroomError
from tests.fixtures import District, overview, roster
from tests.scenario import Scenario
from warehouse import nightly
from warehouse.exports import pseudonyms, workbook
from warehouse.exports.listing import EXPORTS
from warehouse.exports.spreadsheet import cell, cell_sql
from warehouse.exports.writing import Wanted, export_week, select
from warehouse.reader import attached

KEY = b"0123456789abcdef0123456789abcdef"


@pytest.fixture(scope="module")
def week(district: Scenario) -> date:
    """A week in the middle, with tests in it where there are any."""
    found = district.rows(
        "SELECT week_start FROM views.weekly_summary GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1"
    )[0][0]
    assert isinstance(found, date)
    return found


@pytest.fixture(scope="module")
def named(
    district: Scenario, week: date, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("named")
    wanted = Wanted(week, fairness_audit=True)
    return folder, export_week(district.settings.warehouse, wanted, folder)


@pytest.fixture(scope="module")
def unnamed(
    district: Scenario, week: date, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("unnamed")
    return folder, export_week(district.settings.warehouse, Wanted(week, KEY), folder)


def test_the_manifest_tells_of_every_file_to_the_byte(
    named: tuple[Path, dict[str, Any]], week: date
) -> None:
    folder, manifest = named
    name = f"manifest_{week}.json"
    assert json.loads((folder / name).read_text()) == manifest
    assert {p.name for p in folder.iterdir()} == {f["file"] for f in manifest["files"]} | {name}
    for file in manifest["files"]:
        content = (folder / file["file"]).read_bytes()
        assert len(content) == file["bytes"]
        assert hashlib.sha256(content).hexdigest() == file["sha256"]


@pytest.mark.parametrize("export", EXPORTS, ids=lambda e: e.name)
def test_every_file_holds_the_rows_sql_finds(
    district: Scenario, named: tuple[Path, dict[str, Any]], week: date, export: Any
) -> None:
    folder, manifest = named
    stem = f"{export.name}_{week}"
    told = {f["file"]: f for f in manifest["files"]}
    rows = export.rows.replace("$monday", f"DATE '{week}'")
    live = district.rows(f"SELECT count(*) FROM {export.table} WHERE {rows}")[0][0]
    kinds = {c["name"]: c["type"] for c in told[f"{stem}.csv"]["columns"]}
    with duckdb.connect() as db:
        db.execute(f"CREATE VIEW parquet AS FROM '{folder / stem}.parquet'")
        db.execute(
            f"CREATE VIEW csv AS FROM read_csv('{folder / stem}.csv', header=true, all_varchar=true)"
        )
        for form in ("parquet", "csv"):
            counted = db.execute(f"SELECT count(*) FROM {form}").fetchall()[0][0]
            assert counted == live == told[f"{stem}.{form}"]["rows"]
            assert [r[0] for r in db.execute(f"DESCRIBE {form}").fetchall()] == list(kinds)
    wanted = Wanted(week, fairness_audit=True)
    with attached(district.warehouse) as db:
        parquet = f"read_parquet('{folder / stem}.parquet')"
        left = db.execute(f"({select(db, export, wanted)}) EXCEPT ALL FROM {parquet}").fetchall()
    assert left == []


def test_the_workbook_opens_with_what_it_is_and_holds_the_same_rows(
    named: tuple[Path, dict[str, Any]], week: date
) -> None:
    folder, manifest = named
    book = openpyxl.load_workbook(folder / f"homeroom_{week}.xlsx", read_only=True)
    assert book.sheetnames == ["about", *(e.name for e in EXPORTS)]
    first = list(book["about"].iter_rows(values_only=True))
    assert str(first[0][0]).startswith(f"Week of Monday {week}")
    counts = {row[0]: row[1] for row in first}
    for file in manifest["files"]:
        if file["file"].endswith(".csv"):
            name = file["file"].removesuffix(f"_{week}.csv")
            assert counts[name] == file["rows"]
            assert sum(1 for _ in book[name].iter_rows(min_row=2)) == file["rows"]


def test_the_same_week_twice_is_the_same_bytes(
    district: Scenario, unnamed: tuple[Path, dict[str, Any]], week: date, tmp_path: Path
) -> None:
    sunday = week + timedelta(days=6)
    again = export_week(district.settings.warehouse, Wanted(sunday, KEY), tmp_path)
    assert again == unnamed[1]
    for path in unnamed[0].iterdir():
        assert (tmp_path / path.name).read_bytes() == path.read_bytes(), path.name


#: Exports one week in a process of its own.
PROGRAM = """
import sys
from datetime import date
from pathlib import Path
from warehouse.exports.writing import Wanted, export_week
folder, week, key, out = sys.argv[1:]
export_week(Path(folder), Wanted(date.fromisoformat(week), key.encode()), Path(out))
"""


@pytest.mark.slow
def test_another_process_in_another_time_zone_makes_the_same_bytes(
    district: Scenario, unnamed: tuple[Path, dict[str, Any]], week: date, tmp_path: Path
) -> None:
    words = [str(district.settings.warehouse.resolve()), str(week), KEY.decode(), str(tmp_path)]
    for name in ({"TZ": "Asia/Tokyo", "PYTHONHASHSEED": "1"}, {"TZ": "UTC", "PYTHONHASHSEED": "2"}):
        root = Path(__file__).parents[2]
        command = [sys.executable, "-c", PROGRAM, *words]
        subprocess.run(command, check=True, cwd=root, env=os.environ | name)
        for path in unnamed[0].iterdir():
            assert (tmp_path / path.name).read_bytes() == path.read_bytes(), path.name


def test_without_names_no_cell_of_any_file_holds_a_name_or_an_id(
    district: Scenario, unnamed: tuple[Path, dict[str, Any]]
) -> None:
    secret = {
        str(value)
        for (value,) in district.rows(
            "SELECT unnest([student_id, family_name, given_name, preferred_name, email, username, sis_id])"
            " FROM roster.student"
            " UNION SELECT unnest([staff_id, family_name, given_name, email]) FROM roster.staff"
            " UNION SELECT account_key FROM facts.account"
        )
        if value
    }
    assert len(secret) > 500
    for path in unnamed[0].glob("*.parquet"):
        with duckdb.connect() as db:
            for column, kind, *_ in db.execute(f"DESCRIBE FROM '{path}'").fetchall():
                if kind != "VARCHAR":
                    continue
                held = {r[0] for r in db.execute(f"SELECT {column} FROM '{path}'").fetchall()}
                assert not held & secret, f"{path.name} {column}"


def test_one_person_has_one_pseudonym_in_every_file_and_another_under_another_key(
    district: Scenario, unnamed: tuple[Path, dict[str, Any]], week: date
) -> None:
    ids = [row[0] for row in district.rows("SELECT student_id FROM roster.student")]
    made = {pseudonyms.pseudonym(KEY, i) for i in ids}
    assert len(made) == len(ids)
    assert not made & {pseudonyms.pseudonym(KEY[::-1], i) for i in ids}
    for name in ("weekly_summary", "student_platform_week", "cards"):
        rows = duckdb.execute(
            f"SELECT DISTINCT student_id FROM '{unnamed[0]}/{name}_{week}.parquet'"
        )
        assert {row[0] for row in rows.fetchall()} <= made


def test_the_fairness_audit_is_left_out_unless_asked_for(
    unnamed: tuple[Path, dict[str, Any]], named: tuple[Path, dict[str, Any]]
) -> None:
    assert not list(unnamed[0].glob("fairness_audit*"))
    assert list(named[0].glob("fairness_audit*"))


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@a", "\tx", "\rx", "\nx", "a=1", "", "'="])
def test_no_text_is_run_as_a_formula(text: str) -> None:
    (found,) = duckdb.execute(f"SELECT {cell_sql('t')} FROM (SELECT $1 AS t)", [text]).fetchall()[0]
    assert found == cell(text)
    assert not str(found).startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    assert cell(-1) == -1


def test_a_table_too_long_for_a_sheet_is_named_and_not_cut(tmp_path: Path) -> None:
    path, most = tmp_path / "b.xlsx", workbook.MOST_ROWS
    long = workbook.Sheet("long", "Much.", ["a"], most + 1, iter(()))
    short = workbook.Sheet("short", "Little.", ["a"], 1, iter([[("=1+1",)]]))
    workbook.write(path, date(2025, 9, 1), {}, [long, short], pseudonymous=False)
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["about", "short"]
    told = [row for row in book["about"].iter_rows(values_only=True) if row[0] == "long"]
    assert told[0][1] == most + 1
    assert "long_2025-09-01.csv" in str(told[0][2])
    assert book["short"]["A2"].value == "'=1+1"
    # On paper the first sheet is not torn apart: what a table holds stands beside its name.
    for page in (book["about"], book["short"]):
        setup = page.sheet_properties.pageSetUpPr
        assert setup is not None
        assert setup.fitToPage
        assert (page.page_setup.orientation, page.page_setup.fitToHeight) == ("landscape", 0)


def test_what_stops_in_the_middle_leaves_no_half_file_and_no_manifest(
    district: Scenario, week: date, tmp_path: Path
) -> None:
    (tmp_path / f"homeroom_{week}.xlsx").mkdir()
    with pytest.raises(OSError, match="homeroom_"):
        export_week(district.settings.warehouse, Wanted(week), tmp_path)
    left = {p.name for p in tmp_path.iterdir()}
    assert f"manifest_{week}.json" not in left
    assert not [name for name in left if name.endswith(".new")]


def test_a_key_that_others_may_read_or_that_is_short_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(pseudonyms.VARIABLE, raising=False)
    file = tmp_path / "key"
    file.write_bytes(KEY + b"\n")
    file.chmod(0o640)
    with pytest.raises(HomeroomError, match="read by others"):
        pseudonyms.key(file)
    file.chmod(0o600)
    assert pseudonyms.key(file) == KEY
    file.write_bytes(b"short")
    for given in (file, None):
        with pytest.raises(HomeroomError, match="32 characters"):
            pseudonyms.key(given)


def test_a_version_that_lacks_a_table_is_told_as_an_older_one() -> None:
    with duckdb.connect() as db, pytest.raises(HomeroomError, match="an older Homeroom"):
        select(db, EXPORTS[0], Wanted(date(2025, 9, 1)))


def test_a_week_of_which_nothing_is_known_is_exported_empty(
    district: Scenario, tmp_path: Path
) -> None:
    manifest = export_week(district.settings.warehouse, Wanted(date(2001, 1, 3)), tmp_path)
    rows = {f["table"]: f["rows"] for f in manifest["files"] if "table" in f}
    assert {rows["views.weekly_summary"], rows["views.student_platform_week"]} == {0}
    assert manifest["week_start"] == "2001-01-01"


@pytest.mark.slow
def test_a_warehouse_published_anew_from_the_same_data_makes_the_same_bytes(tmp_path: Path) -> None:
    made = District(tmp_path / "d", ("oneroster", "khan"))
    made.put_all("oneroster", roster(["001 Ann Ash c1", "002 Bob Bell c1"], ["c1 Reading_3A"]))
    made.put("khan/o_20250905.csv", overview("ann@x.org 10 Ann_Ash", "bob@x.org 20 Bob_Bell"))
    first = made.build().published
    wanted = Wanted(date(2025, 9, 1), KEY)
    told = export_week(made.settings.warehouse, wanted, tmp_path / "one")
    assert any(f.get("rows") for f in told["files"] if f.get("table") == "views.weekly_summary")
    report = nightly.Report()
    with nightly.opened(made.settings) as ledger:
        nightly.put_live(made.settings, ledger, report, rebuild=True)
    assert report.published not in (None, first)
    assert export_week(made.settings.warehouse, wanted, tmp_path / "two") == told
    for path in (tmp_path / "one").iterdir():
        assert (tmp_path / "two" / path.name).read_bytes() == path.read_bytes(), path.name
