"""The ledger: what arrived, what became of it, and which parts of the lake are live.

One small SQLite database, so that every step is a transaction and a killed run leaves it whole.
A part of the lake is never rewritten and only the ledger says which are live: replacing a scope
is one transaction here, never a half-done move of files.
"""

from __future__ import annotations

import errno
import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import RLock
from typing import Any

import duckdb

from connectors.errors import HomeroomError
from warehouse import write_ahead
from warehouse.migrations import migrate

#: pending: landed, not read yet. loaded: live in the lake. superseded: read, and a newer file of
#: its scope is live. duplicate: the same bytes are live already. refused: turned away as a whole.
#: ignored: kept, not read. Readers see "waiting" for a loaded file whose class is not known.
STATUSES = ("pending", "loaded", "superseded", "duplicate", "refused", "ignored")

#: What SQLite says where a disk has no room.
_FULL = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_SHMSIZE)
_SCHEMA = f"""
CREATE TABLE IF NOT EXISTS sighting (
  platform TEXT, location TEXT, name TEXT, size INTEGER, modified_ns INTEGER, sha256 TEXT,
  PRIMARY KEY (platform, location, name)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS file (
  id INTEGER PRIMARY KEY, platform TEXT NOT NULL, name TEXT NOT NULL, landed TEXT NOT NULL,
  sha256 TEXT, size INTEGER, modified_ns INTEGER, landed_at TEXT, delivery TEXT, is_archive INTEGER,
  feed TEXT, scope TEXT, exported_on TEXT, dated_by TEXT,
  status TEXT NOT NULL CHECK (status IN {STATUSES}), reason TEXT,
  culprit TEXT, rows_in INTEGER, rows_kept INTEGER, rows_quarantined INTEGER,
  rows_duplicate INTEGER, rows_before INTEGER, superseded_by INTEGER, fingerprint TEXT,
  unknown_columns TEXT, loaded_at TEXT, waits_for TEXT);
CREATE INDEX IF NOT EXISTS file_scope ON file (platform, feed, scope, status);
CREATE INDEX IF NOT EXISTS file_sha ON file (platform, sha256);
CREATE TABLE IF NOT EXISTS part (
  file_id INTEGER, table_name TEXT, path TEXT, rows INTEGER, PRIMARY KEY (file_id, table_name));
CREATE TABLE IF NOT EXISTS run (
  id INTEGER PRIMARY KEY, what TEXT NOT NULL, began_at TEXT NOT NULL, ended_at TEXT NOT NULL,
  by TEXT, files INTEGER, published TEXT, problem TEXT);
CREATE TABLE IF NOT EXISTS message (
  id INTEGER PRIMARY KEY, made_at TEXT NOT NULL, way TEXT NOT NULL, address TEXT NOT NULL,
  subject TEXT NOT NULL, body TEXT NOT NULL, outcome TEXT NOT NULL, outcome_at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS note (key TEXT PRIMARY KEY, value TEXT);
"""
#: Columns of `file` that ledgers from before the numbered layouts may lack.
_LATER = {
    "exported_at": "TEXT",
    "compared_to": "INTEGER",
    "rows_gained": "INTEGER",
    "rows_lost": "INTEGER",
    "rows_changed": "INTEGER",
    "accepted": "INTEGER",
    # What was sent where the landed file is another: without a forgotten student's rows.
    "sent_sha256": "TEXT",
    "rows_withheld": "INTEGER",
    "rows_held": "INTEGER",
    "withheld_told": "TEXT",
}


def _first(db: sqlite3.Connection) -> None:
    """The tables, and what ledgers from before the numbered layouts lack of them."""
    for statement in _SCHEMA.split(";"):
        db.execute(statement)
    known = {row[1] for row in db.execute("PRAGMA table_info(file)")}
    for name, kind in _LATER.items():
        if name not in known:
            db.execute(f"ALTER TABLE file ADD COLUMN {name} {kind}")


#: A released step is never edited: the next change is a step behind the last.
_STEPS = (_first,)


