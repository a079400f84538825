"""What a board shows: one week of a few classes, with the check-ins and decisions of this moment.

Belongs here: which rows, and whose. Not here: how they are grouped (portal.board.blocks), words and
layout (the templates), who may open the class (the route).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain

from portal import decisions
from portal.board import by_class
from portal.board.blocks import Block, Card, Child, group_lines, not_seen_lately
from portal.board.by_class import Pupil
from portal.conversations import Filed, seen_now
from portal.decisions import About, Decision
from portal.errors import Refused
from portal.live import Row, Version
from portal.people import adults_of_class, student_names
from portal.rights import Right
from portal.visit import Visit


@dataclass(frozen=True)
class Board:
    """One board. `children`: everyone who is on it now, empty for an earlier week. `carried`:
    decisions of earlier weeks whose card is not on this board. `calendar`: days with a note."""

    classes: list[Row]
    week: date
    weeks: list[date]
    platforms: list[Row]
    calendar: list[Row]
    blocks: list[Block]
    children: list[Child]
    students: int
    answered: dict[About, list[Decision]]
    carried: list[Decision]
    owners: dict[str, dict[str, str]]

    @property
    def latest(self) -> bool:
        """Whether a later board is kept."""
        return self.week == self.weeks[0]

    @property
    def last_day(self) -> date:
        """The week's Friday: a board is about school days."""
        return self.week + timedelta(days=4)

    @property
    def shown(self) -> set[str]:
        """Every student whom the page tells of."""
        of_cards = {line.student_id for b in self.blocks for g in b.groups for line in g.cards}
        told = (
            of_cards | {d.student_id for d in self.carried} | {c.student_id for c in self.children}
        )
        return {student_id for student_id in told if student_id}


def read(visit: Visit, class_ids: Sequence[str], week: date | None) -> Board:
    """The board of classes that the adult may open. Raises Refused for a week without boards."""
    weeks = by_class.weeks(visit.live)
    if not weeks or (week is not None and week not in weeks):
        raise Refused("not_found")
    chosen, ids = week or weeks[0], sorted(class_ids)
    classes = by_class.classes(visit.live, ids)
    pupils = by_class.pupils(visit.live, ids)
    children = _children(visit, classes, pupils) if chosen == weeks[0] else []
    cards = _cards(visit, chosen, classes, pupils)
    told = [d for i in ids for d in decisions.decisions(visit.rows, visit.notes, i, visit.adult)]
    answered = decisions.on_cards(told, chosen)
    standing = {decisions.about(vars(card)) for card in cards}
    today = by_class.accounts(visit.live, ids)
    return Board(
        classes,
        chosen,
        weeks,
        _platforms(visit.live, ids, today),
        by_class.calendar(
            visit.live, {c["school_id"] for c in classes}, chosen, chosen + timedelta(days=6)
        ),
        group_lines(cards, not_seen_lately(children)),
        children,
        len(today),
        answered,
        [d for about, held in answered.items() if about not in standing for d in held if d.open],
        {i: adults_of_class(visit.live, i, visit.adult) for i in ids},
    )


def _cards(
    visit: Visit, week: date, classes: list[Row], pupils: Mapping[str, list[Pupil]]
) -> list[Card]:
    """The cards about classes, and about children of whom the adult may know.

    A student of two of the classes has a card of each; the first class by id keeps it.
    """
    titles = {row["class_id"]: row["title"] or "" for row in classes}
    rows: dict[tuple[str, str, str | None, str], Row] = {}
    found = (by_class.cards(visit.live, class_id, week) for class_id in sorted(titles))
    for row in chain.from_iterable(found):
        student_id = row["student_id"]
        if student_id is None or visit.may(Right.student, student_id).allowed:
            of = row["class_id"] if student_id is None else student_id
            rows.setdefault((of, row["rule_id"], row["platform"], row["item"]), row)
    names = {p.student_id: p.student for held in pupils.values() for p in held}
    # Who has left the class since an earlier week.
    gone = {row["student_id"] for row in rows.values()} - names.keys() - {None}
    if gone:
        names |= student_names(visit.rows, gone)
    rules = by_class.rules(visit.live)
    unknown = {"rule": None, "formula": None}
    cards = [
        Card(
            **row,
            class_title=titles[row["class_id"]],
            student=names.get(row["student_id"] or "", ""),
            **rules.get(row["rule_id"], unknown),
        )
        for row in rows.values()
    ]
    return sorted(cards, key=lambda c: (c.block_order, c.position, c.class_title, c.class_id))


def _platforms(
    version: Version, class_ids: list[str], today: Mapping[str, frozenset[str]]
) -> list[Row]:
    """Platforms with accounts: title, day up to which files tell of every class that they tell of
    (None: of none), students with an account."""
    told = []
    for row in by_class.platforms(version):
        # A class's own file may be newer than the platform's; a team is as fresh as its oldest.
        whole = row["covered"].get(None)
        days = [row["covered"].get(class_id) for class_id in class_ids]
        newest = [max(day for day in (own, whole) if day) for own in days if own or whole]
        through = min(newest, default=None)
        students = sum(row["platform"] in held for held in today.values())
        if through or students:
            told.append({"title": row["title"], "through": through, "students": students})
    return told


def _children(visit: Visit, classes: list[Row], pupils: Mapping[str, list[Pupil]]) -> list[Child]:
    """On the latest boards, A to Z, each once, with a homeroom, or else the class of the board."""
    titles = {row["class_id"]: row["title"] or "" for row in classes}
    mine: dict[str, tuple[str, Pupil]] = {}
    for class_id in sorted(pupils):
        for pupil in pupils[class_id]:
            if visit.may(Right.student, pupil.student_id).allowed:
                mine.setdefault(pupil.student_id, (class_id, pupil))
    due_after = visit.settings.thresholds["check_in_days"]
    assert due_after is not None
    filed = {i: Filed(pupil.last, pupil.as_of) for i, (_, pupil) in mine.items()}
    seen = seen_now(filed, visit.notes, due_after)
    return [
        Child(
            pupil.student_id,
            pupil.student,
            pupil.family_name,
            class_id,
            pupil.homeroom or titles.get(class_id, ""),
            pupil.staff_id,
            pupil.adult,
            pupil.adult_family_name,
            seen[pupil.student_id],
        )
        for class_id, pupil in sorted(mine.values(), key=lambda one: _a_to_z(one[1]))
    ]


def _a_to_z(pupil: Pupil) -> tuple[str, str, str]:
    family, given = pupil.family_name.strip(" "), pupil.given_name.strip(" ")
    return (family.lower(), given.lower(), pupil.student_id)
