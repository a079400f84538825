"""What holds for every request before any page: the host, where a form came from, the headers.

Written as plain ASGI, so that it costs next to nothing. It also keeps the version of the warehouse
open until the last byte of the answer is sent.
"""

from __future__ import annotations

import logging
import traceback
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from portal.errors import WORDS, Refused
from portal.live import Live
from portal.visit import SAFE, problem
from warehouse.settings.portal import LOOPBACK, PortalSettings

_LOG = logging.getLogger("homeroom.portal")
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


def refusal(settings: PortalSettings, method: str, headers: Headers, client: str) -> str | None:
    """Why a request is not answered at all, None where it is. Pure."""
    host = headers.get("host", "")
    name = urlsplit(f"//{host}").hostname or ""
    if settings.local:
        # A page elsewhere may point its own name at this machine; it cannot change the name.
        if name not in LOOPBACK or client not in LOOPBACK:
            return "not_here"
    elif host.lower() != urlsplit(settings.base_url).netloc.lower():
        return "not_here"
    if method in SAFE:
        return None
    if headers.get("sec-fetch-site", "same-origin") != "same-origin":
        return "forged"
    origin = headers.get("origin")
    ours = settings.base_url or f"http://{host}"
    return "forged" if origin is not None and origin.lower() != ours.lower() else None


class Edge:
    """The outermost layer of the app."""

    def __init__(self, app: ASGIApp, settings: PortalSettings) -> None:
        self._app, self._settings = app, settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        client = (scope.get("client") or ("", 0))[0]
        refused = refusal(self._settings, scope["method"], Headers(scope=scope), client)
        live: Live = scope["app"].state.live
        started = False

        async def with_headers(message: Message) -> None:
            nonlocal started
            started = True
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    # A page of another make names its own style by hash, and nothing else.
                    headers.setdefault(name, value)
                headers.setdefault("Cache-Control", "no-store")
                if self._settings.https:
                    headers["Strict-Transport-Security"] = "max-age=31536000"
            await send(message)

        with live.reading() as version:
            scope.setdefault("state", {})["version"] = version
            try:
                if refused:
                    raise Refused(refused)
                await self._app(scope, receive, with_headers)
            except Exception as error:  # noqa: BLE001 - a server's own report would quote values
                if not isinstance(error, Refused):
                    _report(error)
                if started:
                    raise ConnectionError("the answer was cut off") from None
                words = error.words if isinstance(error, Refused) else WORDS["broken"]
                await problem(Request(scope, receive), words)(scope, receive, with_headers)


def _report(error: Exception) -> None:
    """Kind and place of a fault: its words may hold a value of a child."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "unknown"
    ours = [f"{f.filename}:{f.lineno}" for f in frames if "/portal/" in f.filename]
    _LOG.error("%s at %s, from %s", type(error).__name__, place, ours[-1] if ours else place)
