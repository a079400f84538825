"""New SQLite files that several open at the same moment."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from portal.sessions import Sessions
from warehouse import write_ahead
from warehouse.ledger import Ledger


def sessions(path: Path) -> None:
    Sessions(path, https=False).close()


def ledger(path: Path) -> None:
    Ledger(path).close()


@pytest.mark.parametrize("opened", [sessions, ledger])
def test_all_who_open_a_new_file_at_once_get_it(
    tmp_path: Path, opened: Callable[[Path], None]
) -> None:
    together = threading.Barrier(4, timeout=20)

    def open_each(_: int) -> None:
        for number in range(25):
            together.wait()
            opened(tmp_path / f"{number}.sqlite")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(open_each, range(4)))


def test_a_file_that_another_keeps_locked_is_given_up(tmp_path: Path) -> None:
    path = tmp_path / "held.sqlite"
    with closing(sqlite3.connect(path)) as holder, closing(sqlite3.connect(path, timeout=0)) as db:
        holder.execute("CREATE TABLE t (x)")
        holder.execute("BEGIN EXCLUSIVE")
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            write_ahead.switch(db, 0.1)
        holder.rollback()
        write_ahead.switch(db, 0.1)
        assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
