"""How accessible the pages are, and what to do where one does not work. For everybody."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from portal.rights import Right
from portal.visit import Visit, needs

router = APIRouter()


@router.get("/accessibility")
def accessibility(visit: Annotated[Visit, Depends(needs(Right.public))]) -> Response:
    """The statement, in short."""
    return visit.page("accessibility.html")
