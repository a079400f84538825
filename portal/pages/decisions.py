"""Answers to cards, and a class's page of what was decided and is still to be done.

Whoever may open the class, and see the student a card is about, answers, takes back and says done:
the team decides. Each of it is logged.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Form
from fastapi.responses import Response

from portal import decisions, forms
from portal.conversations import conversations, next_steps
from portal.decisions import Decision
from portal.errors import Refused
from portal.people import adults_of_class, students_of_class
from portal.rights import Right
from portal.visit import Visit, needs
from warehouse.notes import card_actions
from warehouse.notes.card_actions import ACTIONS, CardAction

router = APIRouter()
OfClass = Annotated[Visit, Depends(needs(Right.class_))]
Text = Annotated[str, Form()]
_CSV = "week_start student card platform answer note owner due_date decided_by decided_on".split()
#: How long the page shows what is done.
_LATELY = timedelta(days=28)
#: From how old a check-in a next step is still shown, if its day has not come.
_RECENT = timedelta(days=56)


@router.get("/classes/{class_id}/decisions")
def show(class_id: str, visit: OfClass) -> Response:
    """What is open, and what was done lately."""
    students = {
        i: name
        for i, name in students_of_class(visit.rows, class_id).items()
        if visit.may(Right.student, i).allowed
    }
    now = forms.today(visit.settings.time_zone)
    steps = next_steps(conversations(visit.rows, visit.notes, students), now - _RECENT)
    told = _told(visit, class_id, "view")
    visit.log("view", "next steps of a class", {s.student_id for s in steps})
    since = (now - _LATELY).isoformat()
    title = visit.rows(
        "SELECT title FROM roster.class_section WHERE class_id = $id", {"id": class_id}
    )
    return visit.page(
        "decisions.html",
        title=title[0]["title"],
        class_id=class_id,
        today=now,
        open=[d for d in told if d.open],
        known=[d for d in told if d.action == "we_know_why" and d.decided_on >= since],
        done=[d for d in told if d.done_on and d.done_on >= since],
        students=students,
        steps=steps,
    )


@router.get("/classes/{class_id}/decisions.csv")
def as_csv(class_id: str, visit: OfClass) -> Response:
    """What is open."""
    told = [asdict(d) for d in _told(visit, class_id, "export", only_open=True)]
    return visit.csv("decisions", _CSV, ([row[c] for c in _CSV] for row in told))


@router.post("/classes/{class_id}/decisions")
def answer(
    class_id: str,
    visit: OfClass,
    week_start: Text,
    rule_id: Text,
    action: Text,
    student_id: Text = "",
    platform: Text = "",
    note: Text = "",
    owner_id: Text = "",
    due_date: Text = "",
    next: Text = "",
) -> Response:
    """Answer a card of the board."""
    if student_id:
        visit.must(Right.student, student_id)
    adults = adults_of_class(visit.live, class_id, visit.adult)
    now = forms.today(visit.settings.time_zone)
    try:
        week = date.fromisoformat(week_start)
        made = card_actions.new(
            class_id,
            week.isoformat(),
            rule_id,
            forms.one_of("action", action, ACTIONS, ""),
            by=visit.adult.staff_id,
            student_id=student_id or None,
            platform=platform or None,
            note=forms.text("note", note, forms.LINE),
            owner_id=forms.one_or_none("owner_id", owner_id, adults, ""),
            due_date=forms.coming_day("due_date", due_date, now),
        )
    except (forms.Unusable, ValueError) as error:
        raise Refused("bad_request") from error
    # A card of the class's own board only: the rest of the team reads this answer too.
    if not decisions.is_card(visit.rows, class_id, week, (student_id, rule_id, platform)):
        raise Refused("conflict")
    visit.log("edit", "answer to a card", [student_id] if student_id else [])
    if not _same(visit, made):
        card_actions.add(visit.notes, made)
    return visit.go(next or f"/classes/{class_id}/decisions")


@router.post("/classes/{class_id}/decisions/{action_id}/undo")
def undo(class_id: str, action_id: str, visit: OfClass, next: Text = "") -> Response:
    """The answer no longer holds."""
    _touched(visit, class_id, action_id, "answer taken back")
    if not card_actions.undo(visit.notes, action_id, by=visit.adult.staff_id):
        raise Refused("conflict")
    return visit.go(next or f"/classes/{class_id}/decisions")


@router.post("/classes/{class_id}/decisions/{action_id}/done")
def done(class_id: str, action_id: str, visit: OfClass, next: Text = "") -> Response:
    """What was decided is done."""
    _touched(visit, class_id, action_id, "decision done")
    if not card_actions.done(visit.notes, [action_id]):
        card_actions.say_done(visit.notes, action_id, by=visit.adult.staff_id)
    return visit.go(next or f"/classes/{class_id}/decisions")


@router.post("/classes/{class_id}/decisions/{action_id}/open")
def still_open(class_id: str, action_id: str, visit: OfClass) -> Response:
    """It is not done after all."""
    _touched(visit, class_id, action_id, "decision open again")
    if not card_actions.say_open(visit.notes, action_id, by=visit.adult.staff_id):
        raise Refused("conflict")
    return visit.go(f"/classes/{class_id}/decisions")


def _told(visit: Visit, class_id: str, how: str, *, only_open: bool = False) -> list[Decision]:
    told = decisions.decisions(visit.rows, visit.notes, class_id, visit.adult)
    told = [d for d in told if d.open or not only_open]
    visit.log(how, "decisions of a class", [d.student_id for d in told if d.student_id])
    return told


def _touched(visit: Visit, class_id: str, action_id: str, what: str) -> CardAction:
    """An answer of this class that the adult may touch, logged. Raises Refused."""
    found = card_actions.found(visit.notes, action_id)
    if found is None or found.class_id != class_id:
        raise Refused("not_found")
    visit.log("edit", what, [found.student_id] if found.student_id else [])
    return found


def _same(visit: Visit, made: CardAction) -> bool:
    """Whether the same answer to the same card holds already, as after a form was sent twice."""

    def said(a: CardAction) -> tuple[str | None, ...]:
        card = (a.week_start, a.student_id, a.rule_id, a.platform)
        return (*card, a.action, a.note, a.owner_id, a.due_date)

    return any(said(a) == said(made) for a in card_actions.standing(visit.notes, [made.class_id]))
