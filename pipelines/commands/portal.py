"""`homeroom serve` and `homeroom portal`: starting the pages, and who may sign in to them."""

from __future__ import annotations

import getpass
import os
from contextlib import closing
from typing import Annotated
from urllib.parse import urlsplit

import typer

from pipelines.commands.options import Config

app = typer.Typer(help="The pages: who is who.", no_args_is_help=True, rich_markup_mode=None)
accounts_app = typer.Typer(
    help="Accounts that have signed in, and which adult of the roster each is.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(accounts_app, name="accounts")


@app.command("health")
def health(
    config: Config = None,
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port that it listens on.")] = 8000,
) -> None:
    """Ask the portal on this machine whether it is alive and ready.

    Ends with 1 where it is not.
    """
    import urllib3

    from warehouse import settings

    district = settings.load(settings.find(config))
    # Only requests under its own name are answered.
    host = urlsplit(district.portal.base_url).netloc or f"127.0.0.1:{port}"
    try:
        answer = urllib3.request(
            "GET", f"http://127.0.0.1:{port}/health", headers={"Host": host}, timeout=5, retries=0
        )
    except urllib3.exceptions.HTTPError:
        print("NOT WELL: the portal does not answer")
        raise typer.Exit(1) from None
    if answer.status != 200:
        told = answer.data.decode() if answer.status == 503 else f"answer {answer.status}"
        print(f"NOT WELL: {told}")
        raise typer.Exit(1)
    print("well")


Ref = Annotated[str, typer.Argument(metavar="REF", help="An account's reference, from the list.")]
By = Annotated[str, typer.Option("--by", help="Who decides. Default: whoever is signed in here.")]
_ME = ""


def serve(
    config: Config = None,
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 8000,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes that answer.")] = 1,
) -> None:
    """Serve the teachers' pages.

    Without [[portal.sign_in]] nobody signs in, and only this machine is served.
    """
    import uvicorn

    from connectors.errors import HomeroomError
    from portal.sign_in import clients
    from warehouse import settings
    from warehouse.notes.database import Notes
    from warehouse.settings.portal import LOOPBACK

    path = settings.find(config).resolve()
    district = settings.load(path)
    if district.portal.local and host not in LOOPBACK:
        raise HomeroomError(
            "nobody signs in, so only this machine is served",
            culprit=f"--host {host}",
            fix="configure [[portal.sign_in]], or leave --host out",
        )
    clients(district)
    # Once, before several workers would make its tables at the same time.
    Notes(district.notes).close()
    # The workers are processes of their own and read the settings themselves.
    os.environ[settings.ENVIRONMENT] = str(path)
    shown = f"[{host}]" if ":" in host else host
    print(f"Homeroom is at {district.portal.base_url or f'http://{shown}:{port}'}", flush=True)
    if district.portal.local:
        print("Local mode: served to this machine only, and nobody has to sign in.", flush=True)
    uvicorn.run(
        "portal.app:from_environment",
        factory=True,
        host=host,
        port=port,
        workers=workers,
        # Addresses of pages name students.
        access_log=False,
        log_level="warning",
        server_header=False,
        proxy_headers=False,
    )


@accounts_app.command("list")
def list_(config: Config = None) -> None:
    """Accounts that wait, with the adult of the same address, and accounts that are bound."""
    from portal import accounts
    from warehouse import settings
    from warehouse.notes.accounts import standing
    from warehouse.notes.database import Notes
    from warehouse.reader import Reader

    district = settings.load(settings.find(config))
    with Notes(district.notes) as notes, Reader(district.warehouse) as live:
        for w in accounts.waiting(notes, accounts.adults(live.rows)):
            told = f"{w['name'] or '-'}  {w['email'] or '-'}  {w['issuer']}"
            print(f"{w['account_ref']}  waits  {told}  proposed: {w['proposed'] or '-'}")
        for b in standing(notes):
            print(f"{b.account_ref}  is {b.staff_id}  {b.issuer}  by {b.decided_by}")


@accounts_app.command()
def bind(
    ref: Ref,
    staff_id: Annotated[str, typer.Argument(metavar="STAFF", help="A staff_id of the roster.")],
    config: Config = None,
    by: By = _ME,
) -> None:
    """The account is that adult's."""
    from portal import accounts
    from warehouse import settings
    from warehouse.notes.database import Notes
    from warehouse.reader import Reader

    district = settings.load(settings.find(config))
    with Notes(district.notes) as notes, Reader(district.warehouse) as live:
        staff = accounts.adults(live.rows)
        accounts.bind(notes, ref, staff_id, staff, by=by or getpass.getuser())
    print("Kept. It holds from the next sign-in on.")


@accounts_app.command()
def unbind(ref: Ref, config: Config = None, by: By = _ME) -> None:
    """The account is nobody's again."""
    from portal import accounts
    from portal.sessions import Sessions
    from warehouse import settings
    from warehouse.notes.database import Notes

    district = settings.load(settings.find(config))
    sessions = Sessions(district.sessions, https=district.portal.https)
    with closing(sessions), Notes(district.notes) as notes:
        accounts.unbind(notes, sessions, ref, by=by or getpass.getuser())
    print("Kept. Nobody can sign in with it, and whoever was signed in is signed out.")
