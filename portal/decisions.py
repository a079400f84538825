"""What a team decided on cards, in words: beside each card, and as the open decisions of a class.

A decision stays open, and is carried to the boards of the next weeks, until somebody says that it
is done or takes it back. "We know why" is an answer and no task: nothing is open after it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from portal.people import Rows, staff_names, student_names
from portal.rights import Access, Right, why
from warehouse.notes import card_actions
from warehouse.notes.card_actions import CardAction
from warehouse.notes.database import Notes

#: The answers in the order of their buttons.
ANSWERS = {
    "talk": "Talk with them",
    "teach": "Teach the skill",
    "change_task": "Change the task",
    "check_data": "Check the data",
    "we_know_why": "We know why",
}
_TITLES = "SELECT measure, max(name) AS name FROM views.measure_dictionary GROUP BY measure"

#: What a card is about: student (empty: the whole class), rule, platform (empty: several or none).
About = tuple[str, str, str]


@dataclass(frozen=True)
class Decision:
    """One answer that holds, in words. `student`: a name, empty for the whole class."""

    action_id: str
    class_id: str
    week_start: date
    student_id: str | None
    student: str
    rule_id: str
    card: str
    platform: str | None
    action: str
    answer: str
    note: str | None
    owner: str
    due_date: date | None
    decided_by: str
    decided_on: str
    done_on: str | None
    done_by: str

    @property
    def open(self) -> bool:
        """Whether something is still to be done."""
        return self.action != "we_know_why" and self.done_on is None

    @property
    def about(self) -> About:
        """What card it answers, of whichever week."""
        return (self.student_id or "", self.rule_id, self.platform or "")


def decisions(rows: Rows, notes: Notes, class_id: str, me: Access) -> list[Decision]:
    """The answers that hold in a class, by due day, those without one last, then by age.

    Left out: those about students who are not the reader's, as after a student has left the class.
    """
    held = [
        a
        for a in card_actions.standing(notes, [class_id])
        if a.student_id is None or why(me, Right.student, a.student_id).allowed
    ]
    if not held:
        return []
    done = card_actions.done(notes, (a.action_id for a in held))
    staff = staff_names(
        rows,
        [i for a in held for i in (a.owner_id, a.decided_by)] + [d.done_by for d in done.values()],
    )
    students = student_names(rows, (a.student_id for a in held))
    cards = {row["measure"]: row["name"] for row in rows(_TITLES, {})}
    told = [_in_words(a, done.get(a.action_id), staff, students, cards) for a in held]
    return sorted(told, key=lambda d: (d.due_date is None, d.due_date or d.week_start))


def on_cards(told: Iterable[Decision], week_start: date) -> dict[About, list[Decision]]:
    """Decisions by what they are about, for the board of a week: its own, and those carried to it.

    Pure.
    """
    found: dict[About, list[Decision]] = {}
    for d in told:
        if d.week_start == week_start or (d.open and d.week_start < week_start):
            found.setdefault(d.about, []).append(d)
    return found


def about(card: Mapping[str, Any]) -> About:
    """What a card is about, from its columns student_id, rule_id and platform."""
    return (card["student_id"] or "", card["rule_id"], card["platform"] or "")


def is_card(rows: Rows, class_id: str, week_start: date, about: About) -> bool:
    """Whether the board of that class and week has, or had, such a card."""
    student_id, rule_id, platform = about
    found = rows(
        "SELECT 1 FROM views.collaboration_board WHERE class_id = $class_id "
        "AND week_start = $week_start AND coalesce(student_id, '') = $student_id "
        "AND rule_id = $rule_id AND coalesce(platform, '') = $platform LIMIT 1",
        {
            "class_id": class_id,
            "week_start": week_start,
            "student_id": student_id,
            "rule_id": rule_id,
            "platform": platform,
        },
    )
    return bool(found)


def _in_words(
    a: CardAction,
    done: card_actions.Done | None,
    staff: Mapping[str, str],
    students: Mapping[str, str],
    cards: Mapping[str, str],
) -> Decision:
    def who(staff_id: str | None) -> str:
        return staff.get(staff_id, staff_id) if staff_id else ""

    return Decision(
        a.action_id,
        a.class_id,
        date.fromisoformat(a.week_start),
        a.student_id,
        students.get(a.student_id, a.student_id) if a.student_id else "",
        a.rule_id,
        cards.get(a.rule_id, a.rule_id),
        a.platform,
        a.action,
        ANSWERS[a.action],
        a.note,
        who(a.owner_id),
        date.fromisoformat(a.due_date) if a.due_date else None,
        who(a.decided_by),
        a.decided_at[:10],
        done.done_at[:10] if done else None,
        who(done.done_by if done else None),
    )
