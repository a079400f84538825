"""Random districts as plain data: calendars, classes, attendance, and what platforms' files tell.

Belongs here: the drawing of rows, awkward on purpose, and the district's own facts about days.
Not here: what the rows mean (told.py), nor how they get into a warehouse.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, timedelta

from tests.independent.classes import Span
from tests.independent.habits import HABITS, Row
from tests.independent.weeks import Calendar

#: A log of days, a counter since Monday, weekly totals, and single events.
PLATFORMS = ("alog", "counter", "weekly", "events")

#: Both clock changes of Chicago lie within the drawn weeks of long histories.
START = date(2026, 10, 5)


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
        HABITS[platform](rng, world.mondays, world.rows[platform], account)
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
