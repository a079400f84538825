"""Random districts as plain data: calendars, classes, attendance, and what platforms' files tell.

Belongs here: the drawing of rows, awkward on purpose, and the district's own facts about days.
Not here: what the rows mean (told.py), nor how they get into a warehouse.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from tests.independent.classes import Span
from tests.independent.minutes import local_day
from tests.independent.weeks import Calendar

Row = dict[str, Any]

#: A log of days, a counter since Monday, weekly totals, and single events.
PLATFORMS = ("alog", "counter", "weekly", "events")

#: Both clock changes of Chicago lie within the drawn weeks of long histories.
START = date(2026, 10, 5)
ZONE = "America/Chicago"


@dataclass
class World:
    """One district. Rows are as the lake holds them."""

    weeks: int
    off: dict[str | None, dict[date, bool]] = field(default_factory=dict)
    school_of: dict[str, str | None] = field(default_factory=dict)
    left: set[str] = field(default_factory=set)
    spans: list[Span] = field(default_factory=list)
    homerooms: set[str] = field(default_factory=set)
    absent: dict[str, set[date]] = field(default_factory=dict)
    attendance: list[Row] = field(default_factory=list)
    accounts: dict[str, dict[str, str]] = field(default_factory=dict)
    rows: dict[str, list[Row]] = field(default_factory=dict)
    covers: dict[str, list[tuple[date, date]]] = field(default_factory=dict)
    excluded: set[tuple[str, str | None, date]] = field(default_factory=set)

    @property
    def mondays(self) -> list[date]:
        """Every week."""
        return [START + timedelta(weeks=i) for i in range(self.weeks)]

    def calendar(self, student: str, monday: date) -> Calendar:
        """The week as this student's school has it."""
        days = [monday + timedelta(days=i) for i in range(7)]
        own, all_schools = self.off.get(self.school_of[student], {}), self.off[None]
        school = [d for d in days if own.get(d, all_schools.get(d, d.weekday() < 5))]
        return Calendar(monday, tuple(school), frozenset(self.absent.get(student, ())))


def draw(seed: int, students: int, weeks: int) -> World:
    """A district from a seed."""
    rng = random.Random(seed)
    world = World(weeks)
    names = [f"p{i:04}" for i in range(students)]
    _calendars(rng, world)
    for name in names:
        world.school_of[name] = rng.choice(["s1", "s1", "s1", "s2", None])
        _attendance(rng, world, name)
    world.left = {name for name in names if rng.random() < 0.03}
    _classes(rng, world, names)
    for platform in PLATFORMS:
        _files(rng, world, platform, names)
    for name in names:
        if rng.random() < 0.2:
            week = rng.choice(world.mondays)
            world.excluded.add((name, rng.choice([None, *PLATFORMS]), week))
    return world


def _calendars(rng: random.Random, world: World) -> None:
    world.off = {None: {}, "s2": {}}
    for monday in world.mondays:
        for day in rng.sample(range(5), rng.choice([0, 0, 0, 0, 1, 1, 2, 3])):
            world.off[None][monday + timedelta(days=day)] = False
        if rng.random() < 0.08:
            world.off[None][monday + timedelta(days=5)] = True
        for day in rng.sample(range(6), rng.choice([0, 0, 1])):
            world.off["s2"][monday + timedelta(days=day)] = rng.random() < 0.5


def _attendance(rng: random.Random, world: World, name: str) -> None:
    gone: set[date] = set()
    for monday in world.mondays:
        for day in rng.sample(range(7), rng.choice([0, 0, 0, 1, 1, 2, 5])):
            gone.add(monday + timedelta(days=day))
    world.absent[name] = gone
    world.attendance += [{"date": day, "who": name, "present": False} for day in sorted(gone)]
    if gone and rng.random() < 0.3:
        # Noted twice, once as present: present.
        twice = min(gone)
        gone.discard(twice)
        world.attendance.append({"date": twice, "who": name, "present": True})


