"""One run at a time: a lock that the operating system lets go of when its holder dies."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from connectors.errors import HomeroomError
from warehouse.ledger import disk_full


@contextmanager
def only_run(home: Path, *, wait_seconds: float = 5.0) -> Iterator[None]:
    """Hold the district's run lock. Raises HomeroomError where another run keeps it."""
    home.mkdir(parents=True, exist_ok=True)
    with closing(_open(home, wait_seconds)) as lock:
        try:
            lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_FULL:
                raise disk_full(home) from error
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                raise _not_writable(home) from error
            raise HomeroomError(
                "another run is at work on this district",
                culprit=str(home),
                fix="wait until it has ended; nothing was started",
                retry=True,
            ) from error
        yield


def _open(home: Path, wait_seconds: float) -> sqlite3.Connection:
    try:
        return sqlite3.connect(home / "run.lock", timeout=wait_seconds, isolation_level=None)
    except sqlite3.OperationalError as error:
        raise _not_writable(home) from error


def _not_writable(home: Path) -> HomeroomError:
    return HomeroomError(
        "the district's folder cannot be written to",
        culprit=str(home / "run.lock"),
        fix="give the account that runs Homeroom the right to write there",
    )
