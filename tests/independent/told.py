"""What a platform's files tell of each student's weeks: from drawn rows to weeks.Seen."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from typing import TypeVar

from tests.independent.habits import ZONE, Row
from tests.independent.minutes import Snapshot, from_events, from_snapshots
from tests.independent.weeks import Seen
from tests.independent.world import World

#: By student and Monday.
Weeks = dict[tuple[str, date], Seen]


def monday_of(day: date) -> date:
    """The Monday of the day's week."""
    return day - timedelta(days=day.weekday())


def seen(world: World, platform: str) -> Weeks:
    """Every student's every week on a platform, told or not."""
    days: dict[date, set[date]] = defaultdict(set)
    for day in _days_told(world, platform):
        days[monday_of(day)].add(day)
    weeks = {
        (name, monday): Seen(told=days[monday], has_days=platform != "weekly")
        for name in world.school_of
        for monday in world.mondays
    }
    if platform in ("alog", "events"):
        for one in weeks.values():
            one.zero = set(one.told)
    by_account: dict[str, list[Row]] = defaultdict(list)
    for row in world.rows[platform]:
        by_account[row["account_key"]].append(row)
    for account, rows in by_account.items():
        _READ[platform](world, world.accounts[platform][account], rows, weeks)
    for one in weeks.values():
        if one.nothing_done():
            one.minutes = 0.0
            one.units = 0.0 if platform == "alog" else None
            one.events = 0
    return weeks


def _days_told(world: World, platform: str) -> set[date]:
    found = set()
    for first, last in world.covers[platform]:
        # Figures since Monday tell of the whole week so far.
        start = monday_of(first) if platform in ("counter", "weekly") else first
        found |= {start + timedelta(days=i) for i in range((last - start).days + 1)}
    return found


_Number = TypeVar("_Number", int, float)


def _plus(one: _Number | None, two: _Number | None) -> _Number | None:
    return one if two is None else two if one is None else one + two


def _log(world: World, name: str, rows: Iterable[Row], weeks: Weeks) -> None:
    for row in rows:
        one = weeks[name, monday_of(row["date"])]
        one.rows = True
        one.minutes = _plus(one.minutes, row["minutes"])
        one.units = _plus(one.units, row["units_completed"])
        one.items = _plus(one.items, row["items_attempted"])
        one.right = _plus(one.right, row["items_correct"])
        one.events = _plus(one.events, row["events"])
        if row["minutes"] is not None:
            one.parts.append((row["date"], row["date"], row["minutes"]))
        elif row["events"] or row["items_attempted"] or row["units_completed"]:
            one.unmeasured.add(row["date"])


def _events(world: World, name: str, rows: Iterable[Row], weeks: Weeks) -> None:
    told = list(rows)
    for day, minutes in from_events([row["happened_at"] for row in told], ZONE).items():
        if (name, monday_of(day)) in weeks:
            one = weeks[name, monday_of(day)]
            one.rows = True
            one.minutes = _plus(one.minutes, minutes)
            one.parts.append((day, day, minutes))
    for row in told:
        if (name, monday_of(row["date"])) in weeks:
            one = weeks[name, monday_of(row["date"])]
            one.events = _plus(one.events, 1)
            if row["correct"] is not None:
                one.items = _plus(one.items, 1)
                one.right = _plus(one.right, int(row["correct"]))


def _counter(world: World, name: str, rows: Iterable[Row], weeks: Weeks) -> None:
    by_week: dict[date, list[Row]] = defaultdict(list)
    for row in rows:
        by_week[row["week_start"]].append(row)
    for monday, told in by_week.items():
        one, last = weeks[name, monday], told[-1]
        week = world.calendar(name, monday)
        one.rows = True
        one.minutes, one.units = last["week_minutes"], last["week_units"]
        one.target, one.through = last["target_minutes"], last["date"]
        snapshots = [Snapshot(r["date"], r["week_minutes"], r["today_minutes"]) for r in told]
        one.parts = from_snapshots(snapshots, week.days, week.school)


def _weekly(world: World, name: str, rows: Iterable[Row], weeks: Weeks) -> None:
    for row in rows:
        one = weeks[name, row["week_start"]]
        one.rows = True
        one.minutes, one.units = row["minutes"], row["units_completed"]
        one.target, one.through = row["target_minutes"], row["through"]


_READ = {"alog": _log, "counter": _counter, "weekly": _weekly, "events": _events}
