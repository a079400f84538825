"""Check-ins: a short form for a student or a class, the trail of each, and the list as CSV.

Whoever may see a student may read and write check-ins; only the writer changes or takes one back.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter, Depends, Form
from fastapi.responses import Response

from portal import forms
from portal.check_in_form import Written, as_form, fields_of
from portal.conversations import conversations
from portal.errors import Refused
from portal.people import adults_of_class, adults_of_student, staff_names, student_names
from portal.people import students_of_class as everyone
from portal.rights import Right
from portal.visit import Visit, needs, own_path
from warehouse.notes import check_ins
from warehouse.notes.check_ins import CheckIn

router = APIRouter()
OfStudent = Annotated[Visit, Depends(needs(Right.student))]
OfClass = Annotated[Visit, Depends(needs(Right.class_))]
_CSV = "date adult topic note next_step owner due_date".split()


Sent = Annotated[Written, Depends()]


@router.get("/students/{student_id}/check-in")
def for_student(student_id: str, visit: OfStudent, next: str = "") -> Response:
    """The form, and what was written before."""
    visit.log("view", "check-ins", [student_id])
    return _student_page(visit, student_id, _fresh(visit, next))


@router.post("/students/{student_id}/check-in")
def keep_for_student(student_id: str, visit: OfStudent, sent: Sent) -> Response:
    """Keep one."""
    adults = adults_of_student(visit.rows, student_id, visit.adult)
    try:
        _keep(visit, student_id, sent, adults)
    except forms.Unusable as wrong:
        visit.log("view", "check-ins", [student_id])
        return _student_page(visit, student_id, sent, wrong)
    return visit.go(sent.next or f"/students/{student_id}/check-in#kept")


@router.get("/classes/{class_id}/check-in")
def for_class(class_id: str, visit: OfClass, next: str = "", student_id: str = "") -> Response:
    """The form with the student chosen from the class."""
    return _class_page(visit, class_id, _fresh(visit, next), chosen=student_id)


@router.post("/classes/{class_id}/check-in")
def keep_for_class(
    class_id: str, visit: OfClass, sent: Sent, student_id: Annotated[str, Form()] = ""
) -> Response:
    """Keep one."""
    students = _class_list(visit, class_id)
    try:
        forms.one_of("student_id", student_id, students, "Choose a student of the class.")
        _keep(visit, student_id, sent, adults_of_class(visit.live, class_id, visit.adult))
    except forms.Unusable as wrong:
        return _class_page(visit, class_id, sent, wrong, student_id)
    if sent.next:
        return visit.go(sent.next)
    return _class_page(visit, class_id, _fresh(visit), kept=students[student_id])


@router.get("/students/{student_id}/check-ins.csv")
def as_csv(student_id: str, visit: OfStudent) -> Response:
    """Every check-in that holds, the latest first."""
    visit.log("export", "check-ins", [student_id])
    told = [asdict(c) for c in conversations(visit.rows, visit.notes, [student_id])]
    return visit.csv("check-ins", _CSV, ([row[c] for c in _CSV] for row in told))


@router.get("/students/{student_id}/check-ins/{check_in_id}")
def one(student_id: str, check_in_id: str, visit: OfStudent) -> Response:
    """One check-in with its trail; the writer finds a form to change it."""
    trail = _trail(visit, student_id, check_in_id)
    visit.log("view", "check-in", [student_id])
    return _one_page(visit, trail, as_form(trail[-1]))


@router.post("/students/{student_id}/check-ins/{check_in_id}")
def change(
    student_id: str,
    check_in_id: str,
    visit: OfStudent,
    sent: Sent,
    revision_id: Annotated[str, Form()] = "",
) -> Response:
    """Keep a later revision."""
    latest = _own(visit, student_id, check_in_id, revision_id)
    adults = adults_of_student(visit.rows, student_id, visit.adult)
    # Who has left since may still be named where the name stands already.
    known = {*adults, latest.staff_id, *filter(None, [latest.owner_id])}
    try:
        fields = fields_of(sent, known, _today(visit), since=latest)
    except forms.Unusable as wrong:
        visit.log("view", "check-in", [student_id])
        return _one_page(visit, _trail(visit, student_id, check_in_id), sent, wrong)
    visit.log("edit", "check-in", [student_id])
    by = visit.adult.staff_id
    check_ins.add(visit.notes, check_ins.revised(latest, by=by, withdrawn=False, **fields))
    return visit.go(f"/students/{student_id}/check-ins/{check_in_id}")


@router.post("/students/{student_id}/check-ins/{check_in_id}/withdraw")
def withdraw(
    student_id: str, check_in_id: str, visit: OfStudent, revision_id: Annotated[str, Form()] = ""
) -> Response:
    """Take it back; what was written stays in the trail."""
    latest = _own(visit, student_id, check_in_id, revision_id)
    visit.log("edit", "check-in taken back", [student_id])
    by = visit.adult.staff_id
    check_ins.add(visit.notes, check_ins.revised(latest, by=by, withdrawn=True))
    return visit.go(f"/students/{student_id}/check-ins/{check_in_id}")


def _today(visit: Visit) -> date:
    return forms.today(visit.settings.time_zone)


def _fresh(visit: Visit, next: str = "") -> Written:
    now = _today(visit).isoformat()
    back = own_path(next) if next else ""
    return Written(date=now, staff_id=visit.adult.staff_id, key=uuid4().hex, next=back)


def _keep(visit: Visit, student_id: str, sent: Written, adults: dict[str, str]) -> None:
    """Keep a new one. Raises Unusable, and Refused for a key that is somebody else's."""
    fields = fields_of(sent, adults, _today(visit))
    if not forms.is_key(sent.key):
        raise Refused("bad_request")
    by = visit.adult.staff_id
    if there := check_ins.trail(visit.notes, sent.key):
        if (there[0].student_id, there[0].written_by) != (student_id, by):
            raise Refused("conflict")
        return
    visit.log("edit", "check-in", [student_id])
    made = check_ins.new(student_id, sent.staff_id, sent.date, by=by, check_in_id=sent.key)
    check_ins.add(visit.notes, check_ins.revised(made, by=by, **fields))


