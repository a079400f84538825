"""Values as people read them: days, numbers, and the words for why there is no number."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from typing import Any

#: The three kinds of nothing, and a zero that was seen.
STATUS = {
    "ok": "counted",
    "zero": "nothing done",
    "not_rostered": "no account",
    "no_feed": "no file tells of it",
    "partial_week": "the week is not complete yet",
    "break_week": "fewer than 3 school days",
    "absent": "present on fewer than 2 school days",
    "excluded": "left out by a teacher",
    "target_na": "no own target",
    "not_enough_history": "not enough weeks yet",
    "too_few": "too little to tell",
}
STATE = {
    "on_time": "on time",
    "late": "late",
    "missing": "not handed in",
    "not_due": "not due yet",
    "excused": "excused",
    "no_due_date": "no due date",
}
_MONTHS = """January February March April May June July August September October November
December""".split()


@lru_cache(maxsize=2_000)
def day(value: date | str | None, otherwise: str = "not known") -> str:
    """17 November 2025, of a day, a moment or ISO text."""
    if value is None:
        return otherwise
    told = date.fromisoformat(value[:10]) if isinstance(value, str) else value
    return f"{told.day} {_MONTHS[told.month - 1]} {told.year}"


def instant(value: str) -> str:
    """An instant of the notes (ISO 8601, UTC): 17 November 2025 at 08:15 UTC."""
    return f"{day(value)} at {value[11:16]} UTC"


@lru_cache(maxsize=2_000)
def short_day(value: date) -> str:
    """17 November."""
    return f"{value.day} {_MONTHS[value.month - 1]}"


def number(value: float | None, otherwise: str = "not known") -> str:
    """At most one digit after the point: 54, 54.5."""
    return (
        otherwise
        if value is None
        else f"{round(value, 1):g}"
        if abs(value) < 1e5
        else f"{value:.0f}"
    )


def percent(value: float | None, otherwise: str = "not known") -> str:
    """A ratio in percent: 73 %."""
    return otherwise if value is None else f"{value * 100:.0f} %"


def status(value: str) -> str:
    """Why there is no number, in words."""
    return STATUS.get(value, value.replace("_", " "))


def state(value: str) -> str:
    """What became of an assignment, in words."""
    return STATE.get(value, value.replace("_", " "))


def anything(value: Any) -> str:
    """Any value of a table, as it is: numbers are not rounded, what is not known is empty."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M} UTC"
    return f"{value:.10g}" if isinstance(value, float) else str(value)


FILTERS = {
    "day": day,
    "instant": instant,
    "short_day": short_day,
    "number": number,
    "percent": percent,
    "status": status,
    "state": state,
    "anything": anything,
}
