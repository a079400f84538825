"""Sending messages by SMTP. Thin: who is told what is decided in portal.alerts, and for
coordinators in warehouse.watch.standing."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from types import TracebackType
from typing import Protocol

from connectors.errors import HomeroomError
from connectors.ways.secrets import Secret
from portal.alerts import Letter
from warehouse.notes import messages
from warehouse.notes.database import Notes
from warehouse.settings.mail import MailSettings, is_address

_SECONDS = 30


@dataclass
class Sent:
    """How many messages the server took, refused, and could not be addressed."""

    taken: int = 0
    refused: int = 0
    without_address: int = 0


class Sendable(Protocol):
    """A message to one address."""

    @property
    def address(self) -> str: ...

    @property
    def subject(self) -> str: ...

    @property
    def body(self) -> str: ...


class Mail:
    """A mail server, signed in. Use as a context manager. Raises HomeroomError."""

    def __init__(self, settings: MailSettings, secret: Secret) -> None:
        self._settings, self._secret = settings, secret

    def __enter__(self) -> Mail:
        s = self._settings
        try:
            # Only what a known authority, or the district's own, vouches for.
            trusted = ssl.create_default_context(cafile=str(s.ca_file) if s.ca_file else None)
            if s.security == "tls":
                self._smtp: smtplib.SMTP = smtplib.SMTP_SSL(
                    s.server, s.port, timeout=_SECONDS, context=trusted
                )
            else:
                self._smtp = smtplib.SMTP(s.server, s.port, timeout=_SECONDS)
            if s.security == "starttls":
                self._smtp.starttls(context=trusted)
            if self._secret.name:
                self._sign_in()
        except (OSError, smtplib.SMTPException) as error:
            raise self._trouble("cannot be used", error) from None
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: object, trace: TracebackType | None
    ) -> None:
        try:
            self._smtp.quit()
        except (OSError, smtplib.SMTPException):
            self._smtp.close()

    def send(self, letter: Sendable) -> bool:
        """Whether the server took it; false where it said no. Raises HomeroomError where nobody
        knows, because the line broke."""
        message = EmailMessage()
        message["From"], message["To"] = self._settings.sender, letter.address
        message["Subject"], message["Date"] = letter.subject, formatdate()
        message["Message-ID"] = make_msgid(domain=self._settings.sender.rpartition("@")[2])
        # No answers of holidays' robots.
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(letter.body)
        try:
            self._smtp.send_message(message)
        except smtplib.SMTPServerDisconnected as error:
            raise self._trouble("ended in the middle", error) from None
        except smtplib.SMTPException:
            return False
        except OSError as error:
            raise self._trouble("ended in the middle", error) from None
        return True

    def _sign_in(self) -> None:
        user, password = self._secret.get("user"), self._secret.get("password")
        if not (user and password):
            raise self._secret.lacks("user" if not user else "password")
        self._smtp.login(user, password)

    def _trouble(self, says: str, error: Exception) -> HomeroomError:
        # The class alone: a server's words may hold an address.
        return HomeroomError(
            f"the mail server {says} ({type(error).__name__})",
            culprit=f"{self._settings.server}:{self._settings.port}",
            fix="check the server and what homeroom.toml says of it, then run it again",
            retry=True,
        )


def deliver(notes: Notes, letters: Iterable[Letter], mail: Mail) -> Sent:
    """Send what has not been sent: claimed first, so that nothing is ever sent twice."""
    sent = Sent()
    for letter in letters:
        if not is_address(letter.address):
            sent.without_address += 1
            continue
        messages.claim(notes, letter.matters)
        taken = mail.send(letter)
        messages.settle(notes, letter.matters, "sent" if taken else "refused")
        sent.taken += taken
        sent.refused += not taken
    return sent
