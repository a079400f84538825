"""`homeroom forget`: one student out of everything that is held here, with a certificate."""

from __future__ import annotations

import getpass
import json
import sys
from typing import Annotated, Any

import typer

from pipelines.commands.explain import one_student
from pipelines.commands.options import Config


def forget(
    student: Annotated[
        str, typer.Argument(metavar="STUDENT", help="A student_id, district number or name.")
    ] = "",
    config: Config = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would go, and change nothing.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    by: Annotated[str, typer.Option("--by", help="Who asks. Default: who is signed in.")] = "",
    not_them: Annotated[
        str,
        typer.Option(
            metavar="FILE", help="Rows of this file are held back, and are another child's."
        ),
    ] = "",
) -> None:
    """Remove everything about one student, for good.

    Landed files, lake, versions, notes and exports still held here. Files that are sent again do
    not bring the student back. What has left this machine is not reached: backups, deliveries.

    Ends with 1 where something is left.
    """
    from connectors.errors import HomeroomError
    from pipelines import show
    from warehouse import nightly, reader, settings
    from warehouse.forgetting import command

    district = settings.load(settings.find(config))
    if not_them:
        with nightly.opened(district) as ledger:
            names = command.not_them(district, ledger, not_them)
        print(f"{names} names are let in. The next run takes the file again.")
        return
    if not student:
        raise HomeroomError("nobody is named", culprit="STUDENT", fix="name a student_id")
    with reader.Reader(district.warehouse) as live:
        student_id = one_student(live.rows, student)
    with nightly.opened(district) as ledger, show.progress() as progress:
        places = command.would(district, ledger, student_id, progress)
    _print(places)
    if dry_run:
        print("Nothing was changed.")
        return
    if not yes:
        typer.confirm("This cannot be undone. Forget this student?", abort=True)
    with nightly.opened(district) as ledger, show.progress() as progress:
        path = command.forget(
            district, ledger, student_id, by=by or getpass.getuser(), progress=progress
        )
    left = json.loads(path.read_text("utf-8"))["left"]
    print(f"Forgotten. Certificate: {path}")
    if left:
        print("Still found in, and left for a person to look at:", file=sys.stderr)
        print("\n".join(f"  {name}" for name in left), file=sys.stderr)
        raise typer.Exit(1)


def _print(places: dict[str, Any]) -> None:
    """Counts by place."""
    for place, told in places.items():
        counts = ", ".join(f"{k} {v}" for k, v in told.items()) if isinstance(told, dict) else told
        print(f"{place}: {counts or 'nothing'}")
