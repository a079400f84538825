"""A real mail server on this machine, with what it was handed."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from tests.servers import free_port

USER, PASSWORD = "homeroom", "correct horse"


@dataclass
class Mailbox:
    """`refuses`: addresses that the server says no to. `breaks`: it hangs up after a message.
    `stops`: it falls silent at RCPT or, with the message in its hands, at DATA; `stopped` then.
    """

    port: int = field(default_factory=free_port)
    envelopes: list[Any] = field(default_factory=list)
    refuses: set[str] = field(default_factory=set)
    breaks: bool = False
    stops: str = ""
    stopped: threading.Event = field(default_factory=threading.Event)

    @property
    def messages(self) -> list[EmailMessage]:
        return [message_from_bytes(e.content, policy=policy.default) for e in self.envelopes]

    async def handle_RCPT(
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        if address in self.refuses:
            return "550 no such mailbox"
        await self._silent("RCPT")
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.envelopes.append(envelope)
        await self._silent("DATA")
        if self.breaks:
            server.transport.abort()
        return "250 taken"

    async def _silent(self, at: str) -> None:
        if self.stops == at:
            self.stopped.set()
            await asyncio.sleep(600)


def _signs_in(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
    same = LoginPassword(USER.encode(), PASSWORD.encode())
    return AuthResult(success=data == same, handled=False)


@contextmanager
def running(security: str = "none", certificate: Path | None = None) -> Iterator[Mailbox]:
    """Serve until the end of the block. With a certificate one must sign in."""
    box = Mailbox()
    more: dict[str, Any] = {}
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        more = {"authenticator": _signs_in, "auth_required": True}
        if security == "tls":
            more |= {"ssl_context": context, "auth_require_tls": False}
        else:
            more |= {"tls_context": context, "require_starttls": True}
    server = Controller(box, hostname="127.0.0.1", port=box.port, **more)
    server.start()
    try:
        yield box
    finally:
        server.stop()
