"""SQLite files of older Homerooms brought up to date: small numbered steps, all in one transaction.

The file itself tells how many steps it has had (`PRAGMA user_version`); files from before the
numbers have had none. A step that has been released is never edited: another is added behind it.
Not here: what the steps do (ledger.py, portal/sessions.py), the notes (notes/layout.py).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path

from connectors.errors import HomeroomError

Step = Callable[[sqlite3.Connection], None]


def newer(what: str, where: Path | str, held: int, known: int) -> HomeroomError:
    """The error for data that a newer Homeroom has written."""
    return HomeroomError(
        f"{what} was written by a newer Homeroom (layout {held}; this one knows up to {known})",
        culprit=str(where),
        fix="install that version again, or restore the backup from before it; nothing was changed",
    )


def migrate(db: sqlite3.Connection, steps: Sequence[Step], what: str, path: Path) -> None:
    """Take the steps that a file lacks, all or none. `db` has no transaction open.

    Raises HomeroomError where the file has had more steps than there are.
    """
    if _version(db) == len(steps):
        return
    db.execute("BEGIN IMMEDIATE")
    try:
        # Another process may have been faster.
        held = _version(db)
        if held > len(steps):
            raise newer(what, path, held, len(steps))
        for step in steps[held:]:
            step(db)
        db.execute(f"PRAGMA user_version = {len(steps)}")
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


def _version(db: sqlite3.Connection) -> int:
    return int(db.execute("PRAGMA user_version").fetchone()[0])
