"""Marks: keyed hashes by which a forgotten student's records are known without keeping who it was.

Belongs here: the key, what is hashed, and the same hash in SQL. The list itself stands in the
database of notes.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import duckdb

from connectors.errors import HomeroomError
from warehouse.identity import names
from warehouse.notes import forgotten
from warehouse.notes.database import Notes
from warehouse.settings import Settings

KEY = "forgotten.key"

#: How ids and names are made alike before they are hashed. A number keeps its leading zeros: two
#: children may differ by them.
MACROS = (
    "mark_id(t) AS nullif(regexp_replace(regexp_replace(regexp_replace(lower(t), '\\s+', '', 'g'), "
    "'^mailto:', ''), '^([0-9]+)[.]0+$', '\\1'), '')",
    "mark_name(t) AS nullif(array_to_string(list_sort(name_words(t)), ' '), '')",
)


@dataclass(frozen=True)
class Marks:
    """The list of the forgotten: the key, and every hash."""

    key: bytes
    digests: frozenset[str]

    def __bool__(self) -> bool:
        return bool(self.digests)

    def keyed(self, *words: str) -> str:
        """The hash of some words: 64 hexadecimal digits."""
        return hmac.new(self.key, "|".join(words).encode(), hashlib.sha256).hexdigest()

    @cached_property
    def macro(self) -> str:
        """`keyed(t)` for DuckDB: HMAC-SHA256 of a text that is joined by bars already."""
        block = self.key.ljust(64, b"\0")
        inner, outer = (bytes(b ^ pad for b in block).hex() for pad in (0x36, 0x5C))
        return (
            f"keyed(t) AS sha256(unhex('{outer}') || unhex(sha256(unhex('{inner}') || encode(t))))"
        )

    def define(self, db: duckdb.DuckDBPyConnection) -> None:
        """Make the macros, and table `mark` (digest), in `db`."""
        for macro in (*names.MACROS, *MACROS, self.macro):
            db.execute(f"CREATE OR REPLACE TEMP MACRO {macro}")
        db.execute(
            "CREATE OR REPLACE TEMP TABLE mark AS SELECT unnest(?) AS digest", [[*self.digests]]
        )


def load(settings: Settings) -> Marks:
    """The district's list; empty where nobody was forgotten.

    Raises HomeroomError where there is a list and its key is gone or open to others.
    """
    with Notes(settings.notes) as notes:
        digests = frozenset(forgotten.digests(notes))
    if not digests:
        return Marks(b"", digests)
    return Marks(read_key(settings), digests)


def read_key(settings: Settings) -> bytes:
    """The key of the list. Raises HomeroomError where it is not there or others may read it."""
    path = settings.home / KEY
    try:
        others = path.stat().st_mode & 0o077
        told = bytes.fromhex(path.read_text("ascii").strip())
    except (OSError, ValueError) as error:
        raise HomeroomError(
            "the key to the list of forgotten students cannot be read, so nothing is taken in",
            culprit=str(path),
            fix="bring it back from the backup",
        ) from error
    if others:
        raise HomeroomError(
            "others than its owner may read it", culprit=str(path), fix=f"chmod 600 {path}"
        )
    return told


def make_key(settings: Settings) -> bytes:
    """The key, made where there is none."""
    path: Path = settings.home / KEY
    if not path.exists():
        fresh = path.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as sink:
            sink.write(secrets.token_hex(32))
            sink.flush()
            os.fsync(sink.fileno())
        fresh.replace(path)
    return read_key(settings)
