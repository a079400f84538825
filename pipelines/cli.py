"""The command line: `homeroom`. Thin: reads arguments, calls the steps, prints what they say."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import duckdb
import typer

from connectors.errors import HomeroomError
from pipelines.commands import (
    alerts,
    backup,
    connector,
    data_schedule,
    drift,
    evidence,
    explain,
    export,
    forget,
    init,
    messages,
    portal,
    quality,
    read_again,
    record,
    report,
    retention,
    review,
    versions,
    why,
)
from pipelines.commands.options import Config, Form, Format

app = typer.Typer(
    name="homeroom",
    help="Brings a school network's learning platforms into one warehouse, and publishes "
    "per-student engagement and procrastination views.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

app.add_typer(connector.app, name="connector")
app.add_typer(drift.app, name="drift")
app.add_typer(review.app, name="review")
app.add_typer(messages.app, name="messages")
app.add_typer(portal.app, name="portal")
app.add_typer(versions.app, name="versions")
app.add_typer(why.app, name="why")
app.command("serve")(portal.serve)
app.command("alerts")(alerts.alerts)
app.command()(init.init)
app.command("backup")(backup.back_up)
app.command("restore")(backup.restore)
app.command("reread")(read_again.read_again)
app.command()(explain.explain)
app.command()(forget.forget)
app.command()(record.student_record)
app.command()(retention.retention)
app.command()(data_schedule.data_schedule)
app.command()(quality.quality)
app.command()(report.report)
app.command()(evidence.evidence)


@app.command()
def sample(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder to write to.")],
    students: Annotated[int, typer.Option(min=60, help="How many students.")] = 240,
    weeks: Annotated[int, typer.Option(min=10, max=40, help="How many weeks of school.")] = 14,
    seed: Annotated[int, typer.Option(help="Same seed, same bytes.")] = 7,
) -> None:
    """Write a synthetic district to try things on.

    Exports in real layouts, homeroom.toml, and the truth.
    """
    from connectors import sample as district
    from pipelines import show

    asked = {"students": students, "weeks": weeks, "seed": seed}
    note = folder / "truth" / "parameters.json"
    if note.is_file() and json.loads(note.read_text("utf-8")) == asked:
        show.already_sampled(folder)
        return
    try:
        with show.progress() as progress:
            summary = district.write_district(
                folder,
                students=students,
                weeks=weeks,
                seed=seed,
                progress=lambda stage, share: progress(stage, share, 1.0),
            )
    except FileExistsError as error:
        raise HomeroomError(
            "the folder holds something else", culprit=str(folder), fix="name an empty folder"
        ) from error
    # Written last: a district that was interrupted is not taken for a whole one.
    note.write_text(json.dumps(asked), "utf-8")
    show.sampled(folder, summary)


@app.command()
def run(
    config: Config = None,
    summary: Annotated[
        bool, typer.Option("--summary", help="Print the whole summary, not only what changed.")
    ] = False,
    accept_smaller_roster: Annotated[
        bool,
        typer.Option(
            "--accept-smaller-roster", help="Take a roster that lost more than a tenth of its rows."
        ),
    ] = False,
    accept_lost_links: Annotated[
        bool,
        typer.Option("--accept-lost-links", help="Let a platform's accounts lose their students."),
    ] = False,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Build the warehouse anew even if nothing is new.")
    ] = False,
    wait: Annotated[
        float, typer.Option(metavar="MINUTES", min=0, help="Wait so long for another run to end.")
    ] = 0,
) -> None:
    """Take every new file and publish the warehouse.

    The warehouse is built beside the live one and checked before it goes live.

    Ends with 0; with 1 when a feed or a check failed; with 2 when nothing could be done.
    """
    from pipelines import show, telling
    from warehouse import lock, nightly, settings
    from warehouse.watch import status

    district = settings.load(settings.find(config))
    if wait:
        show.waiting(*lock.holder(district.home))
    with show.progress() as progress, telling.at_the_end(district):
        report = nightly.run(
            district,
            progress,
            wait=timedelta(minutes=wait),
            accept_smaller=accept_smaller_roster,
            rebuild=rebuild,
            accept_links=accept_lost_links,
        )
    show.ran(report, status.attention_in(district, report.taken.files))
    if summary:
        show.status(status.gather(district))
    if report.failed or nightly.failed_feeds(district, report):
        raise typer.Exit(1)


@app.command()
def status(
    config: Config = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
    check: Annotated[
        bool, typer.Option("--check", help="One line for a monitor; ends with 1 if not well.")
    ] = False,
    within: Annotated[
        int, typer.Option(metavar="HOURS", min=1, help="With --check: a run must be so young.")
    ] = 80,
) -> None:
    """How the district stands.

    Freshness, files, quarantine, who is who, checks, and the warehouse's path.
    """
    from pipelines import show
    from warehouse import settings
    from warehouse.watch import well
    from warehouse.watch.status import gather

    district = settings.load(settings.find(config))
    if check:
        verdict = well.look(district, timedelta(hours=within))
        print(f"{'well' if verdict.well else 'NOT WELL'}: {verdict.line}")
        raise typer.Exit(not verdict.well)
    state = gather(district)
    if as_json:
        json.dump(state, sys.stdout, indent=1, default=str)
        print()
    else:
        show.status(state)


@app.command()
def sql(
    query: Annotated[
        str, typer.Argument(metavar="SQL", help="One statement; - reads it from input.")
    ],
    config: Config = None,
    form: Form = Format.table,
) -> None:
    """Ask the live warehouse, read-only."""
    from pipelines import show
    from warehouse import reader, settings

    district = settings.load(settings.find(config))
    text = sys.stdin.read() if query == "-" else query
    with reader.Reader(district.warehouse) as live:
        cursor = live.query(text)
        if form is Format.csv:
            reader.write_csv(cursor)
        elif form is Format.json:
            reader.write_json(cursor)
        else:
            show.rows(cursor)


app.command()(export.export)


@contextmanager
def _plain_errors() -> Iterator[None]:
    """A person gets a sentence, never a stack trace."""
    try:
        yield
    except HomeroomError as error:
        print(f"homeroom: {error}", file=sys.stderr)
        raise SystemExit(2) from error
    except (KeyboardInterrupt, duckdb.InterruptException):
        print("homeroom: stopped; the next run goes on from here.", file=sys.stderr)
        raise SystemExit(130) from None
    except duckdb.Error as error:
        # Its own words may quote a value from a row, so only the kind of error is said.
        kind = type(error).__name__
        print(
            f"homeroom: the database engine stopped ({kind}); the live warehouse stays as it is.",
            file=sys.stderr,
        )
        raise SystemExit(2) from error
    except BrokenPipeError:
        sys.stderr.close()
        raise SystemExit(0) from None
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        print(f"homeroom: {error.strerror or error}{where}.", file=sys.stderr)
        raise SystemExit(2) from error


def main(call: Callable[[], None] = app) -> None:
    """Entry point of the `homeroom` command."""
    with _plain_errors():
        call()
