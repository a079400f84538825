"""Every transform on a real Spark cluster gives, cell by cell, what it gives on DuckDB."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import pytest
from sqlglot.errors import SqlglotError

from connectors.errors import HomeroomError
from tests import probes
from tests.cluster import cluster
from tests.scenario import Scenario
from transforms import catalog
from transforms.portable import offences
from transforms.spark_sql import to_spark
from transforms.table import Transform
from warehouse import build, engines, nightly, publish
from warehouse.engines import Choice
from warehouse.engines.session import session
from warehouse.lake import lakehouse
from warehouse.notes import source
from warehouse.quality.checks import Result
from warehouse.settings import Settings

pyspark = pytest.importorskip("pyspark", reason="pyspark: not installed here (make test)")
from py4j.protocol import Py4JError  # noqa: E402
from pyspark.errors import PySparkException  # noqa: E402

pytestmark = pytest.mark.slow

NEAR = 1e-9
#: For every Java here: programs of a few minutes do not win back what compiling them well costs.
QUICK = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
Cells = list[tuple[object, ...]]


@pytest.fixture(scope="module")
def master(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JAVA_TOOL_OPTIONS", QUICK)
        with cluster(tmp_path_factory.mktemp("cluster")) as url:
            yield url


@pytest.fixture(scope="module")
def spark(master: str) -> Choice:
    return Choice("spark", master, "900m", {"spark.sql.shuffle.partitions": "2"})


def key(row: tuple[object, ...]) -> str:
    """Orders rows; numbers that are nearly alike are alike."""
    return repr([f"{cell:.6g}" if isinstance(cell, float) else cell for cell in row])


def unlike(ours: Cells, theirs: Cells) -> list[tuple[tuple[object, ...], tuple[object, ...]]]:
    """Pairs of rows that differ in a cell by more than 1e-9, or in NULL, or in type."""

    def same(a: object, b: object) -> bool:
        if isinstance(a, float) and isinstance(b, float):
            return math.isclose(a, b, rel_tol=NEAR, abs_tol=NEAR) or (a != a and b != b)
        if isinstance(a, list) and isinstance(b, list):
            return len(a) == len(b) and all(map(same, a, b))
        return type(a) is type(b) and a == b

    pairs = zip(sorted(ours, key=key), sorted(theirs, key=key), strict=True)
    return [(a, b) for a, b in pairs if not all(map(same, a, b))]


# -- every transform ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Built:
    """The sample district's tables on one engine, the scratch ones too."""

    db: duckdb.DuckDBPyConnection
    checks: list[Result]

    def types(self, table: str) -> list[tuple[str, str]]:
        return [row[:2] for row in self.db.execute(f"DESCRIBE {table}").fetchall()]

    def rows(self, table: str) -> Cells:
        return self.db.execute(f"FROM {table}").fetchall()

    def comments(self) -> Cells:
        return self.db.execute(
            """SELECT schema_name, table_name, column_name, comment FROM duckdb_columns()
               WHERE database_name = 'target' UNION ALL
               SELECT schema_name, table_name, NULL, comment FROM duckdb_tables()
               WHERE database_name = 'target' ORDER BY ALL"""
        ).fetchall()


@contextmanager
def built(settings: Settings, choice: Choice, folder: Path) -> Iterator[Built]:
    """The tables on one engine, in a folder of its own, from the district's own lake."""
    with nightly.opened(settings) as ledger:
        db = build.open_target(folder / "target.duckdb", folder / "work")
        lakehouse.attach(db, ledger, settings.lake)
        source.attach(db, build.written(settings))
        build.build(db, replace(settings, engine=choice), load(settings))
        build.write_ops(db, settings, ledger, load(settings))
    yield Built(db, build.finish(db))
    db.close()


def load(settings: Settings) -> tuple[Transform, ...]:
    return catalog.load(settings.platforms, settings.thresholds, settings.titles)


@pytest.fixture(scope="module")
def both(
    district: Scenario, spark: Choice, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Built, Built]]:
    # A build holds its district.
    own = district.copied(tmp_path_factory.mktemp("own") / "sample").settings
    with (
        built(own, Choice(), tmp_path_factory.mktemp("duckdb")) as one,
        built(own, spark, tmp_path_factory.mktemp("spark")) as two,
    ):
        yield one, two


def test_every_transform_gives_the_same_cells_on_both_engines(
    district: Scenario, both: tuple[Built, Built]
) -> None:
    ours, theirs = both
    wrong = {}
    for transform in load(district.settings):
        table = transform.table
        assert ours.types(table) == theirs.types(table), table
        here, there = ours.rows(table), theirs.rows(table)
        assert len(here) == len(there), table
        if differ := unlike(here, there):
            wrong[table] = (len(differ), differ[0])
    assert wrong == {}


