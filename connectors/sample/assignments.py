"""Assignments of the sample and when each student worked on them: one a class and school week.

Times are local minutes since the first midnight (see calendar.py); -1 means "never".
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from connectors.sample.behaviour import Traits
from connectors.sample.calendar import SchoolCalendar
from connectors.sample.dice import dice
from connectors.sample.names import TOPICS
from connectors.sample.people import People
from connectors.sample.text import Array

STATES = ("on_time", "late", "missing", "not_due")
ON_TIME, LATE, MISSING, NOT_DUE = range(4)
_DAY = 1440
#: Assigned at 8 in the morning; due at the end of a day, that many days after the Monday.
_ASSIGNED, _DUE = 8 * 60, _DAY - 1
_DUE_AFTER = np.array([4, 4, 3, 4, 6, 4, 9, 3])
#: The last exports are made at 8 in the evening of the last day: nothing later is known.
_LAST_MINUTE = 20 * 60
#: Chance of working early, evenly, in the last hours, too late, never; by HAND_IN.
_WAYS = np.array(
    [
        [0.70, 0.20, 0.05, 0.02, 0.03],
        [0.10, 0.68, 0.12, 0.05, 0.05],
        [0.02, 0.10, 0.75, 0.07, 0.06],
        [0.02, 0.13, 0.22, 0.50, 0.13],
        [0.02, 0.10, 0.10, 0.18, 0.60],
    ]
)


@dataclass(frozen=True)
class Handed:
    """One week's assignment, a row a student: what really happened.

    Work handed in before a due time that still lies ahead is on time; only untouched or unfinished
    work is not due.
    """

    student: Array
    class_: Array
    assigned: Array
    due: Array
    started: Array
    submitted: Array
    state: Array
    score: Array  # points, -1 = none


class AssignmentBook:
    """Every assignment so far, kept as week x student tables of points and days.

    `best`, `at_due`: points, -1 where none. `attempts`: tries. `handed_in`: the day, -1 where not.
    `minutes`: day x student, minutes that the work took.
    """

    def __init__(
        self, people: People, traits: Traits, calendar: SchoolCalendar, absent: Array, seed: int
    ) -> None:
        self._people, self._traits, self._calendar = people, traits, calendar
        self._absent, self._seed = absent, seed
        self._begin, self._end = people.begin_day(), people.end_day(calendar)
        table = (calendar.weeks, people.count)
        self.best = np.full(table, -1, np.int16)
        self.at_due = np.full(table, -1, np.int16)
        self.attempts = np.zeros(table, np.int16)
        self.handed_in = np.full(table, -1, np.int16)
        self.minutes = np.zeros((calendar.day_count + 60, people.count), np.int16)

    def title(self, week: int, class_: int) -> str:
        """Title of a class's assignment of a week; never twice in a class."""
        return TOPICS[(week + class_) % len(TOPICS)]

    def points(self, week: int, class_: Array) -> Array:
        """Points possible."""
        points: Array = 5 + (7 * week + 3 * class_) % 4 * 5
        return points

    def due_day(self, week: int, class_: Array) -> Array:
        """Day on which a week's assignment is due."""
        day: Array = 7 * week + _DUE_AFTER[class_ % len(_DUE_AFTER)]
        # Whether work due on the very last day is late cannot be known that evening.
        day -= day == self._calendar.day_count - 1
        return day

    def set_week(self, week: int) -> Handed | None:
        """Set and work on a week's assignments; None in a week too short for one."""
        if self._calendar.is_short_week(week):
            return None
        monday = 7 * week
        here = self._traits.on_khan & (self._begin <= monday) & (monday < self._end)
        student = np.flatnonzero(here)
        class_ = self._people.class_on(monday)[student]
        random = dice(self._seed, "assignment", week)
        assigned = np.full(len(student), self._calendar.school_days(week)[0] * _DAY + _ASSIGNED)
        due = self.due_day(week, class_) * _DAY + _DUE
        way = self._ways(week, student, class_, random)
        wanted = self._wanted(way, assigned, due, random)
        submitted = self._known(self._moved(wanted, student), student)
        submitted[way == 4] = -1
        work = 6 + random.gamma(3, 5, len(student)).astype(np.int64)
        started = self._started(way, wanted, submitted, assigned, work, student, random)
        over = due <= self._last()
        unfinished = np.where(over, MISSING, NOT_DUE)
        timing = np.where(submitted <= due, ON_TIME, LATE)
        state = np.where(submitted < 0, unfinished, timing)
        score = self._record(week, student, class_, submitted, state, over, random)
        self._spend(student, started, submitted, work)
        return Handed(student, class_, assigned, due, started, submitted, state, score)

    def _last(self) -> int:
        return (self._calendar.day_count - 1) * _DAY + _LAST_MINUTE

    def _ways(self, week: int, student: Array, class_: Array, random: np.random.Generator) -> Array:
        """How each student goes about it: 0 early, 1 evenly, 2 last hours, 3 too late, 4 never."""
        chances = _WAYS[self._traits.hand_in[student]].cumsum(axis=1)
        way = (random.random((len(student), 1)) > chances[:, :4]).sum(axis=1)
        # Now and then a whole class is late, which says little about one child.
        hard = dice(self._seed, "hard week", week).random(len(self._people.classes)) < 0.05
        return np.where(hard[class_] & (way < 3) & (random.random(len(student)) < 0.5), 3, way)

    def _wanted(
        self, way: Array, assigned: Array, due: Array, random: np.random.Generator
    ) -> Array:
        """When each would hand it in if never absent."""
        n, window = len(way), due - assigned
        early = random.beta(2, 5, n) * window
        evenly = random.uniform(0.25, 0.95, n) * window
        rush = window - np.minimum(random.exponential(300, n), 1380)
        late = window + 60 + random.lognormal(7.1, 0.9, n)
        after = np.choose(np.minimum(way, 3), [early, evenly, rush, late])
        moment = assigned + after.astype(np.int64)
        day, clock = moment // _DAY, moment % _DAY
        awake: Array = np.clip(clock, 8 * 60, np.where(way == 2, _DUE, 22 * 60))
        return day * _DAY + awake

    def _moved(self, moment: Array, student: Array) -> Array:
        """Put off work that falls on a day of absence, day by day."""
        latest = len(self._absent) - 1
        for _ in range(7):
            day = np.minimum(moment // _DAY, latest)
            moment = moment + _DAY * self._absent[day, student]
        return moment

    def _known(self, moment: Array, student: Array) -> Array:
        """What the last day's exports cannot know, or the student left before, never happened."""
        gone = moment >= np.minimum(self._end[student] * _DAY, self._last())
        # A run of absences longer than the putting off leaves the work undone.
        day = np.minimum(moment // _DAY, len(self._absent) - 1)
        return np.where(gone | self._absent[day, student], -1, moment)

    def _started(
        self,
        way: Array,
        wanted: Array,
        submitted: Array,
        assigned: Array,
        work: Array,
        student: Array,
        random: np.random.Generator,
    ) -> Array:
        """First work: soon before handing in, or days ahead; some start and never finish."""
        lead = random.random(len(way)) * np.where(way < 2, 0.6, 0.25) * (wanted - assigned)
        ahead = np.maximum(assigned, wanted - lead.astype(np.int64))
        clock = np.clip(ahead % _DAY, _ASSIGNED, 21 * 60)
        started = self._known(self._moved(ahead // _DAY * _DAY + clock, student), student)
        on_the_day = np.maximum(assigned, submitted - work)
        same = (started < 0) | (started // _DAY >= submitted // _DAY)
        finished = np.where(same, on_the_day, started)
        tried = np.where(random.random(len(way)) < 0.3, started, -1)
        return np.where(submitted >= 0, finished, tried)

    def _record(
        self,
        week: int,
        student: Array,
        class_: Array,
        submitted: Array,
        state: Array,
        over: Array,
        random: np.random.Generator,
    ) -> Array:
        """Write points and tries into the book; returns the best points, -1 where none."""
        possible = self.points(week, class_)
        luck = random.normal(0.78, 0.1, len(student))
        share = np.clip(luck + 0.13 * self._traits.ability[student], 0.1, 1)
        done = submitted >= 0
        best = np.where(done, np.maximum(1, np.rint(share * possible)), -1).astype(np.int64)
        # Some go on after the due time: the score then was lower than the best.
        improved = over & (random.random(len(student)) < 0.07)
        before = np.where(improved, np.maximum(1, best - random.integers(1, 4, len(student))), best)
        self.best[week, student] = best
        self.at_due[week, student] = np.where(state == ON_TIME, before, -1)
        self.attempts[week, student] = np.where(done, random.integers(1, 5, len(student)), 0)
        self.handed_in[week, student] = np.where(done, submitted // _DAY, -1)
        return best

    def _spend(self, student: Array, started: Array, submitted: Array, work: Array) -> None:
        """Charge the work's minutes to the days of starting and of handing in."""
        for moment in (started, submitted):
            worked = moment >= 0
            np.add.at(
                self.minutes, (moment[worked] // _DAY, student[worked]), (work[worked] + 1) // 2
            )
