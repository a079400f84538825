"""Whom the district has forgotten: keyed hashes of ids and names, so that no file brings them back.

Stands with what people wrote, because no file can make it again. The key is not here
(warehouse/forgetting/marks.py).
"""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from warehouse.notes.database import METADATA, Notes, now

_MARK = sa.Table(
    "forgotten_mark",
    METADATA,
    sa.Column("certificate", sa.String, primary_key=True),
    sa.Column("digest", sa.String, primary_key=True),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("kept_at", sa.String, nullable=False),
)


def digests(notes: Notes) -> set[str]:
    """Every keyed hash of the list."""
    with notes.reading() as db:
        return {str(d) for d in db.execute(sa.select(_MARK.c.digest)).scalars()}


def add(notes: Notes, certificate: str, marks: Iterable[tuple[str, str]]) -> None:
    """Keep (kind, digest) pairs under a certificate; those that are there stay."""
    with notes.writing() as db:
        same = sa.select(_MARK.c.digest).where(_MARK.c.certificate == certificate)
        known = set(db.execute(same).scalars())
        rows = [
            {"certificate": certificate, "digest": d, "kind": kind, "kept_at": now()}
            for kind, d in dict.fromkeys(marks)
            if d not in known
        ]
        if rows:
            db.execute(sa.insert(_MARK), rows)


def release_names(notes: Notes, certificate: str) -> int:
    """Take a certificate's names off the list; its ids stay. How many."""
    theirs = (_MARK.c.certificate == certificate, _MARK.c.kind == "name")
    with notes.writing() as db:
        return db.execute(sa.delete(_MARK).where(*theirs)).rowcount
