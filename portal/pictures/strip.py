"""A dot strip: the minutes of a few weeks, each above the student's own usual band of that week."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup

from portal.pictures.svg import element, line, picture, text

#: The quiet mark of a week that is no number.
MARKS = {
    "not_rostered": "·",
    "no_feed": "?",
    "partial_week": "…",
    "break_week": "–",
    "absent": "×",
    "excluded": "/",
}
_STEP, _LEFT, _TOP, _PLOT, _BELOW = 44.0, 4.0, 22.0, 60.0, 22.0


@dataclass(frozen=True)
class Week:
    """One week: minutes where `status` is ok or zero. `usual` and `scale`: the own usual before it
    and how far weeks usually lie from it; None where there is no such history."""

    week_start: date
    status: str
    minutes: float | None = None
    usual: float | None = None
    scale: float | None = None
    target: float | None = None


def dot_strip(weeks: Sequence[Week], label: str) -> Markup:
    """The weeks from left to right: a dot, its number at the top, a band for the own usual, a short
    line for the own target, an open dot for nothing done, and a mark for a week without number."""
    top = max((v for week in weeks for v in _heights(week)), default=0.0) or 1.0
    floor = _TOP + _PLOT

    def height(minutes: float) -> float:
        return floor - _PLOT * minutes / top

    drawn: list[Markup] = []
    for i, week in enumerate(weeks):
        left = _LEFT + i * _STEP
        if week.usual is not None and week.scale is not None:
            high = height(week.usual + week.scale)
            low = height(max(week.usual - week.scale, 0.0))
            drawn.append(
                element("rect", class_="band", x=left, y=high, width=_STEP, height=low - high)
            )
            drawn.append(line("usual", left, height(week.usual), left + _STEP, height(week.usual)))
    drawn.append(line("floor", _LEFT, floor, _LEFT + len(weeks) * _STEP, floor))
    for i, week in enumerate(weeks):
        drawn += _week(week, _LEFT + (i + 0.5) * _STEP, height)
    return picture(label, "strip", 2 * _LEFT + len(weeks) * _STEP, floor + _BELOW, *drawn)


def _heights(week: Week) -> list[float]:
    band = (week.usual or 0.0) + (week.scale or 0.0)
    return [week.minutes or 0.0, band, week.target or 0.0]


def _week(week: Week, x: float, height: Callable[[float], float]) -> list[Markup]:
    name = text("under", x, height(0.0) + 16, f"{week.week_start.day}/{week.week_start.month}")
    if week.minutes is None or week.status not in ("ok", "zero"):
        return [text("mark", x, height(0.0) - 6, MARKS.get(week.status, "?")), name]
    drawn = [name]
    if week.target is not None:
        at = height(week.target)
        drawn.append(line("target", x - 9, at, x + 9, at))
    y = height(week.minutes)
    kind = "dot" if week.minutes > 0 else "dot open"
    drawn.append(element("circle", class_=kind, cx=x, cy=y, r=4))
    drawn.append(text("value", x, _TOP - 8, f"{week.minutes:.0f}"))
    return drawn
