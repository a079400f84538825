"""How far each Lexia account is: activities one after the other, twelve units each.

Slot 0 is the current activity, slots 1 and 2 the two before it.
"""

from __future__ import annotations

import numpy as np

from connectors.sample.dice import dice
from connectors.sample.text import Array

UNITS = 12
_SLOTS = 3
_MINUTES_PER_UNIT = 5
#: A session begins between 8 and 14 o'clock and is over before the evening's export.
_FIRST_START, _LAST_START = 8 * 60, 14 * 60


class Progress:
    """Counters of `count` accounts; times are local minutes, -1 = never."""

    def __init__(self, count: int, seed: int) -> None:
        self._seed = seed
        self.finished = np.zeros(count, np.int64)
        self.unit = np.zeros(count, np.int64)
        self.begin = np.full((_SLOTS, count), -1, np.int64)
        self.end = np.full((_SLOTS, count), -1, np.int64)
        self.minutes = np.zeros((_SLOTS, count), np.int64)
        self.finished_in_week = np.full((_SLOTS, count), -1, np.int64)
        self.week_minutes = np.zeros(count, np.int64)
        self.week_units = np.zeros(count, np.int64)
        self.day_minutes = np.zeros(count, np.int64)
        self.day_units = np.zeros(count, np.int64)

    def work(self, day: int, minutes: Array) -> None:
        """Add one day's minutes, whole numbers; a Monday starts the week's counters anew."""
        random = dice(self._seed, "lexia units", day)
        if day % 7 == 0:
            self.week_minutes[:] = 0
            self.week_units[:] = 0
        worked = minutes > 0
        drawn = minutes / _MINUTES_PER_UNIT + random.random(len(minutes))
        # At most one activity's worth, so that no day finishes two.
        units = np.where(worked, np.minimum(drawn.astype(np.int64), UNITS), 0)
        start = day * 1440 + random.integers(_FIRST_START, _LAST_START, len(minutes))
        self.day_minutes, self.day_units = minutes.astype(np.int64), units
        self.week_minutes += self.day_minutes
        self.week_units += units
        self.begin[0] = np.where(worked & (self.begin[0] < 0), start, self.begin[0])
        self.end[0] = np.where(worked, start + minutes, self.end[0])
        self.minutes[0] += self.day_minutes
        self.unit += units
        self._turn_page(day // 7)

    def rows(self, accounts: Array, week: int) -> tuple[Array, Array]:
        """Account and slot of every row to export: the current one and those finished this week."""
        shown = self.finished_in_week[:, accounts] == week
        shown[0] = True
        place, slot = np.nonzero(shown.T)
        return accounts[place], slot

    def _turn_page(self, week: int) -> None:
        done = self.unit >= UNITS
        self.finished_in_week[0] = np.where(done, week, -1)
        for table, fresh in (
            (self.begin, -1),
            (self.end, -1),
            (self.minutes, 0),
            (self.finished_in_week, -1),
        ):
            table[2] = np.where(done, table[1], table[2])
            table[1] = np.where(done, table[0], table[1])
            table[0] = np.where(done, fresh, table[0])
        self.finished += done
        # What is left over belongs to the next activity, begun as the last one ended.
        left = np.where(done, self.unit - UNITS, self.unit)
        begun = done & (left > 0)
        self.begin[0] = np.where(begun, self.end[1], self.begin[0])
        self.end[0] = np.where(begun, self.end[1], self.end[0])
        self.unit = left
