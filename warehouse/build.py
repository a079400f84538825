"""Building a warehouse file beside the live one: lake in, canonical tables and views out.

The steps are separate so that an orchestrator can show each one; `pipelines/` decides how they
are driven. Not here: the formulas (transforms/), who is who (identity/), going live (publish.py).
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb

from transforms.table import Transform
from warehouse import bulk, engines, flow, identity
from warehouse.identity import coverage
from warehouse.identity.rates import Night
from warehouse.intake.casting import quote
from warehouse.intake.naming import words
from warehouse.intake.redeclared import fingerprints
from warehouse.ledger import Ledger
from warehouse.notes import source
from warehouse.notes.database import Notes
from warehouse.notes.decisions import Decision, every, standing
from warehouse.quality import checks
from warehouse.settings import Settings

#: Versions of DuckDB from this one on can open what is published.
_STORAGE = "v1.5.0"
_SCHEMAS = ("roster", "facts", "views", "ops")
#: The rules of who is who: other rules make another warehouse.
_RULES = Path(identity.__file__).parent
#: Schemas of the building itself: they live in a scratch file and are never published, so that the
#: warehouse holds only what readers see. A file, because tables in memory are not compressed.
SCRATCH = ("lake", "work", "identity", "notes")


def open_target(path: Path, work: Path, *, memory: str = "2600MB") -> duckdb.DuckDBPyConnection:
    """A connection whose default database is the file at `path`, made if it is not there."""
    work.mkdir(parents=True, exist_ok=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    db = duckdb.connect(config={"memory_limit": memory, "temp_directory": str(work)})
    db.execute("SET TimeZone = 'UTC'")
    db.execute("SET preserve_insertion_order = false")
    db.execute(f"ATTACH {quote(str(path))} AS target (STORAGE_VERSION {quote(_STORAGE)})")
    for schema in _SCHEMAS:
        db.execute(f"CREATE SCHEMA IF NOT EXISTS target.{schema}")
    (work / "scratch.duckdb").unlink(missing_ok=True)
    db.execute(f"ATTACH {quote(str(work / 'scratch.duckdb'))} AS scratch")
    for schema in SCRATCH:
        db.execute(f"CREATE SCHEMA scratch.{schema}")
    scratch = "".join(f",scratch.{schema}" for schema in SCRATCH)
    db.execute(f"SET search_path = 'target.main{scratch}'")
    return db


def class_map(settings: Settings) -> Mapping[tuple[str, str], str]:
    """The district's own map of platform words to classes."""
    return {
        (source.platform, words(told)): class_id
        for source in settings.sources
        for told, class_id in source.classes.items()
    }


@dataclass(frozen=True)
class Made:
    """One table of a build: its name, group, rows, and the seconds it took."""

    table: str
    group: str
    rows: int
    seconds: float


def run_transform(engine: engines.Engine, transform: Transform) -> Made:
    """Make one table, with its comments."""
    start = time.perf_counter()
    rows = engine.make(transform)
    if transform.published:
        # Alone, each would be a transaction of its own.
        engine.db.execute("; ".join(["BEGIN", *_comments(transform), "COMMIT"]))
    return Made(transform.table, transform.group, rows, time.perf_counter() - start)


def _comments(transform: Transform) -> Iterator[str]:
    yield f"COMMENT ON TABLE {transform.table} IS {quote(transform.summary)}"
    for column in transform.columns:
        yield f"COMMENT ON COLUMN {transform.table}.{column.name} IS {quote(column.comment)}"


def decisions(settings: Settings) -> list[Decision]:
    """What people decided on who is who, as it stands."""
    with Notes(settings.notes) as notes:
        return standing(every(notes))


def written(settings: Settings) -> source.Written:
    """What people wrote on children and cards, as it stands."""
    with Notes(settings.notes) as notes:
        return source.read(notes)


def run_identity(
    db: duckdb.DuckDBPyConnection, settings: Settings, live: Path | None = None
) -> list[Night]:
    """Link accounts and classes; the roster's tables must be there.

    `live`: the published warehouse, whose links stay where a match rate fell; gives the platforms
    for which they do.
    """
    return identity.link(db, class_map(settings), decisions(settings), live)


