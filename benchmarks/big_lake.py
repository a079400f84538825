"""A lake of a wanted size, drawn straight as Parquet: a roster, accounts, a year of daily activity.

Run as `python -m benchmarks.big_lake FOLDER ROWS`. Four platforms; each student works on each of
them on four school days of five. Not here: reading exports (benchmarks/district.py has those).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from warehouse.intake.casting import quote
from warehouse.lake.tables import LAKE, PROVENANCE
from warehouse.ledger import Ledger

PLATFORMS = ("lexia", "khan", "iready", "istation")
WEEKS = 36
#: Rows of daily activity that one student has: platforms, weeks, days of a week.
_EACH = len(PLATFORMS) * WEEKS * 4
_DAYS = f"""SELECT DATE '2025-08-25' + CAST(7 * w + n AS INTEGER) AS date, w, n
    FROM range({WEEKS}) a(w), range(5) b(n)"""
#: Rows as (table, platform, SELECT of the columns that are filled), {students} students.
_ROSTER = {
    "org": "SELECT 'o' || k AS org_id, 'School ' || k AS name, 'school' AS org_type "
    "FROM range({students} // 500 + 1) t(k)",
    "person": "SELECT 's' || k AS person_id, 'student' AS role, '9' || k AS sis_id, "
    "'o' || (k // 500) AS org_id, '4' AS grade_level, TRUE AS enabled FROM range({students}) t(k)",
    "class_section": "SELECT 'c' || k AS class_id, 'Class ' || k AS title, "
    "'homeroom' AS class_type, 'o' || (k // 20) AS school_id "
    "FROM range({students} // 25 + 1) t(k)",
    "enrollment": "SELECT 'e' || k AS enrollment_ref, 'c' || (k // 25) AS class_id, "
    "'s' || k AS person_id, 'student' AS role FROM range({students}) t(k)",
    "calendar_day": f"SELECT date, TRUE AS is_school_day FROM ({_DAYS})",
}
_PLATFORM = {
    "account": "SELECT 'a' || k AS account_key, 'id' AS account_kind, '9' || k AS sis_id "
    "FROM range({students}) t(k)",
    "coverage": f"""SELECT min(date) AS covers_from, max(date) + 2 AS covers_to, 'activity' AS of,
        TRUE AS absence_is_zero FROM ({_DAYS}) GROUP BY w""",
    "daily_activity": f"""SELECT 'a' || k AS account_key, date, 5.0 + draw % 40 AS minutes,
        'exported' AS minutes_basis, draw % 4 AS units_completed
        FROM (SELECT k, date, hash(k, date, '{{platform}}') AS draw
              FROM range({{students}}) t(k), ({_DAYS})
              WHERE n <> hash(k, w, '{{platform}}') % 5)""",
}


@dataclass(frozen=True)
class BigLake:
    """Where a drawn lake lies; `students` is told by the rows of activity wanted."""

    folder: Path
    students: int

    @property
    def ledger(self) -> Path:
        """Which parts are live."""
        return self.folder / "ledger.sqlite"

    @property
    def lake(self) -> Path:
        """The parts."""
        return self.folder / "lake"


def of(folder: Path, rows: int) -> BigLake:
    """A lake with about so many rows of activity; not drawn yet."""
    return BigLake(folder, max(1, rows // _EACH))


def draw(big: BigLake) -> int:
    """Write the parts and the ledger's rows of them; the rows of daily activity."""
    big.lake.mkdir(parents=True, exist_ok=True)
    ledger = Ledger(big.ledger)
    activity = 0
    with duckdb.connect(config={"memory_limit": "2GB"}) as db:
        for platform, table, query in _tables(big.students):
            file = ledger.add(platform=platform, name=table, landed="", status="loaded", feed="big")
            filled = [row[0] for row in db.execute(f"DESCRIBE {query}").fetchall()]
            same = {"platform": quote(platform), "feed": "'big'", "scope": "'all'"}
            same |= {"source_file": quote(f"f{file}"), "exported_on": "DATE '2026-06-01'"}
            path = f"{table}/part-{file}-{platform}.parquet"
            (big.lake / table).mkdir(exist_ok=True)
            db.execute(
                f"COPY (SELECT {_columns(table, filled, same)}, CAST({file} AS BIGINT) AS arrival "
                f"FROM ({query})) TO {quote(str(big.lake / path))}"
            )
            rows = db.execute(f"SELECT count(*) FROM '{big.lake / path}'").fetchall()[0][0]
            ledger.run("INSERT INTO part VALUES (?, ?, ?, ?)", (file, table, path, rows))
            activity += rows if table == "daily_activity" else 0
    ledger.close()
    return activity


def _tables(students: int) -> Iterator[tuple[str, str, str]]:
    for table, query in _ROSTER.items():
        yield "oneroster", table, query.format(students=students)
    for platform in PLATFORMS:
        for table, query in _PLATFORM.items():
            yield platform, table, query.format(students=students, platform=platform)


def _columns(table: str, filled: list[str], same: Mapping[str, str]) -> str:
    own = [(f.name, f.type) for f in LAKE[table].fields]
    told = [(n, t) for n, t, _ in PROVENANCE if n != "is_current"]
    return ", ".join(
        f"CAST({name if name in filled else same.get(name, 'NULL')} AS {kind}) AS {name}"
        for name, kind in own + told
    )


if __name__ == "__main__":
    print(json.dumps({"rows": draw(of(Path(sys.argv[1]), int(sys.argv[2])))}))
