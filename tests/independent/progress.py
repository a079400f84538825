"""What tests, own paths and class assignments say of a student, from the drawn rows of stories.py."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from fractions import Fraction
from statistics import median

from tests.independent.habits import Row
from tests.independent.stories import AS_OF, Own, Stories


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
