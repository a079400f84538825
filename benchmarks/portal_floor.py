"""The floor of the portal's speed: the same server and framework, and nothing else.

`/empty` is a route that answers two letters; `/page` sends a page of the size of a board that was
made before. What the portal needs beyond these is its own work.
"""

from __future__ import annotations

import os
from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import HTMLResponse, PlainTextResponse

_PAGE = os.environ.get("HOMEROOM_FLOOR_PAGE", "")

app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
_TEXT = Path(_PAGE).read_text("utf-8") if _PAGE else ""


@app.get("/empty")
def empty() -> PlainTextResponse:
    """As little as a route can do; in a thread, as the portal's are."""
    return PlainTextResponse("ok")


@app.get("/page")
def page() -> HTMLResponse:
    """A page that is ready."""
    return HTMLResponse(_TEXT)
