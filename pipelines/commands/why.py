"""`homeroom why`: where a row went, from its file to the views."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

import typer

from pipelines.commands.options import Config

app = typer.Typer(
    help="Why a row is missing: where a line of a file, or a student's week, went.",
    no_args_is_help=True,
)


@app.command()
def file(
    name: Annotated[str, typer.Argument(metavar="FILE", help="Its name, or a piece of it.")],
    line: Annotated[
        list[int] | None,
        typer.Option("--line", "-l", min=2, help="A line of it; the header is 1. May be repeated."),
    ] = None,
    config: Config = None,
) -> None:
    """What became of a file, and of some of its lines.

    Tells no value of the file. Ends with 2 where it never came.
    """
    from connectors.errors import HomeroomError
    from pipelines.show import why as show_why
    from warehouse import nightly, settings, trace
    from warehouse.trace import arrivals

    district = settings.load(settings.find(config))
    with nightly.opened(district) as ledger:
        found = arrivals.called(ledger, name)
        if not found:
            raise HomeroomError(
                arrivals.absent(district, name), culprit=name,
                fix="homeroom status tells which files came",
            )  # fmt: skip
        if len({(one.platform, one.name) for one in found}) > 1:
            show_why.several(found)
            raise HomeroomError(
                "several files are called that", culprit=name, fix="write the whole name"
            )
        with trace.working(district) as work:
            newest = trace.of_file(district, ledger, found[0], line or (), work)
    show_why.file(newest, found[1:], line or ())


@app.command()
def student(
    who: Annotated[
        str,
        typer.Argument(
            metavar="WHO", help="A student_id, district number or name; or an account's id."
        ),
    ],
    platform: Annotated[str, typer.Option(help="On this platform, as in homeroom.toml.")],
    config: Config = None,
    week: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Any day of the week. Default: the latest."),
    ] = None,
) -> None:
    """Which files of a week hold a student's rows, and what became of each.

    Of an account that is nobody's yet: why it waits.
    """
    from connectors.errors import HomeroomError
    from pipelines.commands.explain import one_student
    from pipelines.show import why as show_why
    from warehouse import nightly, reader, settings
    from warehouse.explain import students
    from warehouse.trace import student as asked

    district = settings.load(settings.find(config))
    if platform not in district.registry:
        raise HomeroomError(
            "is no platform of this district", culprit=f"--platform {platform}",
            fix=f"one of {', '.join(dict.fromkeys(s.platform for s in district.sources))}",
        )  # fmt: skip
    with nightly.opened(district) as ledger, reader.Reader(district.warehouse) as live:
        monday = week.date() if week else asked.latest_week(live.rows, platform)
        if monday is None:
            raise HomeroomError(
                "no week is shown of this platform", culprit=platform, fix="name one: --week"
            )
        monday -= timedelta(days=monday.weekday())
        accounts = asked.accounts(live.rows, platform, who)
        if accounts and not students.meant(live.rows, who):
            show_why.accounts(accounts)
            show_why.files(asked.about(ledger, live.rows, platform, monday), monday)
            return
        student_id = one_student(live.rows, who)
        told = asked.of_student(district, ledger, live.rows, student_id, platform, monday)
    show_why.week(student_id, platform, told)
