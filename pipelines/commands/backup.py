"""`homeroom backup` and `homeroom restore`: the district's home in a folder elsewhere, and back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipelines.commands.options import Config


def back_up(
    to: Annotated[Path, typer.Argument(metavar="TO", help="A new folder, best on another disk.")],
    config: Config = None,
    keep: Annotated[
        int | None,
        typer.Option(
            "--keep",
            metavar="N",
            min=1,
            help="Then remove older backups of this district from the folder that TO is in, but N.",
        ),
    ] = None,
) -> None:
    """Copy everything that cannot be made again to a folder.

    No run may be at work; the portal may. Secrets are not copied.
    """
    from warehouse import backup, settings

    district = settings.load(settings.find(config))
    size = backup.back_up(district, to)
    print(f"Backed up to {to}: {size / 1e6:,.1f} MB.")
    if district.notes_url:
        print("The notes are in a database of their own: back that up with its own tools.")
    if keep is not None:
        for folder in backup.prune(district, to, keep):
            print(f"Removed the older {folder}.")


def restore(
    source: Annotated[Path, typer.Argument(metavar="FROM", help="A folder of homeroom backup.")],
    config: Config = None,
    only_check: Annotated[
        bool, typer.Option("--check", help="Read the whole backup and compare; write nothing.")
    ] = False,
) -> None:
    """Put a backup into an empty home.

    Every file is compared with its hash first.
    """
    from warehouse import backup, settings

    if only_check:
        print(f"The backup is whole: {len(backup.check(source))} files.")
        return
    district = settings.load(settings.find(config))
    count = backup.restore(district, source)
    print(f"Restored {count} files to {district.home}. See: homeroom status")
