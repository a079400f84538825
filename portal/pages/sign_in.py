"""Signing in and out: the choice of provider, the way there and back, and the local choice."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from portal import sign_in as flow
from portal.errors import Refused
from portal.rights import Right
from portal.visit import Visit, needs, own_path
from warehouse.notes import accounts
from warehouse.settings.portal import SignIn

router = APIRouter()
Anyone = Annotated[Visit, Depends(needs(Right.public))]


@router.get("/sign-in")
def choose(visit: Anyone, next: str = "/") -> Response:
    """The providers, or in local mode the adults."""
    portal = visit.settings.portal
    if not portal.local:
        return visit.page("sign_in.html", ways=portal.sign_in, next=own_path(next))
    visit.session = visit.session or visit.sessions.start()
    adults = visit.rows(
        "SELECT staff_id, given_name, family_name, role, count(student_id) AS students "
        "FROM roster.staff LEFT JOIN (SELECT DISTINCT staff_id, student_id "
        "FROM views.student_access) USING (staff_id) "
        "GROUP BY ALL ORDER BY family_name, given_name, staff_id"
    )
    page = visit.page("sign_in_local.html", adults=adults, next=own_path(next))
    return visit.sessions.hand_out(visit.session, page)


@router.post("/sign-in")
def be(
    visit: Anyone, staff_id: Annotated[str, Form()], next: Annotated[str, Form()] = "/"
) -> Response:
    """Local mode: be one of the adults."""
    if not visit.settings.portal.local:
        raise Refused("not_found")
    if not _is_staff(visit, staff_id):
        raise Refused("bad_request")
    return _signed_in(visit, staff_id, next)


@router.get("/sign-in/{provider}")
async def begin(visit: Anyone, provider: str, next: str = "/") -> Response:
    """To the provider. Also where a provider's own start page may point to."""
    portal = visit.settings.portal
    way = flow.way_of(portal, provider)
    response, state = await flow.begin(visit.request, portal, way)
    pending = {"way": way.key, "state": state, "next": own_path(next)}
    return visit.sessions.hand_out(visit.sessions.start(pending=pending), response)


@router.get("/sign-in/{provider}/back")
async def back(visit: Anyone, provider: str) -> Response:
    """From the provider."""
    portal = visit.settings.portal
    way = flow.way_of(portal, provider)
    query = visit.request.query_params
    if "state" not in query and "error" not in query:
        # Started at the provider: its code may be anybody's, so the way is gone once more by us.
        return await begin(visit, provider)
    pending = visit.session.pending if visit.session else {}
    if pending.get("way") != way.key or visit.session is None:
        raise Refused("sign_in_failed")
    # One try: what comes a second time finds nothing.
    visit.sessions.end(visit.session)
    claims = await flow.finish(visit.request, way, pending["state"])
    return await run_in_threadpool(_known_or_waits, visit, way, claims, pending["next"])


@router.post("/sign-out")
def sign_out(visit: Anyone) -> Response:
    """End the session, here and on the server."""
    if visit.session:
        visit.sessions.end(visit.session)
    return visit.sessions.take_back(visit.go("/sign-in"))


def _known_or_waits(visit: Visit, way: SignIn, claims: flow.Claims, path: str) -> Response:
    def bound(issuer: str, subject: str) -> str | None:
        found = accounts.bound(visit.notes, issuer, subject)
        return found.staff_id if found else None

    staff_id = flow.who(claims, way, bound, lambda told: _is_staff(visit, told))
    if staff_id:
        return _signed_in(visit, staff_id, path)
    name = str(claims["name"]) if claims.get("name") else None
    ref = accounts.ask(
        visit.notes, way.issuer, str(claims["sub"]), name, flow.verified_email(claims)
    )
    raise Refused("not_known_yet", ref)


def _is_staff(visit: Visit, staff_id: str) -> bool:
    return bool(visit.rows("SELECT 1 FROM roster.staff WHERE staff_id = $id", {"id": staff_id}))


def _signed_in(visit: Visit, staff_id: str, path: str) -> Response:
    # A new word: one that was known before, or set by somebody else, is worth nothing.
    if visit.session:
        visit.sessions.end(visit.session)
    return visit.sessions.hand_out(visit.sessions.start(staff_id), visit.go(path))
