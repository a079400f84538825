"""What holds of every district, whatever its data: bounds, order, copies, neighbours, more and less."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.independent import homework
from tests.independent.habits import Row
from tests.independent.world import PLATFORMS, World, draw
from tests.transforms.conftest import Warehouse, covered, days, roster
from tests.transforms.districts import filled, same
from tests.transforms.test_recomputed_items import filled as with_homework

KEYS = {
    "views.student_platform_week": ("student_id", "platform", "week_start"),
    "views.student_engagement": ("student_id", "platform"),
    "views.student_procrastination": ("student_id", "platform"),
    "views.weekly_summary": ("student_id", "week_start"),
}
#: What is said over all platforms, and may change with another one.
TOGETHER = {"quiet_school_days"}
Rows = dict[tuple[Any, ...], Row]
SEEDS = [21, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(22, 27))]


@pytest.fixture(scope="module", params=SEEDS, ids=lambda seed: f"seed{seed}")
def world(request: pytest.FixtureRequest) -> World:
    """A small district."""
    return draw(request.param, 25, 12)


@pytest.fixture(scope="module")
def plain(world: World) -> dict[str, Rows]:
    """Its views."""
    return views(filled(world))


def views(warehouse: Warehouse) -> dict[str, Rows]:
    """The rows of each view, by key."""
    return {
        view: {tuple(row[k] for k in keys): row for row in warehouse.query(f"SELECT * FROM {view}")}
        for view, keys in KEYS.items()
    }


def changed(before: Rows, after: Rows, *, but: frozenset[str] = frozenset()) -> list[Any]:
    """Cells of rows of before that are others after."""
    return [
        (key, column, value, after.get(key, {}).get(column))
        for key, row in before.items()
        for column, value in row.items()
        if column not in but and not same(value, after.get(key, {}).get(column))
    ]


def test_the_order_of_rows_does_not_matter(world: World, plain: Mapping[str, Rows]) -> None:
    mixed, rng = deepcopy(world), random.Random(5)
    tables: list[list[Any]] = [mixed.attendance, mixed.spans]
    for rows in [*tables, *mixed.rows.values(), *mixed.covers.values()]:
        rng.shuffle(rows)
    after = views(filled(mixed))
    for view, before in plain.items():
        assert changed(before, after[view]) == []
        assert before.keys() == after[view].keys()


def test_rows_told_again_by_another_file_count_once(
    world: World, plain: Mapping[str, Rows]
) -> None:
    after = views(filled(world, twice=True))
    for view, before in plain.items():
        assert changed(before, after[view]) == []
        assert before.keys() == after[view].keys()


@pytest.mark.parametrize("dropped", PLATFORMS)
def test_a_platform_changes_no_other_one(
    world: World, plain: Mapping[str, Rows], dropped: str
) -> None:
    fewer = replace(world, rows={k: v for k, v in world.rows.items() if k != dropped})
    after = views(filled(fewer))
    for view in ("views.student_platform_week", "views.student_procrastination"):
        others = {key: row for key, row in plain[view].items() if key[1] != dropped}
        assert changed(others, after[view]) == []
        assert after[view].keys() == others.keys()
    view = "views.student_engagement"
    others = {key: row for key, row in plain[view].items() if key[1] != dropped}
    assert changed(others, after[view], but=frozenset(TOGETHER)) == []


@pytest.mark.parametrize("stops", PLATFORMS)
def test_a_feed_that_stops_makes_no_zero(
    world: World, plain: Mapping[str, Rows], stops: str
) -> None:
    ends = world.mondays[6]
    less = deepcopy(world)
    less.rows[stops] = [
        row for row in world.rows[stops] if (row.get("week_start") or row["date"]) < ends
    ]
    less.covers[stops] = [span for span in world.covers[stops] if span[1] < ends]
    after = views(filled(less))["views.student_platform_week"]
    before = plain["views.student_platform_week"]
    assert changed({k: v for k, v in before.items() if k[1] != stops}, after) == []
    assert (
        changed(
            {k: v for k, v in before.items() if k[1] == stops and k[2] < ends},
            after,
            but=frozenset({"eligible_rank"}),
        )
        == []
    )
    gone = [row for key, row in after.items() if key[1] == stops and key[2] >= ends]
    assert {row["status"] for row in gone} == {"no_feed", "not_rostered"}
    assert {(row["minutes"], row["units_completed"], row["active_days"]) for row in gone} == {
        (None, None, None)
    }


def test_another_class_changes_nothing(world: World, plain: Mapping[str, Rows]) -> None:
    more = deepcopy(world)
    twins = {name: f"twin-{name}" for name in world.school_of}
    more.school_of |= {twins[name]: school for name, school in world.school_of.items()}
    more.absent |= {twins[name]: days for name, days in world.absent.items()}
    more.spans += [replace(s, student=twins[s.student], group=f"z{s.group}") for s in world.spans]
    for platform, rows in world.rows.items():
        accounts = world.accounts[platform]
        more.accounts[platform] |= {f"z{a}": twins[name] for a, name in accounts.items()}
        for row in rows:
            twin = {**row, "account_key": f"z{row['account_key']}"}
            if "event_id" in row:
                twin["event_id"] = f"z{row['event_id']}"
            more.rows[platform].append(twin)
    after = views(filled(more))
    for view, before in plain.items():
        assert changed(before, after[view]) == []


BOUNDS = {
    "views.student_platform_week": """
        active_day_rate 0 1, evenness 0 1, pacing -1 1, pacing_low -1 1, pacing_high -1 1,
        last_day_share 0 1, mean_day 1 7, dosage 0 -, share_of_usual 0 -, minutes 0 -,
        active_days 0 7, weekend_active_days 0 7, baseline_weeks 0 8, usual_scale 5 -
    """,
    "views.student_engagement": "units_per_hour 0 -, quiet_school_days 0 -, baseline_weeks 0 8",
    "views.student_procrastination": "pacing -1 1, class_pacing -1 1, last_day_share 0 1",
    "views.weekly_summary": "change_z_platforms 0 4, targets_met 0 4, screen_minutes 0 -",
}


def test_values_lie_within_their_bounds(plain: Mapping[str, Rows]) -> None:
    for view, bounds in BOUNDS.items():
        for bound in bounds.split(","):
            column, low, high = bound.split()
            known = [row[column] for row in plain[view].values() if row[column] is not None]
            assert known, column
            assert min(known) >= float(low) - 1e-9, column
            assert high == "-" or max(known) <= float(high) + 1e-9, column
    for row in plain["views.student_engagement"].values():
        assert row["weeks_target_met"] <= row["weeks_with_target"] <= row["weeks_eligible"]


def test_more_minutes_never_make_less(world: World, plain: Mapping[str, Rows]) -> None:
    """30 minutes more in each student's last week."""
    more, last = deepcopy(world), world.mondays[-1]
    for row in [*more.rows["weekly"], *more.rows["alog"]]:
        if (row.get("week_start") or row["date"]) >= last and row["minutes"] is not None:
            row["minutes"] += 30
    after, raised = views(filled(more))["views.student_platform_week"], 0
    for key, before in plain["views.student_platform_week"].items():
        got = after[key]
        if key[2] < last or before["status"] not in ("ok", "zero"):
            continue
        for column in ("minutes", "dosage", "share_of_usual", "change_z", "active_days"):
            if before[column] is not None:
                assert got[column] >= before[column] - 1e-9, (key, column)
        raised += got["minutes"] != before["minutes"]
        assert not (got["quieter_than_usual"] and not before["quieter_than_usual"])
        assert not (before["busier_than_usual"] and not got["busier_than_usual"])
    assert raised


