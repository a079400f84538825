"""Growth with its error: what was observed, how sure that is, and what was projected."""

from __future__ import annotations

from markupsafe import Markup

from portal.pictures.svg import element, line, picture, text

_WIDE, _LEFT, _MIDDLE, _HIGH = 280.0, 20.0, 22.0, 52.0


def growth(observed: float, error: float, projected: float, label: str) -> Markup:
    """A dot for the observed growth in points, a line of one standard error to each side, and an
    upright line for the projected growth. No growth is always on the scale."""
    low = min(0.0, observed - error, projected)
    high = max(0.0, observed + error, projected)
    span = (high - low) or 1.0

    def x(points: float) -> float:
        return _LEFT + _WIDE * (points - low) / span

    # Two numbers at one place are not written over each other.
    too_near = abs(x(projected) - x(0)) <= 12
    return picture(
        label, "growth", _WIDE + 2 * _LEFT, _HIGH,
        line("floor", _LEFT, _MIDDLE + 12, _LEFT + _WIDE, _MIDDLE + 12),
        line("zero", x(0), _MIDDLE + 8, x(0), _MIDDLE + 16),
        text("under", x(0), _MIDDLE + 28, "0"),
        line("work", x(observed - error), _MIDDLE, x(observed + error), _MIDDLE),
        element("circle", class_="dot", cx=x(observed), cy=_MIDDLE, r=4),
        text("value", x(observed), _MIDDLE - 8, f"{observed:g}"),
        line("due", x(projected), _MIDDLE - 6, x(projected), _MIDDLE + 16),
        text("under", x(projected), _MIDDLE + 28, "" if too_near else f"{projected:g}"),
    )  # fmt: skip
