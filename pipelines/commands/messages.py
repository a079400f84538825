"""`homeroom messages`: tries how coordinators are told. What is told at a run's end: telling.py."""

from __future__ import annotations

from contextlib import closing

import typer

from pipelines.commands.options import Config

app = typer.Typer(help="Messages to coordinators about feeds and checks.", no_args_is_help=True)


@app.callback()
def messages() -> None:
    """Messages to coordinators about feeds and checks."""


@app.command("test")
def send_test(config: Config = None) -> None:
    """Send a test message to every receiver of [messages], and say what went wrong."""
    from connectors.errors import HomeroomError
    from pipelines import telling
    from warehouse import settings
    from warehouse.ledger import Ledger
    from warehouse.watch import outbox

    district = settings.load(settings.find(config))
    if district.messages is None:
        raise HomeroomError(
            "no message is sent, because [messages] is not there",
            culprit=str(district.file),
            fix="write it: docs/schedules.md",
        )
    district.home.mkdir(parents=True, exist_ok=True)
    with closing(Ledger(district.ledger)) as ledger:
        due = outbox.queue(
            ledger,
            outbox.ways_of(district.messages),
            f"Homeroom, {district.name}: a test",
            "This is a test. Messages about feeds and checks will reach you here.\n",
        )
        failed = telling.send(district, ledger, due)
        sent = len(due) - len({m.id for m in outbox.due(ledger)} & {m.id for m in due})
        outbox.drop(ledger, due)
    print(f"{sent} of {len(due)} test messages sent.")
    if failed:
        raise failed[0]