def build(
    db: duckdb.DuckDBPyConnection,
    settings: Settings,
    transforms: Sequence[Transform],
    progress: Callable[[int, int], None] = lambda done, of: None,
    live: Path | None = None,
) -> tuple[list[Made], list[Night]]:
    """Every table in order: the roster, who is who, then the rest. Gives what was made, and the
    platforms whose links are held."""
    made = []
    held: list[Night] | None = None
    with engines.opened(settings.engine, db) as engine:
        for done, transform in enumerate(transforms):
            progress(done, len(transforms))
            if held is None and transform.group != "roster":
                held = run_identity(db, settings, live)
            made.append(run_transform(engine, transform))
    if held is None:
        held = run_identity(db, settings, live)
    progress(len(transforms), len(transforms))
    return made, held


def write_ops(
    db: duckdb.DuckDBPyConnection,
    settings: Settings,
    ledger: Ledger,
    transforms: Sequence[Transform],
) -> None:
    """The operational tables: ledger, quarantine, dictionary, identity without names."""
    _mark_waiting(db, ledger)
    _write_files(db, ledger)
    _write_quarantine(db, settings, ledger)
    db.execute(
        """CREATE OR REPLACE TABLE ops.dictionary
           (table_name VARCHAR, column_name VARCHAR, unit VARCHAR, meaning VARCHAR,
            grain VARCHAR)"""
    )
    rows = [
        (t.table, c.name, c.unit, c.meaning, t.grain)
        for t in transforms
        if t.published
        for c in t.columns
    ]
    bulk.insert(db, "ops.dictionary", rows)
    coverage.write(db)
    flow.write(db, ledger)
    for table, says in _OPS.items():
        db.execute(f"COMMENT ON TABLE ops.{table} IS {quote(says)}")


#: What readers see of a file: one that waits says so in place of "loaded".
ARRIVAL = """platform, feed, name, sha256, size, landed_at, scope, exported_on, dated_by,
    CASE WHEN waits_for IS NOT NULL AND status = 'loaded' THEN 'waiting' ELSE status END AS status,
    coalesce(reason, waits_for) AS reason, culprit, rows_in, rows_kept, rows_quarantined,
    rows_duplicate, rows_before, rows_gained, rows_lost, rows_changed, compared_to,
    superseded_by, rows_withheld, rows_held, id"""
_OPS = {
    "file": "the ledger: one row per file or member of an archive, and what became of it",
    "quarantine": "rows turned away: file, line, column, kind of value and reason, never the value",
    "dictionary": "every published column with its unit and meaning",
    "identity_review": "accounts that wait for a student, and why; no names",
    "identity_candidate": "students whom a waiting account may be, with the evidence; no names",
    "identity_coverage": "accounts linked by method, waiting and nobody's, per platform and school",
    "identity_match_rate": "how many of a platform's ids are found in the roster, per id pair",
    "identity_waiting": "facts in the lake of accounts that wait, per platform and reason",
    "row_flow": "what became of every row from file to view, by outcome; no row is unexplained",
    "class_link": "platform classes and the roster's classes they are",
}
_FILE_COLUMNS = {
    "platform": "VARCHAR",
    "feed": "VARCHAR",
    "name": "VARCHAR",
    "sha256": "VARCHAR",
    "size": "BIGINT",
    "landed_at": "VARCHAR",
    "scope": "VARCHAR",
    "exported_on": "DATE",
    "dated_by": "VARCHAR",
    "status": "VARCHAR",
    "reason": "VARCHAR",
    "culprit": "VARCHAR",
    "rows_in": "BIGINT",
    "rows_kept": "BIGINT",
    "rows_quarantined": "BIGINT",
    "rows_duplicate": "BIGINT",
    "rows_before": "BIGINT",
    "rows_gained": "BIGINT",
    "rows_lost": "BIGINT",
    "rows_changed": "BIGINT",
    "compared_to": "BIGINT",
    "superseded_by": "BIGINT",
    "rows_withheld": "BIGINT",
    "rows_held": "BIGINT",
    "id": "BIGINT",
}


