"""A visit: one request of one adult. What a page needs it asks here: rights, rows, log, render.

Every route declares what it needs with `needs(Right...)`; a test fails for a route that does not.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from portal import rights
from portal.errors import Refused, Words
from portal.live import Row, Version
from portal.rendering import render
from portal.rights import Access, Answer, Right
from portal.sessions import Session, Sessions
from portal.tables import csv_text
from warehouse.notes import access_log
from warehouse.notes.database import Notes
from warehouse.settings import Settings

SAFE = ("GET", "HEAD")


class Visit:
    """One request: who asks, what they may, and the means of answering.

    `access`: all that the adult may; None where nobody has signed in.
    """

    def __init__(self, request: Request, session: Session | None, access: Access | None) -> None:
        self.request, self.session, self.access = request, session, access

    @property
    def settings(self) -> Settings:
        """The district."""
        found: Settings = self.request.app.state.settings
        return found

    @property
    def sessions(self) -> Sessions:
        """All sessions."""
        found: Sessions = self.request.app.state.sessions
        return found

    @property
    def notes(self) -> Notes:
        """The database of what people write."""
        found: Notes = self.request.app.state.notes
        return found

    @property
    def live(self) -> Version:
        """The version of the warehouse that this request reads. Raises Refused before the first."""
        version: Version | None = self.request.state.version
        if version is None:
            raise Refused("nothing_published")
        return version

    @property
    def adult(self) -> Access:
        """Who asks. Raises Refused where nobody has signed in."""
        if self.access is None:
            raise Refused("not_signed_in")
        return self.access

    def may(self, right: Right, what: str | None = None) -> Answer:
        """Whether this adult has a right, and why; for showing or hiding a button."""
        return rights.why(self.access, right, what)

    def must(self, right: Right, what: str | None = None) -> Answer:
        """The same, and the request ends here where not. Raises Refused."""
        answer = self.may(right, what)
        if not answer.allowed:
            lacks = "not_a_coordinator" if right is Right.operations else "no_right"
            raise Refused("not_signed_in" if self.access is None else lacks)
        return answer

    def rows(self, sql: str, values: Mapping[str, Any] | None = None) -> list[Row]:
        """Ask the live warehouse; `values` are the $names of the statement."""
        return self.live.rows(sql, values)

    def log(self, action: str, what: str, students: Iterable[str]) -> None:
        """Keep whom this page shows, exports or writes about; call it before answering.

        Raises Refused for a student who is not this adult's: what is logged is checked too.
        """
        about = list(students)
        for student_id in about:
            self.must(Right.student, student_id)
        self.request.app.state.log.add(access_log.new(self.adult.staff_id, action, what, about))

    def log_operations(self, action: str, what: str, students: Iterable[str]) -> None:
        """Keep whom work on the data is about; a coordinator needs no right to a child for it."""
        self.must(Right.operations)
        self.request.app.state.log.add(access_log.new(self.adult.staff_id, action, what, students))

    def page(self, template: str, status: int = 200, **values: Any) -> Response:
        """A template with what every page knows."""
        return HTMLResponse(render(template, _known(self.request, self) | values), status)

    def csv(self, name: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Response:
        """A table as a download, `name` without its ending. Log it as an export."""
        sent = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
        return Response(csv_text(columns, rows), 200, sent, "text/csv; charset=utf-8")

    def go(self, path: str) -> Response:
        """On to another page of ours, after a form."""
        return RedirectResponse(own_path(path), 303)


class Needs:
    """What a route needs: a dependency that gives the Visit, or ends the request."""

    def __init__(self, right: Right) -> None:
        self.right = right

    async def __call__(self, request: Request) -> Visit:
        """Who asks, if they may and if a form is from a page of theirs. Raises Refused."""
        state = request.app.state
        version: Version | None = request.state.version
        session = state.sessions.find(request.cookies.get(state.sessions.cookie))
        staff_id = session.staff_id if session else None
        access = None
        if staff_id and version is None and self.right is not Right.public:
            raise Refused("nothing_published")
        if staff_id and version:
            access = rights.kept(version, staff_id) or await run_in_threadpool(
                rights.access_of, version, staff_id, state.settings.portal
            )
        visit = request.state.visit = Visit(request, session, access)
        if request.method not in SAFE:
            await _own_form(request, session)
        named = rights.NAMED_BY.get(self.right)
        visit.must(self.right, request.path_params.get(named) if named else None)
        return visit


def needs(right: Right) -> Needs:
    """Declare what a route needs: `visit: Annotated[Visit, Depends(needs(Right.student))]`."""
    return Needs(right)


def own_path(text: str | None) -> str:
    """A path of ours to go on to; "/" for anything that leads, or could lead, elsewhere. Pure."""
    if not text or not text.startswith("/") or text.startswith(("//", "/\\")):
        return "/"
    if any(ord(c) < 33 or c == "\\" or ord(c) == 127 for c in text):
        return "/"
    parts = urlsplit(text)
    return "/" if parts.scheme or parts.netloc else text


def problem(request: Request, words: Words, detail: str = "") -> Response:
    """The page of an error. Raises nothing: it needs no warehouse."""
    known = _known(request, getattr(request.state, "visit", None))
    return HTMLResponse(
        render("problem.html", known | {"words": words, "detail": detail}), words.status
    )


async def _own_form(request: Request, session: Session | None) -> None:
    sent = request.headers.get("x-csrf-token") or (await request.form()).get("csrf")
    if session is None:
        raise Refused("not_signed_in")
    if not isinstance(sent, str) or not hmac.compare_digest(sent.encode(), session.csrf.encode()):
        raise Refused("forged")


def _known(request: Request, visit: Visit | None) -> dict[str, Any]:
    version: Version | None = getattr(request.state, "version", None)
    settings: Settings = request.app.state.settings
    return {
        "district": settings.name,
        "local": settings.portal.local,
        "adult": visit.access if visit else None,
        "csrf": visit.session.csrf if visit and visit.session else "",
        "published_at": version.pointer.published_at if version else None,
        "path": request.url.path,
    }
