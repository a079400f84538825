"""A layout that has changed: which columns are new, gone, or probably renamed. Pure.

Belongs here: how alike two names are, how much names and values speak for a rename, and who is
paired with whom. Not here: looking at values (drift_values.py), what is written down and accepted
(drift_book.py). A proposal never holds a value.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from connectors.contract import Column, Match, Platform, fit, norm

#: From this on a rename is taken for one; below it nothing is proposed.
SURE, LIKELY = 0.5, 0.25
#: Two candidates nearer than this make each other doubtful.
_CLOSE = 0.08


@dataclass(frozen=True)
class Evidence:
    """What the values of an unknown column and of a known one have in common.

    `new_type`, `old_type`: what most values are. `shared`: part of the smaller side's distinct
    values that the other has. `distinct`: size of the smaller side. `ranges`: overlap of the two
    ranges, for numbers and dates.
    """

    new_type: str
    old_type: str
    shared: float = 0.0
    distinct: int = 0
    ranges: float = 0.0


@dataclass(frozen=True)
class Rename:
    """A header that probably stands for a column now."""

    header: str
    column: str
    confidence: float
    evidence: tuple[str, ...]


@dataclass(frozen=True)
class Proposal:
    """What has changed in the files of one feed that wait.

    `needed`: columns without which nothing is read; `gone`: all that are not there; `new`: headers
    that stand for nothing, empty where the first row may not be one of names (`unnamed` counts).
    """

    id: str
    platform: str
    feed: str
    needed: tuple[str, ...]
    gone: tuple[str, ...]
    new: tuple[str, ...]
    unnamed: int
    renames: tuple[Rename, ...]


def nearest(platform: Platform, name: str, header: Sequence[str]) -> Match | None:
    """The feed that a file of no known layout is probably of; None where that is a guess."""
    named = [f for f in platform.feeds if f.is_named(name)]
    matches = [fit(f, header) for f in named or platform.feeds]
    near = [m for m in matches if m.missing and m.is_header]
    return max(near, key=lambda m: (_placed(m), len(m.positions)), default=None)


def _placed(match: Match) -> float:
    needed = sum(c.required for c in match.feed.columns)
    return 1 - len(match.missing) / needed if needed else 0.0


def gone(match: Match, before: Iterable[str]) -> tuple[Column, ...]:
    """Columns that are not there and are needed or were there before; one for each header."""
    last = set(before)
    found: dict[tuple[str, ...], Column] = {}
    for column in match.feed.columns:
        if column.name not in match.positions and (column.required or column.name in last):
            found.setdefault(column.headers, column)
    return tuple(found.values())


def candidates(match: Match, unread: Iterable[str]) -> list[str]:
    """Headers that stand for nothing and that the last good file did not have."""
    old = set(map(norm, unread))
    return [u for u in match.unknown if u.strip() and norm(u) not in old]


def words(name: str) -> tuple[str, ...]:
    """A header's words: lower case, without order, parted at humps, digits and signs."""
    parted = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", name)
    return tuple(sorted(re.findall(r"[^\W\d_]+|\d+", parted.casefold())))


def alike(one: str, other: str) -> float:
    """How alike two headers are, 0 to 1: by their words in any order, and by their letters."""
    a, b = words(one), words(other)
    if not a or not b:
        return 0.0
    letters = _letters(" ".join(a), " ".join(b))
    pairs = sorted(((_word(x, y), i, j) for i, x in enumerate(a) for j, y in enumerate(b)))
    left, right, sum_ = set(range(len(a))), set(range(len(b))), 0.0
    for score, i, j in reversed(pairs):
        if i in left and j in right:
            left.discard(i)
            right.discard(j)
            sum_ += score
    return max(letters, 2 * sum_ / (len(a) + len(b)))


def _word(a: str, b: str) -> float:
    if a == b:
        return 1.0
    short, long = sorted((a, b), key=len)
    if len(short) >= 3 and long.startswith(short):
        return 0.85
    ratio = _letters(a, b)
    return ratio if ratio > 0.75 else 0.0