def _trail(visit: Visit, student_id: str, check_in_id: str) -> list[CheckIn]:
    """The trail of a check-in of this student. Raises Refused where there is none."""
    trail = check_ins.trail(visit.notes, check_in_id)
    if not trail or trail[0].student_id != student_id:
        raise Refused("not_found")
    return trail


def _own(visit: Visit, student_id: str, check_in_id: str, revision_id: str) -> CheckIn:
    """The latest revision, for its writer, who must have seen it. Raises Refused."""
    trail = _trail(visit, student_id, check_in_id)
    if trail[0].written_by != visit.adult.staff_id:
        raise Refused("not_the_writer")
    if trail[-1].revision_id != revision_id:
        raise Refused("conflict")
    return trail[-1]


def _class_list(visit: Visit, class_id: str) -> dict[str, str]:
    found = everyone(visit.rows, class_id)
    return {i: name for i, name in found.items() if visit.may(Right.student, i).allowed}


def _student_page(
    visit: Visit, student_id: str, sent: Written, wrong: forms.Unusable | None = None
) -> Response:
    return visit.page(
        "check_in.html",
        400 if wrong else 200,
        name=student_names(visit.rows, [student_id])[student_id],
        student_id=student_id,
        told=conversations(visit.rows, visit.notes, [student_id]),
        **_form(visit, sent, adults_of_student(visit.rows, student_id, visit.adult), wrong),
    )


def _class_page(
    visit: Visit,
    class_id: str,
    sent: Written,
    wrong: forms.Unusable | None = None,
    chosen: str = "",
    kept: str = "",
) -> Response:
    students = _class_list(visit, class_id)
    visit.log("view", "list of a class", students)
    title = visit.rows(
        "SELECT title FROM roster.class_section WHERE class_id = $id", {"id": class_id}
    )
    return visit.page(
        "check_in_class.html",
        400 if wrong else 200,
        title=title[0]["title"],
        class_id=class_id,
        students=students,
        chosen=chosen,
        kept=kept,
        **_form(visit, sent, adults_of_class(visit.live, class_id, visit.adult), wrong),
    )


def _one_page(
    visit: Visit, trail: list[CheckIn], sent: Written, wrong: forms.Unusable | None = None
) -> Response:
    latest = trail[-1]
    adults = adults_of_student(visit.rows, latest.student_id, visit.adult)
    named = [i for r in trail for i in (r.staff_id, r.owner_id, r.written_by)]
    names = {**staff_names(visit.rows, named), **adults}
    still = {i: names.get(i, i) for i in (latest.staff_id, latest.owner_id) if i}
    return visit.page(
        "check_in_one.html",
        400 if wrong else 200,
        name=student_names(visit.rows, [latest.student_id])[latest.student_id],
        latest=latest,
        trail=trail,
        names=names,
        own=trail[0].written_by == visit.adult.staff_id,
        **_form(visit, sent, {**adults, **still}, wrong),
    )


def _form(
    visit: Visit, sent: Written, adults: dict[str, str], wrong: forms.Unusable | None
) -> dict[str, object]:
    """What the template of the form needs."""
    today = _today(visit).isoformat()
    return {"sent": sent, "adults": adults, "wrong": wrong, "today": today}
