"""When a class's team wants to hear that its board is ready: a weekday and an hour, or never.

Each choice is a new row; the latest holds.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from uuid import uuid4

import sqlalchemy as sa

from warehouse.notes.database import METADATA, Notes, now

_CHOICE = sa.Table(
    "digest_choice",
    METADATA,
    sa.Column("choice_id", sa.String, primary_key=True),
    sa.Column("class_id", sa.String, nullable=False, index=True),
    sa.Column("weekday", sa.Integer),
    sa.Column("hour", sa.Integer, nullable=False),
    sa.Column("decided_at", sa.String, nullable=False),
    sa.Column("decided_by", sa.String, nullable=False),
)


@dataclass(frozen=True)
class Choice:
    """`weekday`: 1 Monday to 7 Sunday, None = never. `hour`: 0 to 23, the district's time."""

    choice_id: str
    class_id: str
    weekday: int | None
    hour: int
    decided_at: str
    decided_by: str


def standing(notes: Notes) -> dict[str, Choice]:
    """The choices that hold, by class_id."""
    wanted = sa.select(_CHOICE).order_by(_CHOICE.c.decided_at, _CHOICE.c.choice_id)
    with notes.reading() as db:
        return {row.class_id: Choice(**row._mapping) for row in db.execute(wanted)}


def choose(notes: Notes, class_id: str, weekday: int | None, hour: int, *, by: str) -> None:
    """Keep a choice made now."""
    made = Choice(uuid4().hex, class_id, weekday, hour, now(), by)
    with notes.writing() as db:
        db.execute(sa.insert(_CHOICE), asdict(made))
