"""Rows of NWEA's AssessmentResults.csv: a subject's tests of a term, then its retests."""

from __future__ import annotations

import numpy as np

from connectors.sample.behaviour import Traits
from connectors.sample.dice import dice
from connectors.sample.nwea_columns import ASSESSMENT_RESULTS, PAIRS
from connectors.sample.nwea_scores import SUBJECTS, Sitting, Term, middle, percentile, sit
from connectors.sample.people import DISTRICT_ID, DISTRICT_NAME, People
from connectors.sample.text import (
    Array,
    Column,
    body,
    choose,
    concat,
    decimal,
    number,
    pick,
    take,
    text,
    us_date,
)

_QUINTILES = ["Low", "LoAvg", "Avg", "HiAvg", "High"]
_SPREAD = 15.0
_GOALS = {
    "Reading": ["Literary Text", "Informational Text", "Vocabulary, Acquisition and Use"],
    "Mathematics": ["Operations and Algebraic Thinking", "Number and Operations", "Geometry, Data"],
}
_COURSE = {"Reading": "Reading", "Mathematics": "Math K-12"}
_TEST = {"Reading": "Growth: Reading (synthetic)", "Mathematics": "Growth: Math (synthetic)"}
#: Weeks of instruction before the test, by season.
_INSTRUCTION = {"Fall": 4, "Winter": 20, "Spring": 32}
_RETEST_EVERY = 41


def result_rows(
    term: Term,
    people: People,
    traits: Traits,
    subject: str,
    there: Array,
    seed: int,
    *,
    retests: bool,
) -> bytes:
    """The lines of a subject: those of `there` who were tested, in order, then the retests."""
    sitting = sit(term, people, traits, subject, seed)
    who = there[sitting.rit[there] > 0]
    first = _lines(term, people, traits, subject, sitting, who, seed, again=False)
    if not retests:
        return first
    random = dice(seed, f"nwea retest {subject}", term.number + 100)
    worse = random.normal(-3, 4, people.count).astype(np.int64)
    second = Sitting(sitting.rit + worse, sitting.standard_error + 0.6, sitting.rapid_percent)
    twice = who[who % _RETEST_EVERY == 17]
    return first + _lines(term, people, traits, subject, second, twice, seed, again=True)


def _lines(
    term: Term,
    people: People,
    traits: Traits,
    subject: str,
    sitting: Sitting,
    who: Array,
    seed: int,
    *,
    again: bool,
) -> bytes:
    random = dice(seed, f"nwea day {subject}", term.number + 100, int(again))
    n = people.count
    # Tests are taken in the first nine days, on weekdays; retests two days after the last.
    day = 11 if again else random.choice([0, 1, 2, 3, 4, 7, 8], n)[who]
    clock = random.integers(8 * 3600, 14 * 3600, n)[who]
    rit, error = sitting.rit[who], sitting.standard_error[who]
    z = (rit - middle(term, people, subject)[who]) / _SPREAD
    school = people.school_of_class[people.first_class[who]]
    serial = (term.number * 2 + SUBJECTS.index(subject)) * 2 + again
    rapid = sitting.rapid_percent[who]
    values: dict[str, Column | str] = dict.fromkeys(ASSESSMENT_RESULTS, "")
    values |= {
        "TermName": term.name,
        "DistrictName": DISTRICT_NAME,
        "District_StateID": DISTRICT_ID,
        "SchoolName": choose([s.name for s in people.schools], school),
        "School_StateID": choose([s.identifier for s in people.schools], school),
        "StudentID": take(text(people.sis_ids), who),
        "Student_StateID": concat("ST", number(7_000_000 + who)),
        "Subject": subject,
        "Course": _COURSE[subject],
        "GrowthMeasureYN": "FALSE" if again else "TRUE",
        "NormsReferenceData": "2020",
        f"WISelectedAY{term.season}": str(_INSTRUCTION[term.season]),
        "TestType": "Survey With Goals",
        "TestName": _TEST[subject],
        "TestID": number(710_000_000 + serial * 1_000_000 + who),
        "TestStartDate": us_date(np.full(len(who), np.datetime64(term.opens)) + day),
        "TestStartTime": _clock(clock),
        "TestDurationMinutes": number(random.integers(22, 75, n)[who]),
        "TestRITScore": number(rit),
        "TestStandardError": decimal(error, 2),
        "TestPercentile": number(percentile(z)),
        "AchievementQuintile": _quintile(z),
        "PercentCorrect": number(random.integers(42, 60, n)[who]),
        "RapidGuessingPercentage": pick(rapid == 0, "0", number(rapid)),
    }
    values |= _scales(subject, rit)
    values |= _goals(subject, rit, z, random.integers(-6, 7, (3, n))[:, who])
    if not again:
        values |= _growth(term, people, traits, subject, sitting, who, seed)
    return body(*(values[name] for name in ASSESSMENT_RESULTS))


