"""One run at a time: a lock that the operating system lets go of when its holder dies."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from connectors.errors import HomeroomError


@contextmanager
def only_run(home: Path, *, wait_seconds: float = 5.0) -> Iterator[None]:
    """Hold the district's run lock. Raises HomeroomError where another run keeps it."""
    home.mkdir(parents=True, exist_ok=True)
    lock = sqlite3.connect(home / "run.lock", timeout=wait_seconds, isolation_level=None)
    try:
        try:
            lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            raise HomeroomError(
                "another run is at work on this district",
                culprit=str(home),
                fix="wait until it has ended; nothing was started",
                retry=True,
            ) from error
        yield
    finally:
        lock.close()
