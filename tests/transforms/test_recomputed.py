"""The measures of activity a second time in plain Python, held against the SQL row by row."""

from __future__ import annotations

import pytest

from tests.independent.results import compute
from tests.independent.rows import Results
from tests.independent.world import World, draw
from tests.transforms.conftest import Warehouse
from tests.transforms.districts import agree, filled

#: Seed, students, weeks. The everyday one is small; the others are thousands of histories.
SIZES = [
    (11, 60, 14),
    *(pytest.param((seed, 400, 30), marks=pytest.mark.slow) for seed in range(2, 4)),
]


@pytest.fixture(scope="module", params=SIZES, ids=["everyday", "many", "many more"])
def both(request: pytest.FixtureRequest) -> tuple[World, Results, Warehouse]:
    """A district, its rows as plain Python computes them, and the warehouse."""
    world = draw(*request.param)
    return world, compute(world), filled(world)


Both = tuple[World, Results, Warehouse]


def test_weeks_agree(both: Both) -> None:
    _, want, warehouse = both
    rows = warehouse.query("SELECT * FROM views.student_platform_week")
    key = ("student_id", "platform", "week_start")
    agree(want.week, rows, key, least=100)


def test_the_latest_weeks_agree(both: Both) -> None:
    _, want, warehouse = both
    rows = warehouse.query("SELECT * FROM views.student_engagement")
    agree(want.engagement, rows, ("student_id", "platform"))


def test_runs_of_weeks_beside_the_class_agree(both: Both) -> None:
    _, want, warehouse = both
    rows = warehouse.query("SELECT * FROM work.pacing_run")
    agree(want.at_end, rows, ("student_id", "platform", "week_start"))


def test_when_work_happens_agrees(both: Both) -> None:
    _, want, warehouse = both
    rows = warehouse.query("SELECT * FROM views.student_procrastination")
    agree(want.procrastination, rows, ("student_id", "platform"))


def test_what_is_said_over_all_platforms_agrees(both: Both) -> None:
    _, want, warehouse = both
    rows = warehouse.query("SELECT * FROM views.weekly_summary")
    agree(want.summary, rows, ("student_id", "week_start"))


def test_the_drawn_districts_reach_every_status_and_every_verdict(both: Both) -> None:
    _, want, _ = both
    statuses = {row["status"] for row in want.week.values()}
    assert statuses >= {
        "ok",
        "zero",
        "not_rostered",
        "no_feed",
        "excluded",
        "break_week",
        "absent",
        "partial_week",
    }
    for column in ("quieter_than_usual", "busier_than_usual"):
        assert {row.get(column) for row in want.week.values()} == {True, False, None}
    assert {row["work_lands_at_end"] for row in want.at_end.values()} == {True, False, None}
    assert len({row["agreement"] for row in want.summary.values()}) >= 6
