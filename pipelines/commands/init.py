"""`homeroom init`: a first homeroom.toml, by looking at what lies in a folder of exports."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from connectors.errors import HomeroomError


def init(
    exports: Annotated[
        Path,
        typer.Argument(
            metavar="EXPORTS", help="Folder with a folder per platform.", exists=True,
            file_okay=False,
        ),
    ],
    zone: Annotated[
        str, typer.Option("--time-zone", metavar="ZONE", help="Such as America/Chicago.")
    ],
    name: Annotated[str, typer.Option("--name", help="The district's name.")] = "Our District",
    to: Annotated[
        Path, typer.Option("--config", "-c", metavar="FILE", help="File to write.")
    ] = Path("homeroom.toml"),
) -> None:  # fmt: skip
    """Write a first homeroom.toml.

    Which platform a folder's files are from is told by their columns.
    """
    from connectors.registry import PLATFORMS
    from warehouse import beginning, settings

    if to.exists():
        raise HomeroomError(
            "there is one already", culprit=str(to), fix="name another file, or change this one"
        )
    found = beginning.look(exports.resolve(), PLATFORMS)
    if not any(one.platform for one in found):
        raise HomeroomError(
            "no files of a known platform are there",
            culprit=str(exports),
            fix="put each platform's exports into a folder of its own below it",
        )
    text = beginning.written(name, zone, found, to.resolve().parent)
    with to.open("x", encoding="utf-8") as file:
        file.write(text)
    try:
        settings.load(to)
    except HomeroomError:
        to.unlink()
        raise
    for one in found:
        told = " or ".join((one.platform, *one.others)) or "not known"
        print(f"{one.folder.name}: {told} ({one.known} of {one.looked} files looked at)")
    print(f"Wrote {to}. Look at it, then: homeroom run --config {to}")
