"""`homeroom explain`: the rows that went into a number, and the arithmetic that came out."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.commands.options import Config

if TYPE_CHECKING:
    from warehouse.explain import Ask


def explain(
    student: Annotated[
        str, typer.Argument(metavar="STUDENT", help="A student_id, district number or name.")
    ],
    measure: Annotated[
        str, typer.Argument(metavar="MEASURE", help="As docs/measures.md names it, or view.column.")
    ],
    config: Config = None,
    platform: Annotated[str | None, typer.Option(help="On this platform.")] = None,
    week: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Any day of the week. Default: the latest."),
    ] = None,
    item: Annotated[
        str | None,
        typer.Option(help="Id or title of an assignment, skill or test, or a subject."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
) -> None:
    """How a number came about: the rows that went in and the arithmetic that came out.

    Ends with 1 if the arithmetic and the published number differ.
    """
    from pipelines.show import explain as show_explain
    from warehouse import reader, settings
    from warehouse.explain import explain as told

    district = settings.load(settings.find(config))
    with reader.Reader(district.warehouse) as live:
        one = told(
            live.rows,
            measure,
            one_student(live.rows, student),
            platform=platform,
            week=week.date() if week else None,
            item=item,
            values=district.thresholds,
        )
    if as_json:
        json.dump(asdict(one), sys.stdout, indent=1, default=str)
        print()
    else:
        show_explain.explained(one)
    if not one.agrees:
        raise typer.Exit(1)


def one_student(ask: Ask, asked: str) -> str:
    """The one student; where it is not one, the list is printed and nothing is guessed."""
    from connectors.errors import HomeroomError
    from pipelines.show import explain as show_explain
    from warehouse.explain import students

    found = students.meant(ask, asked)
    if len(found) == 1:
        return found[0].student_id
    show_explain.candidates(found or students.near(ask, asked))
    raise HomeroomError(
        f"{len(found)} students are called that" if found else "is no student of the roster",
        culprit="STUDENT",
        fix="name one by student_id",
    )
