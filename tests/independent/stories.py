"""What tests, own paths and class assignments say of a student in Reading: drawn and recomputed."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from statistics import median

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


def growth(pairs: Sequence[Row]) -> Row:
    """The pair that tells the growth, and its story."""
    whole = [
        pair
        for pair in pairs
        if None not in (pair[c] for c in pair if c not in ("result_id", "from_term", "to_term"))
    ]
    # Within the school year and from its start, else within it, else over a year.
    best = max(
        whole,
        key=lambda p: (p["from_term"] != p["to_term"], p["from_term"] == "fall"),
        default=None,
    )
    if best is None:
        return {"growth_story": None, "observed_growth": None, "from_term": None}
    seen, error, like = (
        Fraction(str(best[c]))
        for c in ("observed_growth", "observed_growth_se", "projected_growth")
    )
    if seen - error <= like <= seen + error:
        story = "too close to call"
    else:
        story = f"{'more' if seen > like else 'less'} than projected"
    return {
        "growth_story": story,
        "observed_growth": best["observed_growth"],
        "from_term": best["from_term"],
    }


def test(own: Own) -> Row:
    """The test that is shown, with its growth."""
    latest: list[tuple[str, Row]] = []
    counted = 0
    for platform, tests in own.tests.items():
        counts = [t for t in tests if t["score"] is not None and t["growth_measure"] is not False]
        counted += len(counts)
        if counts:
            latest.append((platform, max(counts, key=lambda t: t["taken_on"])))
    if not latest:
        return {
            "test_platform": None,
            "taken_on": None,
            "tests_counted": 0,
            "rapid_guess_percent": None,
            "score_may_understate": None,
            "test_status": "too_few" if own.tests else "no_feed",
            **growth([]),
        }

    def preference(told: tuple[str, Row]) -> tuple[bool, bool, int]:
        ago = (AS_OF - told[1]["taken_on"]).days
        return ago >= 365, told[0] != "nwea", ago

    platform, chosen = min(latest, key=preference)
    rapid = chosen["rapid_guess_percent"]
    pairs = own.growth if platform == "nwea" else []
    return {
        "test_platform": platform,
        "taken_on": chosen["taken_on"],
        "tests_counted": counted,
        "rapid_guess_percent": rapid,
        "score_may_understate": None if rapid is None else rapid >= 30,
        "test_status": "ok",
        **growth([pair for pair in pairs if pair["result_id"] == chosen["result_id"]]),
    }


def path(own: Own) -> Row:
    """The own path: of several platforms the one with a story, then with most to tell."""
    offers = []
    for platform, weeks in own.weeks.items():
        recent = [w for w in weeks[:4] if w["week_start"] > AS_OF - timedelta(days=56)]
        known = [w for w in recent if w["units_completed"] is not None]
        held = [w for w in known if w["target_units"]]
        used = held or known
        if recent:
            offers.append(
                (
                    len(held) < 4,
                    -len(held),
                    -len(used),
                    -recent[0]["week_start"].toordinal(),
                    platform,
                    used,
                    held,
                )
            )
    if not offers:
        return {"path_story": None, "path_platforms": 0, "path_weeks": 0, "units_completed": None}
    *_, platform, used, held = min(offers, key=lambda offer: offer[:5])
    done = sum(w["units_completed"] for w in used) if used else None
    target = sum(w["target_units"] for w in held) if held else None
    story = None
    if len(held) == 4 and done is not None and target is not None:
        story = "own target reached" if done >= target else "under the own target"
    return {
        "path_story": story,
        "path_platform": platform,
        "path_platforms": len(offers),
        "path_weeks": len(used),
        "path_from": min((w["week_start"] for w in used), default=None),
        "path_through": max((w["through"] for w in used), default=None),
        "units_completed": done,
        "units_target": target,
        "path_status": "ok" if story else "too_few" if held else "target_na" if used else "no_feed",
    }


def scores(drawn: Stories, own: Own) -> Row:
    """The class assignments of the last 8 weeks."""
    rows = [
        row
        for row in own.work
        if AS_OF - timedelta(days=56) < drawn.due[row["assignment_id"]] <= AS_OF
    ]
    mine = [row for row in rows if not row["excused"]]
    told = [row["score_percent"] for row in mine if row["score_percent"] is not None]
    middle = median(told) if told else None
    story = None
    if middle is not None and len(told) >= 3:
        where = "at the threshold or above" if middle >= 65 else "below the threshold"
        story = f"middle score {where}"
    return {
        "class_story": story,
        "class_closed_count": len(mine),
        "class_on_time_count": sum(row["timing"] == "on_time" for row in mine),
        "class_score_count": len(told),
        "class_score_median": middle,
        "class_from": min((drawn.due[row["assignment_id"]] for row in rows), default=None),
        "class_through": max((drawn.due[row["assignment_id"]] for row in rows), default=None),
        "class_status": "no_feed" if not rows else "ok" if story else "too_few",
    }


def side_by_side(tested: Row, own: Row, group: Row) -> Row:
    """How path and class agree. Growth has a say for half a year after the test."""
    good = {
        "own target reached": True,
        "under the own target": False,
        "more than projected": True,
        "less than projected": False,
        "middle score at the threshold or above": True,
        "middle score below the threshold": False,
    }
    grown = tested["growth_story"]
    if grown and (AS_OF - tested["taken_on"]).days >= 182:
        grown = None
    told = [story for story in (own["path_story"], grown, group["class_story"]) if story]
    mine = good[own["path_story"]] if own["path_story"] else None
    beside = [good.get(story) for story in (grown, group["class_story"]) if story]
    if not told:
        words = None
    elif mine is None or not beside:
        words = "one source only"
    elif (not mine) in beside:
        words = "two stories"
    else:
        words = "agree" if mine in beside else "too close to call"
    return {"agreement": words, "stories": len(told)}


def compute(drawn: Stories) -> dict[tuple[str, ...], Row]:
    """Rows of views.student_progress by student."""
    found: dict[tuple[str, ...], Row] = {}
    for name, own in drawn.own.items():
        tested, mine, group = test(own), path(own), scores(drawn, own)
        if own.tests or own.weeks or group["class_status"] != "no_feed":
            found[(name,)] = tested | mine | group | side_by_side(tested, mine, group)
    return found
