"""`homeroom export`: one week of every table as files, for analysts."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from pipelines.options import Config


def export(
    week: Annotated[
        datetime, typer.Option(formats=["%Y-%m-%d"], help="Any day of the week to export.")
    ],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder to write to.")],
    config: Config = None,
    pseudonymous: Annotated[
        bool,
        typer.Option("--pseudonymous", help="Keyed hashes for people; no names, dates, free text."),
    ] = False,
    key_file: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The district's key, readable by its owner only."),
    ] = None,
    fairness_audit: Annotated[
        bool, typer.Option("--fairness-audit", help="Also the audit that coordinators see.")
    ] = False,
) -> None:
    """Write one week as CSV, Parquet and a workbook.

    With a manifest; the same data makes the same bytes.
    """
    from pipelines import show
    from warehouse import settings
    from warehouse.exports import pseudonyms
    from warehouse.exports.writing import Wanted, export_week

    district = settings.load(settings.find(config))
    key = pseudonyms.key(key_file) if pseudonymous else None
    wanted = Wanted(week.date(), key, fairness_audit)
    show.exported(out, export_week(district.warehouse, wanted, out))
