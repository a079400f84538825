"""When a feed's next export is due, by the usual time between the last ones, and which are missing.

School days are counted, so that a feed is not missed while school is out. Pure but for `feeds`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise
from statistics import median

from warehouse.ledger import Ledger
from warehouse.watch.school_days import SchoolDays

#: From so many days with an export on, the usual time between them is known.
_LEAST = 4
#: So many exports back are looked at, and a late one has a fifth of the usual time more.
_LAST, _PATIENCE = 10, 5


def expected(days: Sequence[date]) -> date | None:
    """When the next export is due, by the usual time between the last ones; None: not known.

    `days`: days of export, each once, in order.
    """
    if len(days) < _LEAST:
        return None
    last = days[-_LAST:]
    gaps = [(after - before).days for before, after in pairwise(last)]
    return last[-1] + timedelta(days=round(median(gaps)))


def missing_since(days: Sequence[date], school: SchoolDays, today: date) -> date | None:
    """The day by which the next export should have come, where it has not; else None.

    Neither by the calendar nor in school days has it ever been due in the time that has passed. In
    holidays the answer is that of the last school day.
    """
    by_calendar = expected(days)
    if by_calendar is None:
        return None
    last = days[-_LAST:]
    usual = round(median(school.between(a, b) for a, b in pairwise(last)))
    by_school = school.later(last[-1], usual + usual // _PATIENCE)
    if by_school is None:
        return None
    due = max(by_calendar, by_school)
    return due if school.latest(today) > due else None


def feeds(ledger: Ledger) -> dict[tuple[str, str], list[date]]:
    """Days of export of each platform's feeds, of files that could be used, in order."""
    rows = ledger.rows(
        """SELECT DISTINCT platform, feed, exported_on FROM file
           WHERE feed IS NOT NULL AND exported_on IS NOT NULL AND is_archive = 0
             AND status IN ('loaded', 'superseded', 'duplicate')
           ORDER BY platform, feed, exported_on"""
    )
    found: dict[tuple[str, str], list[date]] = {}
    for platform, feed, day in rows:
        found.setdefault((platform, feed), []).append(date.fromisoformat(day))
    return found
