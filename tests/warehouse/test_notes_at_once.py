"""The notes database opened and written by many at once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from warehouse.notes import access_log, accounts, card_actions, check_ins  # noqa: F401 - their tables
from warehouse.notes.database import METADATA, Notes


def test_several_may_make_its_tables_at_once(tmp_path: Path) -> None:
    for number in range(5):
        url, together = f"sqlite:///{tmp_path / f'{number}.sqlite'}", threading.Barrier(4)

        def opened(_: int, url: str = url, together: threading.Barrier = together) -> int:
            together.wait()
            with Notes(url) as notes, notes.reading() as db:
                told = db.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'")
                return len(told.all())

        with ThreadPoolExecutor(4) as pool:
            assert (
                list(pool.map(opened, range(4))) == [len(METADATA.tables) + 1] * 4
            )  # and the layout's own


def test_a_commit_waits_for_the_disk_and_no_reader_for_a_writer(tmp_path: Path) -> None:
    with Notes(f"sqlite:///{tmp_path / 'notes.sqlite'}") as notes:
        with notes.reading() as db:
            assert db.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
            assert db.exec_driver_sql("PRAGMA synchronous").scalar() == 2
        with notes.writing() as writer:
            writer.exec_driver_sql("BEGIN IMMEDIATE")
            assert access_log.about(notes, "U001") == []


def test_what_several_write_at_once_is_all_kept(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'notes.sqlite'}"

    def write(number: int) -> None:
        with Notes(url) as notes:
            for _ in range(10):
                access_log.add(notes, [access_log.new(f"T{number}", "view", "board", ["U001"])])

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))
    with Notes(url) as notes:
        assert len(access_log.about(notes, "U001")) == 40
