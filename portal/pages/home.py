"""The first page: the classes an adult may open, and whom they may see, with the reason."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from portal.live import Row
from portal.rights import Right
from portal.visit import Visit, needs

router = APIRouter()
SignedIn = Annotated[Visit, Depends(needs(Right.signed_in))]
_COLUMNS = ("student_id", "given_name", "family_name", "reasons")
_REASONS = {
    "teacher_of_class": "in a class of yours",
    "mentor": "you are the mentor",
    "school_leader": "of your school",
    "coordinator": "granted to coordinators",
}


@router.get("/")
def home(visit: SignedIn) -> Response:
    """Classes by title."""
    classes = visit.rows(
        "SELECT class_id, title, subject FROM roster.class_section "
        "WHERE list_contains($ids, class_id) ORDER BY title, class_id",
        {"ids": list(visit.adult.classes)},
    )
    return visit.page("home.html", classes=classes, students=len(visit.adult.students))


@router.get("/students")
def students(visit: SignedIn) -> Response:
    """Everyone this adult may see, A to Z."""
    found = _students(visit)
    visit.log("view", "list of students", [row["student_id"] for row in found])
    return visit.page("students.html", students=found)


@router.get("/students.csv")
def students_csv(visit: SignedIn) -> Response:
    """The same as CSV."""
    found = _students(visit)
    visit.log("export", "list of students", [row["student_id"] for row in found])
    return visit.csv("students", _COLUMNS, ([row[c] for c in _COLUMNS] for row in found))


def _students(visit: Visit) -> list[Row]:
    held = visit.adult.students
    found = visit.rows(
        "SELECT student_id, coalesce(preferred_name, given_name) AS given_name, family_name "
        "FROM roster.student WHERE list_contains($ids, student_id) "
        "ORDER BY family_name, given_name, student_id",
        {"ids": list(held)},
    )
    return [
        row | {"reasons": ", ".join(_REASONS.get(r, r) for r in held[row["student_id"]])}
        for row in found
    ]
