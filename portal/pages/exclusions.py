"""Weeks that tell nothing about a student: a sibling used the tablet, the class was on an outing.

Such a week counts neither as work nor as quiet, from the next run on.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form
from fastapi.responses import Response

from portal import forms
from portal.errors import Refused
from portal.people import staff_names, student_names
from portal.rights import Right
from portal.visit import Visit, needs
from warehouse.notes import exclusions

router = APIRouter()
OfStudent = Annotated[Visit, Depends(needs(Right.student))]
Text = Annotated[str, Form()]
#: Platforms and weeks that can be chosen: those of the student, the latest half year.
_WEEKS = """
SELECT DISTINCT week.platform, week.week_start
FROM views.student_platform_week AS week
WHERE week.student_id = $id
ORDER BY week.week_start DESC, week.platform
LIMIT 200
"""


@router.get("/students/{student_id}/exclusions")
def show(student_id: str, visit: OfStudent, week: str = "", platform: str = "") -> Response:
    """The weeks that do not count, and the form for one more."""
    visit.log("view", "weeks that do not count", [student_id])
    return _page(visit, student_id, {"week_start": week, "platform": platform, "why": ""})


@router.post("/students/{student_id}/exclusions")
def keep(
    student_id: str, visit: OfStudent, week_start: Text = "", platform: Text = "", why: Text = ""
) -> Response:
    """The week does not count."""
    weeks, platforms = _known(visit, student_id)
    try:
        forms.one_of("week_start", week_start, weeks, "Choose a week.")
        chosen = forms.one_or_none("platform", platform, platforms, "Choose a platform.")
        because = forms.text("why", why, forms.LINE)
        if because is None:
            raise forms.Unusable("why", "Say in a few words why.")
    except forms.Unusable as wrong:
        visit.log("view", "weeks that do not count", [student_id])
        sent = {"week_start": week_start, "platform": platform, "why": why}
        return _page(visit, student_id, sent, wrong)
    visit.log("edit", "week does not count", [student_id])
    held = exclusions.standing(visit.notes, [student_id])
    if (chosen, week_start) not in {(e.platform, e.week_start) for e in held}:
        by = visit.adult.staff_id
        made = exclusions.new(student_id, chosen, week_start, by=by, why=because)
        exclusions.add(visit.notes, made)
    return visit.go(f"/students/{student_id}/exclusions")


@router.post("/students/{student_id}/exclusions/{exclusion_id}/undo")
def undo(student_id: str, exclusion_id: str, visit: OfStudent) -> Response:
    """The week counts again."""
    held = exclusions.standing(visit.notes, [student_id])
    if exclusion_id not in {e.exclusion_id for e in held}:
        raise Refused("not_found")
    visit.log("edit", "week counts again", [student_id])
    exclusions.undo(visit.notes, exclusion_id, by=visit.adult.staff_id)
    return visit.go(f"/students/{student_id}/exclusions")


def _known(visit: Visit, student_id: str) -> tuple[list[str], list[str]]:
    """Weeks, the latest first, and platforms of a student."""
    found = visit.rows(_WEEKS, {"id": student_id})
    weeks = dict.fromkeys(row["week_start"] for row in found)
    return [week.isoformat() for week in weeks], sorted({row["platform"] for row in found})


def _page(
    visit: Visit, student_id: str, sent: dict[str, str], wrong: forms.Unusable | None = None
) -> Response:
    weeks, platforms = _known(visit, student_id)
    held = exclusions.standing(visit.notes, [student_id])
    return visit.page(
        "exclusions.html",
        400 if wrong else 200,
        name=student_names(visit.rows, [student_id])[student_id],
        student_id=student_id,
        weeks=weeks,
        platforms=platforms,
        sent=sent,
        wrong=wrong,
        held=sorted(held, key=lambda e: e.week_start, reverse=True),
        names=staff_names(visit.rows, (e.decided_by for e in held)),
    )
