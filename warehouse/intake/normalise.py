"""One batch of like files: text in, typed rows split into good, twice told and faulty, parts out.

A batch is files of one feed with one header and one separator. Everything happens in DuckDB, in
one pass over the text; Python sees counts only. What a file covers is decided in naming.py, what
a value may be in casting.py, what becomes of the file in intake.py.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path, PurePosixPath
from typing import Any
from uuid import uuid4

import duckdb

from connectors.careful import salvage
from connectors.contract import Feed, Match, Platform, stem_of
from connectors.errors import FileRefused
from connectors.prepared import Fault, Prepared
from warehouse import bulk
from warehouse.intake import casting, deltas
from warehouse.intake.casting import quote
from warehouse.intake.naming import Described, describe, plain_words
from warehouse.intake.rawtext import rows_of
from warehouse.lake.tables import LAKE
from warehouse.ledger import File

_MOST_REJECTS = 0.5


@dataclass
class Item:
    """One file of a batch and what became of it."""

    file: File
    prepared: Prepared
    is_delta: bool = False
    faults: tuple[Fault, ...] = ()
    described: Described | None = None
    refused: FileRefused | None = None
    rows_in: int = 0
    kept: int = 0
    twice: int = 0
    fingerprint: str = ""
    parts: dict[str, tuple[Path, int]] = field(default_factory=dict)

    @property
    def quarantined(self) -> int:
        """Rows turned away; all of them where the file is."""
        return self.rows_in if self.refused else self.rows_in - self.kept - self.twice


@dataclass
class Batch:
    """Files of one feed that can be read by one statement."""

    platform: Platform
    match: Match
    items: list[Item]

    @property
    def feed(self) -> Feed:
        """The feed of all the files."""
        return self.match.feed

    @property
    def is_delta(self) -> bool:
        """Whether the files hold changes only; all of them do or none."""
        return self.items[0].is_delta


def connect(zone: str, work: Path, *, threads: int, memory: str) -> duckdb.DuckDBPyConnection:
    """A scratch DuckDB with the macros that connectors may use; spills into `work`."""
    connection = duckdb.connect(
        config={"threads": threads, "memory_limit": memory, "temp_directory": str(work)}
    )
    connection.execute("SET TimeZone = 'UTC'")
    for macro in casting.MACROS:
        connection.execute(f"CREATE MACRO {macro.format(zone=zone)}")
    return connection


class Normaliser:
    """Runs batches on one connection. Not shared between threads."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, zone: str, work: Path) -> None:
        self._db, self._zone, self._work = connection, zone, work

    def run(self, batch: Batch) -> None:
        """Normalise a batch: fills every item; parts stand in the work folder."""
        trusted = [i for i in batch.items if not i.prepared.odd]
        damaged = [i for i in batch.items if i.prepared.odd]
        if trusted:
            damaged += self._attempt(batch, trusted)
        for item in damaged:
            self._salvage(batch, item)

    def _attempt(self, batch: Batch, items: list[Item]) -> list[Item]:
        """Read files plainly; the ones that a plain reading cannot be trusted with come back."""
        formats: dict[str, tuple[str, ...]] = {}
        try:
            if casting.detects_dates(batch.feed):
                formats = self._formats(batch, items[0])
            self._load(batch, items, formats)
        except FileRefused as refused:
            items[0].refused = refused
            items[0].rows_in = items[0].prepared.lines + len(items[0].faults)
            return []
        except duckdb.InvalidInputException:
            # One unreadable file fails the statement: halve until it stands alone.
            if len(items) == 1:
                return items
            half = len(items) // 2
            return self._attempt(batch, items[:half]) + self._attempt(batch, items[half:])
        except duckdb.OutOfMemoryException:
            if len(items) == 1:
                raise
            return [d for item in items for d in self._attempt(batch, [item])]
        except duckdb.Error as error:
            # What a damaged Parquet file ends in is not told by the error's class.
            if not items[0].prepared.parquet or "No space left" in str(error):
                raise
            return items
        counts: dict[int, int] = dict(
            self._db.execute("SELECT _no, count(*) FROM typed GROUP BY _no").fetchall()
        )
        wrong = [n for n, i in enumerate(items) if counts.get(n, 0) != i.prepared.lines]
        if wrong:
            # An opened quote has swallowed lines, or values hold line ends: look at every line.
            self._db.execute(f"DELETE FROM typed WHERE _no IN ({', '.join(map(str, wrong))})")
        self._finish(batch, [None if n in wrong else i for n, i in enumerate(items)])
        return [items[n] for n in wrong]

    def _salvage(self, batch: Batch, item: Item) -> None:
        try:
            if item.prepared.parquet:
                raise FileRefused("cut_file", rows=item.prepared.lines)
            saved = salvage(item.prepared, self._work, stub_rows=batch.feed.stub_rows)
            item.faults = saved.faults
            if not saved.rows:
                rows = len(saved.faults)
                raise FileRefused("nothing_survived" if rows else "header_only", rows=rows)
            formats = {}
            if casting.detects_dates(batch.feed):
                formats = self._formats(batch, item, saved.path)
            self._load(batch, [item], formats, saved.path)
        except FileRefused as refused:
            item.refused, item.rows_in = refused, refused.rows
            return
        self._finish(batch, [item])

    def _formats(
        self, batch: Batch, item: Item, salvaged: Path | None = None
    ) -> dict[str, tuple[str, ...]]:
        raw = rows_of([item.prepared], salvaged)
        formats = {}
        for column in casting.detects_dates(batch.feed):
            if column.name not in batch.match.positions:
                continue
            sql = casting.counts_sql(batch.match, column, raw)
            filled, *fits, same = self._db.execute(sql).fetchall()[0]
            counts = dict(zip(casting.DETECTED, fits, strict=True), same=same)
            settled = casting.settle_format(counts, filled)
            if settled is None:
                raise FileRefused("ambiguous_dates", f"column {column.headers[0]}")
            formats[column.name] = settled
        return formats

    def _load(
        self,
        batch: Batch,
        items: list[Item],
        formats: dict[str, tuple[str, ...]],
        salvaged: Path | None = None,
    ) -> None:
        """Make table `typed`: every row of the files, typed, with its fault if any."""
        self._db.execute("CREATE OR REPLACE TEMP TABLE batch_file (no BIGINT, path VARCHAR)")
        files = [(n, str(i.prepared.path)) for n, i in enumerate(items)]
        bulk.insert(self._db, "batch_file", files)
        raw = rows_of([i.prepared for i in items], salvaged)
        sql = casting.typed_sql(batch.match, raw, formats)
        self._db.execute(f"CREATE OR REPLACE TEMP TABLE typed AS {sql}")
        self._mark_repeats(batch.feed)

    def _mark_repeats(self, feed: Feed) -> None:
        """Of rows with one key: equal ones count once, differing ones are all turned away."""
        if not feed.key:
            return
        key = ", ".join(feed.key)
        repeated = self._db.execute(
            f"""CREATE OR REPLACE TEMP TABLE repeated AS
                SELECT _no, {key} FROM typed WHERE _fault IS NULL
                GROUP BY _no, {key} HAVING count(*) > 1"""
        ).fetchall()
        if not repeated or not repeated[0][0]:
            return
        if feed.delta is not None:
            self._mark_older(feed, feed.delta.changed)
        same = " AND ".join(f"t.{k} IS NOT DISTINCT FROM r.{k}" for k in ("_no", *feed.key))
        keys = ", ".join(f"t.{k}" for k in feed.key)
        everything = ", ".join(f"t.{c}" for c in _told(feed))
        self._db.execute(
            f"""CREATE OR REPLACE TEMP TABLE verdict AS
                SELECT _no, _line,
                       min(version) OVER keyed <> max(version) OVER keyed AS differs,
                       row_number() OVER (PARTITION BY _no, {key} ORDER BY _line) > 1 AS again
                FROM (SELECT t._no, t._line, {keys},
                             dense_rank() OVER (ORDER BY {everything}) AS version
                      FROM typed t JOIN repeated r ON {same}
                      WHERE t._fault IS NULL AND NOT t._twice)
                WINDOW keyed AS (PARTITION BY _no, {key})"""
        )
        conflict = quote(f"{'/'.join(feed.key)}|conflicting_key|row")
        self._db.execute(
            f"""UPDATE typed SET
                  _fault = CASE WHEN v.differs THEN {conflict} END,
                  _twice = NOT v.differs AND v.again
                FROM verdict v WHERE typed._no = v._no AND typed._line = v._line"""
        )

    def _mark_older(self, feed: Feed, changed: str) -> None:
        """Of rows with one key that say when they were changed, only the newest counts."""
        same = " AND ".join(f"typed.{k} IS NOT DISTINCT FROM n.{k}" for k in ("_no", *feed.key))
        when = f"TRY_CAST(typed.{changed} AS TIMESTAMPTZ)"
        self._db.execute(
            f"""UPDATE typed SET _twice = TRUE FROM (
                  SELECT t._no, {", ".join(f"t.{k}" for k in feed.key)},
                         max({when.replace("typed.", "t.")}) AS newest
                  FROM typed t SEMI JOIN repeated USING (_no, {", ".join(feed.key)})
                  WHERE t._fault IS NULL GROUP BY ALL) n
                WHERE {same} AND typed._fault IS NULL AND {when} < n.newest"""
        )

    def _finish(self, batch: Batch, items: list[Item | None]) -> None:
        """Judge each file by its rows, and write the parts of those that stand."""
        self._count(batch, items)
        metas = []
        for number, item in enumerate(items):
            if item is None or item.refused:
                continue
            d = item.described
            assert d is not None
            metas.append(
                (
                    number,
                    d.exported_on,
                    d.covers_from,
                    d.covers_to,
                    d.class_key,
                    d.school_year,
                    d.student,
                    d.scope,
                    plain_words(stem_of(item.file.name)),
                    plain_words(PurePosixPath(item.file.name).parent.name),
                    item.file.sha256,
                    item.file.id,
                    item.is_delta,
                    len(item.faults),
                )
            )
        self._db.execute(
            """CREATE OR REPLACE TEMP TABLE meta (
                 _no BIGINT, _exported_on DATE, _covers_from DATE, _covers_to DATE,
                 _class_key VARCHAR, _school_year BIGINT, _student VARCHAR, _scope VARCHAR,
                 _stem VARCHAR, _folder VARCHAR, _sha VARCHAR, _arrival BIGINT,
                 _is_delta BOOLEAN, _unread BIGINT)"""
        )
        if metas:
            bulk.insert(self._db, "meta", metas)
            self._db.execute(
                """CREATE OR REPLACE TEMP VIEW all_rows AS
                   SELECT * FROM typed JOIN meta USING (_no) WHERE NOT _twice"""
            )
            self._db.execute(
                "CREATE OR REPLACE TEMP VIEW rows AS SELECT * FROM all_rows WHERE _fault IS NULL"
            )
            for output in batch.feed.outputs:
                self._write(batch, output.table, output.select, items)
        self._quarantine(batch, items)

    def _count(self, batch: Batch, items: list[Item | None]) -> None:
        feed = batch.feed
        good = "FILTER (WHERE _fault IS NULL AND NOT _twice)"
        newest = f"max({feed.dated_by}) {good}" if feed.dated_by else "NULL"
        covers = ", ".join(feed.scope_column.split())
        values = f"list(DISTINCT concat_ws(' ', {covers})) {good}" if covers else "[]"
        parts = f"list(DISTINCT {feed.scope_part}) {good}" if feed.scope_part else "[]"
        prints = f"CAST(sum(hash({', '.join(_told(feed))})) {good} AS VARCHAR)"
        counted = {
            row[0]: row[1:]
            for row in self._db.execute(
                f"""SELECT _no, count(*), count(*) {good}, count(*) FILTER (WHERE _twice),
                           {newest}, {values}, {parts}, {prints}
                    FROM typed GROUP BY _no"""
            ).fetchall()
        }
        for number, item in enumerate(items):
            if item is None:
                continue
            rows, item.kept, item.twice, newest_seen, found, parts_seen, prints_seen = counted.get(
                number, (0, 0, 0, None, [], [], "")
            )
            item.rows_in = rows + len(item.faults)
            item.fingerprint = f"{duckdb.__version__}:{item.kept}:{prints_seen}"
            self._judge(feed, item, newest_seen, found, parts_seen)
            if item.described is not None and item.described.student is not None:
                item.fingerprint += f":{item.described.scope}"

    def _judge(
        self,
        feed: Feed,
        item: Item,
        newest: datetime | date | None,
        values: list[str],
        parts: list[str | None],
    ) -> None:
        """The exits of a file that was read, in a row, each with its reason."""
        rejected = item.rows_in - item.kept - item.twice
        try:
            if item.rows_in == 0:
                raise FileRefused("header_only")
            if item.kept == 0:
                raise FileRefused("nothing_survived")
            if rejected > _MOST_REJECTS * (item.rows_in + item.file.rows_left_out):
                raise FileRefused("too_many_rejects")
            item.described = describe(
                feed, item.file.name, item.file.modified_ns, self._zone, newest, values, parts
            )
            if item.is_delta:
                item.described = replace(item.described, scope=deltas.scope_of(item.file.sha256))
        except FileRefused as refused:
            item.refused = refused

    def _write(self, batch: Batch, table: str, select: str, items: list[Item | None]) -> None:
        """Write one table's rows of all standing files into one part in the work folder.

        Small files share a part: a file of its own for each would cost more than its rows.
        """
        path = self._work / f"part-{uuid4().hex}.parquet"
        written = self._db.execute(
            f"COPY ({self.part_select(batch, table, select)}) TO {quote(str(path))} "
            "(FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)"
        ).fetchall()[0][0]
        if not written:
            path.unlink(missing_ok=True)
            return
        by_arrival = {i.file.id: i for i in items if i is not None}
        counts = self._db.execute(
            f"SELECT arrival, count(*) FROM read_parquet({quote(str(path))}) GROUP BY arrival"
        ).fetchall()
        for arrival, rows in counts:
            by_arrival[arrival].parts[table] = (path, rows)

    def part_select(self, batch: Batch, table: str, select: str) -> str:
        """The output's columns in the table's order and types, with where they came from."""
        described = self._db.execute(f"DESCRIBE {select}").fetchall()
        given = {row[0] for row in described}
        own = ", ".join(
            f"CAST({'o.' + f.name if f.name in given else 'NULL'} AS {f.type}) AS {f.name}"
            for f in LAKE[table].fields
        )
        if batch.is_delta:
            own += "".join(
                f", CAST({'o.' + name if name in given else default} AS {kind}) AS {name}"
                for name, kind, default in deltas.EXTRA
            )
        return (
            f"SELECT {own}, {quote(batch.platform.name)} AS platform, "
            f"{quote(batch.feed.name)} AS feed, m._scope AS scope, m._sha AS source_file, "
            f"m._exported_on AS exported_on, m._arrival AS arrival "
            f"FROM ({select}) o JOIN meta m USING (_no)"
        )

    def _quarantine(self, batch: Batch, items: list[Item | None]) -> None:
        """Write where each row that was turned away stands and why; never a value."""
        faults: list[tuple[Any, ...]] = [
            (n, f.line, "", f.code, "row") for n, i in enumerate(items) if i for f in i.faults
        ]
        if not faults:
            some = self._db.execute(
                "SELECT 1 FROM typed WHERE _fault IS NOT NULL LIMIT 1"
            ).fetchall()
            if not some:
                return
        self._db.execute(
            """CREATE OR REPLACE TEMP TABLE turned_away AS
               SELECT _no, _line AS line, split_part(_fault, '|', 1) AS "column",
                      split_part(_fault, '|', 2) AS reason,
                      split_part(_fault, '|', 3) AS value_class
               FROM typed WHERE _fault IS NOT NULL"""
        )
        bulk.insert(self._db, "turned_away", faults)
        numbers = self._db.execute("SELECT _no, count(*) FROM turned_away GROUP BY _no").fetchall()
        for number, rows in numbers:
            item = items[number]
            assert item is not None
            path = self._work / f"quarantine-{uuid4().hex}.parquet"
            self._db.execute(
                f"""COPY (SELECT {quote(batch.platform.name)} AS platform,
                                 {quote(batch.feed.name)} AS feed,
                                 {quote(item.file.sha256)} AS source_file, line, "column", reason,
                                 value_class
                          FROM turned_away WHERE _no = {number} ORDER BY line)
                    TO {quote(os.fspath(path))} (FORMAT parquet)"""
            )
            item.parts["quarantine"] = (path, rows)


def _told(feed: Feed) -> list[str]:
    """Everything that a row says; when it was changed is no difference between two rows."""
    changed = feed.delta.changed if feed.delta else None
    names = [c.name for c in feed.columns if c.name != changed]
    return names + ["_wide"] * (feed.wide is not None)


def batch_limit(feed: Feed) -> int:
    """How many files of a feed one statement may take.

    Files whose dates are detected are read alone; rosters go together, so that they are settled
    in the order in which they were made.
    """
    return 1 if casting.detects_dates(feed) else 400
