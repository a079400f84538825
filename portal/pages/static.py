"""Stylesheet and script. Their names hold their hash, so browsers may keep them for good."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from portal.errors import Refused
from portal.rendering import FILES
from portal.rights import Right
from portal.visit import Visit, needs

router = APIRouter()


@router.get("/static/{name}")
async def static(name: str, _: Annotated[Visit, Depends(needs(Right.public))]) -> Response:
    """A file of portal/static/."""
    found = FILES.get(name)
    if found is None:
        raise Refused("not_found")
    kept = {"Cache-Control": "public, max-age=31536000, immutable"}
    return Response(found.body, 200, kept, found.media_type)
