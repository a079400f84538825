"""Accounts that wait, beside the adult of the roster they may be; a coordinator's word on them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from connectors.errors import HomeroomError
from portal.sessions import Sessions
from warehouse.notes import accounts
from warehouse.notes.database import Notes

Ask = Callable[[str], list[dict[str, Any]]]
_STAFF = (
    "SELECT staff_id, given_name, family_name, role, lower(email) AS email FROM roster.staff "
    "ORDER BY family_name, given_name, staff_id"
)


def adults(ask: Ask) -> list[dict[str, Any]]:
    """Every adult of the roster: staff_id, given_name, family_name, role, email."""
    return ask(_STAFF)


def waiting(notes: Notes, staff: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Requests as rows; `proposed`: the one adult with that verified address, else None."""
    return [
        {
            "account_ref": r.account_ref,
            "issuer": r.issuer,
            "name": r.name,
            "email": r.email,
            "asked_at": r.asked_at,
            "proposed": _proposed(r.email, staff),
        }
        for r in accounts.waiting(notes)
    ]


def bind(notes: Notes, ref: str, staff_id: str, staff: list[dict[str, Any]], *, by: str) -> None:
    """A waiting account is that adult's. Raises HomeroomError where either is not there."""
    found = [r for r in accounts.waiting(notes) if r.account_ref == ref]
    if not found:
        raise HomeroomError(
            "no account waits under this reference",
            culprit=ref,
            fix="homeroom portal accounts list",
        )
    if staff_id not in {s["staff_id"] for s in staff}:
        raise HomeroomError(
            "is no adult of the roster", culprit=staff_id, fix="use a staff_id of roster.staff"
        )
    accounts.bind(notes, found[0], staff_id, by=by)


def unbind(notes: Notes, sessions: Sessions, ref: str, *, by: str) -> None:
    """The account is nobody's again, at once. Raises HomeroomError where it is not bound."""
    for binding in accounts.standing(notes):
        if binding.account_ref == ref and accounts.unbind(notes, binding.binding_id, by=by):
            sessions.end_all(binding.staff_id)
            return
    raise HomeroomError(
        "no account is bound under this reference",
        culprit=ref,
        fix="homeroom portal accounts list",
    )


def _proposed(email: str | None, staff: list[dict[str, Any]]) -> str | None:
    same = [s["staff_id"] for s in staff if email and s["email"] == email.lower()]
    return same[0] if len(same) == 1 else None
