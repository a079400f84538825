"""The files themselves: headers, references, order, platform blocks, portability."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlglot
from sqlglot import exp

from tests import probes
from tests.transforms.conftest import Warehouse, loaded
from transforms.catalog import GROUPS, SOURCES, CatalogError, in_order, load, read
from transforms.portable import ALLOWED, offences
from transforms.spark_sql import to_spark
from transforms.table import Transform

BOTH = ("lexia", "khan")
TRANSFORMS = loaded(BOTH)
VIEWS = {
    "student_platform_week",
    "assignment_timing",
    "student_engagement",
    "student_procrastination",
    "student_access",
    "class_access",
    "weekly_summary",
    "student_progress",
    "student_skill",
    "card",
    "collaboration_board",
    "student_check_in",
}
#: Tables drawn up from declarations and not from data; the district of the tests names no titles.
DECLARED = {"views.measure_dictionary", "work.card_rule", "work.month_name"}
TYPES = {
    "minutes": {"DOUBLE"},
    "units": {"DOUBLE"},
    "hours": {"DOUBLE"},
    "ratio": {"DOUBLE"},
    "percent": {"DOUBLE"},
    "points": {"DOUBLE"},
    "day": {"DOUBLE"},
    "days": {"BIGINT"},
    "weeks": {"BIGINT"},
    "date": {"DATE"},
    "instant": {"TIMESTAMP"},
    "bool": {"BOOLEAN"},
    "id": {"VARCHAR"},
    "text": {"VARCHAR"},
    "hash": {"VARCHAR"},
    "bits": {"INTEGER"},
    "count": {"BIGINT", "DOUBLE"},
    # As the dictionary tells of the rule.
    "-": {"DOUBLE"},
}


@pytest.fixture(scope="module")
def empty() -> Warehouse:
    """All transforms over an empty lake."""
    return Warehouse(BOTH).build()


@pytest.mark.parametrize("transform", TRANSFORMS, ids=lambda t: t.table)
def test_every_file_stays_within_what_both_engines_do_alike(transform: Transform) -> None:
    assert offences(transform.sql) == ()


def test_every_table_has_the_columns_and_types_its_header_tells(empty: Warehouse) -> None:
    for transform in TRANSFORMS:
        made = empty.query(f"DESCRIBE {transform.table}")
        assert [row["column_name"] for row in made] == [c.name for c in transform.columns]
        for row, column in zip(made, transform.columns, strict=True):
            assert row["column_type"] in TYPES[column.unit], (transform.table, column)


def test_an_empty_lake_gives_empty_tables_and_no_error(empty: Warehouse) -> None:
    for transform in (t for t in TRANSFORMS if t.table != "views.measure_dictionary"):
        got = empty.one(f"SELECT count(*) AS n FROM {transform.table}")
        assert (got["n"] == 0) is (transform.table not in DECLARED), transform.table


def test_every_view_is_there_and_only_work_is_kept_back() -> None:
    published = {t.table for t in TRANSFORMS if t.published}
    assert {f"views.{name}" for name in VIEWS} <= {t for t in published if t.startswith("views.")}
    assert all(t.table.startswith("work.") for t in TRANSFORMS if not t.published)


def test_each_table_follows_what_it_reads_and_the_roster_comes_first() -> None:
    seen: set[str] = set(SOURCES)
    for transform in TRANSFORMS:
        assert transform.references <= seen, transform.table
        seen.add(transform.table)
    groups = [t.group for t in TRANSFORMS]
    assert groups[: groups.count("roster")] == ["roster"] * groups.count("roster")
    assert set(groups) <= set(GROUPS)


def test_the_weekly_summary_has_one_set_of_columns_per_platform() -> None:
    def columns(platforms: tuple[str, ...]) -> list[str]:
        wide = next(t for t in loaded(platforms) if t.table == "views.weekly_summary")
        return [column.name for column in wide.columns]

    assert "lexia_minutes" in columns(("lexia",))
    assert "khan_minutes" not in columns(("lexia",))
    assert set(columns(BOTH)) - set(columns(())) == {
        f"{platform}_{name}"
        for platform in BOTH
        for name in ("status", "minutes", "dosage", "units")
    }


def test_without_any_platform_everything_still_runs() -> None:
    assert Warehouse(()).query("SELECT * FROM views.weekly_summary") == []


def test_a_platform_that_is_no_identifier_is_refused() -> None:
    with pytest.raises(CatalogError, match="plain identifier"):
        load(["lexia; DROP TABLE x"])


def write(folder: Path, name: str, sql: str, columns: str = "a id some id") -> Path:
    """A file work.<name> in a folder of that group."""
    path = folder / f"{name}.sql"
    folder.mkdir(exist_ok=True)
    path.write_text(
        f"-- work.{name}: a table.\n-- Grain: row\n-- Columns:\n--   {columns}\n{sql}\n"
    )
    return path


def test_a_column_without_a_line_in_the_header_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "activity", "x", "SELECT org_id AS a, name FROM lake.org")
    with pytest.raises(CatalogError, match=r"undocumented: \['name'\]"):
        read(path, ())


def test_a_star_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "activity", "x", "SELECT * FROM lake.org")
    with pytest.raises(CatalogError, match="names its columns"):
        read(path, ())


def test_a_table_nobody_provides_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "activity", "x", "SELECT a FROM lake.nothing")
    with pytest.raises(CatalogError, match=r"lake\.nothing"):
        in_order([read(path, ())])


def test_a_circle_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "activity"
    one = read(write(folder, "x", "SELECT a FROM work.y"), ())
    two = read(write(folder, "y", "SELECT a FROM work.x"), ())
    with pytest.raises(CatalogError, match="circle"):
        in_order([one, two])


def test_a_roster_table_may_not_wait_for_the_resolved_accounts(tmp_path: Path) -> None:
    path = write(tmp_path / "roster", "x", "SELECT account_key AS a FROM identity.account_link")
    with pytest.raises(CatalogError, match="before"):
        in_order([read(path, ())])


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT dayofweek(a) FROM t",
        "SELECT isodow(a) FROM t",
        "SELECT date_diff('hour', a, b) FROM t",
        "SELECT date_sub('day', a, b) FROM t",
        "SELECT regexp_replace(a, 'x', 'y') FROM t",
        "SELECT log(a) FROM t",
        "SELECT mad(a) FROM t",
        "SELECT quantile_cont(a, 0.5) FROM t",
        "SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY a) FROM t",
        "SELECT list(a ORDER BY b) FROM t",
        "SELECT median(a) OVER (ORDER BY b ROWS BETWEEN 8 PRECEDING AND 1 PRECEDING) FROM t",
        "SELECT skewness(a) FROM t",
        "SELECT a[b] FROM t",
        "SELECT round(a) FROM t",
        "SELECT CAST(a / 2 AS BIGINT) FROM t",
        "SELECT CAST(a * 1.5 AS INTEGER) FROM t",
        "SELECT string_agg(a, ', ') FROM t",
        "SELECT string_agg(a, ', ' ORDER BY b) FROM t",
        "SELECT a / b FROM t",
        "SELECT a % 0 FROM t",
        "SELECT a[0] FROM t",
        "SELECT a LIKE b FROM t",
        "SELECT CAST(avg(a) AS VARCHAR) FROM t",
    ],
)
def test_what_the_engines_do_differently_is_refused(sql: str) -> None:
    assert offences(sql)


@pytest.mark.parametrize("sql", probes.alike(), ids=lambda sql: sql[:60])
def test_what_was_compared_on_both_engines_is_allowed(sql: str) -> None:
    assert offences(sql) == ()


def test_every_function_of_the_allow_list_was_compared_on_both_engines() -> None:
    compared = {
        node.name.lower() if isinstance(node, exp.Anonymous) else type(node).__name__
        for sql in probes.alike()
        for node in sqlglot.parse_one(sql, read="duckdb").find_all(exp.Func)
    }
    assert ALLOWED - compared == set()


def test_a_plain_select_reads_the_same_on_spark() -> None:
    assert to_spark("SELECT bit_count(a & 7) AS n FROM t") == "SELECT BIT_COUNT(a & 7) AS n FROM t"
