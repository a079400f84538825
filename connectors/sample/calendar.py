"""The sample's school year: days, holidays, weeks, and local time against UTC.

Days are counted from the first Monday (day 0); minutes of an instant are counted from its local
midnight at the start of day 0, so that a local day is always `minute // 1440`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from connectors.sample.text import Array

FIRST_MONDAY = date(2025, 8, 18)
LAST_DAY_OF_YEAR = date(2026, 5, 29)
TIME_ZONE = "America/Chicago"
#: The longest data window: later weeks lie behind the end of the school year.
MOST_WEEKS = 40

_ZONE = ZoneInfo(TIME_ZONE)
_HOLIDAYS = {
    date(2025, 9, 1): "Labor Day",
    date(2025, 11, 26): "Thanksgiving",
    date(2025, 11, 27): "Thanksgiving",
    date(2025, 11, 28): "Thanksgiving",
    **{date(2025, 12, 22) + timedelta(days=n): "Winter break" for n in (0, 1, 2, 3, 4)},
    **{date(2025, 12, 29) + timedelta(days=n): "Winter break" for n in (0, 1, 2, 3, 4)},
}
#: The school (by position) that has a day off of its own.
SCHOOL_WITH_OWN_DAY_OFF = 1
OWN_DAY_OFF = date(2025, 10, 13)
OWN_DAY_OFF_NOTE = "Water main repair"


@dataclass(frozen=True)
class SchoolCalendar:
    """`weeks` school weeks from the first Monday to the Friday of the last."""

    weeks: int
    schools: int

    @property
    def day_count(self) -> int:
        """Calendar days from the first Monday to the last Friday, both counted."""
        return 7 * (self.weeks - 1) + 5

    @property
    def last_day(self) -> date:
        """Friday of the last week: the last day any file knows of."""
        return self.date_of(self.day_count - 1)

    def date_of(self, day: int) -> date:
        """The date of a day number."""
        return FIRST_MONDAY + timedelta(days=int(day))

    def day_of(self, when: date) -> int:
        """The day number of a date."""
        return (when - FIRST_MONDAY).days

    def week_days(self, week: int) -> range:
        """Day numbers of a week, Monday to Sunday; the last week ends on its Friday."""
        return range(7 * week, min(7 * week + 7, self.day_count))

    def is_school_day(self, day: int) -> bool:
        """Whether the district's schools are open."""
        when = self.date_of(day)
        return when.weekday() < 5 and when not in _HOLIDAYS

    def school_days(self, week: int) -> list[int]:
        """Day numbers of a week's school days."""
        return [day for day in self.week_days(week) if self.is_school_day(day)]

    def all_school_days(self) -> list[int]:
        """Day numbers of every school day of the window."""
        return [day for day in range(self.day_count) if self.is_school_day(day)]

    def is_short_week(self, week: int) -> bool:
        """Fewer than three school days: no assignment is set in such a week."""
        return len(self.school_days(week)) < 3

    def open_schools(self, day: int) -> Array:
        """One truth value a school: open on that day."""
        is_open = np.full(self.schools, self.is_school_day(day))
        if self.date_of(day) == OWN_DAY_OFF:
            is_open[SCHOOL_WITH_OWN_DAY_OFF] = False
        return is_open

    def year(self) -> list[tuple[date, bool, str]]:
        """Every weekday of the school year: date, school day or not, the holiday's name."""
        days = (LAST_DAY_OF_YEAR - FIRST_MONDAY).days + 1
        dates = [FIRST_MONDAY + timedelta(days=n) for n in range(days)]
        weekdays = [when for when in dates if when.weekday() < 5]
        return [(when, when not in _HOLIDAYS, _HOLIDAYS.get(when, "")) for when in weekdays]

    def utc(self, minutes: Array) -> npt.NDArray[np.datetime64]:
        """Local minutes as UTC instants; negative minutes mean "never" and become NaT."""
        # One offset a day is enough: nothing in the sample happens between midnight and 3 a.m.
        offsets = np.array([_utc_offset(self.date_of(n)) for n in range(self.day_count + 60)])
        known = minutes >= 0
        safe = np.where(known, minutes, 0)
        local = np.datetime64(FIRST_MONDAY, "s") + safe.astype("timedelta64[m]")
        instants = local - offsets[safe // 1440].astype("timedelta64[m]")
        return np.where(known, instants, np.datetime64("NaT", "s"))


def local_times(minutes: Array) -> npt.NDArray[np.datetime64]:
    """Local minutes as local wall-clock times; negative minutes become NaT."""
    local = np.datetime64(FIRST_MONDAY, "s") + np.maximum(minutes, 0).astype("timedelta64[m]")
    return np.where(minutes >= 0, local, np.datetime64("NaT", "s"))


def export_time(when: date, clock: str) -> float:
    """Seconds since 1970 of a local wall-clock time such as `18:30`."""
    return datetime.combine(when, time.fromisoformat(clock), _ZONE).timestamp()


def _utc_offset(when: date) -> int:
    """Minutes to add to UTC to get local time at noon of a day."""
    offset = datetime.combine(when, time(12), _ZONE).utcoffset()
    assert offset is not None, "an aware datetime has an offset"
    return int(offset.total_seconds() // 60)
