"""Minutes of days: from the gaps between events, and from counters that begin anew each Monday."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

#: First possible day, last possible day, minutes.
Part = tuple[date, date, float]


def local_day(instant: datetime, zone: str) -> date:
    """The day on the wall clock of the zone; `instant` is UTC without saying so."""
    return instant.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).date()


def from_events(instants: Sequence[datetime], zone: str) -> dict[date, float]:
    """Minutes by local day: gaps of at most 10 minutes, each of the day on which it begins."""
    ordered = sorted(instants)
    found: dict[date, float] = defaultdict(float)
    for i, instant in enumerate(ordered):
        gap = (ordered[i + 1] - instant).total_seconds() if i + 1 < len(ordered) else 0.0
        found[local_day(instant, zone)] += gap / 60 if gap <= 600 else 0.0
    return dict(found)


@dataclass(frozen=True)
class Snapshot:
    """A counter since Monday as one export shows it; `today`: minutes of that day, where told."""

    day: date
    minutes: float
    today: float | None


def from_snapshots(
    told: Sequence[Snapshot], week: Sequence[date], school: Collection[date]
) -> list[Part]:
    """Where a week's minutes may have fallen. `told` by day; `week`: Monday to Sunday.

    A snapshot above a later one is left out. A gain falls after the snapshot before it; where the
    day's own minutes are told, the rest falls on the days between. School days come first.
    """
    kept = [
        one
        for i, one in enumerate(told)
        if all(one.minutes <= later.minutes for later in told[i + 1 :])
    ]
    parts: list[Part] = []
    before, seen = -1, 0.0
    for one in kept:
        day, gain = week.index(one.day), one.minutes - seen
        first, last, rest = before + 1, day, gain
        if one.today is not None:
            own = min(one.today, gain)
            parts.append((one.day, one.day, own))
            first, last, rest = before + 1, day - 1, gain - own
            if first > last:
                first = last = before if before >= 0 else day
        if rest > 0.01:
            possible = list(week[first : last + 1])
            possible = [d for d in possible if d in school] or possible
            parts.append((possible[0], possible[-1], rest))
        before, seen = day, one.minutes
    return parts
