"""Fields of forms as values: trimmed, of a length, of a kind. Nothing here asks a database."""

from __future__ import annotations

import re
from collections.abc import Container
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

#: Longest texts, in characters.
LINE, TEXT = 200, 4000
#: How far from today a day may lie.
_YEAR = timedelta(days=366)
_KEY = re.compile(r"[0-9a-f]{32}")
_UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class Unusable(Exception):
    """A field cannot be taken. `field`: its name; `says`: words for whoever wrote it."""

    def __init__(self, field: str, says: str) -> None:
        super().__init__(field)
        self.field, self.says = field, says


def today(zone: str) -> date:
    """The district's day."""
    return datetime.now(ZoneInfo(zone)).date()


def text(field: str, given: str, longest: int) -> str | None:
    """What was written, without signs that nobody sees; None for nothing. Raises Unusable."""
    written = _UNSEEN.sub("", given.replace("\r\n", "\n")).strip()
    if len(written) > longest:
        raise Unusable(field, f"Write at most {longest} characters; these are {len(written)}.")
    return written or None


def past_day(field: str, given: str, now: date) -> str:
    """A day of the past year, today at the latest, as ISO 8601. Raises Unusable."""
    day = _day(field, given)
    if not now - _YEAR <= day <= now:
        raise Unusable(field, "Choose today or a day of the past year.")
    return day.isoformat()


def coming_day(field: str, given: str, now: date) -> str | None:
    """A day from today to a year from now, as ISO 8601; None for nothing. Raises Unusable."""
    if not given.strip():
        return None
    day = _day(field, given)
    if not now <= day <= now + _YEAR:
        raise Unusable(field, "Choose today or a day of the coming year.")
    return day.isoformat()


def one_of(field: str, given: str, known: Container[str], says: str) -> str:
    """One of the known values. Raises Unusable."""
    if given not in known:
        raise Unusable(field, says)
    return given


def one_or_none(field: str, given: str, known: Container[str], says: str) -> str | None:
    """One of the known values, or None for nothing. Raises Unusable."""
    return one_of(field, given, known, says) if given else None


def is_key(given: str) -> bool:
    """Whether a text is an id as we make them."""
    return _KEY.fullmatch(given) is not None


def _day(field: str, given: str) -> date:
    try:
        return date.fromisoformat(given.strip())
    except ValueError:
        raise Unusable(field, "Write a day, like 2025-09-30.") from None
