"""School days since the last work on any platform."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

_UNSEEN = ("no_feed", "not_rostered")


@dataclass(frozen=True)
class Told:
    """One platform's week: status, last day its files tell of, last day with work."""

    monday: date
    status: str
    through: date | None
    active: date | None


def known_through(weeks: Sequence[Told]) -> date | None:
    """How far one platform tells of the student; None where its newest files have the student not."""
    covered = [week.monday for week in weeks if week.status != "no_feed"]
    seen = [week for week in weeks if week.status not in _UNSEEN]
    if not seen or max(week.monday for week in seen) != max(covered):
        return None
    return max(week.through for week in seen if week.through is not None)


def quiet_school_days(
    platforms: Sequence[Sequence[Told]], present: Sequence[date], monday: date
) -> int | None:
    """As of the end of this week; None = rostered nowhere now, or nothing known yet.

    `present`: school days present, of every week. Days count in weeks that some platform tells of,
    as far as every platform with the student tells.
    """
    ends = [end for weeks in platforms if (end := known_through(weeks)) is not None]
    if not ends:
        return None
    upto = min(*ends, monday + timedelta(days=6))
    told = {w.monday for weeks in platforms for w in weeks if w.status not in _UNSEEN}
    rows = {w.monday for weeks in platforms for w in weeks}
    if min(rows) > upto:
        return None
    worked = [w.active for weeks in platforms for w in weeks if w.active and w.monday <= monday]
    since = max(worked, default=date.min)
    quiet = [day for day in present if since < day <= upto]
    return sum(day - timedelta(days=day.weekday()) in told for day in quiet)
