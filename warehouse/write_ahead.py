"""SQLite files that several processes read and write at once: how they are switched to that.

Belongs here: the switch to a write-ahead log. What a file holds belongs to whoever opens it.
"""

from __future__ import annotations

import sqlite3
import time

#: Seconds between two tries; the other's switch takes a few milliseconds.
_PAUSE = 0.02


def switch(db: sqlite3.Connection, seconds: float) -> None:
    """Keep the file with a write-ahead log. Raises sqlite3.OperationalError after `seconds`.

    Two that switch a new file at the same moment wait for each other, and SQLite then tells one of
    them at once that it is busy, whatever its busy_timeout says: that one tries again.
    """
    end = time.monotonic() + seconds
    while True:
        try:
            db.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
            if not busy or time.monotonic() >= end:
                raise
            time.sleep(_PAUSE)
        else:
            return
