"""What we promise of speed, beside what was measured. Pure: results in, verdicts out.

`results` is the content of results.json, here and in the modules that show it.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import Any

Results = dict[str, Any]
_NIGHTS = ("ordinary night", "heaviest night")
_GB = 1e9
#: Memory is promised at this size.
_BIG = 100_000


@dataclass(frozen=True)
class Verdict:
    """One promise at one size: what was measured, and whether it holds."""

    promise: str
    at: str
    measured: str
    met: bool


def wall(one: Results, name: str) -> float | None:
    """Median seconds of something in one round, the faster run for the floor; None: not run."""
    runs = [run["wall"] for run in one["runs"].get(name, [])]
    if not runs:
        return None
    return float(min(runs) if name == "floor" else median(runs))


def verdicts(results: Results) -> list[Verdict]:
    """Every promise that these results can speak to."""
    found = []
    for one in results["rounds"]:
        found += _of_round(one)
    rounds = results["rounds"]
    for small in rounds:
        for big in rounds:
            if big["size"]["students"] == 10 * small["size"]["students"]:
                found += _growth(small, big)
    return found


def _of_round(one: Results) -> list[Verdict]:
    cold = wall(one, "cold")
    if cold is None:
        return []
    at = f"{one['size']['students']:,} students"
    found = []
    floor = wall(one, "floor")
    if floor is not None:
        times = cold / floor
        found.append(Verdict("cold run at most 2 × the floor", at, f"{times:.2f} ×", times <= 2))
    for night in _NIGHTS:
        spent = wall(one, night)
        if spent is not None:
            share = spent / cold
            promise = f"{night} at most 25 % of cold"
            found.append(Verdict(promise, at, f"{share:.0%}", share <= 0.25))
    idle = wall(one, "nothing new")
    if idle is not None:
        found.append(Verdict("nothing new at most 5 s", at, f"{idle:.1f} s", idle <= 5))
    if one["size"]["students"] >= _BIG:
        own = ("cold", *_NIGHTS)
        peak = max(run["peak"] for name in own for run in one["runs"].get(name, []))
        told = f"{peak / _GB:.2f} GB"
        found.append(Verdict("peak memory at most 3 GB", at, told, peak <= 3 * _GB))
    return found


def _growth(small: Results, big: Results) -> list[Verdict]:
    before, after = wall(small, "cold"), wall(big, "cold")
    if before is None or after is None:
        return []
    times = after / before
    at = f"{small['size']['students']:,} to {big['size']['students']:,}"
    promise = "ten times the students, at most 11 × the time"
    return [Verdict(promise, at, f"{times:.1f} ×", times <= 11)]