def test_what_is_compared_has_rows_and_a_changed_cell_is_seen(
    district: Scenario, both: tuple[Built, Built]
) -> None:
    empty = {t.table for t in load(district.settings) if not both[0].rows(t.table)}
    assert "views.student_platform_week" not in empty
    assert len(empty) < len(load(district.settings)) / 2
    row = (1, 0.5, None, "a")
    for other in ((2, 0.5, None, "a"), (1, 0.5 + 2e-9, None, "a"), (1, 0.5, 0.0, "a")):
        assert unlike([row], [other])
    assert not unlike(
        [row, (2, 0.0, None, "b")], [(2, 0.0, None, "b"), (1, 0.5 + 1e-12, None, "a")]
    )


def test_published_tables_carry_the_same_comments_from_both_engines(
    both: tuple[Built, Built],
) -> None:
    ours, theirs = (one.comments() for one in both)
    assert ours == theirs
    assert len(ours) > 100


def test_what_spark_made_passes_every_check_before_publishing(both: tuple[Built, Built]) -> None:
    assert publish.refusal(both[1].checks) is None
    assert both[0].checks == both[1].checks


# -- what is missing is said --------------------------------------------------------------------


def test_a_cluster_without_room_is_said_and_not_waited_for(
    master: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("warehouse.engines.session._EXECUTOR", 3)
    with (
        pytest.raises(HomeroomError, match=r"engine\.memory = 90g: no worker"),
        session(Choice("spark", master, "90g"), tmp_path),
    ):
        pass


def test_a_transform_that_fails_on_spark_is_named_without_a_childs_value(
    master: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    db = build.open_target(tmp_path / "target.duckdb", tmp_path / "work")
    db.execute("CREATE TABLE scratch.lake.person AS SELECT 'Zoë Secret' AS name")
    db.execute("CREATE TABLE scratch.lake.wanted (table_name VARCHAR, path VARCHAR)")
    db.execute("CREATE TABLE scratch.lake.ranked (table_name VARCHAR)")
    broken = Transform(
        "work.broken",
        "roster",
        tmp_path,
        "SELECT CAST(name AS BIGINT) AS n FROM lake.person",
        "",
        "",
        (),
        frozenset({"lake.person"}),
    )
    with (
        engines.opened(Choice("spark", master, "900m"), db) as engine,
        pytest.raises(HomeroomError, match=r"work\.broken: CAST_INVALID_INPUT") as told,
    ):
        engine.make(broken)
    db.close()
    assert "Zoë" not in str(told.value)
    assert told.value.__cause__ is None
    assert "Zoë" not in "".join(capfd.readouterr())


# -- the language -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def engine(master: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Probing]:
    folder = tmp_path_factory.mktemp("probes")
    db = build.open_target(folder / "target.duckdb", folder / "work")
    db.execute(f"CREATE TABLE target.main.t ({probes.COLUMNS})")
    db.execute(f"INSERT INTO t VALUES {probes.ROWS}")
    db.execute(f"COPY t TO '{folder / 't.parquet'}'")
    with session(Choice("spark", master, "900m"), folder / "spark") as spark:
        spark.read.parquet(str(folder / "t.parquet")).createOrReplaceTempView("t")
        yield Probing(db, spark, folder / "made")
    db.close()


@dataclass(frozen=True)
class Probing:
    """The probes' table on both engines."""

    db: duckdb.DuckDBPyConnection
    spark: Any
    folder: Path

    def here(self, sql: str) -> tuple[list[str], Cells]:
        """Types and rows on DuckDB."""
        self.db.execute(f"CREATE OR REPLACE TEMP TABLE made AS {sql}")
        types = [row[1] for row in self.db.execute("DESCRIBE made").fetchall()]
        return types, self.db.execute("FROM made").fetchall()

    def there(self, sql: str) -> tuple[list[str], Cells]:
        """Types and rows on Spark."""
        self.spark.sql(to_spark(sql)).write.mode("overwrite").parquet(str(self.folder))
        return self.here(f"FROM read_parquet('{self.folder}/*.parquet')")


@pytest.mark.parametrize("sql", probes.alike(), ids=lambda sql: sql[:60])
def test_what_is_allowed_means_the_same_on_both_engines(engine: Probing, sql: str) -> None:
    assert offences(sql) == ()
    (types, here), (other, there) = engine.here(sql), engine.there(sql)
    assert types == other
    assert len(here) == len(there)
    assert unlike(here, there) == []


@pytest.mark.parametrize("sql", probes.lines(probes.DIFFERENT), ids=lambda sql: sql[:60])
def test_what_is_refused_is_refused_for_a_reason(engine: Probing, sql: str) -> None:
    assert offences(sql)
    try:
        (types, here), (other, there) = engine.here(sql), engine.there(sql)
    except (SqlglotError, PySparkException, Py4JError, duckdb.Error):
        return  # One of them does not do it at all.
    assert types != other or len(here) != len(there) or unlike(here, there)
