"""Tables that DuckDB makes in parts are the tables that it makes as a whole."""

from __future__ import annotations

import re

import pytest

from tests.independent.world import PLATFORMS, draw
from tests.transforms.conftest import Warehouse, loaded
from tests.transforms.districts import filled
from transforms import parts
from transforms.table import Transform
from warehouse.engines import InDuckDB

IN_PARTS = [t for t in loaded(PLATFORMS) if parts.key_of(t.sql)]


@pytest.fixture(scope="module")
def whole() -> Warehouse:
    """A small district, every table made at once; two empty databases to make them in again."""
    built = filled(draw(21, 25, 12)).build()
    for name in ("target", "scratch"):
        built.db.execute(f"ATTACH ':memory:' AS {name}")
        for schema in ("work", "views"):
            built.db.execute(f"CREATE SCHEMA {name}.{schema}")
    return built


@pytest.mark.parametrize("pairs", [pytest.param(1, marks=pytest.mark.slow), 7, 1000])
@pytest.mark.parametrize("transform", IN_PARTS, ids=lambda t: t.table)
def test_a_table_made_in_parts_is_the_table_made_as_a_whole(
    whole: Warehouse, transform: Transform, pairs: int
) -> None:
    rows = InDuckDB(whole.db, pairs).make(transform)
    place = "target" if transform.published else "scratch"
    made, same = f"{place}.{transform.table}", f"memory.{transform.table}"
    assert rows == whole.one(f"SELECT count(*) AS n FROM {same}")["n"] > 0
    assert whole.query(f"FROM {made} EXCEPT ALL FROM {same}") == []


def test_the_widest_tables_of_weeks_are_made_in_parts() -> None:
    assert {t.table for t in IN_PARTS} >= {"work.student_week", "views.student_platform_week"}


@pytest.mark.parametrize("transform", IN_PARTS, ids=lambda t: t.table)
def test_a_table_made_in_parts_follows_the_numbers_and_has_one_key(transform: Transform) -> None:
    order = [t.table for t in loaded(PLATFORMS)]
    assert order.index("work.student_platform") < order.index(transform.table)
    assert len(set(re.findall(r"/\* in parts of (\w+):", transform.sql))) == 1
    assert "in parts" not in parts.between(transform.sql, "1", "2"), "a mark that is misspelt"