def _mark_waiting(db: duckdb.DuckDBPyConnection, ledger: Ledger) -> None:
    """Say in the ledger which files wait because no single class of the roster fits them."""
    known = {
        f"{platform}|class={key}"
        for platform, key in db.execute(
            "SELECT platform, class_key FROM identity.class_link"
        ).fetchall()
    }
    with ledger.transaction():
        ledger.run("UPDATE file SET waits_for = NULL WHERE waits_for IS NOT NULL")
        for file in ledger.files("status = 'loaded' AND scope LIKE 'class=%'"):
            if f"{file.platform}|{file.scope}" not in known:
                ledger.update(file.id, waits_for="no_single_class")


def _write_files(db: duckdb.DuckDBPyConnection, ledger: Ledger) -> None:
    import pyarrow

    rows = ledger.rows(f"SELECT {ARRIVAL} FROM file WHERE is_archive = 0 OR status <> 'loaded'")
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(_FILE_COLUMNS)
    arrived = pyarrow.table(  # noqa: F841 - DuckDB reads it by its name
        {
            name: pyarrow.array(values, pyarrow.int64() if kind == "BIGINT" else pyarrow.string())
            for (name, kind), values in zip(_FILE_COLUMNS.items(), columns, strict=True)
        }
    )
    casts = ", ".join(f"CAST({n} AS {k}) AS {n}" for n, k in _FILE_COLUMNS.items())
    db.execute(f"CREATE OR REPLACE TABLE ops.file AS SELECT {casts} FROM arrived ORDER BY id")


def _write_quarantine(db: duckdb.DuckDBPyConnection, settings: Settings, ledger: Ledger) -> None:
    paths = [
        quote(str(settings.lake / path))
        for (path,) in ledger.rows(
            """SELECT p.path FROM part p JOIN file f ON f.id = p.file_id
               WHERE p.table_name = 'quarantine' AND f.status IN ('loaded', 'refused')"""
        )
    ]
    empty = (
        "SELECT NULL::VARCHAR AS platform, NULL::VARCHAR AS feed, NULL::VARCHAR AS source_file, "
        'NULL::BIGINT AS line, NULL::VARCHAR AS "column", NULL::VARCHAR AS reason, '
        "NULL::VARCHAR AS value_class WHERE FALSE"
    )
    source = f"FROM read_parquet([{', '.join(paths)}], hive_partitioning=false)" if paths else empty
    db.execute(f"CREATE OR REPLACE TABLE ops.quarantine AS {source}")


def finish(db: duckdb.DuckDBPyConnection) -> list[checks.Result]:
    """Check the built file and record the results in it."""
    results = checks.run(db)
    db.execute(
        "CREATE OR REPLACE TABLE ops.check_result "
        "(name VARCHAR, promise VARCHAR, blocking BOOLEAN, broken BIGINT)"
    )
    bulk.insert(
        db,
        "ops.check_result",
        [(r.check.name, r.check.promise, r.check.blocking, r.broken) for r in results],
    )
    db.execute("COMMENT ON TABLE ops.check_result IS 'checks run before publishing'")
    return results


def inputs_key(settings: Settings, ledger: Ledger, transforms: Sequence[Transform]) -> str:
    """A fingerprint of all that a build depends on; equal keys make equal warehouses."""
    files = ledger.rows("SELECT id, status, reason, rows_in, rows_kept FROM file ORDER BY id")
    state = json.dumps(
        [
            files,
            [(t.table, t.sql) for t in transforms],
            sorted((*k, v) for k, v in class_map(settings).items()),
            settings.time_zone,
            settings.name,
            fingerprints(settings.registry[s.platform] for s in settings.sources),
            [asdict(d) for d in decisions(settings)],
            written(settings),
            [path.read_text("utf-8") for path in sorted(_RULES.rglob("*.py"))],
            Path(checks.__file__).read_text("utf-8"),
        ],
        default=str,
    )
    return hashlib.sha256(state.encode()).hexdigest()
