"""A student's weeks one after another: what is usual, what is quieter or busier, and targets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from statistics import median


@dataclass(frozen=True)
class Usual:
    """Middle of the latest 8 (at least 6) weeks that count, and what a distance is divided by."""

    middle: float
    scale: float


def usual(before: Sequence[float | None], least_scale: float) -> Usual | None:
    """From the values of all earlier weeks that count, oldest first; None under 6 known."""
    known = [value for value in before[-8:] if value is not None]
    if len(known) < 6:
        return None
    middle = median(known)
    mad = median([abs(value - middle) for value in known])
    return Usual(middle, max(1.4826 * mad, least_scale, 0.10 * abs(middle)))


def share(value: float | None, of: Usual | None) -> float | None:
    """Part of the usual, where that is at least 20 minutes."""
    if value is None or of is None or of.middle < 20:
        return None
    return value / of.middle


def change_z(value: float | None, of: Usual | None) -> float | None:
    """Distance from the usual by its scale."""
    return None if value is None or of is None else (value - of.middle) / of.scale


def judged(values: Sequence[float | None]) -> tuple[bool | None, bool | None]:
    """Whether the last two weeks that count are both quieter, both busier, than usual before them.

    None without 6 weeks before; false where the usual is under 20 minutes.
    """
    # Minutes are whole seconds or tenths of a minute.
    exact = [None if v is None else Fraction(v).limit_denominator(600) for v in values]
    earlier = [value for value in exact[-10:-2] if value is not None]
    if len(values) < 2 or len(earlier) < 6:
        return None, None
    middle, pair = median(earlier), exact[-2:]
    if middle < 20:
        return False, False
    return (
        _both([None if value is None else value * 3 <= middle for value in pair]),
        _both([None if value is None else value * 2 >= middle * 3 for value in pair]),
    )


def _both(parts: Sequence[bool | None]) -> bool | None:
    """One that does not hold decides; one that is not known decides nothing."""
    return False if False in parts else None if None in parts else True


def targets(weeks: Sequence[tuple[float | None, float | None]]) -> tuple[int, int]:
    """Weeks with the target met, weeks with one, of (minutes, target) of weeks that count."""
    held = [(minutes, target) for minutes, target in weeks if minutes is not None and target]
    return sum(minutes >= target for minutes, target in held), len(held)


def units_per_hour(
    own: Sequence[tuple[float, float]], group: Sequence[tuple[float, float]]
) -> float | None:
    """Units per hour, drawn towards the class's by 2 hours' worth.

    `own`: (units, minutes) of the latest 8 weeks; `group`: (units, minutes) of all of the class in
    the same weeks. None under half an hour or without a class.
    """
    hours, group_hours = (sum(minutes for _, minutes in told) / 60 for told in (own, group))
    if round(hours, 9) < 0.5 or group_hours <= 0:
        return None
    rate = sum(units for units, _ in group) / group_hours
    return (sum(units for units, _ in own) + rate * 2) / (hours + 2)


def across(changes: Mapping[str, float]) -> tuple[float | None, int, str | None]:
    """Middle of the platforms' changes, their number, and whether they agree, in words."""
    if not changes:
        return None, 0, None
    up = sum(z >= 1 for z in changes.values())
    down = sum(z <= -1 for z in changes.values())
    steady = len(changes) - up - down
    if len(changes) == 1:
        words = "one source only"
    elif up and down:
        words = "different stories"
    elif up or down:
        words = ("mostly " if steady else "agree: ") + ("up" if up else "down")
    else:
        words = "agree: steady"
    return median(changes.values()), len(changes), words
