"""The notes' layout through the years: numbered steps for SQLite and PostgreSQL alike.

How many steps a database has had stands in a table of its own; databases from before it have had
none. A step that has been released is never edited: another is added behind it.
"""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa

from warehouse.migrations import newer

_TABLE = sa.Table(
    "layout", sa.MetaData(), sa.Column("steps", sa.Integer, primary_key=True, autoincrement=False)
)
Step = Callable[[sa.Connection, sa.MetaData], None]


def is_current(db: sa.Connection, where: str, tables: set[str]) -> bool:
    """Whether nothing is to be done. Raises HomeroomError where a newer Homeroom wrote it."""
    return _held(db, where, tables) == len(STEPS)


def migrate(db: sa.Connection, tables: sa.MetaData, where: str) -> None:
    """Make the tables that are missing and take the steps that are, in the caller's transaction."""
    held = _held(db, where, set(sa.inspect(db).get_table_names()))
    tables.create_all(db)
    for step in STEPS[held:]:
        step(db, tables)
    if held < len(STEPS):
        _TABLE.create(db, checkfirst=True)
        db.execute(sa.delete(_TABLE))
        db.execute(sa.insert(_TABLE).values(steps=len(STEPS)))


def _held(db: sa.Connection, where: str, tables: set[str]) -> int:
    held = 0
    if _TABLE.name in tables:
        held = int(db.scalar(sa.select(sa.func.max(_TABLE.c.steps))) or 0)
    if held > len(STEPS):
        raise newer("the notes database", where, held, len(STEPS))
    return held


def _add_columns(db: sa.Connection, tables: sa.MetaData) -> None:
    """Columns that databases from before the numbers lack. Each of them may be NULL."""
    inspector = sa.inspect(db)
    for table in tables.sorted_tables:
        known = {column["name"] for column in inspector.get_columns(table.name)}
        for column in table.columns:
            if column.name not in known:
                kind = column.type.compile(db.dialect)
                quoted = db.dialect.identifier_preparer.quote
                db.exec_driver_sql(
                    f"ALTER TABLE {quoted(table.name)} ADD COLUMN {quoted(column.name)} {kind}"
                )


STEPS: tuple[Step, ...] = (_add_columns,)
