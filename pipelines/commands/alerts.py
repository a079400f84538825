"""`homeroom alerts`: tells adults by e-mail what portal.alerts decides. For cron, hourly."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from pipelines.commands.options import Config


def alerts(
    config: Config = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be sent, and send nothing.")
    ] = False,
) -> None:
    """Tell adults by e-mail of tasks for which help may be welcome, and of boards that are ready.

    Needs [portal.alerts]. Nobody is told twice of the same.
    """
    from connectors.errors import HomeroomError
    from connectors.ways.secrets import Secrets
    from portal import alerts as decided
    from portal.live import Version
    from portal.mail import Mail, deliver
    from warehouse import publish, settings
    from warehouse.notes import digests, messages
    from warehouse.notes.database import Notes
    from warehouse.settings.mail import is_address

    district = settings.load(settings.find(config))
    chosen = district.portal.alerts
    if chosen is None:
        raise HomeroomError(
            "no message is sent, because [portal.alerts] is not there",
            culprit=str(district.file),
            fix="write it: docs/alerts.md",
        )
    pointer = publish.read_pointer(district.warehouse)
    if pointer is None:
        raise HomeroomError(
            "nothing has been published yet", culprit=str(district.warehouse), fix="homeroom run"
        )
    now = datetime.now(ZoneInfo(district.time_zone))
    with Notes(district.notes) as notes, closing(Version(district.warehouse, pointer)) as live:
        matters = []
        if chosen.below_threshold:
            matters += decided.help_offers(live, district.portal, now.date())
        if chosen.weekly_digest:
            ready = digests.standing(notes)
            matters += decided.boards_ready(live, district.portal, ready, now)
        addresses = {
            row["staff_id"]: row["email"] or ""
            for row in live.rows("SELECT staff_id, email FROM roster.staff")
        }
        letters = decided.letters(
            messages.not_yet_told(notes, matters), addresses, district.portal.base_url
        )
        if dry_run:
            for letter in letters:
                told = letter.staff_id if is_address(letter.address) else "nobody: no address"
                print(f"{letter.matters[0].kind}, {len(letter.matters)}: to {told}")
            print(f"{len(letters)} messages would be sent.")
            return
        if not letters:
            print("There is nothing to tell.")
            return
        with Mail(chosen, Secrets(district.file.parent).named(chosen.secret)) as mail:
            sent = deliver(notes, letters, mail)
    print(
        f"{sent.taken} messages sent, {sent.refused} refused by the server, "
        f"{sent.without_address} adults without an address."
    )
    if sent.refused:
        raise typer.Exit(1)
