"""How the sample's students work: traits that stay, absences, and minutes day by day.

Belongs here: the invented truth. Not here: what a platform's file tells of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from connectors.sample.calendar import SchoolCalendar
from connectors.sample.dice import dice
from connectors.sample.people import People, same_name_pair
from connectors.sample.text import Array

STYLES = ("even", "early", "end_of_week", "sporadic", "non_starter", "weekend")
SPELLS = ("none", "quiet", "busy")
HAND_IN = ("early", "even", "rush", "late", "seldom")

#: Share of a week's work on Monday to Sunday, by style. Lexia is used at school only.
_WEEK_SHAPE = np.array(
    [
        [1.0, 1.0, 1.0, 1.0, 1.0, 0.1, 0.1],
        [3.0, 2.0, 1.0, 0.5, 0.3, 0.0, 0.0],
        [0.1, 0.2, 0.5, 1.2, 3.5, 0.2, 0.2],
        [1.0, 1.0, 1.0, 1.0, 1.0, 0.3, 0.3],
        [1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0],
        [0.6, 0.6, 0.6, 0.6, 0.6, 2.0, 2.0],
    ]
)
#: Chance that a day is used at all, by style.
_DAY_USED = np.array([0.92, 0.9, 0.85, 0.45, 0.8, 0.8])
#: A few classes have one fixed day in the computer room: most of their minutes land there.
_LAB_CLASS_EVERY, _LAB_DAY = 19, 2
#: A few classes drop all together in the last week (a play, a trip): the shared dip.
_DIP_CLASS_EVERY, _DIP_CLASS_OFFSET, _DIP = 17, 3, 0.3
_MOST_MINUTES_A_DAY = 120
#: Lexia's weekly targets in minutes; 0 = benchmark reached, none.
_TARGETS = (20, 30, 40, 60, 70, 90, 0)


@dataclass(frozen=True)
class Traits:
    """What stays the same about each student; minutes are minutes a week."""

    style: Array
    spell: Array
    spell_begin: Array
    spell_weeks: Array
    hand_in: Array
    absence_rate: Array
    lexia_target: Array  # 0 = benchmark reached, no target
    lexia_usual: Array
    khan_usual: Array
    ability: Array
    guesses_rapidly: Array
    on_lexia: Array
    on_khan: Array


def draw_traits(people: People, weeks: int, seed: int) -> Traits:
    """Draw every student's traits."""
    n, random = people.count, dice(seed, "traits")
    spell = random.choice(3, n, p=[0.76, 0.15, 0.09])
    # Half of the spells fill the last two weeks, so that the newest page has something to say.
    last = random.random(n) < 0.5
    begin = random.integers(min(7, weeks - 1), max(8, weeks - 1), n)
    target = random.choice(_TARGETS, n, p=[0.18, 0.2, 0.2, 0.14, 0.1, 0.06, 0.12])
    usual = np.maximum(target, 25) * random.lognormal(-0.1, 0.35, n)
    on_lexia, on_khan = random.random((2, n)) >= 0.02
    # Those who move or share a name are on every platform of their grade, so that it shows there.
    followed = [*people.arrivals, *people.transfers, *people.withdrawals, *same_name_pair(people)]
    on_lexia[followed] = on_khan[followed] = True
    return Traits(
        style=random.choice(len(STYLES), n, p=[0.44, 0.17, 0.14, 0.14, 0.02, 0.09]),
        spell=spell,
        spell_begin=np.where(last, max(0, weeks - 2), begin),
        spell_weeks=random.integers(2, 5, n),
        hand_in=random.choice(len(HAND_IN), n, p=[0.24, 0.4, 0.2, 0.12, 0.04]),
        absence_rate=np.minimum(random.gamma(1.6, 0.02, n), 0.3),
        lexia_target=target,
        lexia_usual=usual,
        khan_usual=random.lognormal(3.4, 0.5, n),
        ability=random.normal(0, 1, n),
        guesses_rapidly=random.random(n) < 0.05,
        on_lexia=(people.grade <= 5) & on_lexia,
        on_khan=(people.grade >= 3) & on_khan,
    )


