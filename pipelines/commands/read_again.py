"""`homeroom reread`: files of a past week, of a school year or all, read once more."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from pipelines.commands.options import Config


def read_again(
    config: Config = None,
    week: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Any day of the week.")
    ] = None,
    year: Annotated[
        int | None,
        typer.Option(min=1990, max=2100, help="The year in which the school year began."),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every file.")] = False,
) -> None:
    """Read files again that were read before, and publish.

    As they were received: no source has to send them again. New files are taken too.
    """
    from connectors.errors import HomeroomError
    from pipelines import show, telling
    from warehouse import nightly, settings
    from warehouse.intake import read_again as again
    from warehouse.watch import status

    if (week is not None) + (year is not None) + everything != 1:
        raise HomeroomError("what to read again is not told", fix="give --week, --year or --all")
    district = settings.load(settings.find(config))
    span = again.week_of(week.date()) if week else again.year_from(year) if year else None
    with show.progress() as progress, telling.at_the_end(district):
        with nightly.opened(district) as ledger:
            files = again.set_pending(district, ledger, span)
        report = nightly.run(district, progress)
    print(f"{files} files were read again.")
    show.ran(report, status.attention_in(district, report.taken.files))
    if report.failed or nightly.failed_feeds(district, report):
        raise typer.Exit(1)
