"""Who is who: accounts that wait for a person, beside the students they may be, and decisions.

Whoever decides needs names; nothing that was measured stands here.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form
from fastapi.responses import Response

from connectors.errors import HomeroomError
from portal.errors import Refused
from portal.paging import page_of
from portal.rights import Right
from portal.visit import Visit, needs
from warehouse import review
from warehouse.notes.decisions import KINDS

router = APIRouter()
Coordinator = Annotated[Visit, Depends(needs(Right.operations))]


@router.get("/operations/identity")
def waiting(visit: Coordinator, platform: str = "", waits_for: str = "", page: int = 1) -> Response:
    """Every account that waits, and why; decisions below."""
    found = review.waiting(visit.settings, platform or None, waits_for or None, visit.rows)
    decided = sorted(review.decisions(visit.settings), key=lambda d: d.decided_at, reverse=True)
    students = {d.student_id for d in decided if d.student_id}
    visit.log_operations("view", "identity decisions", students)
    return visit.page(
        "identity.html",
        found=page_of(found, page),
        here=[("platform", platform), ("waits_for", waits_for)],
        asks=review.ASKS,
        classes=review.unknown_classes(visit.settings, platform or None, visit.rows),
        decided=decided[:200],
    )


@router.get("/operations/identity/{ref}")
def one(visit: Coordinator, ref: str) -> Response:
    """One account beside its candidates."""
    try:
        found = review.show(visit.settings, ref, visit.rows)
    except HomeroomError as error:
        raise Refused("not_found") from error
    own = found["account"]["student_id"]
    seen = {c["student_id"] for c in found["candidates"]} | ({own} if own else set())
    visit.log_operations("view", "identity evidence", seen)
    return visit.page("identity_one.html", **found, asks=review.ASKS)


@router.post("/operations/identity/{ref}")
def decide(
    visit: Coordinator,
    ref: str,
    decision: Annotated[str, Form()],
    student_id: Annotated[str, Form()] = "",
    other: Annotated[str, Form()] = "",
    why: Annotated[str, Form()] = "",
) -> Response:
    """Keep a decision; the next run follows it."""
    needed = {"accept": student_id, "reject": student_id, "merge": other, "split": other}
    if decision not in KINDS or not needed.get(decision, "nobody needs none"):
        raise Refused("bad_request")
    alone = decision in ("accept", "reject")
    pair = decision in ("merge", "split")
    try:
        made = review.decide(
            visit.settings,
            decision,
            ref,
            by=visit.adult.staff_id,
            why=why.strip() or "not said",
            student_id=student_id if alone else None,
            other=other if pair else None,
            rows=visit.rows,
        )
    except HomeroomError as error:
        raise Refused("not_kept", str(error)) from error
    visit.log_operations("edit", "identity", [made.student_id] if made.student_id else [])
    return visit.go("/operations/identity")


@router.post("/operations/undo")
def undo(visit: Coordinator, decision_id: Annotated[str, Form()]) -> Response:
    """Take a decision back; it stays in the list as undone."""
    try:
        undone = review.undo(visit.settings, decision_id, by=visit.adult.staff_id)
    except HomeroomError as error:
        raise Refused("not_kept", str(error)) from error
    visit.log_operations("edit", "identity", [undone.student_id] if undone.student_id else [])
    return visit.go("/operations/identity")
