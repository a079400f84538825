"""What an adult was told by e-mail and must sign in to see, and when a team hears of its board."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Form
from fastapi.responses import Response

from portal import forms
from portal.alerts import BELOW, task_key
from portal.errors import Refused
from portal.live import Row
from portal.people import staff_names, student_names
from portal.rights import Right
from portal.visit import Visit, needs
from warehouse.notes import digests, messages

router = APIRouter()
SignedIn = Annotated[Visit, Depends(needs(Right.signed_in))]
OfClass = Annotated[Visit, Depends(needs(Right.class_))]
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
#: How long the page shows what somebody was told.
_LATELY = timedelta(days=56)
_TASKS = """
SELECT DISTINCT student_id, platform, item_id, item_title, window_end
FROM views.card
WHERE rule_id = 'below_threshold' AND list_contains($ids, student_id)
"""


@router.get("/alerts")
def show(visit: SignedIn) -> Response:
    """The tasks that this adult was told of in the latest eight weeks, of students they may see."""
    found = _tasks(visit)
    visit.log("view", "offers of help", [row["student_id"] for row in found])
    return visit.page("alerts.html", tasks=found)


@router.get("/classes/{class_id}/digest")
def digest(class_id: str, visit: OfClass) -> Response:
    """When the team hears that its board is ready."""
    return visit.page(
        "digest.html",
        class_id=class_id,
        title=visit.rows(
            "SELECT title FROM roster.class_section WHERE class_id = $id", {"id": class_id}
        )[0]["title"],
        chosen=digests.standing(visit.notes).get(class_id),
        days=DAYS,
        on=(alerts := visit.settings.portal.alerts) is not None and alerts.weekly_digest,
    )


@router.post("/classes/{class_id}/digest")
def choose(
    class_id: str,
    visit: OfClass,
    weekday: Annotated[str, Form()] = "",
    hour: Annotated[str, Form()] = "",
) -> Response:
    """Another day and hour, or never."""
    try:
        day = forms.one_or_none("weekday", weekday, {str(n) for n in range(1, 8)}, "")
        forms.one_of("hour", hour, {str(n) for n in range(24)}, "")
    except forms.Unusable as error:
        raise Refused("bad_request") from error
    visit.log("edit", "time of the weekly message", [])
    by = visit.adult.staff_id
    digests.choose(visit.notes, class_id, int(day) if day else None, int(hour), by=by)
    return visit.go(f"/classes/{class_id}/digest")


def _tasks(visit: Visit) -> list[Row]:
    me, since = visit.adult, (forms.today(visit.settings.time_zone) - _LATELY).isoformat()
    told = {
        t.about: t.claimed_at[:10]
        for t in messages.told_to(visit.notes, me.staff_id, BELOW)
        if t.claimed_at >= since and t.student_id in me.students
    }
    also = messages.readers(visit.notes, BELOW, told)
    names = staff_names(visit.rows, (i for readers in also.values() for i in readers))
    ids = sorted({json.loads(about)[0] for about in told})
    students = student_names(visit.rows, ids)
    found = [
        row
        | {
            "name": students[row["student_id"]],
            "told_on": told[about],
            "also": [names.get(i, i) for i in sorted(also[about]) if i != me.staff_id],
        }
        for row in visit.rows(_TASKS, {"ids": ids})
        if (about := task_key(row["student_id"], row["platform"], row["item_id"])) in told
    ]
    order = list(students)
    return sorted(found, key=lambda r: (order.index(r["student_id"]), r["window_end"]))
