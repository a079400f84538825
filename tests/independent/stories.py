"""What tests, own paths and class assignments say of a student in Reading, drawn as plain data."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, timedelta

from tests.independent.habits import Row

#: A Sunday: the day up to which all files tell.
AS_OF = date(2026, 11, 29)
#: The first tells growth, the second scores only.
TESTS = ("nwea", "star")
PATHS = ("lexia", "powerup")
WEEKS = 11
TASKS = 8


@dataclass
class Own:
    """One student's rows, as the lake holds them."""

    tests: dict[str, list[Row]] = field(default_factory=dict)
    growth: list[Row] = field(default_factory=list)
    weeks: dict[str, list[Row]] = field(default_factory=dict)
    work: list[Row] = field(default_factory=list)


@dataclass
class Stories:
    """All students, and the tasks of their class with the due day of each."""

    own: dict[str, Own] = field(default_factory=dict)
    due: dict[str, date] = field(default_factory=dict)


def draw(seed: int, students: int) -> Stories:
    """From a seed."""
    rng = random.Random(seed)
    drawn = Stories()
    for number in range(TASKS):
        drawn.due[f"t{number}"] = AS_OF - timedelta(days=rng.randrange(-5, 70))
    for number in range(students):
        own = drawn.own[f"p{number:04}"] = Own()
        for platform in TESTS:
            if rng.random() < 0.7:
                _tests(rng, own, platform)
        for platform in PATHS:
            if rng.random() < 0.7:
                _weeks(rng, own, platform)
        level = rng.choice([40, 65, 90])
        for task in rng.sample(sorted(drawn.due), rng.choice([0, 0, 3, TASKS])):
            score = rng.choice([None, 65.0, 64.995, level + rng.randrange(-10, 10)])
            how = rng.choice(["on_time", "on_time", "late"])
            own.work.append(
                {
                    "assignment_id": task,
                    "score_percent": score,
                    "timing": how,
                    "excused": rng.random() < 0.1,
                }
            )
    return drawn


def _tests(rng: random.Random, own: Own, platform: str) -> None:
    days = sorted(rng.sample(range(430), rng.randrange(1, 4)), reverse=True)
    own.tests[platform] = [
        {
            "result_id": f"r{number}",
            "term": f"Term {number}",
            "subject": rng.choice(["Reading", "reading"]),
            "taken_on": AS_OF - timedelta(days=day),
            "score": rng.choice([None, 180, 200, 210]),
            "standard_error": 3.1,
            "rapid_guess_percent": rng.choice([None, 0.0, 29.9, 30.0, 55.0]),
            "growth_measure": None if platform == "star" else rng.random() < 0.85,
        }
        for number, day in enumerate(days)
    ]
    if platform != "nwea":
        return
    for test in own.tests[platform]:
        for term in rng.sample(["fall", "winter", "spring"], rng.choice([0, 1, 2, 2])):
            # A pair of one season is of a year; winter goes with spring only.
            own.growth.append(
                {
                    "result_id": test["result_id"],
                    "from_term": term,
                    "to_term": "spring",
                    "observed_growth": rng.choice([None, 1, 5, 7.2, 7.2, 9.5, 9.5, 12]),
                    "observed_growth_se": rng.choice([None, 0, 2.2, 2.2, 4.5, 4.5]),
                    "projected_growth": rng.choice([None, 5, 5, 5]),
                }
            )


def _weeks(rng: random.Random, own: Own, platform: str) -> None:
    target = rng.choice([None, 0, 5])
    last = rng.choice([WEEKS, WEEKS, 5])
    own.weeks[platform] = [
        {
            "week_start": AS_OF - timedelta(days=6 + 7 * back),
            "through": AS_OF - timedelta(days=7 * back),
            "minutes": 40,
            "units_completed": rng.choice([None, 3, 5, 7, 5]),
            "target_units": target,
        }
        for back in range(WEEKS)
        if WEEKS - back <= last and rng.random() < 0.9
    ]