@dataclass(frozen=True)
class File:
    """One arrival: a file, or one member of an archive."""

    id: int
    platform: str
    name: str
    landed: str
    sha256: str
    size: int
    modified_ns: int
    delivery: str
    is_archive: bool
    feed: str | None
    scope: str | None
    exported_on: str | None
    exported_at: str | None
    status: str
    fingerprint: str | None
    rows_kept: int | None
    accepted: int | None
    rows_withheld: int | None
    rows_held: int | None

    @classmethod
    def new(cls, platform: str, name: str, size: int, modified_ns: int, *, id: int = 1) -> File:
        """An arrival of which nothing more is known."""
        empty = dict.fromkeys(cls.__dataclass_fields__)
        told = {"id": id, "platform": platform, "name": name, "landed": "", "sha256": ""}
        told |= {"size": size, "modified_ns": modified_ns, "delivery": "", "is_archive": False}
        return cls(**{**empty, **told, "status": "pending"})  # type: ignore[arg-type]

    @property
    def rows_left_out(self) -> int:
        """Rows that were sent and did not land: a forgotten student's, or maybe one's."""
        return (self.rows_withheld or 0) + (self.rows_held or 0)

    @property
    def version(self) -> tuple[str, int, int]:
        """Of two files of one scope, the one with the larger version counts."""
        return (self.exported_at or self.exported_on or "", self.modified_ns, self.id)


_FILE = ", ".join(File.__dataclass_fields__)


def now() -> str:
    """This instant, ISO 8601, UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def disk_full(where: Path | str) -> HomeroomError:
    """The error for a disk without room."""
    return HomeroomError(
        "the disk is full; nothing is lost and the live warehouse stays",
        culprit=str(where),
        fix="make room and run again",
        retry=True,
    )


def not_writable(where: Path | str) -> HomeroomError:
    """The error for a place of the district's home that this account may not write to."""
    return HomeroomError(
        "the district's folder cannot be written to",
        culprit=str(where),
        fix="give the account that runs Homeroom the right to write there",
    )


