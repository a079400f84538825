"""Invented MAP Growth scores: per student, subject and term, and growth between two terms."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from connectors.sample.behaviour import Traits
from connectors.sample.dice import dice
from connectors.sample.people import People
from connectors.sample.text import Array

SEASONS = ("Fall", "Winter", "Spring")
SUBJECTS = ("Reading", "Mathematics")
_TESTED = (2, 8)
#: Middle of the scale at the start of grades 2 to 9.
_MIDDLE = {
    "Reading": np.array([174, 187, 197, 204, 210, 214, 218, 220.0]),
    "Mathematics": np.array([175, 188, 200, 209, 215, 220, 225, 227.0]),
}
_ITEMS = 53


@dataclass(frozen=True)
class Term:
    """One test term: season, year in which its school year ends, first day of the tests."""

    season: str
    year: int
    opens: date

    @property
    def name(self) -> str:
        """As NWEA writes it: `Fall 2025-2026`."""
        return f"{self.season} {self.year - 1}-{self.year}"

    @property
    def number(self) -> int:
        """Terms in a row, three a school year."""
        return 3 * (self.year - 2025) + SEASONS.index(self.season)

    def earlier(self, season: str) -> Term:
        """The term of a season that a growth pair ending here begins with."""
        same_year = SEASONS.index(season) < SEASONS.index(self.season)
        return Term(season, self.year if same_year else self.year - 1, self.opens)


@dataclass(frozen=True)
class Sitting:
    """What the scores of a term in a subject are: one entry a student, score 0 = not tested."""

    rit: Array
    standard_error: Array
    rapid_percent: Array


def grade_in(term: Term, people: People) -> Array:
    """Each student's grade in a term's school year."""
    grade: Array = people.grade - (2026 - term.year)
    return grade


def middle(term: Term, people: People, subject: str) -> Array:
    """Norm of each student's grade and term in scale points."""
    table = _MIDDLE[subject]
    place = np.clip(grade_in(term, people) - _TESTED[0], 0, len(table) - 2)
    done = SEASONS.index(term.season) / 3 * 1.2
    norm: Array = table[place] + done * (table[place + 1] - table[place])
    return norm


def sit(term: Term, people: People, traits: Traits, subject: str, seed: int) -> Sitting:
    """Draw a term's scores; the same term is drawn alike whenever it is asked for."""
    n = people.count
    random = dice(seed, f"nwea {subject}", term.number + 100)
    grade = grade_in(term, people)
    tested = (grade >= _TESTED[0]) & (grade <= _TESTED[1]) & (random.random(n) < 0.97)
    # Who came during the year has no tests of the year before.
    if term.year < 2026:
        tested[people.arrivals] = False
    own_pace = dice(seed, f"nwea pace {subject}").normal(0, 0.9, n) * term.number
    guessed = np.where(traits.guesses_rapidly, random.binomial(_ITEMS, 0.4, n), 0)
    now_and_then = random.binomial(_ITEMS, 0.02, n) * (random.random(n) < 0.4)
    rapid = np.maximum(guessed, now_and_then) / _ITEMS
    rit = middle(term, people, subject) + 12 * traits.ability + own_pace
    rit = rit + random.normal(0, 3.2, n) - 25 * np.maximum(0, rapid - 0.1)
    return Sitting(
        np.where(tested, np.rint(rit), 0).astype(np.int64),
        np.round(random.uniform(2.9, 3.7, n), 1),
        np.round(100 * rapid, 4),
    )


def percentile(z: Array) -> Array:
    """Percentile 1 to 99 of a standard score, by the logistic approximation of the normal."""
    return np.clip(np.rint(100 / (1 + np.exp(-1.702 * z))), 1, 99).astype(np.int64)
