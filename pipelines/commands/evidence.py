"""`homeroom evidence`: what the cards were worth on the district's own past year."""

from __future__ import annotations

import csv
import json
import sys
from dataclasses import asdict, fields
from typing import Annotated

import typer

from pipelines.commands.options import Config, Form, Format


def evidence(
    config: Config = None,
    kind: Annotated[
        list[str] | None,
        typer.Option(help="Count only assignments of this kind as hand-ins. May be repeated."),
    ] = None,
    form: Form = Format.table,
) -> None:
    """What each rule's cards were worth on your own past year, and other thresholds beside it.

    How often they come, and whether the next hand-in of students with a card was missed or late
    more often than that of the others. Counts of the published warehouse, with 95 % intervals;
    groups of fewer than 10 students are not told.
    """
    from pipelines.show import evidence as show_evidence
    from warehouse import settings
    from warehouse.evidence import report
    from warehouse.reader import Reader

    district = settings.load(settings.find(config))
    with Reader(district.warehouse) as live:
        found = report.gather(live, district.thresholds, tuple(kind or ()))
    if form is Format.table:
        show_evidence.evidence(found)
        return
    rows = [asdict(figure) for figure in report.figures(found)]
    if form is Format.json:
        json.dump(rows, sys.stdout, indent=1)
        print()
    else:
        names = [field.name for field in fields(report.Figure)]
        writer = csv.DictWriter(sys.stdout, names, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
