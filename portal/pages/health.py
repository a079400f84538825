"""Whether the portal is alive and ready, for a monitor. Tells nothing of anybody."""

from __future__ import annotations

from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse, Response

from connectors.errors import HomeroomError
from portal.rights import Right
from portal.visit import Visit, needs
from warehouse.notes.database import Notes

router = APIRouter()


@router.get("/health")
def health(visit: Annotated[Visit, Depends(needs(Right.public))]) -> Response:
    """200 where pages can be shown, 503 where a part is missing; which one."""
    parts = {
        "warehouse": visit.request.state.version is not None,
        "notes": _answers(visit.notes),
    }
    return JSONResponse(parts, 200 if all(parts.values()) else 503)


def _answers(notes: Notes) -> bool:
    try:
        with notes.reading() as db:
            return db.execute(sa.select(1)).scalar() == 1
    except HomeroomError:
        return False
