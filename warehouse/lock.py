"""One run at a time: a lock that the operating system lets go of when its holder dies.

Beside the lock lies who took it and when, for whoever has to wait. It is a note: what counts is
the lock. A note without a lock tells of a run that was ended from outside.
"""

from __future__ import annotations

import json
import os
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from connectors.errors import HomeroomError
from warehouse.ledger import disk_full, disk_told, not_writable, now

_LOCK, _HOLDER = "run.lock", "run.json"
#: Seconds that everybody waits: for a status that is told, or a message that is sent.
BRIEFLY = 5.0


@dataclass(frozen=True)
class Holder:
    """Who holds the lock: a process of a machine, since an instant (ISO 8601, UTC)."""

    process: int
    machine: str
    since: str


@contextmanager
def only_run(home: Path, *, wait_seconds: float = BRIEFLY) -> Iterator[None]:
    """Hold the district's run lock. Raises HomeroomError where another run keeps it."""
    with disk_told(home):
        home.mkdir(parents=True, exist_ok=True)
    with closing(_open(home, wait_seconds)) as lock:
        try:
            lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_FULL:
                raise disk_full(home) from error
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                raise not_writable(home / _LOCK) from error
            raise HomeroomError(
                f"another run is at work on this district{_told(_noted(home))}",
                culprit=str(home),
                fix="wait until it has ended; if it hangs, end that process, nothing is lost; "
                "nothing was started",
                retry=True,
            ) from error
        note = home / _HOLDER
        with disk_told(home):
            note.write_text(json.dumps(asdict(Holder(os.getpid(), socket.gethostname(), now()))))
        try:
            yield
        finally:
            note.unlink(missing_ok=True)


def holder(home: Path) -> tuple[Holder | None, bool]:
    """Who noted to be at work last and has not ended, and whether that run is at work now.

    (None, False): no run is at work, and the last one came to its end.
    """
    noted = _noted(home)
    if noted is None or not (home / _LOCK).is_file():
        return None, False
    try:
        with closing(_asking(home)) as lock:
            lock.execute("SELECT * FROM sqlite_master").fetchall()
    except sqlite3.OperationalError as error:
        return noted, error.sqlite_errorcode == sqlite3.SQLITE_BUSY
    return _noted(home), False


def _asking(home: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{(home / _LOCK).as_uri()}?mode=ro", uri=True, timeout=0)


def _noted(home: Path) -> Holder | None:
    try:
        return Holder(**json.loads((home / _HOLDER).read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def _told(who: Holder | None) -> str:
    return f" (process {who.process} on {who.machine}, since {who.since})" if who else ""


def _open(home: Path, wait_seconds: float) -> sqlite3.Connection:
    try:
        return sqlite3.connect(home / _LOCK, timeout=wait_seconds, isolation_level=None)
    except sqlite3.OperationalError as error:
        raise not_writable(home / _LOCK) from error
