"""Small multiples: one number of each of a few weeks, as bars on a scale that neighbours share."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from markupsafe import Markup

from portal.pictures.svg import element, line, picture, text

_STEP, _WIDE, _TOP, _PLOT, _BELOW = 36.0, 24.0, 12.0, 26.0, 14.0


def week_bars(
    weeks: Sequence[date], values: Sequence[float | None], top: float, label: str
) -> Markup:
    """A bar with its number per week, the last one full and those before it in outline; a dash
    where nothing is told. `top`: the value of a bar of full height."""
    floor, width = _TOP + _PLOT, _STEP * len(weeks)
    drawn = [line("floor", 0, floor, width, floor)]
    for i, (week, value) in enumerate(zip(weeks, values, strict=True)):
        x = (i + 0.5) * _STEP
        drawn.append(text("under", x, floor + 11, f"{week.day}/{week.month}"))
        if value is None:
            drawn.append(text("mark", x, floor - 4, "–"))
            continue
        high = _PLOT * value / (top or 1.0)
        kind = "bar" if i == len(weeks) - 1 else "bar open"
        drawn.append(
            element("rect", class_=kind, x=x - _WIDE / 2, y=floor - high, width=_WIDE, height=high)
        )
        drawn.append(text("value", x, floor - high - 3, f"{value:,.0f}"))
    return picture(label, "week-bars", width, floor + _BELOW, *drawn)
