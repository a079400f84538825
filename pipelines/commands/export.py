"""`homeroom export`: one week of every table as files, for analysts."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from pipelines.commands.options import Config


class Shape(StrEnum):
    """Open shapes of the same facts."""

    ED_FI = "ed-fi"
    ONEROSTER = "oneroster"


def export(
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder to write to.")],
    week: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Any day of the week to export."),
    ] = None,
    shape: Annotated[
        Shape | None, typer.Option(help="All weeks in a shape that other systems read.")
    ] = None,
    config: Config = None,
    pseudonymous: Annotated[
        bool,
        typer.Option("--pseudonymous", help="Keyed hashes for people; no names, dates, free text."),
    ] = False,
    key_file: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The key, if not that of [export]."),
    ] = None,
    deliver: Annotated[
        bool, typer.Option("--deliver", help="Also send the week where [export] says.")
    ] = False,
    fairness_audit: Annotated[
        bool, typer.Option("--fairness-audit", help="Also the audit that coordinators see.")
    ] = False,
) -> None:
    """Write one week as CSV, Parquet and a workbook, or all weeks in another shape.

    A week comes with a manifest; the same data makes the same bytes.
    """
    from connectors.errors import HomeroomError
    from pipelines import show
    from warehouse import settings
    from warehouse.exports import delivery, pseudonyms
    from warehouse.exports.shapes import export_shape
    from warehouse.exports.writing import Wanted, export_week

    if (week is None) == (shape is None) or (shape and (pseudonymous or deliver or fairness_audit)):
        raise HomeroomError(
            "an export is of one week, or in one shape with the ids of the roster",
            culprit="--week, --shape",
            fix="name one of them; --pseudonymous, --deliver and --fairness-audit go with --week",
        )
    if deliver and fairness_audit:
        raise HomeroomError(
            "the fairness audit is for coordinators, and is not sent to analysts",
            culprit="--fairness-audit",
            fix="leave out --deliver, or --fairness-audit",
        )
    district = settings.load(settings.find(config))
    if shape is not None:
        show.shaped(out, export_shape(district.warehouse, shape.value, out, district.time_zone))
        return
    assert week is not None
    key = pseudonyms.key(key_file or district.export.key_file) if pseudonymous else None
    wanted = Wanted(week.date(), key, fairness_audit)
    show.exported(out, export_week(district.warehouse, wanted, out))
    if deliver:
        sent = delivery.deliver(district, wanted, out)
        print(f"{sent} files sent to {district.export.deliver_to}" if sent else "Nothing to send.")
