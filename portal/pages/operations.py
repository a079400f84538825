"""The coordinators' page: what came, what became of it, what was run and which version is live.

Counts, names of files and of columns, and lines: no value of a child.
"""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Form
from fastapi.responses import HTMLResponse, Response

from connectors.errors import FILE_REASONS, ROW_REASONS, HomeroomError
from portal.errors import Refused
from portal.feeds import feeds
from portal.paging import page_of
from portal.rights import Right
from portal.visit import Visit, needs
from warehouse import publish, review
from warehouse.layouts import drift_book
from warehouse.ledger import Ledger
from warehouse.quality import report as quality
from warehouse.watch import runs

router = APIRouter()
Coordinator = Annotated[Visit, Depends(needs(Right.operations))]


@router.get("/operations")
def overview(visit: Coordinator) -> Response:
    """Everything in short, with ways to the lists."""
    settings = visit.settings
    ledger = Ledger(settings.ledger)
    try:
        last, drifted = runs.last(ledger), len(drift_book.waiting(settings, ledger))
    finally:
        ledger.close()
    return visit.page(
        "operations.html",
        feeds=feeds(visit.live),
        titles={t.platform: t.title for t in settings.titles},
        files=visit.rows(
            "SELECT status, reason, count(*) AS files FROM ops.file GROUP BY ALL ORDER BY ALL"
        ),
        quarantine=visit.rows(
            """SELECT platform, feed, reason, count(*) AS rows,
                      count(DISTINCT source_file) AS files
               FROM ops.quarantine GROUP BY ALL ORDER BY ALL"""
        ),
        file_reasons=FILE_REASONS,
        row_reasons=ROW_REASONS,
        waiting=visit.rows(
            """SELECT platform, waits_for, count(*) AS accounts FROM ops.identity_review
               GROUP BY ALL ORDER BY ALL"""
        ),
        asks=review.ASKS,
        drifted=drifted,
        runs=last,
        versions=publish.versions(settings.warehouse),
        reported=_reported(settings.warehouse),
    )


def _reported(warehouse: Path) -> set[str]:
    """Versions that have a quality report."""
    return {
        pointer.file
        for pointer, _ in publish.versions(warehouse)
        if publish.quality_of(warehouse / pointer.file).is_file()
    }


@router.get("/operations/quality/{file}")
def quality_report(visit: Coordinator, file: str) -> Response:
    """The quality report of a version that is still there, as it was written."""
    try:
        page = quality.find(visit.settings, file).read_text("utf-8")
    except (HomeroomError, OSError) as error:
        raise Refused("not_found") from error
    style = page.partition("<style>")[2].partition("</style>")[0]
    allowed = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{allowed}'; frame-ancestors 'none'"
    return HTMLResponse(page, headers={"Content-Security-Policy": policy})


@router.get("/operations/files")
def files(visit: Coordinator, status: str = "", reason: str = "", page: int = 1) -> Response:
    """Files of one status, or all, the newest first."""
    found = visit.rows(
        """SELECT platform, feed, name, status, reason, culprit, exported_on, landed_at, rows_in,
                  rows_kept, rows_quarantined
           FROM ops.file
           WHERE ($status = '' OR status = $status) AND ($reason = '' OR reason = $reason)
           ORDER BY landed_at DESC, platform, name""",
        {"status": status, "reason": reason},
    )
    return visit.page(
        "operations_files.html",
        found=page_of(found, page),
        here=[("status", status), ("reason", reason)],
        reasons=FILE_REASONS,
    )


@router.get("/operations/quarantine")
def quarantine(
    visit: Coordinator, platform: str = "", feed: str = "", reason: str = "", page: int = 1
) -> Response:
    """Rows that were turned away, by file and line; never their values."""
    found = visit.rows(
        """SELECT q.platform, q.feed, q.line, q.column AS "column", q.reason, q.value_class,
                  any_value(f.name) AS name
           FROM ops.quarantine AS q
           LEFT JOIN ops.file AS f ON f.platform = q.platform AND f.sha256 = q.source_file
           WHERE ($platform = '' OR q.platform = $platform) AND ($feed = '' OR q.feed = $feed)
             AND ($reason = '' OR q.reason = $reason)
           GROUP BY q.platform, q.feed, q.source_file, q.line, q.column, q.reason, q.value_class
           ORDER BY q.platform, q.feed, name, q.line""",
        {"platform": platform, "feed": feed, "reason": reason},
    )
    return visit.page(
        "operations_quarantine.html",
        found=page_of(found, page),
        here=[("platform", platform), ("feed", feed), ("reason", reason)],
        reasons=ROW_REASONS,
    )


@router.post("/operations/version")
def use_version(visit: Coordinator, file: Annotated[str, Form()]) -> Response:
    """An earlier version goes live again, until there is something new to publish."""
    try:
        runs.use_version(visit.settings, file, by=visit.adult.staff_id)
    except HomeroomError as error:
        raise Refused("not_kept", str(error)) from error
    return visit.go("/operations")
