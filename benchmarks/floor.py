"""The floor: the least that a DuckDB script can do to make the same tables from the same files.

It reads text with TRY_CAST, uses the contract's SELECTs and runs the same transforms. It has no
ledger, no copy of what arrived, no hashes, no quarantine, no scores of identity, no checks, and it
trusts every file. Run as `python -m benchmarks.floor CONFIG TARGET`; prints counts as JSON.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import duckdb

from benchmarks.exports import Export, exports
from connectors.contract import Column, Kind, Scope
from transforms import catalog
from warehouse import build
from warehouse.engines import InDuckDB
from warehouse.intake.casting import DETECTED, MACROS, quote
from warehouse.intake.naming import Described, describe
from warehouse.lake.tables import LAKE
from warehouse.notes import source
from warehouse.settings import Settings, load

_TYPES = {
    Kind.INTEGER: "BIGINT",
    Kind.NUMBER: "DOUBLE",
    Kind.BOOLEAN: "BOOLEAN",
    Kind.CLOCK: "TIME",
    Kind.DATE: "DATE",
    Kind.TIME: "TIMESTAMP",
}
#: The simplest exact joins; whoever fits two students or two classes is left out.
_IDENTITY = """
CREATE TABLE scratch.identity.class_link AS
SELECT platform, class_key, min(class_id) AS class_id, 'title' AS evidence
FROM (SELECT DISTINCT platform, class_key, letters(split_part(class_key, '/', -1)) AS told
      FROM work.newest_account WHERE class_key IS NOT NULL)
JOIN (SELECT class_id, letters(title) AS told FROM roster.class_section
      UNION SELECT class_id, letters(class_code) FROM roster.class_section) USING (told)
GROUP BY platform, class_key HAVING count(DISTINCT class_id) = 1;

CREATE TABLE scratch.identity.account_link AS
SELECT platform, account_key, min(student_id) AS student_id, min(evidence) AS evidence,
       CAST(NULL AS DOUBLE) AS score, CAST(NULL AS VARCHAR) AS decided_by,
       CAST(NULL AS DATE) AS valid_from
