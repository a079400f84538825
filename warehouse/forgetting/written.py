"""What people wrote about a student: gone, or, in others' words, without the name.

Every table of notes that has a student's id loses the rows; decisions on the student's accounts go.
The access log keeps who did what and when: it is about adults, and shows that access was lawful. In
the student's place stands the number of the certificate.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
import sqlite3
from collections import Counter
from pathlib import Path

import sqlalchemy as sa

from warehouse import notes as every_kind
from warehouse.forgetting.search import Search
from warehouse.forgetting.whom import Whom
from warehouse.notes import access_log
from warehouse.notes.database import METADATA, Notes

#: In place of a name in what was written about somebody else.
INSTEAD = "(forgotten)"
_LEFT = frozenset({"access_log", "forgotten_mark"})


# Whatever kind of note there is: a table that nobody has loaded would be passed over.
for _module in pkgutil.iter_modules(every_kind.__path__, f"{every_kind.__name__}."):
    importlib.import_module(_module.name)


def _tables() -> list[sa.Table]:
    return [t for t in METADATA.sorted_tables if t.name not in _LEFT]


def _theirs(table: sa.Table, whom: Whom) -> sa.ColumnElement[bool] | None:
    """Which rows of a table are about the student; None where it knows no students."""
    columns = table.c
    found: list[sa.ColumnElement[bool]] = []
    if "student_id" in columns:
        found.append(columns.student_id.in_(whom.person_ids))
    if "account_key" in columns and "platform" in columns:
        for platform, key in whom.accounts:
            keys = [columns.account_key == key]
            keys += [columns.other_account_key == key] if "other_account_key" in columns else []
            found.append(sa.and_(columns.platform == platform, sa.or_(*keys)))
    return sa.or_(*found) if found else None


def remove(notes: Notes, whom: Whom, certificate: str, *, act: bool = True) -> Counter[str]:
    """Take the student out of the notes; rows by table. `act`: False only counts."""
    counts: Counter[str] = Counter()
    pattern = re.compile(Search(whom.ids, whom.names).text, re.IGNORECASE)
    actions: list[str] = []
    tables = _tables()
    with notes.writing() if act else notes.reading() as db:
        for table in tables:
            if (theirs := _theirs(table, whom)) is not None:
                if table.name == "card_action":
                    actions = list(db.execute(sa.select(table.c.action_id).where(theirs)).scalars())
                amount = db.scalar(sa.select(sa.func.count()).select_from(table).where(theirs))
                counts[table.name] += int(amount or 0)
                if act:
                    db.execute(sa.delete(table).where(theirs))
        done = METADATA.tables["card_action_done"]
        if act:
            db.execute(sa.delete(done).where(done.c.action_id.in_(actions)))
        for table in tables:
            counts["words of others"] += _replace(db, table, pattern, whom, act=act)
    if act:
        counts["access_log"] = access_log.put_instead(notes, whom.person_ids, certificate)
    else:
        counts["access_log"] = sum(len(access_log.about(notes, i)) for i in whom.person_ids)
    return +counts


def _replace(
    db: sa.Connection, table: sa.Table, pattern: re.Pattern[str], whom: Whom, *, act: bool
) -> int:
    """Write another word for the student in what is about somebody else."""
    keys = list(table.primary_key.columns)
    texts = [c for c in table.c if isinstance(c.type, sa.String) and not c.primary_key]
    changed = 0
    wanted = sa.select(table)
    if (theirs := _theirs(table, whom)) is not None:
        wanted = wanted.where(sa.or_(theirs.is_(None), sa.not_(theirs)))
    for row in db.execute(wanted).mappings().all():
        told = {c.name: row[c.name] for c in texts if row[c.name] and pattern.search(row[c.name])}
        if not told:
            continue
        changed += 1
        if act:
            same = sa.and_(*(k == row[k.name] for k in keys))
            fresh = {name: pattern.sub(INSTEAD, text) for name, text in told.items()}
            db.execute(sa.update(table).where(same).values(**fresh))
    return changed


def rewrite_sqlite(path: Path) -> None:
    """Write a SQLite file anew, so that nothing removed stands in its free pages."""
    if not path.is_file():
        return
    db = sqlite3.connect(path, isolation_level=None, timeout=30)
    try:
        db.execute("PRAGMA secure_delete = ON")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        db.execute("VACUUM")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        db.close()