@pytest.mark.parametrize("seed", range(2))
def test_earlier_minutes_never_come_later(seed: int) -> None:
    rng = random.Random(seed)
    names = [f"s{i:02}" for i in range(60)]
    rows: dict[str, tuple[list[float], list[float]]] = {}
    for name in names:
        told = [float(rng.randrange(60)) for _ in range(5)]
        told[rng.randrange(5)] += 20
        first, second = sorted(rng.sample(range(5), 2))
        moved = rng.random() * told[second]
        earlier = [
            m + (moved if i == first else -moved if i == second else 0) for i, m in enumerate(told)
        ]
        rows[name] = (told, earlier)
    got = []
    for which in (0, 1):
        built = roster(Warehouse(), *names).link("lexia", **{f"k{name}": name for name in names})
        for name in names:
            days(built, 0, rows[name][which], f"k{name}")
        got.append(
            covered(built, "lexia", 1, zero=True).query(
                "SELECT * FROM views.student_platform_week WHERE platform = 'lexia' ORDER BY 1"
            )
        )
    for before, after in zip(*got, strict=True):
        assert after["pacing"] >= before["pacing"] - 1e-9
        assert after["mean_day"] <= before["mean_day"] + 1e-9
        assert after["last_day_share"] <= before["last_day_share"] + 1e-9


@pytest.mark.parametrize("seed", range(2))
def test_handing_in_later_never_gives_more_time(seed: int) -> None:
    def found(change: Callable[[Row], Row]) -> tuple[Rows, Rows]:
        work = homework.draw(seed, 30, 30)
        work.submissions = [change(row) for row in work.submissions]
        warehouse = with_homework(work)
        items = warehouse.query("SELECT * FROM views.assignment_timing")
        told = warehouse.query("SELECT * FROM views.student_procrastination")
        return (
            {(row["student_id"], row["assignment_id"]): row for row in items},
            {(row["student_id"],): row for row in told},
        )

    def later(row: Row) -> Row:
        handed = row.get("submitted_at")
        return {**row, "submitted_at": handed + timedelta(hours=5)} if handed else row

    (before, counts), (after, later_counts) = found(dict), found(later)
    assert before.keys() == after.keys()
    for key, row in before.items():
        if row["lead_hours"] is not None:
            assert after[key]["lead_hours"] == pytest.approx(row["lead_hours"] - 5)
        if row["state"] == "late":
            assert after[key]["state"] == "late"
    for key, row in counts.items():
        assert later_counts[key]["late_count"] >= row["late_count"]
        assert later_counts[key]["on_time_count"] <= row["on_time_count"]
