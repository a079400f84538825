"""`homeroom versions`: the published versions that are still there, and going back to one."""

from __future__ import annotations

import getpass
from typing import Annotated

import typer

from pipelines.commands.options import Config

app = typer.Typer(help="Published versions.", no_args_is_help=True, rich_markup_mode=None)


@app.command("list")
def list_(config: Config = None) -> None:
    """The last three, the newest first."""
    from warehouse import publish, settings

    found = publish.versions(settings.load(settings.find(config)).warehouse)
    for version, live in found:
        print(f"{version.file}  made {version.published_at}{'  live' if live else ''}")
    if not found:
        print("Nothing has been published yet.")


@app.command()
def use(
    file: Annotated[str, typer.Argument(metavar="FILE", help="As the list shows it.")],
    config: Config = None,
    by: Annotated[str, typer.Option("--by", help="Who decides. Default: who is signed in.")] = "",
) -> None:
    """Make a version live again.

    It stays until a run has something new to publish, or --rebuild.
    """
    from warehouse import settings
    from warehouse.watch import runs

    district = settings.load(settings.find(config))
    made = runs.use_version(district, file, by=by or getpass.getuser())
    print(f"Live: {made.file}, made {made.published_at}. A run with something new replaces it.")
