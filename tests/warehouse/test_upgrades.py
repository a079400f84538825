"""A home that an older Homeroom left is brought up to date; a newer one's is left alone."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import duckdb
import pytest
import sqlalchemy as sa

from connectors.errors import HomeroomError
from portal.sessions import Sessions
from tests.consistent import consistent
from tests.fixtures import District, lines, overview, roster, zipped
from warehouse import build
from warehouse.lake import lakehouse
from warehouse.lake import layout as lake_layout
from warehouse.lake.tables import LAKE
from warehouse.ledger import Ledger
from warehouse.migrations import migrate
from warehouse.notes import exclusions
from warehouse.notes.database import Notes

#: The ledger of the first days.
FIRST_LEDGER = """
CREATE TABLE file (
  id INTEGER PRIMARY KEY, platform TEXT NOT NULL, name TEXT NOT NULL, landed TEXT NOT NULL,
  sha256 TEXT, size INTEGER, modified_ns INTEGER, landed_at TEXT, delivery TEXT, is_archive INTEGER,
  feed TEXT, scope TEXT, exported_on TEXT, dated_by TEXT, status TEXT NOT NULL, reason TEXT,
  culprit TEXT, rows_in INTEGER, rows_kept INTEGER, rows_quarantined INTEGER,
  rows_duplicate INTEGER, rows_before INTEGER, superseded_by INTEGER, fingerprint TEXT,
  unknown_columns TEXT, loaded_at TEXT, waits_for TEXT);
