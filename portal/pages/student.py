"""The pages of one student: the page, how its numbers were made, the whole record, and a page for a
talk with the family. What they show is read in portal/student/."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from portal.pictures import MARKS
from portal.rendering import FILES, render
from portal.rights import Right
from portal.student.making import making
from portal.student.reading import read
from portal.student.record import sections
from portal.visit import Visit, needs

router = APIRouter()
OfStudent = Annotated[Visit, Depends(needs(Right.student))]


@router.get("/students/{student_id}")
def student(visit: OfStudent, student_id: str) -> Response:
    """Strengths first, then what each platform tells, beside the student's own usual."""
    visit.log("view", "page of a student", [student_id])
    return visit.page("student.html", one=read(visit, student_id), marks=MARKS)


@router.get("/students/{student_id}/how/{measure}")
def how(
    visit: OfStudent,
    student_id: str,
    measure: str,
    platform: str | None = None,
    week: date | None = None,
    item: str | None = None,
) -> Response:
    """How one number was made: the rows that went in, the arithmetic and the formula."""
    made = making(visit, student_id, measure, platform, week, item)
    visit.log("view", "how a number was made", [student_id])
    return visit.page("student_how.html", made=made, student_id=student_id)


@router.get("/students/{student_id}/family")
def family(visit: OfStudent, student_id: str) -> Response:
    """One page to print for a talk with the family: plain words, and no comparison with others."""
    visit.log("export", "page for a family", [student_id])
    return visit.page("student_family.html", one=read(visit, student_id), marks=MARKS)


@router.get("/students/{student_id}/record")
def record(visit: OfStudent, student_id: str) -> Response:
    """Everything about one student as one document, which needs nothing beside it."""
    one = read(visit, student_id)
    classes = [row["class_id"] for row in one.classes]
    sheet = next(f.body for name, f in FILES.items() if name.endswith(".css"))
    page = render(
        "student_record.html",
        {
            "one": one,
            "sections": sections(visit, student_id, classes),
            "district": visit.settings.name,
            "published_at": visit.live.pointer.published_at,
            "sheet": sheet.decode(),
        },
    )
    visit.log("export", "record of a student", [student_id])
    sent = {"Content-Disposition": 'attachment; filename="student-record.html"'}
    return Response(page, 200, sent, "text/html; charset=utf-8")
