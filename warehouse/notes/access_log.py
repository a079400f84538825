"""The access log: which adult saw, exported or wrote what about which students, and when.

Rows are only ever added; the database itself refuses to change or remove one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from uuid import uuid4

import sqlalchemy as sa

from warehouse.notes.database import METADATA, Notes, now

ACTIONS = ("view", "export", "edit")

_ACCESS_LOG = sa.Table(
    "access_log",
    METADATA,
    sa.Column("entry_id", sa.String, primary_key=True),
    sa.Column("at", sa.String, nullable=False, index=True),
    sa.Column("staff_id", sa.String, nullable=False, index=True),
    sa.Column("action", sa.String, nullable=False),
    sa.Column("what", sa.String, nullable=False),
    sa.Column("students", sa.Text, nullable=False),
    sa.CheckConstraint(sa.column("action").in_(ACTIONS), name="known_log_action"),
)


def _only_added(*statements: str, dialect: str) -> None:
    for text in statements:
        ddl = sa.DDL(text).execute_if(dialect=dialect)  # type: ignore[no-untyped-call]
        sa.event.listen(_ACCESS_LOG, "after_create", ddl)


_only_added(
    *(
        f"CREATE TRIGGER access_log_no_{verb} BEFORE {verb} ON access_log "
        "BEGIN SELECT RAISE(ABORT, 'the access log is only added to'); END"
        for verb in ("update", "delete")
    ),
    dialect="sqlite",
)
_only_added(
    "CREATE FUNCTION access_log_refuse() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'the access log is only added to'; END $$",
    "CREATE TRIGGER access_log_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON access_log "
    "FOR EACH STATEMENT EXECUTE FUNCTION access_log_refuse()",
    dialect="postgresql",
)


@dataclass(frozen=True)
class Entry:
    """One page, export or edit: `what` in one word or two, `students` whom it was about."""

    entry_id: str
    at: str
    staff_id: str
    action: str
    what: str
    students: tuple[str, ...]


def new(staff_id: str, action: str, what: str, students: Iterable[str]) -> Entry:
    """What an adult does now."""
    return Entry(uuid4().hex, now(), staff_id, action, what, tuple(sorted(set(students))))


def add(notes: Notes, entries: Sequence[Entry]) -> None:
    """Keep entries, all in one transaction."""
    rows = [asdict(e) | {"students": json.dumps(e.students)} for e in entries]
    with notes.writing() as db:
        db.execute(sa.insert(_ACCESS_LOG), rows)


def about(notes: Notes, student_id: str) -> list[Entry]:
    """Everything that was seen, exported or written about one student, the oldest first."""
    like = _ACCESS_LOG.c.students.contains(json.dumps(student_id), autoescape=True)
    with notes.reading() as db:
        rows = db.execute(sa.select(_ACCESS_LOG).where(like).order_by(_ACCESS_LOG.c.at))
        entries = (Entry(**row._mapping) for row in rows)
        return [replace(e, students=tuple(json.loads(str(e.students)))) for e in entries]