def _growth(
    term: Term,
    people: People,
    traits: Traits,
    subject: str,
    sitting: Sitting,
    who: Array,
    seed: int,
) -> dict[str, Column | str]:
    """Growth of every pair that ends in this term; empty where the first test is missing."""
    values: dict[str, Column | str] = {}
    for begin, end in PAIRS:
        if end != term.season:
            continue
        before = term.earlier(begin)
        first = sit(before, people, traits, subject, seed)
        known = first.rit[who] > 0
        typical = middle(term, people, subject) - middle(before, people, subject)
        projected = np.maximum(1, np.rint(typical - 0.8 * traits.ability)).astype(np.int64)[who]
        observed = (sitting.rit - first.rit)[who]
        error = np.hypot(sitting.standard_error, first.standard_error)[who]
        index = np.clip((observed - projected) / 6.0, -3, 3)
        near = np.abs(observed - projected) < error
        verdict = choose(["No", "Yes", "No*", "Yes*"], (observed >= projected) + 2 * near)
        pair = f"{begin}To{end}"
        filled = {
            "ProjectedGrowth": number(projected),
            "ObservedGrowth": number(observed),
            "ObservedGrowthSE": decimal(error, 2),
            "MetProjectedGrowth": verdict,
            "ConditionalGrowthIndex": decimal(index, 2),
            "ConditionalGrowthPercentile": number(percentile(index)),
            "GrowthQuintile": _quintile(index),
        }
        values |= {f"{pair}{name}": pick(known, column, "") for name, column in filled.items()}
        usual = number(np.rint(typical).astype(np.int64)[who])
        values[f"Typical{pair}Growth"] = pick(known, usual, "")
    return values


def _scales(subject: str, rit: Array) -> dict[str, Column | str]:
    """Lexile for reading, Quantile for mathematics; below zero they are written BR and EM."""
    name, unit, below = ("Lexile", "L", "BR") if subject == "Reading" else ("Quantile", "Q", "EM")
    score = (rit - 178) * 20 // 5 * 5
    values: dict[str, Column | str] = {}
    for what, shift in (("Score", 0), ("Min", -100), ("Max", 50)):
        moved = score + shift
        sign = pick(moved < 0, below, "")
        values[f"{name}{what}"] = concat(sign, number(np.abs(moved)), unit)
    return values


def _goals(subject: str, rit: Array, z: Array, shifts: Array) -> dict[str, Column | str]:
    """Three goals; where the error is too large the range is `*-*`."""
    values: dict[str, Column | str] = {}
    for place, (name, shift) in enumerate(zip(_GOALS[subject], shifts, strict=True), start=1):
        score = rit + shift
        unsure = np.abs(shift) == 6
        span = concat(number(score - 6), "-", number(score + 6))
        values |= {
            f"Goal{place}Name": f'"{name}"' if "," in name else name,
            f"Goal{place}RitScore": number(score),
            f"Goal{place}StdErr": pick(unsure, "9.9", "6.1"),
            f"Goal{place}Range": pick(unsure, "*-*", span),
            f"Goal{place}Adjective": _quintile(z + shift / _SPREAD),
        }
    return values


def _quintile(z: Array) -> Column:
    return choose(_QUINTILES, np.digitize(z, [-0.84, -0.25, 0.25, 0.84]))


def _clock(seconds: Array) -> Column:
    """Seconds of a day as hh:mm:ss."""
    parts = [seconds // 3600, seconds // 60 % 60, seconds % 60]
    hours, minutes, rest = (choose([f"{v:02d}" for v in range(60)], part) for part in parts)
    return concat(hours, ":", minutes, ":", rest)
