"""Small pictures: numbers in, inline SVG out. Pure functions, drawn by the server.

Every picture says in its label what it shows, needs no colour, and stands beside a table of the
same numbers on the page. Colours and type come from the stylesheet (`.picture`). Not here: reading.
"""

from __future__ import annotations

from portal.pictures.bars import day_bars
from portal.pictures.interval import growth
from portal.pictures.strip import MARKS, Week, dot_strip
from portal.pictures.week_bars import week_bars
from portal.pictures.windows import Window, windows

__all__ = ["MARKS", "Week", "Window", "day_bars", "dot_strip", "growth", "week_bars", "windows"]