FROM (
  SELECT a.platform, a.account_key, s.student_id, 'sis_id' AS evidence
  FROM work.newest_account a JOIN roster.student s ON s.sis_id = a.sis_id
  UNION SELECT a.platform, a.account_key, s.student_id, 'email'
  FROM work.newest_account a JOIN roster.student s ON lower(s.email) = lower(a.email)
  UNION SELECT a.platform, a.account_key, s.student_id, 'username'
  FROM work.newest_account a JOIN roster.student s ON lower(s.username) = lower(a.username)
  UNION SELECT a.platform, a.account_key, s.student_id, 'name_in_class'
  FROM work.newest_account a
  JOIN identity.class_link c ON c.platform = a.platform AND c.class_key = a.class_key
  JOIN roster.enrollment e ON e.class_id = c.class_id AND e.role = 'student'
  JOIN roster.student s ON s.student_id = e.person_id
   AND letters(a.full_name) IN (letters(s.given_name || s.family_name),
                                letters(s.preferred_name || s.family_name))
) GROUP BY platform, account_key HAVING count(DISTINCT student_id) = 1
"""


@dataclass(frozen=True)
class Dated:
    """A file with what its name says of it; `live` unless a newer one of its scope is there."""

    export: Export
    described: Described
    live: bool


def run(settings: Settings, target: Path) -> dict[str, int]:
    """Make the warehouse at `target`; rows read, by feed."""
    target.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        scratch = Path(folder)
        db = build.open_target(target, scratch / "spill", memory="80%")
        # The floor may keep the lake in memory, where writing it costs least.
        db.execute("CREATE SCHEMA memory.lake")
        schemas = "target.main,memory.lake,scratch.work,scratch.identity,scratch.notes"
        db.execute(f"SET search_path = '{schemas}'")
        for macro in MACROS:
            db.execute(f"CREATE TEMP MACRO {macro.format(zone=settings.time_zone)}")
        db.execute(
            "CREATE TEMP MACRO letters(t) AS "
            "regexp_replace(lower(strip_accents(t)), '[^a-z0-9]', '', 'g')"
        )
        source.attach(db, {})
        rows = _fill_lake(db, _dated(settings, scratch))
        linked = False
        for transform in catalog.load(
            settings.platforms, settings.thresholds, settings.titles, settings.ceilings
        ):
            if not linked and transform.group != "roster":
                db.execute(_IDENTITY)
                linked = True
            build.run_transform(InDuckDB(db), transform)
        db.execute("CHECKPOINT target")
        db.close()
    return rows


def _dated(settings: Settings, scratch: Path) -> list[Dated]:
    found = []
    newest: dict[tuple[str, str], tuple[object, int]] = {}
    for export in exports(settings, scratch):
        feed, name, zone = export.match.feed, export.name, settings.time_zone
        values = [name] if feed.scope is Scope.VALUE else []
        described = describe(feed, name, export.modified_ns, zone, None, values)
        found.append((export, described))
        key, version = (export.table, described.scope), (described.exported_on, export.modified_ns)
        newest[key] = max(newest.get(key, version), version)
    return [
        Dated(e, d, newest[e.table, d.scope] == (d.exported_on, e.modified_ns)) for e, d in found
    ]


def _fill_lake(db: duckdb.DuckDBPyConnection, files: list[Dated]) -> dict[str, int]:
    for table in LAKE.values():
        db.execute(f"CREATE TABLE memory.lake.{table.name} ({table.ddl()})")
    groups: dict[tuple[str, tuple[str, ...]], list[Dated]] = defaultdict(list)
    for file in files:
        keeps = any(LAKE[o.table].keeps_history for o in file.export.match.feed.outputs)
        if file.live or keeps:
            groups[file.export.table, file.export.header].append(file)
    rows: dict[str, int] = defaultdict(int)
    for (feed, _), group in groups.items():
        rows[feed] += _read(db, group)
        _put(db, group[0].export)
    return dict(rows)


def _read(db: duckdb.DuckDBPyConnection, group: list[Dated]) -> int:
    """All files of one feed and header in one statement, into table `typed`."""
    export = group[0].export
    match = export.match
    db.execute(
        """CREATE OR REPLACE TEMP TABLE meta (
             _no BIGINT, _path VARCHAR, _name VARCHAR, _live BOOLEAN, _exported_on DATE,
             _covers_from DATE, _covers_to DATE, _class_key VARCHAR, _school_year BIGINT,
             _scope VARCHAR)"""
    )
    db.executemany(
        f"INSERT INTO meta VALUES ({', '.join('?' * 10)})",
        [
            (
                n,
                str(f.export.path),
                f.export.name,
                f.live,
                d.exported_on,
                d.covers_from,
                d.covers_to,
                d.class_key,
                d.school_year,
                d.scope,
            )
            for n, f in enumerate(group)
            for d in (f.described,)
        ],
    )
    paths = ", ".join(quote(str(f.export.path)) for f in group)
    columns = ", ".join(f"'c{i}': 'VARCHAR'" for i in range(len(export.header)))
    casts = []
    for column in match.feed.columns:
        position = match.positions.get(column.name)
        cell = "NULL" if position is None else f"r.c{position}"
        casts.append(f"{_cast(column, cell)} AS {column.name}")
        if not column.required:
            casts.append(f"{str(position is not None).upper()} AS _has_{column.name}")
    made: int = db.execute(
        f"""CREATE OR REPLACE TEMP TABLE typed AS
            SELECT m.* EXCLUDE (_path), FALSE AS _is_delta, 0 AS _unread,
                   CAST(NULL AS VARCHAR) AS _fault, {", ".join(casts)}
            FROM read_csv([{paths}], columns={{{columns}}}, header=true, filename=true,
                          delim=',', quote='"', escape='"', auto_detect=false) r
            JOIN meta m ON m._path = r.filename"""
    ).fetchall()[0][0]
    return made


def _cast(column: Column, cell: str) -> str:
    text = f"nullif({cell}, '')"
    for nothing in column.nothing:
        text = f"nullif({text}, {quote(nothing)})"
    formats = ", ".join(quote(f) for f in column.formats or DETECTED[:1])
    match column.kind:
        case Kind.TEXT | Kind.ID:
            return text
        case Kind.DATE:
            return f"CAST(try_strptime({text}, [{formats}]) AS DATE)"
        case Kind.TIME:
            told = f"try_strptime({text}, [{formats}])"
            return f"utc(coalesce(TRY_CAST({text} AS TIMESTAMP), {told}))"
        case kind:
            return f"TRY_CAST({text} AS {_TYPES[kind]})"


def _put(db: duckdb.DuckDBPyConnection, export: Export) -> None:
    """The rows of `typed` into the lake's tables."""
    feed = export.match.feed
    for output in feed.outputs:
        table = LAKE[output.table]
        only = "" if table.keeps_history else "WHERE _live"
        for view in ("rows", "all_rows"):
            db.execute(f"CREATE OR REPLACE TEMP VIEW {view} AS SELECT * FROM typed {only}")
        given = {row[0] for row in db.execute(f"DESCRIBE {output.select}").fetchall()}
        own = ", ".join(f"o.{f.name}" for f in table.fields if f.name in given)
        db.execute(
            f"""INSERT INTO memory.lake.{table.name} BY NAME
                SELECT {own}, {quote(export.platform.name)} AS platform, {quote(feed.name)} AS feed,
                       m._scope AS scope, m._name AS source_file, m._exported_on AS exported_on,
                       m._live AS is_current
                FROM ({output.select}) o JOIN meta m USING (_no)"""
        )


if __name__ == "__main__":
    print(json.dumps({"rows": run(load(Path(sys.argv[1])), Path(sys.argv[2]))}))
