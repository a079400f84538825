"""One student's week on one platform: whether it counts, and what it shows by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from math import log2

from tests.independent.minutes import Part


@dataclass(frozen=True)
class Calendar:
    """A week as one student meets it: Monday, school days in order, days absent."""

    monday: date
    school: tuple[date, ...]
    absent: frozenset[date]

    @property
    def present(self) -> tuple[date, ...]:
        """School days on which the student is not known as absent."""
        return tuple(day for day in self.school if day not in self.absent)

    @property
    def days(self) -> tuple[date, ...]:
        """Monday to Sunday."""
        return tuple(self.monday + timedelta(days=i) for i in range(7))


@dataclass
class Seen:
    """What the files tell of a week. `rows`: any row is there. `through`: last day of a total."""

    rows: bool = False
    told: set[date] = field(default_factory=set)
    zero: set[date] = field(default_factory=set)
    through: date | None = None
    minutes: float | None = None
    units: float | None = None
    target: float | None = None
    items: int | None = None
    right: int | None = None
    events: int | None = None
    parts: list[Part] = field(default_factory=list)
    unmeasured: set[date] = field(default_factory=set)
    has_days: bool = False

    @property
    def days(self) -> dict[date, float]:
        """Minutes that are surely of one day."""
        found: dict[date, float] = {}
        for first, last, minutes in self.parts:
            if first == last:
                found[first] = found.get(first, 0.0) + minutes
        return found

    @property
    def loose(self) -> list[Part]:
        """Minutes that may be of several days."""
        return [part for part in self.parts if part[0] != part[1]]

    def nothing_done(self) -> bool:
        """No row, in files in which that means zero."""
        return not self.rows and bool(self.zero)

    def covered(self, week: Calendar) -> set[date]:
        """The days that are known."""
        if self.through is None:
            return self.told
        return {day for day in week.days if day <= self.through} | self.zero


def status(seen: Seen, week: Calendar, *, excluded: bool) -> str:
    """The first that holds."""
    if not seen.told and not seen.rows:
        return "no_feed"
    if not seen.rows and not seen.zero:
        return "not_rostered"
    if excluded:
        return "excluded"
    if len(week.school) < 3:
        return "break_week"
    if len(week.present) < 2:
        return "absent"
    if set(week.school) - seen.covered(week):
        return "partial_week"
    done = [seen.minutes, seen.units, seen.items, seen.events]
    return "ok" if any(done) else "zero"


def active_days(seen: Seen, *, at_least: float = 3) -> set[date] | None:
    """Days with at least 3 minutes, or any event where none are measured; None = not known."""
    if seen.nothing_done():
        return set() if seen.has_days else None
    if not seen.has_days or sum(part[2] for part in seen.loose) >= at_least:
        return None
    return {day for day, minutes in seen.days.items() if minutes >= at_least} | seen.unmeasured


def evenness(seen: Seen, week: Calendar) -> float | None:
    """Entropy of the minutes over the school days, by its greatest possible value."""
    active = active_days(seen)
    school = [seen.days.get(day, 0.0) for day in week.school]
    if active is None or len(active & set(week.present)) < 2 or not sum(school):
        return None
    if any(minutes > 0 for *_, minutes in on_school_days(seen.loose, week)):
        return None
    shares = [minutes / sum(school) for minutes in school]
    return -sum(p * log2(p) for p in shares if p) / log2(len(shares))


def on_school_days(parts: Sequence[Part], week: Calendar) -> list[Part]:
    """Parts that a school day can hold."""
    return [part for part in parts if part[1] in week.school]


def when(seen: Seen, week: Calendar) -> Mapping[str, float]:
    """mean_day, pacing with its ends, last_day_share: those that are known closely enough."""
    parts = on_school_days(seen.parts, week)
    total, size = sum(part[2] for part in parts), len(week.school)
    if round(total, 9) < 20 or size < 3:
        return {}

    def number(day: date) -> int:
        return sum(d <= day for d in week.school)

    early = sum(number(first) * minutes for first, _, minutes in parts) / total
    late = sum(number(last) * minutes for _, last, minutes in parts) / total
    low, high = ((size + 1 - 2 * middle) / (size - 1) for middle in (late, early))
    found = {"pacing_low": low, "pacing_high": high}
    if high - low <= 0.25:
        found |= {"pacing": (low + high) / 2, "mean_day": (early + late) / 2}
    surely = sum(m for first, _, m in parts if number(first) == size) / total
    perhaps = sum(m for _, last, m in parts if number(last) == size) / total
    if perhaps - surely <= 0.25:
        found["last_day_share"] = (surely + perhaps) / 2
    return found
