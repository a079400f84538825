"""Assignments against their windows: when work was given out, begun, handed in and due."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from portal.pictures.svg import element, line, picture, text

#: Days before and after the due time that the picture shows.
BEFORE, AFTER = 14.0, 7.0
_DAY, _LEFT, _ROW, _TOP, _BELOW = 14.0, 10.0, 18.0, 6.0, 20.0


@dataclass(frozen=True)
class Window:
    """One assignment with a due time; what is not known is None."""

    due: datetime
    assigned: datetime | None = None
    started: datetime | None = None
    submitted: datetime | None = None


def windows(items: Sequence[Window], label: str) -> Markup:
    """One line each, all on one scale of days around the due time: the window as a thin line, an
    open ring where work began, a dot where it was handed in, a thick line between the two. What
    lies further away stands at the edge."""
    floor = _TOP + len(items) * _ROW
    due = _x(0.0)
    drawn = [line("due", due, 0, due, floor)]
    for i, item in enumerate(items):
        y = _TOP + (i + 0.5) * _ROW
        begun, done = _of(item, item.started), _of(item, item.submitted)
        given = _of(item, item.assigned)
        kind = "window" if given is not None else "window unknown"
        drawn.append(line(kind, given if given is not None else _x(-BEFORE), y, due, y))
        if begun is not None and done is not None:
            drawn.append(line("work", begun, y, done, y))
        if begun is not None:
            drawn.append(element("circle", class_="dot open", cx=begun, cy=y, r=4))
        if done is not None:
            drawn.append(element("circle", class_="dot", cx=done, cy=y, r=4))
    for days, words in ((-BEFORE, "14 days before"), (0.0, "due"), (AFTER, "7 after")):
        anchor = "middle" if not days else "start" if days < 0 else "end"
        drawn.append(text("under", _x(days), floor + 14, words, anchor))
    return picture(label, "windows", _x(AFTER) + _LEFT, floor + _BELOW, *drawn)


def _of(item: Window, at: datetime | None) -> float | None:
    return None if at is None else _x((at - item.due).total_seconds() / 86400)


def _x(days: float) -> float:
    return _LEFT + (min(max(days, -BEFORE), AFTER) + BEFORE) * _DAY
