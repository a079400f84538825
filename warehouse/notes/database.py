"""The database of what people write: opening it, and what all its tables have in common.

A small relational database through SQLAlchemy: a SQLite file in the district's home, or any other
by its address. Nothing is ever changed or removed here: a thing written is undone by saying so, or
overruled by a later revision, and the trail stays; only forgetting a student and retention by age
remove. It is an input of the next run like any file.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from connectors.errors import HomeroomError
from warehouse import write_ahead
from warehouse.notes import layout

#: Every module that keeps something adds its tables here.
METADATA = sa.MetaData()
#: What makes others wait who would make the same tables.
_ALONE = {"sqlite": "BEGIN IMMEDIATE", "postgresql": "SELECT pg_advisory_xact_lock(20261122)"}
#: Seconds that a database server has to answer, and that one waits for others at a SQLite file.
_PATIENCE, _WAIT = 10, 30


class Notes:
    """The open database. Use as a context manager; safe to share between threads."""

    def __init__(self, url: str) -> None:
        self._where = _without_password(url)
        with self._told():
            self._engine = sa.create_engine(url, connect_args=_within_seconds(url))
            if self._engine.dialect.name == "sqlite":
                sa.event.listen(self._engine, "connect", _for_many)
            self._make_tables()

    def __enter__(self) -> Notes:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connections."""
        self._engine.dispose()

    def _make_tables(self) -> None:
        """Those that are not there yet; by one process at a time, as servers start several."""
        there = set(sa.inspect(self._engine).get_table_names())
        if METADATA.tables.keys() <= there:
            with self._engine.connect() as db:
                if layout.is_current(db, self._where, there):
                    return
        with self._engine.begin() as db:
            if alone := _ALONE.get(self._engine.dialect.name):
                db.exec_driver_sql(alone)
            layout.migrate(db, METADATA, self._where)

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A connection to read with. Raises HomeroomError where the database cannot be used."""
        with self._told(), self._engine.connect() as db:
            yield db

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """A connection in one transaction: all of it is kept, or nothing."""
        with self._told(), self._engine.begin() as db:
            yield db

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Trouble with the database in our words: its own may hold the password or a key."""
        try:
            yield
        except (sa.exc.SQLAlchemyError, ImportError) as error:
            says, fix = _says(error)
            raise HomeroomError(
                f"the notes database cannot be used{says}",
                culprit=self._where,
                fix=fix,
                retry=not isinstance(error, ImportError),
            ) from None


def gone(url: str) -> bool:
    """Whether the address is that of a SQLite file that is not there."""
    path = _file(url)
    return path is not None and not path.is_file()


def lost(url: str) -> HomeroomError:
    """The error for notes that were there and are not: a new database would forget them all."""
    return HomeroomError(
        "the notes database was here at the last run and is gone; nothing was built, and the live "
        "warehouse stays",
        culprit=_without_password(url),
        fix="put the file back from a backup; to start without notes, make an empty file of its "
        "name",
    )


def _file(url: str) -> Path | None:
    try:
        made = sa.engine.make_url(url)
    except sa.exc.SQLAlchemyError:
        return None
    held = made.get_backend_name() == "sqlite" and made.database not in (None, "", ":memory:")
    return Path(made.database or "") if held else None


def _within_seconds(url: str) -> dict[str, int]:
    """A server that accepts and says nothing must not hold a run."""
    return {} if url.startswith("sqlite") else {"connect_timeout": _PATIENCE}


def _says(error: Exception) -> tuple[str, str]:
    """What is the matter, and the fix. Pure."""
    if isinstance(error, ImportError):
        return ": its driver is not installed", "install homeroom[postgres]"
    code = getattr(getattr(error, "orig", None), "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return ": another program has locked it", "close that program, and run again"
    return "", "check its address, rights and disk"


def now() -> str:
    """This instant as it is kept: ISO 8601, UTC, so that text sorts as time does."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


def mark_undone(db: sa.Connection, table: sa.Table, key: str, by: str, when: str) -> bool:
    """Say of the row with this key that it no longer holds; false where there is none that does.

    The table's first column is its key, and it has `undone_at` and `undone_by`.
    """
    (first, *_) = table.primary_key.columns
    changed = db.execute(
        sa.update(table)
        .where(first == key, table.c.undone_at.is_(None))
        .values(undone_at=when, undone_by=by)
    )
    return bool(changed.rowcount)


def _for_many(connection: Any, _: object) -> None:
    """A SQLite file for several processes that read and write at once.

    With a write-ahead log readers never wait for a writer, and a commit is one wait for the disk;
    FULL makes it a real one, so that what is kept stays kept even if the machine stops.
    """
    connection.execute(f"PRAGMA busy_timeout = {1000 * _WAIT}")
    write_ahead.switch(connection, _WAIT)
    connection.execute("PRAGMA synchronous = FULL")


def _without_password(url: str) -> str:
    try:
        return sa.engine.make_url(url).render_as_string(hide_password=True)
    except sa.exc.SQLAlchemyError:
        return "[notes] url"
