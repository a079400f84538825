"""Options that several commands share."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

Config = Annotated[
    Path | None,
    typer.Option(
        "--config",
        "-c",
        envvar="HOMEROOM_CONFIG",
        show_envvar=True,
        metavar="FILE",
        help="The district's homeroom.toml. Default: ./homeroom.toml",
    ),
]


class Format(StrEnum):
    """How rows are printed."""

    table = "table"
    csv = "csv"
    json = "json"


Form = Annotated[Format, typer.Option("--format", "-f", help="How to print.")]
