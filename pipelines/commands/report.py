"""`homeroom report`: the page for the weekly meeting of analysts, as HTML and PDF.

Belongs here: files and the PDF. What the page tells is portal/weekly.py's.
"""

from __future__ import annotations

import logging
import uuid
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from connectors.errors import HomeroomError
from pipelines.commands.options import Config


def report(
    week: Annotated[
        datetime, typer.Option(formats=["%Y-%m-%d"], help="Any day of the week to report.")
    ],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder to write to.")] = Path(),
    paper: Annotated[str, typer.Option(help="A4 or Letter.")] = "A4",
    pdf: Annotated[bool, typer.Option("--pdf/--no-pdf", help="Write the PDF too.")] = True,
    config: Config = None,
) -> None:
    """Write the one-page report of a week, as HTML and PDF.

    Trends per school and platform, coverage, who is who, files. Groups of 10 and more only.
    """
    from portal import weekly
    from warehouse import settings
    from warehouse.reader import Reader

    if paper not in ("A4", "Letter"):
        raise HomeroomError("is no paper we print on", culprit=paper, fix="--paper A4 or Letter")
    district = settings.load(settings.find(config))
    titles = {told.platform: told.title for told in district.titles}
    with Reader(district.warehouse) as live:
        page = weekly.page(live, week.date(), district.name, titles)
    out.mkdir(parents=True, exist_ok=True)
    path = out / f"week-{weekly.monday(week.date())}.html"
    path.write_text(page, "utf-8")
    print(path)
    if pdf:
        printed = path.with_suffix(".pdf")
        printed.write_bytes(as_pdf(page, paper))
        print(printed)


def as_pdf(page: str, paper: str) -> bytes:
    """A page as PDF/UA-1: tagged, with language and title; equal pages give equal bytes.

    Raises HomeroomError where WeasyPrint or Pango is not installed.
    """
    try:
        import weasyprint
    except (ImportError, OSError) as error:
        raise HomeroomError(
            "the HTML is written, but no PDF: WeasyPrint or Pango is not here",
            culprit=type(error).__name__,
            fix="pip install 'homeroom[pdf]', and libpango-1.0-0 and libpangoft2-1.0-0 of the "
            "system; or --no-pdf, and print the HTML",
        ) from error
    # Of screens' properties that it does not know it tells at length.
    logging.getLogger("weasyprint").setLevel(logging.ERROR)
    size = weasyprint.CSS(string=f"@page {{ size: {paper} }}")
    # The plots stand in the page; should it ever ask for more, it gets nothing.
    inside = weasyprint.urls.URLFetcher(allowed_protocols={"data"})
    told = weasyprint.HTML(string=page, url_fetcher=inside).write_pdf(
        stylesheets=[size],
        pdf_variant="pdf/ua-1",
        pdf_identifier=uuid.uuid5(uuid.NAMESPACE_OID, page).hex.encode(),
    )
    return bytes(told or b"")