def _letters(a: str, b: str) -> float:
    # The ratio depends on the order of the two.
    first, second = sorted((a, b))
    return SequenceMatcher(None, first, second, autojunk=False).ratio()


def judge(name: float, evidence: Evidence | None) -> tuple[float, tuple[str, ...]]:
    """How surely a header stands for a column, and why in words."""
    said = [f"the names are {name:.0%} alike"]
    if evidence is None:
        return round(0.75 * name, 2), (*said, "there is no earlier file to compare values with")
    if evidence.new_type == "empty" or evidence.old_type == "empty":
        return round(0.75 * name, 2), (*said, "one of the two has no values to compare")
    if evidence.new_type != evidence.old_type:
        said.append(
            f"the values differ in kind: {evidence.old_type} before, {evidence.new_type} now"
        )
        kinds = {evidence.new_type, evidence.old_type}
        maybe = "texts" in kinds or kinds == {"numbers", "truth values"}
        return round(0.5 * name * maybe, 2), tuple(said)
    said.append(f"both hold {evidence.new_type}")
    # Few distinct values are shared by chance; so are small whole numbers.
    weight = min(1.0, evidence.distinct / 12)
    if evidence.new_type == "numbers":
        weight *= 0.6 if evidence.distinct < 100 else 0.85
    values = evidence.shared * weight
    if evidence.shared:
        said.append(f"{evidence.shared:.0%} of the distinct values are shared")
    if evidence.new_type in ("numbers", "dates"):
        said.append(f"their ranges overlap by {evidence.ranges:.0%}")
        values = max(values, 0.35 * evidence.ranges)
    return round(1 - (1 - 0.9 * name) * (1 - 0.9 * values), 2), tuple(said)


def pair(
    headers: Sequence[str],
    columns: Sequence[Column],
    evidence: Mapping[tuple[str, str], Evidence] | None,
) -> tuple[Rename, ...]:
    """Headers paired with columns, each once, the surest first. `evidence`: by header and column's
    name; None where no earlier file was there."""
    scored = []
    for header in headers:
        for column in columns:
            name = max(alike(header, known) for known in (*column.headers, column.name))
            found = None if evidence is None else evidence.get((header, column.name))
            scored.append(Rename(header, column.name, *judge(name, found)))
    scored.sort(key=lambda r: (-r.confidence, r.header, r.column))
    renames: list[Rename] = []
    for one in scored:
        free = [r for r in scored if not any(_shares(r, taken) for taken in renames)]
        if one.confidence < LIKELY or one not in free:
            continue
        rivals = [
            r.header if r.column == one.column else r.column
            for r in free
            if r != one and _shares(r, one) and one.confidence - r.confidence < _CLOSE
        ]
        if rivals:
            said = (*one.evidence, f"{rivals[0]} is nearly as likely")
            one = replace(one, confidence=min(one.confidence, SURE - 0.01), evidence=said)
        renames.append(one)
    return tuple(renames)


def _shares(one: Rename, other: Rename) -> bool:
    return one.header == other.header or one.column == other.column


def propose(
    platform: str,
    match: Match,
    before: Iterable[str],
    evidence: Mapping[tuple[str, str], Evidence] | None,
    unread: Iterable[str] = (),
) -> Proposal:
    """What changed in a file. `before`: columns that the last good file had; `unread`: all of its
    headers: what was there and not read is neither new nor another column."""
    lost = gone(match, before)
    named = candidates(match, unread) if match.is_header else []
    renames = pair(named, lost, evidence)
    paired = {r.header for r in renames}
    told = "|".join((platform, match.feed.name, *sorted(c.name for c in lost), *sorted(named)))
    return Proposal(
        hashlib.sha256(told.encode()).hexdigest()[:8],
        platform,
        match.feed.name,
        tuple(c.name for c in match.missing),
        tuple(c.name for c in lost),
        tuple(u for u in named if u not in paired),
        0 if match.is_header else len(match.unknown),
        renames,
    )
