"""Minutes from events: gaps count, each event once, what was taken back not at all."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from tests.transforms.conftest import ORACLES, Row, Warehouse

DAY = datetime.fromisoformat("2026-09-07")


def events(*drawn: str, **same: Any) -> list[Row]:
    """Events drawn as `id account hh:mm` and what else is told, as name=value."""
    rows = []
    for number, line in enumerate(drawn):
        name, account, clock, *rest = line.split()
        hours, minutes = map(int, clock.split(":"))
        at = DAY + timedelta(hours=hours, minutes=minutes)
        more: Row = dict(pair.split("=") for pair in rest)
        rows.append(
            {
                "event_id": name if name != "-" else f"e{number}",
                "account_key": account,
                "happened_at": at,
                "date": more.pop("date", at.date()),
                "class_key": None,
                "action": "Viewed",
                "object_id": None,
                "correct": None,
                "source_file": "f1",
                **same,
                **more,
            }
        )
    return rows


def daily(warehouse: Warehouse, columns: str = "account_key, minutes, events") -> list[Any]:
    found = warehouse.query(f"SELECT {columns} FROM facts.daily_activity ORDER BY ALL")
    return [tuple(row.values()) for row in found]


def test_gaps_of_at_most_ten_minutes_count_and_the_last_event_earns_nothing(
    warehouse: Warehouse,
) -> None:
    case = ORACLES["O01"]
    warehouse.add("event", events(*(f"- a {clock}" for clock in case["input"]["events"])))
    columns = "minutes, minutes_basis, events, earliest_date, date, items_attempted"
    ((minutes, *rest),) = daily(warehouse, columns)
    assert minutes == pytest.approx(case["expected"]["drop"], abs=1e-6)
    assert rest == ["sessionised", 5, DAY.date(), DAY.date(), None]


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (["- a 9:00"], [("a", 0.0, 1)]),
        (["- a 9:00", "- a 9:10"], [("a", 10.0, 2)]),
        (["- a 9:00", "- a 9:11"], [("a", 0.0, 2)]),
        (["- a 9:09", "- a 9:00", "- a 9:04"], [("a", 9.0, 3)]),
        (["- a 9:00", "- b 9:05", "- a 9:08"], [("a", 8.0, 2), ("b", 0.0, 1)]),
        (["x a 9:00", "x a 9:00", "y a 9:05"], [("a", 5.0, 2)]),
        (["x a 9:00", "x a 9:00 source_file=f2", "y a 9:05"], [("a", 5.0, 2)]),
        (["x a 9:00", "y a 9:05", "v t 9:30 action=voided object_id=y"], [("a", 0.0, 1)]),
        (["x a 9:00", "v t 9:30 action=voided object_id=gone"], [("a", 0.0, 1)]),
    ],
)
def test_minutes_of_a_day(
    warehouse: Warehouse, told: list[str], expected: list[tuple[str, float, int]]
) -> None:
    assert daily(warehouse.add("event", events(*told))) == expected


def test_of_an_event_told_twice_the_newest_file_counts(warehouse: Warehouse) -> None:
    warehouse.add("event", events("x a 9:00", "y a 9:02"))
    corrected = events("y a 9:06", source_file="f2", exported_on="2027-08-01")
    assert daily(warehouse.add("event", corrected)) == [("a", 6.0, 2)]


def test_a_replaced_file_tells_nothing(warehouse: Warehouse) -> None:
    warehouse.add("event", events("x a 9:00", "y a 9:05"), is_current=False)
    assert daily(warehouse.add("event", events("z a 9:00"))) == [("a", 0.0, 1)]


def test_a_gap_over_midnight_is_of_the_day_on_which_it_begins(warehouse: Warehouse) -> None:
    warehouse.add("event", events("- a 23:56", "- a 24:03", "- a 24:05"))
    assert daily(warehouse, "date, minutes") == [(DAY.date(), 7.0), (date(2026, 9, 8), 2.0)]


def test_a_gap_between_classes_is_of_the_class_in_which_it_begins(warehouse: Warehouse) -> None:
    told = events("- a 9:00 class_key=k1", "- a 9:04 class_key=k2", "- a 9:06 class_key=k2")
    assert daily(warehouse.add("event", told), "class_key, minutes") == [("k1", 4.0), ("k2", 2.0)]


def test_one_account_key_of_two_platforms_is_two_accounts(warehouse: Warehouse) -> None:
    warehouse.add("event", events("x a 9:00"))
    warehouse.add("event", events("x a 9:05"), platform="khan")
    assert daily(warehouse, "platform, minutes, events") == [("khan", 0.0, 1), ("lexia", 0.0, 1)]


def test_answers_are_counted_where_the_platform_tells_right_or_wrong(warehouse: Warehouse) -> None:
    told = events("- a 9:00 correct=true", "- a 9:01 correct=false", "- a 9:02", "- b 9:00")
    columns = "account_key, items_attempted, items_correct, events"
    assert daily(warehouse.add("event", told), columns) == [("a", 2, 1, 3), ("b", None, None, 1)]


def test_an_empty_action_is_an_event_like_any_other(warehouse: Warehouse) -> None:
    assert daily(warehouse.add("event", events("x a 9:00", action=None))) == [("a", 0.0, 1)]
