"""Coordinators say which adult of the roster an account is that has signed in."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form
from fastapi.responses import Response

from connectors.errors import HomeroomError
from portal import accounts
from portal.errors import Refused
from portal.rights import Right
from portal.visit import Visit, needs
from warehouse.notes.accounts import standing

router = APIRouter()
Coordinator = Annotated[Visit, Depends(needs(Right.operations))]


@router.get("/accounts")
def show(visit: Coordinator) -> Response:
    """Accounts that wait, and those that are bound."""
    staff = accounts.adults(visit.rows)
    return visit.page(
        "accounts.html",
        waiting=accounts.waiting(visit.notes, staff),
        bound=standing(visit.notes),
        staff=staff,
        names={s["staff_id"]: f"{s['given_name']} {s['family_name']}" for s in staff},
    )


@router.post("/accounts/bind")
def bind(
    visit: Coordinator, account_ref: Annotated[str, Form()], staff_id: Annotated[str, Form()]
) -> Response:
    """The account is that adult's."""
    try:
        staff = accounts.adults(visit.rows)
        accounts.bind(visit.notes, account_ref, staff_id, staff, by=visit.adult.staff_id)
    except HomeroomError as error:
        raise Refused("conflict") from error
    return visit.go("/accounts")


@router.post("/accounts/unbind")
def unbind(visit: Coordinator, account_ref: Annotated[str, Form()]) -> Response:
    """The account is nobody's again."""
    try:
        accounts.unbind(visit.notes, visit.sessions, account_ref, by=visit.adult.staff_id)
    except HomeroomError as error:
        raise Refused("conflict") from error
    return visit.go("/accounts")
