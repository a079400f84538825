"""Check-ins: what an adult learned in a conversation with a child, and what is to happen next.

Families may read every word. An edit is a new revision; earlier ones stay.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from uuid import uuid4

import sqlalchemy as sa

from warehouse.notes.database import METADATA, Notes, now

_CHECK_IN = sa.Table(
    "check_in",
    METADATA,
    sa.Column("revision_id", sa.String, primary_key=True),
    sa.Column("check_in_id", sa.String, nullable=False, index=True),
    sa.Column("student_id", sa.String, nullable=False, index=True),
    sa.Column("staff_id", sa.String, nullable=False),
    sa.Column("date", sa.String, nullable=False),
    sa.Column("topic", sa.String),
    sa.Column("note", sa.String),
    sa.Column("next_step", sa.String),
    sa.Column("owner_id", sa.String),
    sa.Column("due_date", sa.String),
    sa.Column("written_at", sa.String, nullable=False),
    sa.Column("written_by", sa.String, nullable=False),
    sa.Column("withdrawn", sa.Boolean, nullable=False),
)
#: Made once: every board asks it.
_EVERY = sa.select(_CHECK_IN).order_by(_CHECK_IN.c.written_at, _CHECK_IN.c.revision_id)
_OF_STUDENTS = _EVERY.where(_CHECK_IN.c.student_id.in_(sa.bindparam("ids", expanding=True)))


@dataclass(frozen=True)
class CheckIn:
    """One revision of one check-in. Dates and instants are ISO 8601; instants UTC.

    `staff_id`: the adult who spoke with the child. `note`: what the child said or the adult
    learned. `owner_id`: the adult who does the next step. `withdrawn`: taken back; the trail stays.
    """

    revision_id: str
    check_in_id: str
    student_id: str
    staff_id: str
    date: str
    topic: str | None
    note: str | None
    next_step: str | None
    owner_id: str | None
    due_date: str | None
    written_at: str
    written_by: str
    withdrawn: bool = False


def new(
    student_id: str,
    staff_id: str,
    date: str,
    *,
    by: str,
    topic: str | None = None,
    note: str | None = None,
    next_step: str | None = None,
    owner_id: str | None = None,
    due_date: str | None = None,
    check_in_id: str | None = None,
) -> CheckIn:
    """The first revision of a check-in, written now, with an id of its own unless one is given."""
    return CheckIn(
        uuid4().hex,
        check_in_id or uuid4().hex,
        student_id,
        staff_id,
        date,
        topic,
        note,
        next_step,
        owner_id,
        due_date,
        now(),
        by,
    )


def revised(earlier: CheckIn, *, by: str, **changed: object) -> CheckIn:
    """A later revision of a check-in, written now, with some fields changed."""
    return replace(earlier, revision_id=uuid4().hex, written_at=now(), written_by=by, **changed)  # type: ignore[arg-type]


def standing(revisions: Iterable[CheckIn]) -> list[CheckIn]:
    """The latest revision of each check-in that is not withdrawn, by date. Pure."""
    latest: dict[str, CheckIn] = {}
    for r in sorted(revisions, key=lambda r: (r.written_at, r.revision_id)):
        latest[r.check_in_id] = r
    return sorted(
        (r for r in latest.values() if not r.withdrawn), key=lambda r: (r.date, r.written_at)
    )


def every(notes: Notes, student_ids: Iterable[str] | None = None) -> list[CheckIn]:
    """Every revision ever written, of some students or of all, in the order of writing."""
    wanted, values = _EVERY, {}
    if student_ids is not None:
        wanted, values = _OF_STUDENTS, {"ids": list(student_ids)}
    with notes.reading() as db:
        return [CheckIn(**row._mapping) for row in db.execute(wanted, values)]


def trail(notes: Notes, check_in_id: str) -> list[CheckIn]:
    """Every revision of one check-in, the oldest first."""
    wanted = (
        sa.select(_CHECK_IN)
        .where(_CHECK_IN.c.check_in_id == check_in_id)
        .order_by(_CHECK_IN.c.written_at, _CHECK_IN.c.revision_id)
    )
    with notes.reading() as db:
        return [CheckIn(**row._mapping) for row in db.execute(wanted)]


def add(notes: Notes, revision: CheckIn) -> None:
    """Keep one revision."""
    with notes.writing() as db:
        db.execute(sa.insert(_CHECK_IN), asdict(revision))