def _classes(rng: random.Random, world: World, names: list[str]) -> None:
    groups = [f"c{i}" for i in range(max(3, len(names) // 12))]
    world.homerooms = {group for i, group in enumerate(groups) if i % 3}
    last = START + timedelta(weeks=world.weeks)

    def some_day() -> date:
        return START + timedelta(days=rng.randrange((last - START).days))

    for name in names:
        first, second = rng.sample(groups, 2)
        kind = rng.random()
        if kind < 0.5:
            world.spans.append(Span(name, first, None, None))
        elif kind < 0.75:
            # Moves from one class to another, now and then with days between or both at once.
            moved = some_day()
            world.spans.append(Span(name, first, rng.choice([None, START]), moved))
            world.spans.append(
                Span(name, second, moved + timedelta(days=rng.choice([-3, 0, 1, 1, 1, 9])), None)
            )
        elif kind < 0.85:
            world.spans += [Span(name, first, None, None), Span(name, second, some_day(), None)]
        elif kind < 0.95:
            begin = some_day()
            world.spans.append(Span(name, first, begin, begin + timedelta(days=40)))


def _files(rng: random.Random, world: World, platform: str, names: list[str]) -> None:
    world.accounts[platform] = {}
    for name in names:
        for number in range(
            rng.choice([0, 1, 1, 1, 1, 2 if platform in ("alog", "events") else 1])
        ):
            world.accounts[platform][f"{platform}-{name}-{number}"] = name
    world.rows[platform] = []
    for account in world.accounts[platform]:
        _HABITS[platform](rng, world, account)
    if platform == "counter":
        days = sorted({row["date"] for row in world.rows[platform]})
        world.covers[platform] = [(day, day) for day in days]
        return
    spans = []
    for i, monday in enumerate(world.mondays):
        kind = rng.random() if i else 1.0
        end = monday + timedelta(days=6)
        if kind > 0.22:
            spans.append((monday, end))
        elif kind > 0.12:
            spans.append((monday, monday + timedelta(days=rng.randrange(6))))
        elif kind > 0.07:
            # A day that no file tells of.
            gap = monday + timedelta(days=rng.randrange(1, 5))
            spans += [(monday, gap - timedelta(days=1)), (gap + timedelta(days=1), end)]
    world.covers[platform] = spans


def _paces(rng: random.Random, weeks: int) -> list[float]:
    """How busy each week is: steady, stopping, growing, or anything."""
    kind, level = rng.randrange(4), rng.choice([6.0, 20.0, 60.0])
    turn = rng.randrange(weeks)
    return [
        level * (rng.choice([0, 1, 2]) if kind == 3 else [1, 0.2, 2][kind] if i >= turn else 1)
        for i in range(weeks)
    ]


def _days(rng: random.Random, monday: date, pace: float) -> list[tuple[date, float]]:
    """Minutes on some days: early, late, even, or at the weekend."""
    weights = rng.choice([(5, 1, 0, 0, 0, 0, 0), (0, 0, 0, 1, 6, 0, 0), (1, 1, 1, 1, 1, 1, 0)])
    return [
        (monday + timedelta(days=i), round(pace * weight / 6 * rng.uniform(0.5, 1.5), 1))
        for i, weight in enumerate(weights)
        if weight and rng.random() < 0.9
    ]


def _log(rng: random.Random, world: World, account: str) -> None:
    for monday, pace in zip(world.mondays, _paces(rng, world.weeks), strict=True):
        for day, minutes in _days(rng, monday, pace):
            items = rng.choice([None, rng.randrange(20)])
            world.rows["alog"].append(
                {
                    "account_key": account,
                    "date": day,
                    "minutes": minutes if rng.random() < 0.97 else None,
                    "items_attempted": items,
                    "items_correct": None if items is None else items // 2,
                    "units_completed": rng.choice([None, 0.0, 1.0, 2.0]),
                    "events": rng.choice([None, rng.randrange(5)]),
                }
            )


def _counter(rng: random.Random, world: World, account: str) -> None:
    tells_today, target = rng.random() < 0.5, rng.choice([None, 0.0, 45.0])
    for monday, pace in zip(world.mondays, _paces(rng, world.weeks), strict=True):
        if rng.random() < 0.1:
            continue
        done, total, units = dict(_days(rng, monday, pace)), 0.0, 0.0
        for i in range(7):
            day = monday + timedelta(days=i)
            total, units = total + done.get(day, 0.0), units + rng.choice([0, 0, 1])
            if rng.random() < (0.8 if i < 5 else 0.3):
                glitch = 40.0 if rng.random() < 0.04 else 0.0
                world.rows["counter"].append(
                    {
                        "account_key": account,
                        "date": day,
                        "week_start": monday,
                        "week_minutes": total + glitch,
                        "today_minutes": done.get(day, 0.0) if tells_today else None,
                        "week_units": units,
                        "target_minutes": target,
                    }
                )


def _weekly(rng: random.Random, world: World, account: str) -> None:
    target = rng.choice([None, 0.0, 30.0, 60.0])
    for monday, pace in zip(world.mondays, _paces(rng, world.weeks), strict=True):
        if rng.random() < 0.1:
            continue
        through = rng.choice([6] * 9 + [4, 2, None])
        world.rows["weekly"].append(
            {
                "account_key": account,
                "week_start": monday,
                "through": None if through is None else monday + timedelta(days=through),
                "minutes": round(pace * rng.choice([0, 0.5, 1, 1, 1.5]), 1),
                "units_completed": rng.choice([None, 0.0, 1.0, 3.0, 8.0]),
                "target_minutes": target,
            }
        )


def _events(rng: random.Random, world: World, account: str) -> None:
    for monday, pace in zip(world.mondays, _paces(rng, world.weeks), strict=True):
        for day, _ in _days(rng, monday, pace):
            # Some sittings go over midnight of the zone, which is 5 or 6 hours behind.
            at = datetime.combine(day, datetime.min.time()) + timedelta(
                hours=rng.choice([15, 18, 28, 29]), seconds=rng.randrange(3600)
            )
            for _ in range(rng.randrange(1, 8)):
                at += timedelta(seconds=rng.choice([30, 200, 420, 600, 601, 1500]))
                world.rows["events"].append(
                    {
                        "event_id": f"e{len(world.rows['events'])}",
                        "account_key": account,
                        "happened_at": at,
                        "date": local_day(at, ZONE),
                        "action": rng.choice([None, "Viewed"]),
                        "correct": rng.choice([None, True, False]),
                    }
                )


_HABITS = {"alog": _log, "counter": _counter, "weekly": _weekly, "events": _events}
