"""The access log: which adult saw, exported or wrote what about which students, and when.

Rows are only ever added; the database itself refuses to change or remove one. Only
`homeroom forget` and `homeroom retention` lift that, inside one transaction; where the portal's
account of the database does not own the table, the portal cannot.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
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


#: What makes the database refuse, by its dialect.
_REFUSING = {
    "sqlite": tuple(
        f"CREATE TRIGGER access_log_no_{verb} BEFORE {verb} ON access_log "
        "BEGIN SELECT RAISE(ABORT, 'the access log is only added to'); END"
        for verb in ("update", "delete")
    ),
    "postgresql": (
        "CREATE FUNCTION access_log_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the access log is only added to'; END $$",
        "CREATE TRIGGER access_log_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON access_log "
        "FOR EACH STATEMENT EXECUTE FUNCTION access_log_refuse()",
    ),
}
for _dialect, _statements in _REFUSING.items():
    for _text in _statements:
        _ddl = sa.DDL(_text).execute_if(dialect=_dialect)  # type: ignore[no-untyped-call]
        sa.event.listen(_ACCESS_LOG, "after_create", _ddl)
#: What lifts it, and what makes it hold again.
_LIFTED = {
    "sqlite": (
        ("DROP TRIGGER access_log_no_update", "DROP TRIGGER access_log_no_delete"),
        _REFUSING["sqlite"],
    ),
    "postgresql": (
        ("ALTER TABLE access_log DISABLE TRIGGER access_log_no_change",),
        ("ALTER TABLE access_log ENABLE TRIGGER access_log_no_change",),
    ),
}


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


@contextmanager
def _lifted(notes: Notes) -> Iterator[sa.Connection]:
    """One transaction in which entries may be changed and removed; after it they may not."""
    with notes.writing() as db:
        lift, hold = _LIFTED[db.dialect.name]
        for statement in lift:
            db.execute(sa.text(statement))
        yield db
        for statement in hold:
            db.execute(sa.text(statement))


def put_instead(notes: Notes, student_ids: Iterable[str], instead: str) -> int:
    """Write another word in place of students, in every entry; who did what and when stays."""
    gone = set(student_ids)
    entries = {e.entry_id: e for student in gone for e in about(notes, student)}
    if not entries:
        return 0
    with _lifted(notes) as db:
        for entry in entries.values():
            told = [instead if s in gone else s for s in entry.students]
            db.execute(
                sa.update(_ACCESS_LOG)
                .where(_ACCESS_LOG.c.entry_id == entry.entry_id)
                .values(students=json.dumps(sorted(set(told))))
            )
    return len(entries)


def count_before(notes: Notes, instant: str) -> int:
    """How many entries are older than an instant."""
    with notes.reading() as db:
        older = sa.select(sa.func.count()).where(_ACCESS_LOG.c.at < instant)
        return int(db.scalar(older) or 0)


def remove_before(notes: Notes, instant: str) -> int:
    """Remove entries that are older than an instant; how many."""
    with _lifted(notes) as db:
        return db.execute(sa.delete(_ACCESS_LOG).where(_ACCESS_LOG.c.at < instant)).rowcount
