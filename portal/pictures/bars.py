"""Five small bars: the minutes of Monday to Friday."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from portal.pictures.svg import element, line, picture, text

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri")
_STEP, _WIDE, _TOP, _PLOT, _BELOW = 36.0, 18.0, 16.0, 44.0, 18.0


def day_bars(minutes: Sequence[float], label: str) -> Markup:
    """Minutes of the five days, each bar with its number. Raises ValueError for other than five."""
    if len(minutes) != len(DAYS):
        raise ValueError(f"a school week has five bars, not {len(minutes)}")
    top, floor = max(minutes) or 1.0, _TOP + _PLOT
    drawn = [line("floor", 0, floor, _STEP * len(DAYS), floor)]
    for i, (day, told) in enumerate(zip(DAYS, minutes, strict=True)):
        x, high = (i + 0.5) * _STEP, _PLOT * told / top
        drawn.append(
            element("rect", class_="bar", x=x - _WIDE / 2, y=floor - high, width=_WIDE, height=high)
        )
        drawn.append(text("value", x, floor - high - 4, f"{told:.0f}"))
        drawn.append(text("under", x, floor + 14, day))
    return picture(label, "bars", _STEP * len(DAYS), floor + _BELOW, *drawn)
