"""What people wrote, as tables of schema `notes`: what holds now, without the trail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import duckdb
import pyarrow

from warehouse.notes import card_actions, check_ins, exclusions
from warehouse.notes.database import Notes

#: Columns of each table; all are texts in the database of notes.
TABLES: Mapping[str, Mapping[str, str]] = {
    "check_in": {
        "check_in_id": "VARCHAR",
        "student_id": "VARCHAR",
        "staff_id": "VARCHAR",
        "date": "DATE",
        "topic": "VARCHAR",
        "note": "VARCHAR",
        "next_step": "VARCHAR",
        "owner_id": "VARCHAR",
        "due_date": "DATE",
    },
    "exclusion": {
        "student_id": "VARCHAR",
        "platform": "VARCHAR",
        "week_start": "DATE",
    },
    "card_action": {
        "class_id": "VARCHAR",
        "week_start": "DATE",
        "student_id": "VARCHAR",
        "rule_id": "VARCHAR",
        "platform": "VARCHAR",
        "action": "VARCHAR",
        "owner_id": "VARCHAR",
        "due_date": "DATE",
    },
}

#: The rows of each table.
Written = Mapping[str, Sequence[Mapping[str, Any]]]


def read(notes: Notes) -> Written:
    """What holds now of all that people wrote."""
    return {
        "check_in": [asdict(c) for c in check_ins.standing(check_ins.every(notes))],
        "exclusion": [asdict(e) for e in exclusions.standing(notes)],
        "card_action": [asdict(a) for a in card_actions.standing(notes)],
    }


def attach(db: duckdb.DuckDBPyConnection, written: Written, schema: str = "notes") -> None:
    """Fill the schema with one table per kind; empty where nobody wrote."""
    for table, columns in TABLES.items():
        rows = written.get(table, [])
        told = pyarrow.table(  # noqa: F841 - DuckDB reads it by its name
            {name: pyarrow.array([r[name] for r in rows], pyarrow.string()) for name in columns}
        )
        casts = ", ".join(f"TRY_CAST({name} AS {kind}) AS {name}" for name, kind in columns.items())
        db.execute(f"CREATE OR REPLACE TABLE {schema}.{table} AS SELECT {casts} FROM told")
