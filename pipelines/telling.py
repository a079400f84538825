"""Tells coordinators by mail and chat what has changed: the end of every run, from cron or Dagster.

Thin: what is told is decided in warehouse/watch/standing.py. Nothing here fails a run.
"""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from http import HTTPStatus
from zoneinfo import ZoneInfo

import duckdb
import urllib3

from connectors.errors import HomeroomError
from connectors.ways.secrets import Secret, Secrets
from portal.mail import Mail
from warehouse.ledger import Ledger
from warehouse.lock import only_run
from warehouse.settings import Settings
from warehouse.settings.mail import LOOPBACK
from warehouse.watch import outbox
from warehouse.watch.outbox import Message

_SECONDS = 20.0


def tell(settings: Settings, warn: Callable[[str], object]) -> None:
    """Queue what has changed and send what is due. Trouble is said to `warn`, never raised.

    While another run is at work nothing is judged: its own end does that.
    """
    if settings.messages is None:
        return
    try:
        with closing(Ledger(settings.ledger)) as ledger:
            try:
                with only_run(settings.home, wait_seconds=0.0):
                    today = datetime.now(ZoneInfo(settings.time_zone)).date()
                    outbox.note_changes(settings, ledger, today)
            finally:
                for problem in send(settings, ledger, outbox.due(ledger)):
                    warn(f"a message was not sent: {problem}")
    except HomeroomError as error:
        if not error.retry:
            warn(f"no message was sent: {error}")
    except (OSError, sqlite3.Error, duckdb.Error) as error:
        # The kind alone: an engine's words may quote a value.
        warn(f"no message was sent: {type(error).__name__}")


@contextmanager
def at_the_end(settings: Settings) -> Iterator[None]:
    """Tell what has changed when the block ends, also where it fails."""
    try:
        yield
    finally:
        tell(settings, lambda says: sys.stderr.write(f"homeroom: {says}\n"))


def send(settings: Settings, ledger: Ledger, messages: Sequence[Message]) -> list[HomeroomError]:
    """Hand over messages that are due; what went wrong. What did not leave stays due."""
    failed: list[HomeroomError] = []
    for way in (outbox.MAIL, outbox.CHAT):
        mine = [m for m in messages if m.way == way]
        try:
            if mine:
                (_by_mail if way == outbox.MAIL else _by_chat)(settings, ledger, mine)
        except HomeroomError as error:
            failed.append(error)
    return failed


def _by_mail(settings: Settings, ledger: Ledger, messages: Sequence[Message]) -> None:
    server = settings.messages.mail if settings.messages else None
    if server is None:
        return
    refused = 0
    # Signed in first: a server that is away claims nothing.
    with Mail(server, Secrets(settings.file.parent).named(server.secret)) as mail:
        for message in messages:
            if outbox.claim(ledger, message):
                left = mail.send(message)
                outbox.settle(ledger, message, left=left)
                refused += not left
    if refused:
        raise HomeroomError(
            f"the mail server refused {refused} of {len(messages)}",
            culprit="[messages]",
            fix="check to and sender",
        )


def _by_chat(settings: Settings, ledger: Ledger, messages: Sequence[Message]) -> None:
    if settings.messages is None or not settings.messages.webhook:
        return
    url = _url(Secrets(settings.file.parent).named(settings.messages.webhook))
    with urllib3.PoolManager(timeout=_SECONDS, retries=False) as pool:
        for message in messages:
            if outbox.claim(ledger, message):
                left = False
                try:
                    left = _posted(pool, url, outbox.as_chat(message))
                finally:
                    outbox.settle(ledger, message, left=left)


def _posted(pool: urllib3.PoolManager, url: str, body: bytes) -> bool:
    """Whether chat took it, or nobody knows. Raises HomeroomError where it surely did not; the
    address is a secret and in no message."""
    try:
        # Not followed elsewhere: the address was chosen.
        answer = pool.request(
            "POST", url, body=body, headers={"Content-Type": "application/json"}, redirect=False
        )
    except (urllib3.exceptions.ReadTimeoutError, urllib3.exceptions.ProtocolError):
        return True
    except urllib3.exceptions.HTTPError as error:
        raise _chat(f"cannot be reached ({type(error).__name__})") from None
    if not HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES:
        raise _chat(f"answered {answer.status}")
    return True


def _url(secret: Secret) -> str:
    url = secret.get("url")
    if not url:
        raise secret.lacks("url")
    found = urllib3.util.parse_url(url)
    if found.scheme != "https" and not (found.scheme == "http" and found.host in LOOPBACK):
        raise _chat("is no https:// address")
    return url


def _chat(says: str) -> HomeroomError:
    return HomeroomError(
        f"the webhook {says}", culprit="[messages] webhook", fix="check the secret's url"
    )
