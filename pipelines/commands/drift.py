"""`homeroom drift`: layouts that have changed, what is proposed, and taking a proposal over."""

from __future__ import annotations

from itertools import groupby
from typing import Annotated

import typer

from connectors.errors import HomeroomError
from pipelines.commands.options import Config

app = typer.Typer(
    help="Files that wait because their layout has changed.",
    no_args_is_help=True,
)

Id = Annotated[str, typer.Argument(metavar="ID", help="As `homeroom drift list` shows it.")]


@app.command(name="list")
def list_(config: Config = None) -> None:
    """Name what waits, and columns that nothing reads."""
    from warehouse import settings
    from warehouse.layouts import drift_book
    from warehouse.ledger import Ledger

    district = settings.load(settings.find(config))
    ledger = Ledger(district.ledger)
    try:
        found, unread = drift_book.waiting(district, ledger), drift_book.unread(district, ledger)
    finally:
        ledger.close()
    for written in found:
        p = written.proposal
        typer.echo(
            f"{p.id}  {p.platform}/{p.feed}: {len(written.files)} files wait; "
            f"{len(p.gone)} columns gone, {len(p.renames)} probably renamed"
        )
    if not found:
        typer.echo("No file waits because its layout has changed.")
    for feed, columns in groupby(unread, key=lambda c: c["feed"]):
        listed = ", ".join(f"{c['column']} (since {c['first_seen']})" for c in columns)
        typer.echo(f"{feed}: not read, kept in the landing area: {listed}")


@app.command()
def show(id_: Id, config: Config = None) -> None:
    """Show one proposal: new, gone, renamed, and why."""
    from warehouse import settings
    from warehouse.layouts import drift_book
    from warehouse.ledger import Ledger

    district = settings.load(settings.find(config))
    ledger = Ledger(district.ledger)
    try:
        written = drift_book.find(district, ledger, id_)
    finally:
        ledger.close()
    for line in drift_book.as_text(written):
        typer.echo(line)


@app.command()
def accept(
    id_: Id,
    config: Config = None,
    mapped: Annotated[
        list[str] | None,
        typer.Option("--map", metavar='"HEADER=COLUMN"', help="A rename that you know of."),
    ] = None,
) -> None:
    """Take renames over into aliases.toml.

    Only the sure ones, and those that --map names; the next run reads the files that wait.
    """
    from warehouse import nightly, settings
    from warehouse.layouts import drift_book

    told = {}
    for pair in mapped or []:
        header, sign, column = pair.rpartition("=")
        if not sign or not header.strip() or not column.strip():
            raise HomeroomError("is no pair", culprit=f"--map {pair}", fix='write "Header=column"')
        told[header.strip()] = column.strip()
    district = settings.load(settings.find(config))
    with nightly.opened(district) as ledger:
        chosen = drift_book.accept(district, ledger, id_, told)
    for header, column in chosen.items():
        typer.echo(f'"{header}" stands for {column} from now on (aliases.toml)')
    typer.echo("Next: homeroom run")
