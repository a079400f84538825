"""The coordinators' exports: one week as files, with pseudonyms or with the roster's ids.

A process of its own makes them (warehouse/exports/requested.py); here it is asked for, told how far
it is, and fetched. With ids they hold every student's measures, so that only those who may see all
of them get one.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Form
from fastapi.responses import FileResponse, Response

from connectors.errors import HomeroomError
from portal.errors import Refused
from portal.live import Row
from portal.rights import Right
from portal.visit import Visit, needs
from warehouse.exports import requested
from warehouse.exports.requested import State

router = APIRouter()
Coordinator = Annotated[Visit, Depends(needs(Right.operations))]
_PAGE = "/operations/exports"
_WEEKS = """
SELECT DISTINCT week_start, week_start + 6 AS week_end FROM views.weekly_summary
ORDER BY week_start DESC"""


@router.get(_PAGE)
def exports(visit: Coordinator) -> Response:
    """The weeks that can be exported, and the export that is there."""
    return visit.page(
        "operations_exports.html",
        weeks=visit.rows(_WEEKS),
        identified=visit.may(Right.every_student).allowed,
        found=requested.find(visit.settings.exports),
        hours=requested.KEPT.seconds // 3600,
    )


@router.post(_PAGE)
def export(
    visit: Coordinator,
    week: Annotated[date, Form()],
    people: Annotated[Literal["ids", "pseudonyms"], Form()],
) -> Response:
    """Begin one week's export."""
    if people == "ids":
        visit.must(Right.every_student)
    if not any(known["week_start"] == week for known in visit.rows(_WEEKS)):
        raise Refused("bad_request")
    settings = visit.settings
    try:
        requested.start(
            settings.exports, settings.warehouse, settings.export.key_file, week, people
        )
    except HomeroomError as error:
        raise Refused("not_kept", str(error)) from error
    return visit.go(_PAGE)


@router.get(f"{_PAGE}/week.zip")
def fetch(visit: Coordinator) -> Response:
    """The finished export; kept in the access log before it is sent."""
    found = requested.find(visit.settings.exports)
    if found is None or found.state is not State.ready:
        raise Refused("not_found")
    asked, everyone = found.asked, list[Row]()
    if asked.people == "ids":
        visit.must(Right.every_student)
        everyone = visit.rows("SELECT student_id FROM roster.student")
    visit.log_operations(
        "export",
        f"week {asked.week} with {asked.people}",
        [row["student_id"] for row in everyone],
    )
    return FileResponse(
        requested.ready(visit.settings.exports, asked),
        media_type="application/zip",
        filename=f"homeroom_{asked.week}_{asked.people}.zip",
    )
