"""Groups of students: what may be shown of them, a class's week, shared dips, a rule beside others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import combinations
from math import exp, log, sqrt
from statistics import median

from tests.independent.habits import Row
from tests.independent.rows import COUNTS


def habit(weeks: Sequence[set[date] | None]) -> float | None:
    """Days shared by two weeks, over all pairs; `weeks`: active days, newest last, None = unknown."""
    known = [days for days in weeks[-8:] if days is not None]
    numbers = [{day.weekday() for day in days} for days in known]
    alike = [
        len(one & other) / max(len(one), len(other))
        for one, other in combinations(numbers, 2)
        if one or other
    ]
    return sum(alike) / len(alike) if len(known) >= 4 and alike else None


def shown(n: int, cells: Sequence[int]) -> int | None:
    """n where it may be shown: not 1 to 9, and not the next smallest beside a single such cell."""
    small, large = [c for c in cells if 0 < c < 10], [c for c in cells if c >= 10]
    if 0 < n < 10 or (len(small) == 1 and n == min(large, default=None)):
        return None
    return n


def class_week(weeks: Sequence[Row]) -> Row:
    """A class's week on a platform, from those of its students."""
    size = len(weeks)
    data = [week for week in weeks if week["status"] in COUNTS]
    row: Row = {"students": size if size >= 10 else None}
    for name, column in (
        ("minutes", "minutes"),
        ("units", "units_completed"),
        ("active_day_rate", "active_day_rate"),
        ("pacing", "pacing"),
        ("share_of_usual", "share_of_usual"),
        ("dosage", "dosage"),
    ):
        told = [week[column] for week in data if week.get(column) is not None]
        row[f"{name}_median"] = median(told) if len(told) >= 10 else None
    row["with_data"] = shown(len(data), [len(data), size - len(data)])
    held = [week for week in data if week["dosage"] is not None]
    met = sum(week["minutes"] >= week["target_minutes"] for week in held)
    cells = [met, len(held) - met, len(data) - len(held)]
    whole = row["with_data"] is not None
    told_met, told_unmet, told_rest = (shown(n, cells) if whole else None for n in cells)
    row["target_met"] = told_met
    row["with_target"] = None if told_rest is None else len(held)
    row["target_met_share"] = None
    if held and told_met is not None and told_unmet is not None:
        row["target_met_share"] = met / len(held)
    judged = [week for week in data if week.get("quieter_than_usual") is not None]
    quieter = sum(week["quieter_than_usual"] for week in judged)
    busier = sum(bool(week["busier_than_usual"]) for week in judged)
    cells = [quieter, busier, len(judged) - quieter - busier, len(data) - len(judged)]
    row["quieter"], row["busier"], _, rest = (shown(n, cells) if whole else None for n in cells)
    row["with_usual"] = None if rest is None else len(judged)
    statuses = {week["status"] for week in weeks}
    row["status"] = "too_few"
    if size >= 10 and len(data) >= 10:
        row["status"] = "ok"
    elif size >= 10 and not data and len(statuses) == 1:
        (row["status"],) = statuses
    return row


def dip(shares: Iterable[float | None]) -> tuple[int, int] | None:
    """Students with a share of their usual, and those at most at half; None = no matter of all."""
    known = [share for share in shares if share is not None]
    low = sum(round(share, 9) <= 0.5 for share in known)
    # Two fifths, in whole numbers.
    return (len(known), low) if len(known) >= 5 and 5 * low >= 2 * len(known) else None


def audit(flagged: set[str], groups: Mapping[str, set[str]]) -> dict[str, Row]:
    """A rule's rate in each group beside all others; `groups`: parts of all students."""
    everybody = set().union(*groups.values())
    sizes = [len(members) for members in groups.values()]
    found: dict[str, Row] = {}
    for name, members in groups.items():
        n, others = len(members), len(everybody - members)
        a, b = len(members & flagged), len((everybody - members) & flagged)
        told = shown(n, sizes)
        row: Row = dict.fromkeys(
            ("n_others", "flagged", "rate", "rate_others", "ratio", "ci_low", "ci_high")
        )
        row |= {"n": told, "review": False, "status": "too_few"}
        if told is not None and n >= 10 and others >= 10:
            row |= {"n_others": others, "status": "ok", "flagged": shown(a, [a, n - a])}
            row["rate"] = None if row["flagged"] is None else a / n
            row["rate_others"] = None if shown(b, [b, others - b]) is None else b / others
            row["ratio"] = (a / n) / (b / others) if b else None
            half = 0 if a and b else 0.5
            middle = log((a + half) / (n + half)) - log((b + half) / (others + half))
            reach = 1.96 * sqrt(
                1 / (a + half) - 1 / (n + half) + 1 / (b + half) - 1 / (others + half)
            )
            row["ci_low"], row["ci_high"] = exp(middle - reach), exp(middle + reach)
            row["review"] = row["ci_low"] > 1 or row["ci_high"] < 1
        found[name] = row
    return found


def licence_use(weeks: Sequence[Row]) -> Row:
    """A school's week on a platform, from those of its students who have an account there."""
    size, work = len(weeks), ("minutes", "observed_minutes", "units_completed", "items_attempted")
    used = [any((week.get(name) or 0) > 0 for name in (*work, "events")) for week in weeks]
    dark = [week["status"] in ("no_feed", "partial_week") for week in weeks]
    cells = [
        sum(used),
        sum(not u and not d for u, d in zip(used, dark, strict=True)),
        sum(not u and d for u, d in zip(used, dark, strict=True)),
    ]
    told = [shown(n, cells) for n in cells]
    known = cells[0] + cells[1]
    return {
        "licensed": size if size >= 10 else None,
        "used": told[0],
        "unused": told[1],
        "unknown": told[2],
        "used_share": cells[0] / known if known and None not in told else None,
        "status": "too_few" if size < 10 else "no_feed" if cells[2] == size else "ok",
    }
