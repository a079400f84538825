"""Work with due dates: delays, states, and how often late against the others on the same items."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from math import sqrt
from statistics import median


@dataclass(frozen=True)
class Item:
    """One student's assignment. Times are UTC. `known`: last day of which the file knows all.

    `word`: the platform's own on_time, late, missing or unknown; `worked`: a trace of work.
    """

    opened: datetime | None
    due: datetime | None
    due_day: date | None
    started: datetime | None
    handed: datetime | None
    known: date
    excused: bool = False
    word: str | None = None
    worked: bool = False


def closed(item: Item) -> bool:
    """The due day is past in the file, the work came late, or the platform calls it missing."""
    if item.due_day is not None and item.due_day <= item.known:
        return True
    told = state(item)
    return told == "late" or (told == "missing" and item.word == "missing")


def state(item: Item) -> str | None:
    """None = nobody can say."""
    if item.excused:
        return "excused"
    if item.due is None:
        return "no_due_date"
    if item.word in ("on_time", "late", "missing"):
        return item.word
    if item.handed is not None:
        return "late" if item.handed > item.due else "on_time"
    if item.worked and item.word is None:
        return None
    past = item.due_day is not None and item.due_day <= item.known
    if past and item.word == "unknown":
        return None
    return "missing" if past else "not_due"


def counts(item: Item) -> bool:
    """Whether the item is one of n: closed, not excused, its state known."""
    return closed(item) and state(item) in ("on_time", "late", "missing")


def start_delay(item: Item) -> float | None:
    """Part of the time from opening to due that had passed, 0 to 1."""
    if item.opened is None or item.due is None or item.started is None or item.due <= item.opened:
        return None
    return min(1.0, max(0.0, (item.started - item.opened) / (item.due - item.opened)))


def lead_hours(item: Item) -> float | None:
    """Due minus handed in; negative = late."""
    if item.due is None or item.handed is None:
        return None
    return (item.due - item.handed).total_seconds() / 3600


def late_rate(others: Sequence[Item]) -> Fraction | None:
    """Late among the others' same item where it counts."""
    told = [state(item) for item in others if counts(item)]
    return Fraction(told.count("late"), len(told)) if told else None


def start_median(items: Sequence[Item]) -> float | None:
    """Of the delays that are known; None under 4."""
    known = [delay for item in items if (delay := start_delay(item)) is not None]
    return median(known) if len(known) >= 4 else None


def wilson(k: int, n: int) -> tuple[float, float] | None:
    """95 % interval of k of n, for 3 to 9 items."""
    if not 3 <= n <= 9:
        return None
    z, p = 1.959963984540054, k / n
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    reach = z / (1 + z * z / n) * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return middle - reach, middle + reach


def expected(told: Sequence[tuple[bool, Fraction]]) -> tuple[float | None, bool | None]:
    """Late hand-ins expected over all, and often late over the latest 8; None under 3.

    `told`: (late, the others' late rate) of the items that count and that others have, oldest due
    first.
    """
    if len(told) < 3:
        return None, None
    latest = told[-8:]
    above = sum(late for late, _ in latest) - sum(rate for _, rate in latest)
    return float(sum(rate for _, rate in told)), above >= 1
