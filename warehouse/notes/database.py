"""The database of what people write: opening it, and what all its tables have in common.

A small relational database through SQLAlchemy: a SQLite file in the district's home, or any other
by its address. Nothing is ever changed or removed here: a thing written is undone by saying so, or
overruled by a later revision, and the trail stays; only forgetting a student and retention by age
remove. It is an input of the next run like any file.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import sqlalchemy as sa

from connectors.errors import HomeroomError

#: Every module that keeps something adds its tables here.
METADATA = sa.MetaData()


class Notes:
    """The open database. Use as a context manager; safe to share between threads."""

    def __init__(self, url: str) -> None:
        self._where = _without_password(url)
        with self._told():
            self._engine = sa.create_engine(url)
            METADATA.create_all(self._engine)

    def __enter__(self) -> Notes:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connections."""
        self._engine.dispose()

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
            said = "its driver is not installed" if isinstance(error, ImportError) else None
            raise HomeroomError(
                f"the notes database cannot be used{f': {said}' if said else ''}",
                culprit=self._where,
                fix="install homeroom[postgres]" if said else "check its address, rights and disk",
                retry=said is None,
            ) from None


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


def _without_password(url: str) -> str:
    try:
        return sa.engine.make_url(url).render_as_string(hide_password=True)
    except sa.exc.SQLAlchemyError:
        return "[notes] url"
