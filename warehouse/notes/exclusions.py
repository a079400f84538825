"""Exclusions: a teacher says that a student's week on a platform tells nothing about the student.

A sibling used the tablet, the class was on an outing: the week then counts neither as work nor as
quiet.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from uuid import uuid4

import sqlalchemy as sa

from warehouse.notes.database import METADATA, Notes, mark_undone, now

_EXCLUSION = sa.Table(
    "exclusion",
    METADATA,
    sa.Column("exclusion_id", sa.String, primary_key=True),
    sa.Column("student_id", sa.String, nullable=False, index=True),
    sa.Column("platform", sa.String),
    sa.Column("week_start", sa.String, nullable=False),
    sa.Column("why", sa.String, nullable=False),
    sa.Column("decided_at", sa.String, nullable=False),
    sa.Column("decided_by", sa.String, nullable=False),
    sa.Column("undone_at", sa.String),
    sa.Column("undone_by", sa.String),
)


@dataclass(frozen=True)
class Exclusion:
    """One student's week that shall not count. `platform`: None = on every platform."""

    exclusion_id: str
    student_id: str
    platform: str | None
    week_start: str
    why: str
    decided_at: str
    decided_by: str
    undone_at: str | None = None
    undone_by: str | None = None


def new(student_id: str, platform: str | None, week_start: str, *, by: str, why: str) -> Exclusion:
    """An exclusion decided now."""
    return Exclusion(uuid4().hex, student_id, platform, week_start, why, now(), by)


def standing(notes: Notes, student_ids: Iterable[str] | None = None) -> list[Exclusion]:
    """The exclusions that hold, of some students or of all."""
    wanted = sa.select(_EXCLUSION).where(_EXCLUSION.c.undone_at.is_(None))
    if student_ids is not None:
        wanted = wanted.where(_EXCLUSION.c.student_id.in_(list(student_ids)))
    with notes.reading() as db:
        rows = db.execute(wanted.order_by(_EXCLUSION.c.decided_at, _EXCLUSION.c.exclusion_id))
        return [Exclusion(**row._mapping) for row in rows]


def add(notes: Notes, exclusion: Exclusion) -> None:
    """Keep one exclusion."""
    with notes.writing() as db:
        db.execute(sa.insert(_EXCLUSION), asdict(exclusion))


def undo(notes: Notes, exclusion_id: str, *, by: str) -> bool:
    """Let the week count again; false where the exclusion does not hold."""
    with notes.writing() as db:
        return mark_undone(db, _EXCLUSION, exclusion_id, by, now())
