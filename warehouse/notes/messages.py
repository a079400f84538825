"""Messages that were sent to adults, so that none is sent twice.

What a message is about is claimed for its reader before it is handed to the mail server. After a
crash between the two nobody can tell whether it left; it then counts as sent. A message about a
child that comes twice does more harm than one that is missing: the board shows the same card.
A message that the mail server refused did not leave; it is tried again by the next run.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

import sqlalchemy as sa

from warehouse.notes.database import METADATA, Notes, now

#: claimed: about to be sent, or nobody knows. sent: the mail server took it. refused: it did not.
OUTCOMES = ("claimed", "sent", "refused")

_MESSAGE = sa.Table(
    "message",
    METADATA,
    sa.Column("staff_id", sa.String, primary_key=True),
    sa.Column("kind", sa.String, primary_key=True),
    sa.Column("about", sa.String, primary_key=True),
    sa.Column("student_id", sa.String, index=True),
    sa.Column("claimed_at", sa.String, nullable=False),
    sa.Column("outcome", sa.String, nullable=False),
    sa.Column("outcome_at", sa.String, nullable=False),
    sa.CheckConstraint(sa.column("outcome").in_(OUTCOMES), name="known_outcome"),
)


@dataclass(frozen=True)
class Matter:
    """One thing that one adult is told once. `kind`: below_threshold or weekly_digest.

    `about`: what it is, as a key: a card, or a class and week. `student_id`: whom it is about.
    """

    staff_id: str
    kind: str
    about: str
    student_id: str | None


@dataclass(frozen=True)
class Told:
    """A matter with what became of it. Instants are ISO 8601, UTC."""

    staff_id: str
    kind: str
    about: str
    student_id: str | None
    claimed_at: str
    outcome: str
    outcome_at: str


def told_to(notes: Notes, staff_id: str, kind: str) -> list[Told]:
    """What an adult was told of one kind, the latest first."""
    mine = (_MESSAGE.c.staff_id == staff_id, _MESSAGE.c.kind == kind)
    wanted = sa.select(_MESSAGE).where(*mine, _MESSAGE.c.outcome != "refused")
    with notes.reading() as db:
        rows = db.execute(wanted.order_by(_MESSAGE.c.claimed_at.desc(), _MESSAGE.c.about))
        return [Told(**row._mapping) for row in rows]


def readers(notes: Notes, kind: str, abouts: Iterable[str]) -> dict[str, list[str]]:
    """Who was told of each of these matters: staff ids by what it is about."""
    same = (_MESSAGE.c.kind == kind, _MESSAGE.c.about.in_(list(abouts)))
    wanted = sa.select(_MESSAGE.c.about, _MESSAGE.c.staff_id)
    found: dict[str, list[str]] = {}
    with notes.reading() as db:
        for about, staff_id in db.execute(wanted.where(*same, _MESSAGE.c.outcome != "refused")):
            found.setdefault(about, []).append(staff_id)
    return found


def not_yet_told(notes: Notes, matters: Iterable[Matter]) -> list[Matter]:
    """Those that may still be sent, in their order."""
    wanted = sa.select(_MESSAGE.c.staff_id, _MESSAGE.c.kind, _MESSAGE.c.about)
    with notes.reading() as db:
        gone = {tuple(row) for row in db.execute(wanted.where(_MESSAGE.c.outcome != "refused"))}
    return [m for m in matters if (m.staff_id, m.kind, m.about) not in gone]


def claim(notes: Notes, matters: Sequence[Matter]) -> None:
    """All of them are about to be sent. Raises HomeroomError where another run has claimed one."""
    when = now()
    with notes.writing() as db:
        for m in matters:
            again = db.execute(
                sa.update(_MESSAGE)
                .where(*_same(m), _MESSAGE.c.outcome == "refused")
                .values(claimed_at=when, outcome="claimed", outcome_at=when)
            )
            if not again.rowcount:
                row = Told(**asdict(m), claimed_at=when, outcome="claimed", outcome_at=when)
                db.execute(sa.insert(_MESSAGE), asdict(row))


def settle(notes: Notes, matters: Sequence[Matter], outcome: str) -> None:
    """What became of claimed ones: sent or refused."""
    with notes.writing() as db:
        for m in matters:
            db.execute(
                sa.update(_MESSAGE).where(*_same(m)).values(outcome=outcome, outcome_at=now())
            )


def _same(m: Matter) -> tuple[sa.ColumnElement[bool], ...]:
    key = _MESSAGE.c
    return (key.staff_id == m.staff_id, key.kind == m.kind, key.about == m.about)
