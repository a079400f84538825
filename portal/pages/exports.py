"""The coordinators' exports: one week as files, with pseudonyms or with the roster's ids.

With ids they hold every student's measures, so that only those who may see all of them get one.
"""

from __future__ import annotations

import shutil
import tempfile
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Annotated, Literal
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from fastapi import APIRouter, Depends, Form
from fastapi.responses import FileResponse, Response
from starlette.background import BackgroundTask

from connectors.errors import HomeroomError
from portal.errors import Refused
from portal.rights import Right
from portal.visit import Visit, needs
from warehouse.exports import pseudonyms
from warehouse.exports.writing import Wanted, export_week

router = APIRouter()
Coordinator = Annotated[Visit, Depends(needs(Right.operations))]
_WEEKS = """
SELECT DISTINCT week_start, week_start + 6 AS week_end FROM views.weekly_summary
ORDER BY week_start DESC"""


@router.get("/operations/exports")
def exports(visit: Coordinator) -> Response:
    """The weeks that can be exported."""
    return visit.page(
        "operations_exports.html",
        weeks=visit.rows(_WEEKS),
        identified=visit.may(Right.every_student).allowed,
    )


@router.post("/operations/exports")
def export(
    visit: Coordinator,
    week: Annotated[date, Form()],
    people: Annotated[Literal["ids", "pseudonyms"], Form()],
) -> Response:
    """One week's files as a zip; kept in the access log before it is sent."""
    if people == "ids":
        visit.must(Right.every_student)
    if not any(known["week_start"] == week for known in visit.rows(_WEEKS)):
        raise Refused("bad_request")
    # Below the home: what a killed server leaves is found there by forgetting and retention.
    visit.settings.exports.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=".download-", dir=visit.settings.exports))
    with ExitStack() as unfinished:
        unfinished.callback(shutil.rmtree, folder, ignore_errors=True)
        try:
            key_file = visit.settings.export.key_file
            wanted = Wanted(week, pseudonyms.key(key_file) if people == "pseudonyms" else None)
            manifest = export_week(visit.settings.warehouse, wanted, folder / "files")
        except HomeroomError as error:
            raise Refused("not_kept", str(error)) from error
        packed = _packed(folder / "files", folder / "export.zip")
        everyone = visit.rows("SELECT student_id FROM roster.student") if people == "ids" else []
        visit.log_operations(
            "export",
            f"week {wanted.monday} with {people}",
            [row["student_id"] for row in everyone],
        )
        # From here on the answer takes the folder away, once it has been sent.
        unfinished.pop_all()
    return FileResponse(
        packed,
        media_type="application/zip",
        filename=f"homeroom_{manifest['week_start']}_{people}.zip",
        background=BackgroundTask(shutil.rmtree, folder, ignore_errors=True),
    )


def _packed(files: Path, into: Path) -> Path:
    """The files as one, with the same bytes for the same files. Most are compressed already."""
    with ZipFile(into, "w", ZIP_STORED) as archive:
        for path in sorted(files.iterdir()):
            with path.open("rb") as read, archive.open(ZipInfo(path.name), "w") as write:
                shutil.copyfileobj(read, write, 1 << 20)
    return into
