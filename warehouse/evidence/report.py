"""All the evidence of a warehouse: cells for people, and for programs one list of figures.

A figure that rests on fewer than 10 students has no value and no counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from transforms.thresholds import Values
from warehouse import intervals
from warehouse.evidence import findings, often_late, rules, starters
from warehouse.evidence.findings import PER, Finding, Group
from warehouse.evidence.often_late import LateGroup
from warehouse.evidence.starters import Starters
from warehouse.intervals import Share
from warehouse.reader import Reader

#: What each of `lines` holds.
HEAD = (
    "rule",
    f"a week per {PER}",
    "new",
    "next hand-in",
    "with a card",
    "others",
    "times as often",
)
HIDDEN = "under 10 students"
_OUTCOMES = (("missed", "missed"), ("not_on_time", "missed or late"))


@dataclass(frozen=True)
class Evidence:
    """What the rules came to as set and as they might be set, what being late so far says, and
    how many starters stay."""

    rules: tuple[Finding, ...]
    what_if: tuple[Finding, ...]
    late_so_far: tuple[LateGroup, ...]
    starters: tuple[Starters, ...]


@dataclass(frozen=True)
class Figure:
    """One number. `part`: rule, what_if, late_so_far or starters; `value` None = not told.

    `low`, `high`: its 95 % interval; `hits` of `cases`, of `students`: what it rests on.
    """

    part: str
    rule_id: str
    setting: str
    figure: str
    value: float | None
    low: float | None = None
    high: float | None = None
    hits: int | None = None
    cases: int | None = None
    students: int | None = None


def gather(
    live: Reader, values: Values, kinds: Sequence[str] = (), class_type: str = ""
) -> Evidence:
    """Ask the warehouse. `values`: the district's thresholds.

    `kinds`: assignments that count as hand-ins, `class_type`: boards that count; empty = all.
    """
    as_set = rules.rules_of(live)
    found = findings.findings(live, (*as_set, *rules.what_if(values)), kinds)
    return Evidence(
        tuple(found[: len(as_set)]),
        tuple(found[len(as_set) :]),
        tuple(often_late.often_late(live, kinds)),
        tuple(starters.starters(live, class_type)),
    )


def figures(evidence: Evidence) -> Iterator[Figure]:
    """Every number of it, to six digits: sums of parts may differ in the last ones."""
    for figure in _figures(evidence):
        numbers = (figure.value, figure.low, figure.high)
        value, low, high = (None if n is None else round(n, 6) for n in numbers)
        yield replace(figure, value=value, low=low, high=high)


def _figures(evidence: Evidence) -> Iterator[Figure]:
    for part, found in (("rule", evidence.rules), ("what_if", evidence.what_if)):
        for finding in found:
            yield from _of_finding(part, finding)
    for group in evidence.late_so_far:
        name = ("late_so_far", "often_late", span(group))
        yield _share(*name, "next_late", group.late, group.students)
        yield Figure(*name, "next_late_of_others", group.others_late)
    for one in evidence.starters:
        yield _share("starters", one.rule_id, "", "stayed", one.stayed, one.students)
        yield Figure("starters", one.rule_id, "", "stayed_by_chance", one.chance)


def _of_finding(part: str, found: Finding) -> Iterator[Figure]:
    name = (part, found.rule_id, found.setting)
    for figure, cards in (("cards", found.cards), ("new_cards", found.new_cards)):
        yield Figure(
            *name,
            f"{figure}_per_{PER}_and_week",
            found.per_week(cards),
            hits=cards,
            cases=found.student_weeks,
        )
    for what, _ in _OUTCOMES:
        pair = [_part(group, what) for group in (found.flagged, found.others)]
        for who, group, share in zip(
            ("with_card", "others"), (found.flagged, found.others), pair, strict=True
        ):
            students = group.students if group else None
            yield _share(*name, f"next_{what}_{who}", share, students)
        times = _times(*pair)
        yield Figure(*name, f"next_{what}_ratio", *(times or (None, None, None)))


def _share(
    part: str, rule_id: str, setting: str, figure: str, share: Share | None, students: int | None
) -> Figure:
    if share is None:
        return Figure(part, rule_id, setting, figure, None)
    low, high = intervals.wilson(share) or (None, None)
    counts = (int(share.hits), int(share.cases), students)
    return Figure(part, rule_id, setting, figure, share.value, low, high, *counts)


def _part(group: Group | None, what: str) -> Share | None:
    return getattr(group, what) if group else None


def _times(one: Share | None, other: Share | None) -> tuple[float, float, float] | None:
    return intervals.ratio(one, other) if one and other else None


def lines(found: Finding) -> tuple[tuple[str, ...], ...]:
    """One rule as people read it: a line for each outcome, in the order of HEAD."""
    rates = [
        HIDDEN if cards is None else f"{found.per_week(cards) or 0:.1f}"
        for cards in (found.cards, found.new_cards)
    ]
    told = []
    for number, (what, words) in enumerate(_OUTCOMES):
        pair = [_part(group, what) for group in (found.flagged, found.others)]
        times = _times(*pair)
        told.append(
            (
                *((found.setting or found.rule_id, *rates) if number == 0 else ("", "", "")),
                words,
                *map(percent, pair),
                "{:.1f} ({:.1f} to {:.1f})".format(*times) if times else "",
            )
        )
    return tuple(told)


def percent(share: Share | None) -> str:
    """A share as people read it: 11 % (7 to 17) of 287."""
    bounds = intervals.wilson(share) if share else None
    if share is None or share.value is None or bounds is None:
        return HIDDEN
    low, high = bounds
    return f"{share.value:.0%} ({low * 100:.0f} to {high * 100:.0f}) of {share.cases:,.0f}".replace(
        "%", " %", 1
    )


def span(group: LateGroup) -> str:
    """How far beyond the expected a group had been late: under -0.5, 1 to 2, 2 or more."""
    if group.low is None:
        return f"under {group.high:g}"
    return f"{group.low:g} or more" if group.high is None else f"{group.low:g} to {group.high:g}"
