"""`homeroom quality`: the quality report of a version."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipelines.commands.options import Config


def quality(
    config: Config = None,
    version: Annotated[
        str,
        typer.Option("--version", metavar="FILE", help="As homeroom versions list shows it."),
    ] = "",
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Copy the page there.")
    ] = None,
) -> None:
    """Where the quality report of the live version is, or of another that is still there.

    One HTML page: what came, what was turned away and why, what every row became, every check.
    """
    from warehouse import settings
    from warehouse.quality import report as reports

    found = reports.find(settings.load(settings.find(config)), version)
    if out is not None:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_bytes(found.read_bytes())
    print(out or found)
