"""The web app: its parts put together, opened and closed with it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException

from portal.ask.asking import Asking
from portal.board.by_class import prepare
from portal.edge import Edge
from portal.errors import WORDS, Refused
from portal.live import Live
from portal.log_writer import LogWriter
from portal.pages import ROUTERS
from portal.sessions import Sessions
from portal.sign_in import clients
from portal.visit import problem
from warehouse import settings as district
from warehouse.exports import requested
from warehouse.notes.database import Notes
from warehouse.settings import Settings

_LOG = logging.getLogger("homeroom.portal")
_TIDY_SECONDS = 600


def create_app(settings: Settings) -> FastAPI:
    """The app of a district. Raises HomeroomError for a secret or a database that is not there."""
    oauth = clients(settings)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        with ExitStack() as stack:
            app.state.notes = stack.enter_context(Notes(settings.notes))
            app.state.log = stack.enter_context(LogWriter(app.state.notes))
            app.state.live = stack.enter_context(Live(settings.warehouse, prepare=prepare))
            app.state.sessions = Sessions(settings.sessions, https=settings.portal.https)
            stack.callback(app.state.sessions.close)
            tidying = asyncio.create_task(_tidied(settings.exports))
            stack.callback(tidying.cancel)
            yield

    # Nothing of the framework's own is served: no schema, no documentation from other hosts.
    app = FastAPI(
        lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False
    )
    app.state.settings, app.state.oauth, app.state.asking = settings, oauth, Asking()
    for router in ROUTERS:
        app.include_router(router)
    app.add_middleware(Edge, settings=settings.portal)
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(RequestValidationError, _not_understood)
    app.add_exception_handler(HTTPException, _of_the_framework)
    return app


def from_environment() -> FastAPI:
    """The app of the district that HOMEROOM_CONFIG names; for the workers of a server."""
    return create_app(district.load(district.find()))


async def _tidied(exports: Path) -> None:
    """At the start and from then on: exports that nobody fetched go."""
    while True:
        try:
            await run_in_threadpool(requested.sweep, exports)
        except OSError:
            _LOG.exception("old exports could not be removed")
        await asyncio.sleep(_TIDY_SECONDS)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)
    if error.words is WORDS["not_signed_in"] and request.method == "GET":
        path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        to = f"/sign-in?next={quote(path, safe='/')}"
        if request.headers.get("hx-request"):
            return Response(status_code=401, headers={"HX-Redirect": to})
        return RedirectResponse(to, 303)
    return problem(request, error.words, error.detail)


async def _not_understood(request: Request, error: Exception) -> Response:
    return problem(request, WORDS["bad_request"])


async def _of_the_framework(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    known = error.status_code in (404, 405)
    return problem(request, WORDS["not_found" if known else "bad_request"])
