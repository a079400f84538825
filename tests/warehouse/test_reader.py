"""Readers of the live warehouse: read-only, shut in, undisturbed."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from connectors.errors import HomeroomError
from tests.fixtures import District, lexia, overview, roster
from warehouse import publish
from warehouse.quality.checks import CHECKS, Check, Result
from warehouse.reader import Reader


@pytest.fixture(scope="module")
def district(tmp_path_factory: pytest.TempPathFactory) -> District:
    made = District(tmp_path_factory.mktemp("read"), ("oneroster", "lexia", "khan"))
    made.put_all("oneroster", roster(["001 Ann Ash c1", "002 Bob Bell c1"]))
    for day in range(1, 6):
        made.put(
            f"khan/o_2025090{day}.csv",
            overview(f"ann@x.org 1{day} Ann_Ash", f"bob@x.org 2{day} Bob_Bell"),
        )
    made.put("lexia/l_20250905.csv", lexia("1 ann Ann Ash 30", "2 bob Bob Bell 40"))
    assert made.build().published is not None
    return made


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM glob('/*')",
        "COPY (SELECT 1) TO '/tmp/homeroom-leak.csv'",
        "COPY roster.student TO '/tmp/homeroom-leak.csv'",
        "ATTACH '/tmp/homeroom-leak.db' AS x",
        "EXPORT DATABASE '/tmp/homeroom-leak'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access = true",
        "SET memory_limit = '1TB'",
        "DELETE FROM roster.student",
        "DROP VIEW views.weekly_summary",
        "CREATE TABLE roster.x AS SELECT 1",
        "UPDATE roster.student SET given_name = 'x'",
        "SELECT nothing FROM nowhere",
        "SELEC 1",
        "SELECT error('a word')",
    ],
)
def test_a_reader_can_neither_change_nor_leave_the_warehouse(district: District, sql: str) -> None:
    with (
        pytest.raises(HomeroomError, match=r"^SQL: "),
        Reader(district.settings.warehouse) as reader,
    ):
        reader.query(sql).fetchall()
    assert not list(Path("/tmp").glob("homeroom-leak*"))


def test_a_fault_that_shows_only_while_rows_are_fetched_is_told_as_one(district: District) -> None:
    late = "SELECT CAST(CASE WHEN i = 4999999 THEN 'x' ELSE '1' END AS INTEGER) FROM range(5000000) t(i)"
    with (
        pytest.raises(HomeroomError, match="Could not convert"),
        Reader(district.settings.warehouse) as reader,
    ):
        reader.query(late).fetchall()


@pytest.mark.slow
def test_an_open_reader_keeps_its_version_while_the_next_goes_live(tmp_path: Path) -> None:
    made = District(tmp_path, ("oneroster", "khan"))
    made.put_all("oneroster", roster(["001 Ann Ash c1"]))
    made.put("khan/o_20250901.csv", overview("ann@x.org 10 Ann_Ash"))
    made.build()
    ask = "SELECT count(*) AS n FROM facts.account"
    with Reader(made.settings.warehouse) as before:
        made.put("khan/o_20250902.csv", overview("ann@x.org 12 Ann_Ash", "new@x.org 1 New_Kid"))
        made.build()
        with Reader(made.settings.warehouse) as after:
            assert (before.rows(ask)[0]["n"], after.rows(ask)[0]["n"]) == (1, 2)
            assert before.path != after.path
    for _ in range(3):
        made.put("khan/o_20250903.csv", overview(f"ann@x.org {_} Ann_Ash"))
        made.build()
    assert len(list(made.settings.warehouse.glob("*.duckdb"))) == publish.KEEP
    assert not list(made.settings.warehouse.glob("*.wal"))


def test_nothing_published_and_a_broken_pointer_are_told(tmp_path: Path) -> None:
    with pytest.raises(HomeroomError, match="nothing has been published yet"):
        Reader(tmp_path)
    for text in ("", "{}", "[1]", '{"file": 1}'):
        (tmp_path / publish.POINTER).write_text(text)
        with pytest.raises(HomeroomError, match="pointer to the live warehouse cannot be read"):
            Reader(tmp_path)
    (tmp_path / publish.POINTER).write_text('{"file": "gone", "published_at": "", "inputs": ""}')
    with pytest.raises(HomeroomError, match="nothing has been published yet"):
        Reader(tmp_path)


def test_what_is_published_can_be_opened_by_the_older_duckdb(district: District) -> None:
    live = publish.live_file(district.settings.warehouse)
    assert live is not None
    with duckdb.connect() as db:
        db.execute(f"ATTACH '{live}' AS w (READ_ONLY)")
        tags = db.execute(
            "SELECT tags FROM duckdb_databases() WHERE database_name = 'w'"
        ).fetchall()[0][0]
    assert "v1.5" in str(tags)


def blocking(name: str, broken: int, *, blocks: bool = True) -> Result:
    return Result(Check(name, "", "", blocks), broken)


@pytest.mark.parametrize(
    ("results", "culprit"),
    [
        ([], None),
        ([blocking("a", 0)], None),
        ([blocking("a", 3, blocks=False)], None),
        ([blocking("a", 3), blocking("b", 0), blocking("c", 1)], "a (3 rows); c (1 rows)"),
    ],
)
def test_only_a_broken_blocking_check_keeps_a_build_from_going_live(
    results: list[Result], culprit: str | None
) -> None:
    refused = publish.refusal(results)
    assert (refused.culprit if refused else None) == culprit


def test_every_check_has_a_name_of_its_own_and_holds(district: District) -> None:
    assert len({c.name for c in CHECKS}) == len(CHECKS)
    assert [c for c in district.status()["checks"] if c["broken"]] == []
