"""Layouts that have changed: the proposals, and taking one over. Names of columns, never values."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form
from fastapi.responses import Response

from connectors.errors import HomeroomError
from portal.errors import Refused
from portal.rights import Right
from portal.visit import Visit, needs
from warehouse import nightly
from warehouse.layouts import drift_book
from warehouse.ledger import Ledger

router = APIRouter()
Coordinator = Annotated[Visit, Depends(needs(Right.operations))]


@router.get("/operations/drift")
def drift(visit: Coordinator) -> Response:
    """Every proposal that waits, in words, and columns that nothing reads."""
    ledger = Ledger(visit.settings.ledger)
    try:
        found = drift_book.waiting(visit.settings, ledger)
        unread = drift_book.unread(visit.settings, ledger)
    finally:
        ledger.close()
    told = [(w, drift_book.as_text(w)[1:]) for w in found]
    return visit.page("operations_drift.html", found=told, unread=unread)


@router.post("/operations/drift")
def accept(
    visit: Coordinator,
    proposal: Annotated[str, Form()],
    column: Annotated[list[str] | None, Form()] = None,
    header: Annotated[list[str] | None, Form()] = None,
) -> Response:
    """Take one over: its sure renames, and for each `column` the `header` that was chosen."""
    pairs = zip(header or [], column or [], strict=False)
    try:
        with nightly.opened(visit.settings) as ledger:
            drift_book.accept(visit.settings, ledger, proposal, {h: c for h, c in pairs if h})
    except HomeroomError as error:
        raise Refused("not_kept", str(error)) from error
    return visit.go("/operations/drift")
