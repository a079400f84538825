"""`homeroom retention`: removes what is older than [retention] keeps it."""

from __future__ import annotations

from typing import Annotated

import typer

from pipelines.commands.options import Config


def retention(
    config: Config = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would go, and remove nothing.")
    ] = False,
) -> None:
    """Remove what is older than [retention] in homeroom.toml keeps it.

    Every run does the same where the section is there. The next run builds the warehouse without
    it.
    """
    from connectors.errors import HomeroomError
    from warehouse import nightly, settings
    from warehouse import retention as aged

    district = settings.load(settings.find(config))
    if not district.retention:
        raise HomeroomError(
            "says of nothing how long it is kept, so nothing goes",
            culprit=f"{district.file}: [retention]",
            fix="write it: docs/privacy.md",
        )
    with nightly.opened(district) as ledger:
        found = aged.due(district, ledger) if dry_run else aged.apply(district, ledger)
    for one in found:
        print(f"{one.unit}: {one.count}")
    print("Nothing was removed." if dry_run else "Removed. homeroom run publishes without it.")
