"""The form of a check-in: what comes in, what of it can be kept, and what an edit begins with."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from datetime import date as Day
from typing import Annotated

from fastapi import Form

from portal import forms
from warehouse.notes.check_ins import CheckIn


@dataclass
class Written:
    """The fields as they came, or as they are first shown.

    `key`: new for each form that is shown, so that one that is sent twice is kept once.
    `next`: where to go on to.
    """

    date: Annotated[str, Form()] = ""
    staff_id: Annotated[str, Form()] = ""
    note: Annotated[str, Form()] = ""
    topic: Annotated[str, Form()] = ""
    next_step: Annotated[str, Form()] = ""
    owner_id: Annotated[str, Form()] = ""
    due_date: Annotated[str, Form()] = ""
    key: Annotated[str, Form()] = ""
    next: Annotated[str, Form()] = ""


def as_form(c: CheckIn) -> Written:
    """What an edit begins with."""
    told = (c.note, c.topic, c.next_step, c.owner_id, c.due_date)
    return Written(c.date, c.staff_id, *(t or "" for t in told))


def fields_of(
    sent: Written, adults: Container[str], now: Day, since: CheckIn | None = None
) -> dict[str, str | None]:
    """What is kept, by the names of a CheckIn's fields. Raises Unusable. Pure.

    `adults`: who may be named. `since`: what stood before; days that have passed may stay.
    """
    who = "Choose an adult of this student."
    same_day = since is not None and sent.date == since.date
    same_due = since is not None and sent.due_date == since.due_date
    return {
        "date": sent.date if same_day else forms.past_day("date", sent.date, now),
        "staff_id": forms.one_of("staff_id", sent.staff_id, adults, who),
        "note": forms.text("note", sent.note, forms.TEXT),
        "topic": forms.text("topic", sent.topic, forms.LINE),
        "next_step": forms.text("next_step", sent.next_step, forms.LINE),
        "owner_id": forms.one_or_none("owner_id", sent.owner_id, adults, who),
        "due_date": sent.due_date if same_due else forms.coming_day("due_date", sent.due_date, now),
    }
