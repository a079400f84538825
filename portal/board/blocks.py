"""How the cards of a board stand together: blocks in order, within them groups under one heading.

Pure. Nothing here is ordered by a measure.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from portal.conversations import Seen

#: Blocks that are grouped by something else than the kind of card, and by what.
_GROUPED_BY = {"starter": "question", "starter_more": "student"}
#: The orders of the table of everyone.
SORTS = ("name", "class", "adult", "last")


@dataclass(frozen=True)
class Card:
    """A row of views.collaboration_board with the names that belong to it. `item`: empty for none;
    `rule`, `formula`: what the dictionary tells of the rule."""

    class_id: str
    class_title: str
    week_start: date
    block: str
    block_order: int
    position: int
    student_id: str | None
    student: str
    kind: str
    question: str
    platform: str | None
    sentence: str
    else_it_could_be: str
    rule_id: str
    data_through: date | None
    window_end: date | None
    item: str
    rule: str | None
    formula: str | None

    @property
    def how(self) -> tuple[str, str | None, date | None, str | None]:
        """What to ask for how it was made: measure, platform, week, item. A card about an event is
        of the event's week and may stand on later boards."""
        if self.rule_id == "two_stories":
            return ("student_progress.agreement", None, None, self.item)
        end = self.window_end or self.week_start
        week = min(self.week_start, end - timedelta(days=end.weekday()))
        return (self.rule_id, self.platform, week, self.item or None)


@dataclass(frozen=True)
class Child:
    """A student of the board today, with the student's adult and the last check-in.

    `class_id`: a class of the board; `class_title`: the homeroom, else that class.
    """

    student_id: str
    student: str
    family_name: str
    class_id: str
    class_title: str
    staff_id: str | None
    adult: str
    adult_family_name: str
    seen: Seen


@dataclass(frozen=True)
class Group:
    """Cards, or children for "not seen lately", under one heading."""

    heading: str
    cards: list[Card]
    children: list[Child]

    @property
    def through(self) -> date | None:
        """Up to when the files tell of all of them; None where that is not one day."""
        days = {card.data_through for card in self.cards}
        return days.pop() if len(days) == 1 else None

    @property
    def rule(self) -> Card | None:
        """A card to tell the rule of all by; None where they are of several."""
        return self.cards[0] if len({card.rule_id for card in self.cards}) == 1 else None


@dataclass(frozen=True)
class Block:
    """One block of the board."""

    name: str
    groups: list[Group]

    @property
    def count(self) -> int:
        """Cards, or children."""
        return sum(len(g.cards) + len(g.children) for g in self.groups)


def group_lines(cards: Sequence[Card], unseen: Sequence[Group] = ()) -> list[Block]:
    """The blocks in their order, "not seen lately" with groups of its own; empty ones left out.

    `cards`: in the order of the view.
    """
    blocks: dict[tuple[int, str], dict[str, list[Card]]] = {}
    for card in cards:
        heading = getattr(card, _GROUPED_BY.get(card.block, "kind"))
        held = blocks.setdefault((card.block_order, card.block), {})
        held.setdefault(heading, []).append(card)
    made = {
        place: Block(place[1], [Group(heading, held, []) for heading, held in groups.items()])
        for place, groups in blocks.items()
    }
    if unseen:
        made[3, "not_seen_lately"] = Block("not_seen_lately", list(unseen))
    return [made[place] for place in sorted(made)]


def not_seen_lately(children: Iterable[Child]) -> list[Group]:
    """Children whose check-in is due, by their adult A to Z; those whose last one is longest ago
    first, then A to Z. Children without a known adult stand last."""
    held: dict[tuple[bool, str, str, str], list[Child]] = {}
    for child in children:
        if child.seen.due:
            key = (not child.staff_id, child.adult_family_name.lower(), child.adult.lower(),
                   child.staff_id or "")  # fmt: skip
            held.setdefault(key, []).append(child)
    return [
        Group(found[0].adult, [], sorted(found, key=lambda c: c.seen.last or date.min))
        for _, found in sorted(held.items())
    ]


def in_order(children: Sequence[Child], sort: str) -> list[Child]:
    """Everyone by name, class, adult or last check-in (never first); equals A to Z."""
    return sorted(children, key=lambda child: _key(child, sort))


def _key(child: Child, sort: str) -> tuple[bool, object]:
    if sort == "class":
        return (False, child.class_title.lower())
    if sort == "adult":
        return (not child.staff_id, (child.adult_family_name.lower(), child.adult.lower()))
    if sort == "last":
        return (False, child.seen.last or date.min)
    return (False, 0)
