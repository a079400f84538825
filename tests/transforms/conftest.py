"""Builds a small warehouse from drawn tables: rows in, all transforms run, views out."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pyarrow
import pytest

from transforms.catalog import load
from transforms.drawn import Titled
from transforms.table import Transform
from transforms.thresholds import DEFAULTS, Values
from warehouse.lake.tables import LAKE
from warehouse.notes import source

Row = dict[str, Any]

#: First Monday of the drawn weeks.
MONDAY = date(2026, 9, 7)

ORACLES: dict[str, dict[str, Any]] = {
    case["id"]: case
    for case in json.loads((Path(__file__).parent / "oracles.json").read_text(encoding="utf-8"))
}

_LINKS = {
    "account_link": "platform VARCHAR, account_key VARCHAR, student_id VARCHAR, evidence VARCHAR, "
    "score DOUBLE, decided_by VARCHAR, valid_from DATE",
    "class_link": "platform VARCHAR, class_key VARCHAR, class_id VARCHAR, evidence VARCHAR",
}


def drawn(text: str) -> list[dict[str, str | None]]:
    """Rows of a drawn table: a line of names, then one line per row; `-` is NULL, `_` a space."""
    head, *lines = [line.split() for line in text.strip().splitlines()]
    if any(len(line) != len(head) for line in lines):
        raise ValueError(f"a row does not have {len(head)} cells: {text}")
    return [
        {
            name: None if cell == "-" else cell.replace("_", " ")
            for name, cell in zip(head, line, strict=True)
        }
        for line in lines
    ]


_MADE = re.compile(r"\b(?:roster|facts|work|views|ops)\.\w+")


class Warehouse:
    """An in-memory DuckDB with lake and identity tables; a table is made when it is first read."""

    def __init__(
        self, platforms: Sequence[str] = ("lexia", "khan"), titles: Sequence[Titled] = ()
    ) -> None:
        self.platforms, self.titles = platforms, titles
        #: What the district has set; may be changed until the first read.
        self.values: Values = DEFAULTS
        #: Ceilings of schools; like values.
        self.ceilings: dict[str, float] = {}
        self.db = duckdb.connect()
        self._made: set[str] = set()
        for schema in ("lake", "identity", "notes", "roster", "facts", "work", "views", "ops"):
            self.db.execute(f"CREATE SCHEMA {schema}")
        for name, table in LAKE.items():
            self.db.execute(f"CREATE TABLE lake.{name} ({table.ddl()})")
        source.attach(self.db, {})
        for name, columns in _LINKS.items():
            self.db.execute(f"CREATE TABLE identity.{name} ({columns})")

    def add(self, table: str, rows: str | Sequence[Mapping[str, Any]], **same: Any) -> Warehouse:
        """Insert rows, drawn or as mappings; `same` gives columns their value in every row."""
        schema, _, name = table.rpartition(".")
        given: Sequence[Mapping[str, Any]] = drawn(rows) if isinstance(rows, str) else rows
        if not given:
            return self
        defaults: Row = {}
        if not schema:
            defaults = {
                "platform": "lexia",
                "feed": "main",
                "scope": "all",
                "source_file": "f1",
                "exported_on": "2027-07-01",
                "is_current": True,
            }
        columns: dict[str, None] = dict.fromkeys([*defaults, *same])
        for row in given:
            columns.update(dict.fromkeys(row))
        filled = [{**defaults, **same, **row} for row in given]
        # As text, cast by the table's own types: one insert, however many rows.
        told = pyarrow.table(  # noqa: F841 - DuckDB reads it by its name
            {c: pyarrow.array([_text(r.get(c)) for r in filled], pyarrow.string()) for c in columns}
        )
        names = ", ".join(columns)
        self.db.execute(f"INSERT INTO {schema or 'lake'}.{name} ({names}) SELECT {names} FROM told")
        return self

    def link(self, platform: str, **accounts: str) -> Warehouse:
        """Resolve accounts: account_key=student_id."""
        rows = [{"account_key": key, "student_id": who} for key, who in accounts.items()]
        return self.add("identity.account_link", rows, platform=platform, evidence="id")

    def build(self) -> Warehouse:
        """Run every transform in order."""
        for table in self._transforms():
            self._make(table)
        return self

    def _transforms(self) -> Mapping[str, Transform]:
        told, ceilings = tuple(self.values.items()), tuple(self.ceilings.items())
        return _by_table(tuple(self.platforms), told, tuple(self.titles), ceilings)

    def _make(self, table: str) -> None:
        """Run the transform of this table, and those of what it reads, where not done yet."""
        transform = self._transforms().get(table)
        if transform is None or table in self._made:
            return
        self._made.add(table)
        for other in sorted(transform.references):
            self._make(other)
        run(self.db, transform)

    def columns(self, table: str) -> frozenset[str]:
        """Names of the columns of a table that a transform makes."""
        transform = self._transforms()[table]
        return frozenset(column.name for column in transform.columns)

    def query(self, sql: str) -> list[Row]:
        """Rows of a SELECT as dictionaries; the tables it names are made before."""
        for table in _MADE.findall(sql):
            self._make(table)
        cursor = self.db.execute(sql)
        names = [column[0] for column in cursor.description or []]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def one(self, sql: str) -> Row:
        """The only row of a SELECT."""
        rows = self.query(sql)
        assert len(rows) == 1, rows
        return rows[0]


def monday(week: int) -> date:
    """Monday of the week with this number, 0 being the first drawn one."""
    return MONDAY + timedelta(weeks=week)


def weekly(
    warehouse: Warehouse, minutes: Sequence[float | None], account: str = "a1", **same: Any
) -> Warehouse:
    """Khan weeks from the first Monday on; None = the file of that week has no row."""
    rows = [
        {
            "account_key": account,
            "week_start": monday(i),
            "through": monday(i) + timedelta(days=6),
            "minutes": told,
            **same,
        }
        for i, told in enumerate(minutes)
        if told is not None
    ]
    warehouse.add("usage_week", rows, platform="khan")
    return covered(warehouse, "khan", len(minutes), zero=False)


def covered(warehouse: Warehouse, platform: str, weeks: int, *, zero: bool) -> Warehouse:
    """One activity file for each of the first weeks; `zero`: no row means nothing done."""
    rows = [
        {"covers_from": monday(i), "covers_to": monday(i) + timedelta(days=6)} for i in range(weeks)
    ]
    return warehouse.add("coverage", rows, platform=platform, of="activity", absence_is_zero=zero)


def holiday(warehouse: Warehouse, week: int, days: Sequence[int]) -> Warehouse:
    """No school on these days of the week, Monday being 0."""
    rows = [{"date": monday(week) + timedelta(days=day), "is_school_day": False} for day in days]
    return warehouse.add("calendar_day", rows, platform="district")


def absent(warehouse: Warehouse, week: int, days: Sequence[int], who: str = "ann") -> Warehouse:
    """The student is absent on these days of the week, Monday being 0."""
    rows = [{"date": monday(week) + timedelta(days=day)} for day in days]
    return warehouse.add(
        "attendance", rows, platform="district", student_sis_id=f"9{who}", present=False
    )


def days(
    warehouse: Warehouse,
    week: int,
    minutes: Sequence[float],
    account: str = "a1",
    platform: str = "lexia",
) -> Warehouse:
    """Minutes on Monday, Tuesday, ... of the week, from an event log."""
    rows = [
        {"date": monday(week) + timedelta(days=day), "minutes": told}
        for day, told in enumerate(minutes)
        if told
    ]
    return warehouse.add(
        "daily_activity", rows, platform=platform, account_key=account, minutes_basis="exported"
    )


@cache
def loaded(platforms: tuple[str, ...]) -> tuple[Transform, ...]:
    """The transforms, parsed once per set of platforms."""
    return load(platforms)


@cache
def _by_table(
    platforms: tuple[str, ...],
    values: tuple[tuple[str, float | None], ...],
    titles: tuple[Titled, ...],
    ceilings: tuple[tuple[str, float], ...],
) -> Mapping[str, Transform]:
    made = load(platforms, dict(values), titles, dict(ceilings))
    return {transform.table: transform for transform in made}


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def run(db: duckdb.DuckDBPyConnection, transform: Transform) -> None:
    """What the engine does with a transform."""
    db.execute(f"CREATE TABLE {transform.table} AS {transform.sql}")


def roster(warehouse: Warehouse, *students: str, school: str = "s1") -> Warehouse:
    """One school, one class c1 and these students in it."""
    warehouse.add("org", "org_id name org_type\n" + f"{school} North school", platform="oneroster")
    warehouse.add(
        "person",
        [
            {"person_id": who, "role": "student", "sis_id": f"9{who}", "org_id": school}
            for who in students
        ],
        platform="oneroster",
        enabled=True,
    )
    warehouse.add(
        "class_section",
        f"class_id title class_type school_id\nc1 Reading homeroom {school}",
        platform="oneroster",
    )
    warehouse.add(
        "enrollment",
        [{"class_id": "c1", "person_id": who, "role": "student"} for who in students],
        platform="oneroster",
    )
    return warehouse


@pytest.fixture
def warehouse() -> Warehouse:
    """An empty lake."""
    return Warehouse()


@pytest.fixture
def school() -> Warehouse:
    """One school with class c1 and student ann, whose account a1 is resolved on both platforms."""
    built = roster(Warehouse(), "ann")
    built.link("lexia", a1="ann").link("khan", a1="ann")
    for platform in ("lexia", "khan"):
        built.add("account", "account_key\na1", platform=platform)
    return built
