"""What a team decided on a card of the board: one of five answers, an owner, a day, and when done.

A decision is carried from week to week until somebody says that it is done.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from uuid import uuid4

import sqlalchemy as sa

from warehouse.notes.database import METADATA, Notes, mark_undone, now

#: talk: talk with the child. teach: teach the skill. change_task: change the task. check_data: the
#: data may be wrong. we_know_why: nothing to do; such cards of the child sleep for three weeks.
ACTIONS = ("talk", "teach", "change_task", "check_data", "we_know_why")

_CARD_ACTION = sa.Table(
    "card_action",
    METADATA,
    sa.Column("action_id", sa.String, primary_key=True),
    sa.Column("class_id", sa.String, nullable=False, index=True),
    sa.Column("week_start", sa.String, nullable=False),
    sa.Column("student_id", sa.String, index=True),
    sa.Column("rule_id", sa.String, nullable=False),
    sa.Column("platform", sa.String),
    sa.Column("action", sa.String, nullable=False),
    sa.Column("note", sa.String),
    sa.Column("owner_id", sa.String),
    sa.Column("due_date", sa.String),
    sa.Column("decided_at", sa.String, nullable=False),
    sa.Column("decided_by", sa.String, nullable=False),
    sa.Column("undone_at", sa.String),
    sa.Column("undone_by", sa.String),
    sa.CheckConstraint(sa.column("action").in_(ACTIONS), name="known_action"),
)

_DONE = sa.Table(
    "card_action_done",
    METADATA,
    sa.Column("done_id", sa.String, primary_key=True),
    sa.Column("action_id", sa.String, nullable=False, index=True),
    sa.Column("done_at", sa.String, nullable=False),
    sa.Column("done_by", sa.String, nullable=False),
    sa.Column("undone_at", sa.String),
    sa.Column("undone_by", sa.String),
)

#: Made once: every board asks it.
_STANDING = (
    sa.select(_CARD_ACTION)
    .where(_CARD_ACTION.c.undone_at.is_(None))
    .order_by(_CARD_ACTION.c.decided_at, _CARD_ACTION.c.action_id)
)
_OF_CLASSES = _STANDING.where(_CARD_ACTION.c.class_id.in_(sa.bindparam("ids", expanding=True)))


@dataclass(frozen=True)
class CardAction:
    """One answer to one card. `student_id`: None for a card of the whole class."""

    action_id: str
    class_id: str
    week_start: str
    student_id: str | None
    rule_id: str
    platform: str | None
    action: str
    note: str | None
    owner_id: str | None
    due_date: str | None
    decided_at: str
    decided_by: str
    undone_at: str | None = None
    undone_by: str | None = None


def new(
    class_id: str,
    week_start: str,
    rule_id: str,
    action: str,
    *,
    by: str,
    student_id: str | None = None,
    platform: str | None = None,
    note: str | None = None,
    owner_id: str | None = None,
    due_date: str | None = None,
) -> CardAction:
    """An answer given now."""
    return CardAction(
        uuid4().hex,
        class_id,
        week_start,
        student_id,
        rule_id,
        platform,
        action,
        note,
        owner_id,
        due_date,
        now(),
        by,
    )


def standing(notes: Notes, class_ids: Iterable[str] | None = None) -> list[CardAction]:
    """The answers that hold, of some classes or of all, the oldest first."""
    wanted, values = _STANDING, {}
    if class_ids is not None:
        wanted, values = _OF_CLASSES, {"ids": list(class_ids)}
    with notes.reading() as db:
        return [CardAction(**row._mapping) for row in db.execute(wanted, values)]


def found(notes: Notes, action_id: str) -> CardAction | None:
    """One answer, whether it holds or not."""
    with notes.reading() as db:
        row = db.execute(
            sa.select(_CARD_ACTION).where(_CARD_ACTION.c.action_id == action_id)
        ).one_or_none()
        return CardAction(**row._mapping) if row else None


def add(notes: Notes, action: CardAction) -> None:
    """Keep one answer."""
    with notes.writing() as db:
        db.execute(sa.insert(_CARD_ACTION), asdict(action))


def undo(notes: Notes, action_id: str, *, by: str) -> bool:
    """Take an answer back; false where it does not hold."""
    with notes.writing() as db:
        return mark_undone(db, _CARD_ACTION, action_id, by, now())


@dataclass(frozen=True)
class Done:
    """Somebody says that what was decided has been done."""

    done_id: str
    action_id: str
    done_at: str
    done_by: str
    undone_at: str | None = None
    undone_by: str | None = None


def done(notes: Notes, action_ids: Iterable[str]) -> dict[str, Done]:
    """Of these answers those that are done, by action_id."""
    wanted = sa.select(_DONE).where(
        _DONE.c.undone_at.is_(None), _DONE.c.action_id.in_(list(action_ids))
    )
    with notes.reading() as db:
        rows = db.execute(wanted.order_by(_DONE.c.done_at, _DONE.c.done_id))
        return {row.action_id: Done(**row._mapping) for row in rows}


def say_done(notes: Notes, action_id: str, *, by: str) -> None:
    """What was decided is done."""
    with notes.writing() as db:
        db.execute(sa.insert(_DONE), asdict(Done(uuid4().hex, action_id, now(), by)))


def say_open(notes: Notes, action_id: str, *, by: str) -> bool:
    """It is not done after all; false where nobody had said so."""
    with notes.writing() as db:
        said = db.execute(
            sa.select(_DONE.c.done_id).where(
                _DONE.c.action_id == action_id, _DONE.c.undone_at.is_(None)
            )
        )
        when = now()
        # Of all: two people may have said it at once.
        changed = [mark_undone(db, _DONE, key, by, when) for key in said.scalars().all()]
        return bool(changed)