@contextmanager
def disk_told(where: Path) -> Iterator[None]:
    """What a disk refuses while a block writes below `where`, as an error with its fix."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise disk_full(where) from error
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise not_writable(error.filename or where) from error
        raise
    except duckdb.Error as error:
        if "No space left" in str(error):
            raise disk_full(where) from error
        if any(told in str(error) for told in ("Permission denied", "Read-only file system")):
            raise not_writable(where) from error
        raise


def _locked(where: Path | str) -> HomeroomError:
    return HomeroomError(
        "another program has locked the ledger",
        culprit=str(where),
        fix="close the program that has the file open, and run again",
        retry=True,
    )


def _not_opened(path: Path, error: sqlite3.DatabaseError) -> HomeroomError:
    return HomeroomError(
        f"the ledger cannot be opened: {error}",
        culprit=str(path),
        fix="check the disk and the folder's rights",
    )


def _told(where: Path | str, error: sqlite3.DatabaseError) -> HomeroomError | None:
    """Trouble with the file itself in our words; None where the statement is to blame."""
    code = getattr(error, "sqlite_errorcode", 0)
    if code in _FULL:
        return disk_full(where)
    if code & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return _locked(where)
    if code & 0xFF in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM):
        return not_writable(where)
    return None


@contextmanager
def _trouble_told() -> Iterator[None]:
    try:
        yield
    except sqlite3.DatabaseError as error:
        if (told := _told("ledger.sqlite", error)) is None:
            raise
        raise told from error


#: Seconds that one waits for another who opens a new ledger.
_WAIT = 5


class Ledger:
    """The open ledger. Methods are safe to call from several threads."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = RLock()
        try:
            self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        except sqlite3.DatabaseError as error:
            raise _not_opened(path, error) from error
        try:
            write_ahead.switch(self._db, _WAIT)
            self._db.execute("PRAGMA synchronous=NORMAL")
            migrate(self._db, _STEPS, "the ledger", path)
        except HomeroomError:
            self._db.close()
            raise
        except sqlite3.DatabaseError as error:
            self._db.close()
            raise (_told(path, error) or _not_opened(path, error)) from error

    def close(self) -> None:
        """Close the database."""
        self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing."""
        with self._lock:
            if self._db.in_transaction:
                yield
                return
            with _trouble_told():
                self._db.execute("BEGIN IMMEDIATE")
                try:
                    yield
                    self._db.execute("COMMIT")
                except BaseException:
                    if self._db.in_transaction:
                        self._db.execute("ROLLBACK")
                    raise

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run a query."""
        with self._lock, _trouble_told():
            return self._db.execute(sql, values).fetchall()

    def run(self, sql: str, values: Sequence[Any] = ()) -> int:
        """Run a statement; the last inserted row's id."""
        with self._lock, _trouble_told():
            return self._db.execute(sql, values).lastrowid or 0

    def files(self, where: str = "TRUE", values: Sequence[Any] = ()) -> list[File]:
        """Files in order of arrival."""
        return [
            File(*row)
            for row in self.rows(f"SELECT {_FILE} FROM file WHERE {where} ORDER BY id", values)
        ]

    def seen(self, platform: str, location: str) -> dict[str, tuple[int, int]]:
        """Size and time of change of every file taken from a location, by name."""
        return {
            name: (size, modified)
            for name, size, modified in self.rows(
                "SELECT name, size, modified_ns FROM sighting WHERE platform = ? AND location = ?",
                (platform, location),
            )
        }

    def see(
        self, platform: str, location: str, name: str, size: int, modified_ns: int, sha256: str
    ) -> None:
        """Remember a file as taken."""
        self.run(
            "INSERT OR REPLACE INTO sighting VALUES (?, ?, ?, ?, ?, ?)",
            (platform, location, name, size, modified_ns, sha256),
        )

    def add(self, **values: Any) -> int:
        """A new file; its id."""
        names = ", ".join(values)
        marks = ", ".join("?" for _ in values)
        return self.run(f"INSERT INTO file ({names}) VALUES ({marks})", tuple(values.values()))

    def update(self, file_id: int, **values: Any) -> None:
        """Change what is known of a file."""
        sets = ", ".join(f"{name} = ?" for name in values)
        self.run(f"UPDATE file SET {sets} WHERE id = ?", (*values.values(), file_id))

    def parts(self, table: str, *, history: bool) -> list[tuple[str, int, bool]]:
        """A table's parts below the lake: path, the arrival whose rows are wanted, and whether
        that one is live."""
        statuses = "('loaded', 'superseded')" if history else "('loaded')"
        return [
            (path, arrival, status == "loaded")
            for path, arrival, status in self.rows(
                f"""SELECT p.path, f.id, f.status FROM part p JOIN file f ON f.id = p.file_id
                    WHERE p.table_name = ? AND f.status IN {statuses} ORDER BY p.path, f.id""",
                (table,),
            )
        ]

    def live_rows(self, table: str) -> list[tuple[str, int]]:
        """A table's parts below the lake that hold live rows: path, and how many of them."""
        return [
            (path, rows)
            for path, rows in self.rows(
                """SELECT p.path, sum(p.rows) FROM part p JOIN file f ON f.id = p.file_id
                   WHERE p.table_name = ? AND f.status = 'loaded' GROUP BY p.path""",
                (table,),
            )
        ]

    def delta_ranks(self, table: str) -> list[tuple[str, int, int]]:
        """A table's parts that hold changes only: path, arrival, and its place in the order in
        which they were made."""
        return [
            (path, arrival, rank)
            for path, arrival, rank in self.rows(
                """SELECT p.path, f.id,
                          row_number() OVER (ORDER BY f.exported_on, f.modified_ns, f.id)
                   FROM part p JOIN file f ON f.id = p.file_id
                   WHERE p.table_name = ? AND f.scope LIKE 'delta=%'
                     AND f.status IN ('loaded', 'superseded') ORDER BY p.path, f.id""",
                (table,),
            )
        ]

    def note(self, key: str) -> Any:
        """A value kept between runs; None where there is none."""
        found = self.rows("SELECT value FROM note WHERE key = ?", (key,))
        return json.loads(found[0][0]) if found else None

    def keep(self, key: str, value: Any) -> None:
        """Keep a value for the next run."""
        self.run("INSERT OR REPLACE INTO note VALUES (?, ?)", (key, json.dumps(value)))