def draw_absences(people: People, traits: Traits, calendar: SchoolCalendar, seed: int) -> Array:
    """Truth values, day x student: absent on a school day. Illness often lasts for days.

    Has sixty more rows than the window has days, all present, so that work planned near the end
    can be looked up beyond it.
    """
    absent = np.zeros((calendar.day_count + 60, people.count), np.bool_)
    begin, end = people.begin_day(), people.end_day(calendar)
    yesterday = np.zeros(people.count, np.bool_)
    for day in calendar.all_school_days():
        random = dice(seed, "absence", day)
        chance = np.where(yesterday, 0.4, traits.absence_rate)
        expected = expected_on(people, calendar, day) & (begin <= day) & (day < end)
        yesterday = expected & (random.random(people.count) < chance)
        absent[day] = yesterday
    return absent


def expected_on(people: People, calendar: SchoolCalendar, day: int) -> Array:
    """Truth value per student: the student's school is open that day."""
    expected: Array = calendar.open_schools(day)[people.school_of_class[people.class_on(day)]]
    return expected


class Diligence:
    """Draws each week's minutes of both platforms."""

    def __init__(
        self, people: People, traits: Traits, calendar: SchoolCalendar, absent: Array, seed: int
    ) -> None:
        self._people, self._traits, self._calendar = people, traits, calendar
        self._absent, self._seed = absent, seed
        self._begin, self._end = people.begin_day(), people.end_day(calendar)

    def lexia(self, week: int) -> Array:
        """Whole minutes, day of the week x student; at school only, so nothing on other days."""
        minutes = self._draw("lexia", week, self._traits.lexia_usual)
        at_school = [self._at_school(day) for day in self._calendar.week_days(week)]
        return np.where(np.array(at_school) & self._traits.on_lexia, minutes, 0)

    def khan(self, week: int, on_assignments: Array) -> Array:
        """Whole minutes, day of the week x student: own practice plus work on assignments."""
        minutes = self._draw("khan", week, 0.6 * self._traits.khan_usual)
        days = self._calendar.week_days(week)
        # At home too, but on a holiday only now and then, and never on a day of absence.
        random = dice(self._seed, "holiday work", week)
        for row, day in enumerate(days):
            if day % 7 < 5 and not self._calendar.is_school_day(day):
                minutes[row] = np.where(random.random(self._people.count) < 0.1, minutes[row], 0)
        minutes = np.minimum(minutes + on_assignments, 4 * _MOST_MINUTES_A_DAY)
        here = np.array([(self._begin <= day) & (day < self._end) for day in days])
        allowed = here & ~self._absent[days.start : days.stop] & self._traits.on_khan
        return np.where(allowed, minutes, 0)

    def _at_school(self, day: int) -> Array:
        here = (self._begin <= day) & (day < self._end)
        there: Array = here & expected_on(self._people, self._calendar, day) & ~self._absent[day]
        return there

    def _draw(self, platform: str, week: int, usual: Array) -> Array:
        """Minutes before anybody's absence: the week's level, spread over its days."""
        traits, days = self._traits, self._calendar.week_days(week)
        n, random = self._people.count, dice(self._seed, platform, week)
        level = usual * random.gamma(9, 1 / 9, n)
        spell = np.where(traits.spell == 1, 0.12, 1.9)
        in_spell = (week >= traits.spell_begin) & (week < traits.spell_begin + traits.spell_weeks)
        level = np.where((traits.spell > 0) & in_spell, level * spell, level)
        level[random.random(n) < 0.025] = 0
        level[(traits.style == 4) & (random.random(n) < 0.85)] = 0
        classes = self._people.class_on(days.start)
        if week == self._calendar.weeks - 1:
            level = np.where(classes % _DIP_CLASS_EVERY == _DIP_CLASS_OFFSET, level * _DIP, level)
        shape = _WEEK_SHAPE[traits.style].T.copy()
        shape[_LAB_DAY] *= np.where(classes % _LAB_CLASS_EVERY == 7, 12, 1)
        spread = random.gamma(5, 1 / 5, (7, n)) * (shape / shape.sum(axis=0))
        used = random.random((7, n)) < _DAY_USED[traits.style]
        minutes = np.rint(level * spread * used).astype(np.int64)[: len(days)]
        # One minute is signing in by mistake: the platforms do not count it.
        return np.where(minutes < 2, 0, np.minimum(minutes, _MOST_MINUTES_A_DAY))
