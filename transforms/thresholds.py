"""The numbers a district may set: where a measure begins to say something.

Belongs here: each threshold's name, default, bounds and meaning. Windows (the latest 8 weeks, the
latest 4) are part of what a measure is, and no thresholds. In the SQL files and in their headers a
threshold stands as `$name`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_NAMED = re.compile(r"\$([a-z]\w*)")


@dataclass(frozen=True)
class Threshold:
    """One number: default, the least and the most it may be, and what it is.

    `default` None: off until a district sets it.
    """

    name: str
    default: float | None
    low: float
    high: float
    meaning: str


#: Values by name; every name is there.
Values = Mapping[str, float | None]

THRESHOLDS: Mapping[str, Threshold] = {
    t.name: t
    for t in (
        Threshold("active_minutes", 3, 0.1, 60, "minutes that make a day an active one"),
        Threshold("usual_minutes_least", 20, 0, 600, "own usual below which no share is taken"),
        Threshold("quieter_share", 1 / 3, 0, 1, "share of the own usual that is quiet, at most"),
        Threshold("busier_share", 1.5, 1, 10, "share of the own usual that is busy, at least"),
        Threshold("shared_dip_level", 0.5, 0, 1, "share of the own usual that is a dip, at most"),
        Threshold("shared_share", 0.4, 0.1, 1, "part of a class that makes a matter the class's"),
        Threshold("pacing_minutes", 20, 1, 600, "minutes of a week from which pacing is taken"),
        Threshold("end_pacing", -0.5, -1, 0, "mean pacing that lands at the end, at most"),
        Threshold("class_end_pacing", -0.3, -1, 0, "classmates' pacing above which it is the own"),
        Threshold("often_late_by", 1, 0.1, 8, "hand-ins late beyond what others' items expect"),
        Threshold("below_percent", 65, 1, 100, "score in percent below which help is offered"),
        Threshold("rapid_guess_percent", 30, 1, 100, "share of rapid guesses that hides a score"),
        Threshold("screen_minutes", None, 1, 5000, "weekly ceiling of minutes on all platforms"),
        Threshold("check_in_days", 7, 1, 60, "days after which a check-in is due"),
        Threshold("starters", 8, 1, 30, "conversation starters per class and week, at most"),
        Threshold("sleep_weeks", 3, 1, 12, "weeks for which an answered card sleeps"),
        Threshold("board_weeks", 8, 1, 60, "weeks that the board keeps"),
    )
}

DEFAULTS: Values = {name: t.default for name, t in THRESHOLDS.items()}


def named_in(text: str) -> tuple[str, ...]:
    """The thresholds that a text names, each once, in order. Raises KeyError for an unknown one."""
    names = tuple(dict.fromkeys(_NAMED.findall(text)))
    for name in names:
        THRESHOLDS[name]
    return names


def in_sql(sql: str, values: Values) -> str:
    """SQL with the values as literals."""
    return _NAMED.sub(lambda m: _literal(values[m[1]]), sql)


def in_words(text: str, values: Values) -> str:
    """A text with the values as people write them."""
    return _NAMED.sub(lambda m: said(values[m[1]]), text)


def said(value: float | None) -> str:
    """A value as people write it: one third, 0.4, 65, none."""
    if value is None:
        return "(not set)"
    if value == 1 / 3:
        return "one third"
    return f"{value:g}"


def changed(names: tuple[str, ...], values: Values) -> str:
    """What differs from the defaults, as a version tells it: `below_percent 70`; empty if none."""
    return ", ".join(
        f"{name} {said(values[name])}" for name in names if values[name] != THRESHOLDS[name].default
    )


def _literal(value: float | None) -> str:
    # Written out in full: a shortened third would be another number.
    return "CAST(NULL AS DOUBLE)" if value is None else f"CAST({value!r} AS DOUBLE)"