INSERT INTO file (platform, name, landed, status) VALUES ('khan', 'o.csv', 'khan/1.csv', 'loaded');
"""


def tables(path: Path) -> dict[str, set[str]]:
    with closing(sqlite3.connect(path)) as db:
        names = [n for (n,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {n: {row[1] for row in db.execute(f"PRAGMA table_info({n})")} for n in names}


def version(path: Path) -> int:
    with closing(sqlite3.connect(path)) as db:
        return int(db.execute("PRAGMA user_version").fetchone()[0])


def set_version(path: Path, number: int) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute(f"PRAGMA user_version = {number}")


def test_a_ledger_of_the_first_days_becomes_one_of_today_and_keeps_its_rows(tmp_path: Path) -> None:
    old, new = tmp_path / "old.sqlite", tmp_path / "new.sqlite"
    with closing(sqlite3.connect(old)) as db:
        db.executescript(FIRST_LEDGER)
    for path in (old, new):
        Ledger(path).close()
    assert tables(old) == tables(new)
    assert version(old) == version(new) > 0
    with closing(Ledger(old)) as ledger:
        assert [(f.name, f.status) for f in ledger.files()] == [("o.csv", "loaded")]


def sessions(path: Path) -> None:
    Sessions(path, https=True).close()


def ledger(path: Path) -> None:
    Ledger(path).close()


@pytest.mark.parametrize("open_it", [ledger, sessions], ids=["ledger", "sessions"])
def test_a_file_of_a_newer_homeroom_is_refused_and_left_alone(
    tmp_path: Path, open_it: Callable[[Path], None]
) -> None:
    path = tmp_path / "x.sqlite"
    open_it(path)
    set_version(path, 99)
    with pytest.raises(HomeroomError, match="newer Homeroom") as error:
        open_it(path)
    assert error.value.culprit == str(path)
    assert version(path) == 99


def test_steps_are_taken_in_order_once_and_all_or_none(tmp_path: Path) -> None:
    def first(db: sqlite3.Connection) -> None:
        db.execute("CREATE TABLE a (x)")

    def second(db: sqlite3.Connection) -> None:
        db.execute("ALTER TABLE a ADD COLUMN y")

    def broken(db: sqlite3.Connection) -> None:
        db.execute("CREATE TABLE b (x)")
        db.execute("SELECT * FROM nowhere")

    path = tmp_path / "x.sqlite"
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        migrate(db, [first], "it", path)
        with pytest.raises(sqlite3.OperationalError):
            migrate(db, [first, second, broken], "it", path)
        assert tables(path) == {"a": {"x"}}
        assert version(path) == 1
        migrate(db, [first, second], "it", path)
        migrate(db, [first, second], "it", path)
    assert tables(path) == {"a": {"x", "y"}}
    assert version(path) == 2


def first_notes(url: str) -> None:
    """Weeks left out, from before they could be undone, and no word of a layout."""
    engine = sa.create_engine(url)
    names = ("student_id", "platform", "week_start", "why", "decided_at", "decided_by")
    table = sa.Table(
        "exclusion", sa.MetaData(), sa.Column("exclusion_id", sa.String, primary_key=True),
        *(sa.Column(name, sa.String) for name in names),
    )  # fmt: skip
    with engine.begin() as db:
        table.create(db)
        db.execute(table.insert().values({"exclusion_id": "E1", **dict.fromkeys(names, "x")}))
    engine.dispose()


def old_notes_are_brought_forward(url: str) -> None:
    first_notes(url)
    for _ in range(2):
        with Notes(url) as notes:
            assert [(e.exclusion_id, e.undone_at) for e in exclusions.standing(notes)] == [
                ("E1", None)
            ]
    with Notes(url) as notes:
        assert exclusions.undo(notes, "E1", by="T1")
        assert exclusions.standing(notes) == []
        with notes.writing() as db:
            db.execute(sa.text("UPDATE layout SET steps = 99"))
    with pytest.raises(HomeroomError, match="newer Homeroom"):
        Notes(url)


def test_notes_of_the_first_days_are_brought_forward_and_newer_ones_refused(tmp_path: Path) -> None:
    old_notes_are_brought_forward(f"sqlite:///{tmp_path / 'notes.sqlite'}")


@pytest.mark.slow
def test_notes_in_postgresql_are_brought_forward_the_same_way(postgres: str) -> None:
    old_notes_are_brought_forward(postgres)


def without(district: District, table: str, column: str, which: int = 0) -> Path:
    """Write a part of the lake anew as an older Homeroom did: a column fewer."""
    part = sorted((district.settings.lake / table).rglob("*.parquet"))[which]
    with duckdb.connect() as db:
        rows = f"read_parquet('{part}', hive_partitioning = false)"
        db.execute(f"CREATE TABLE old AS SELECT * EXCLUDE ({column}) FROM {rows}")
        db.execute(f"COPY old TO '{part}' (FORMAT parquet)")
    with closing(Ledger(district.settings.ledger)) as ledger:
        ledger.keep("lake_layout", {"khan": "an older one", "oneroster": lake_layout.layout()})
    return part


def landed_no_longer(district: District, platform: str) -> None:
    """As retention does when the files are old."""
    for landed in (district.settings.landing / platform).iterdir():
        landed.unlink()


def test_parts_of_an_older_layout_are_read_again_by_the_next_run(tmp_path: Path) -> None:
    district = District(tmp_path, ("oneroster", "khan"))
    district.put("oneroster/r_20250901.zip", zipped(roster(["1 Ann Ash c1"])))
    district.put("khan/o_20250905.csv", overview("ann@x.org 30 Ann_Ash"))
    district.build()
    columns = "account_key, minutes, minutes_basis"
    before = district.lake("daily_activity", columns)
    old = without(district, "daily_activity", "minutes_basis")
    report = district.build()
    assert len(report.taken.files) == 1
    with duckdb.connect() as db:
        assert "minutes_basis" in [r[0] for r in db.execute(f"DESCRIBE FROM '{old}'").fetchall()]
    assert district.lake("daily_activity", columns) == before != []
    assert district.build().taken.files == []
    consistent(district)


def test_a_file_that_was_landed_no_longer_is_not_read_again(tmp_path: Path) -> None:
    district = District(tmp_path, ("khan",))
    district.put("khan/o_20250905.csv", overview("ann@x.org 30 Ann_Ash"))
    district.take()
    without(district, "daily_activity", "minutes_basis")
    landed_no_longer(district, "khan")
    with closing(Ledger(district.settings.ledger)) as ledger:
        lake_layout.read_again(ledger, district.settings.lake, district.settings.landing, "%")
        assert [f.status for f in ledger.files()] == ["loaded"]


@pytest.fixture(scope="module")
def one_part_old(tmp_path_factory: pytest.TempPathFactory) -> District:
    """Two weeks of a platform of which the landed files are gone: the part of one lacks minutes'
    basis and units, that of the other has them."""
    district = District(tmp_path_factory.mktemp("old"), ("oneroster", "khan"))
    district.put("oneroster/r_20250901.zip", zipped(roster(["1 Ann Ash c1"])))
    for day, minutes in (("05", 30), ("12", 40)):
        district.put(f"khan/o_202509{day}.csv", overview(f"ann@x.org {minutes} Ann_Ash"))
        district.take()
    without(district, "daily_activity", "minutes_basis, units_completed")
    landed_no_longer(district, "khan")
    district.put("oneroster/r_20250902.zip", zipped(roster(["1 Ann Ash c1", "2 Bo Bell c1"])))
    district.take()
    return district


@pytest.mark.slow
def test_what_an_old_part_cannot_tell_is_not_known(one_part_old: District) -> None:
    assert one_part_old.build().published is not None
    told = one_part_old.ask("SELECT minutes, minutes_basis FROM facts.daily_activity ORDER BY date")
    assert [row["minutes"] for row in told] == [30, 40]
    assert sorted(row["minutes_basis"] or "" for row in told) == ["", "exported"]
    consistent(one_part_old)


def test_old_parts_alone_and_beside_whole_and_shared_ones_are_read_with_every_column(
    one_part_old: District, tmp_path: Path
) -> None:
    table = LAKE["daily_activity"]
    settings = one_part_old.settings
    parts = [str(p) for p in sorted((settings.lake / table.name).rglob("*.parquet"))]
    target = build.open_target(tmp_path / "w.duckdb", tmp_path / "work")
    with closing(Ledger(settings.ledger)) as ledger, target as db:
        lakehouse.attach(db, ledger, settings.lake)
        told = db.execute(
            "SELECT minutes, coalesce(minutes_basis, 'not known') FROM lake.daily_activity"
        ).fetchall()
        assert [{40, 30}, {"exported", "not known"}] == list(map(set, zip(*told, strict=True)))
        lacking = lake_layout.lacking(db, table, parts)
        assert sorted(map(sorted, lacking.values())) == [["minutes_basis", "units_completed"]]
        names = ", ".join(lakehouse.columns(table.name))
        for paths in (parts, parts[:1], parts[1:], list(lacking)):
            rows = [
                db.execute(
                    f"SELECT {names} FROM ("
                    f"{lakehouse.select_parts(table, paths, (), whole, lacking)}) ORDER BY ALL"
                ).fetchall()
                for whole in (paths, ())
            ]
            assert rows[0] == rows[1]
            assert len(rows[0]) == len(paths)
        # Spark would read every part with the columns of one of them.
        assert lakehouse.plain_parts(db, table.name) == []
        assert lakehouse.plain_parts(db, "account") != []


def test_a_column_that_one_of_two_files_cannot_tell_is_no_change(tmp_path: Path) -> None:
    district = District(tmp_path, ("district",))
    header = "student_id,date,present"
    old = lines(header, "1,2025-09-05,yes", "2,2025-09-05,yes", "3,2025-09-05,yes")
    new = lines(header, "1,2025-09-05,yes", "2,2025-09-05,no", "4,2025-09-05,no")
    district.put("district/20250906/attendance.csv", old)
    district.take()
    without(district, "attendance", "present")
    landed_no_longer(district, "district")
    district.put("district/20250907/attendance.csv", new)
    district.take()
    newer = district.files()["20250907/attendance.csv"]
    assert (newer["rows_gained"], newer["rows_lost"], newer["rows_changed"]) == (1, 1, 0)
