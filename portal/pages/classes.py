"""The page of a class, and mixed groups of its students on request."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response

from portal.board.class_page import read
from portal.board.groups import mixed
from portal.people import students_of_class
from portal.pictures import MARKS
from portal.rights import Right
from portal.visit import Visit, needs

router = APIRouter()
OfClass = Annotated[Visit, Depends(needs(Right.class_))]
By = Literal["random", "interest", "adult"]
_TITLE = "SELECT title FROM roster.class_section WHERE class_id = $id"
_ADULT = """SELECT student_id, staff_id AS word FROM views.student_check_in
WHERE list_contains($ids, student_id)"""
#: What each student said last.
_INTEREST = """SELECT student_id, lower(trim(said)) AS word FROM facts.interest
WHERE list_contains($ids, student_id)
QUALIFY row_number() OVER (
    PARTITION BY student_id ORDER BY date DESC NULLS LAST, said) = 1"""
_WORDS = {"interest": _INTEREST, "adult": _ADULT}
#: Which seeds there are.
_LAST_SEED = 999_999


@router.get("/classes/{class_id}")
def one(class_id: str, visit: OfClass) -> Response:
    """Patterns of the whole class, items and skills that many share. No child is named."""
    visit.log("view", "page of a class", [])
    return visit.page("class.html", one=read(visit, class_id), marks=MARKS)


@router.get("/classes/{class_id}/groups")
def groups(
    class_id: str,
    visit: OfClass,
    size: Annotated[int, Query(ge=2, le=12)] = 4,
    by: By = "random",
    seed: Annotated[int, Query(ge=0, le=_LAST_SEED)] = 1,
) -> Response:
    """Groups by chance, or so that interests or adults mix; the address makes them again."""
    names = {
        student_id: name
        for student_id, name in students_of_class(visit.rows, class_id).items()
        if visit.may(Right.student, student_id).allowed
    }
    found = visit.rows(_WORDS[by], {"ids": list(names)}) if by in _WORDS else []
    words = {row["student_id"]: row["word"] for row in found if row["word"]}
    made = mixed({student_id: words.get(student_id, "") for student_id in names}, size, seed)
    visit.log("view", "groups of a class", names)
    return visit.page(
        "groups.html",
        title=visit.rows(_TITLE, {"id": class_id})[0]["title"],
        class_id=class_id,
        groups=made,
        names=names,
        known=len(words),
        size=size,
        by=by,
        seed=seed,
        next_seed=(seed + 1) % (_LAST_SEED + 1),
    )
