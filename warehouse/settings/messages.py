"""[messages] in homeroom.toml: who hears by mail or chat when the state of a feed changes.

Off until it is written. Not here: what is told (standing.py), sending (pipelines/telling.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from warehouse.settings import mail as mail_settings
from warehouse.settings.keys import error, only
from warehouse.settings.mail import MailSettings, is_address

_MESSAGES = {**mail_settings.KEYS, "to": list, "webhook": str, "quarantine_percent": int}
#: Of a feed's newest files, so many rows turned away (percent) are told of.
QUARANTINE_PERCENT = 10


@dataclass(frozen=True)
class MessageSettings:
    """`to`: addresses, each gets a message of its own. `webhook`: the name of a secret whose `url`
    takes {"text": ...}; empty for none. `mail`: None where only the webhook is used."""

    mail: MailSettings | None = None
    to: tuple[str, ...] = ()
    webhook: str = ""
    quarantine_percent: int = QUARANTINE_PERCENT


def message_settings(path: Path, raw: Mapping[str, Any]) -> MessageSettings:
    """Read and check [messages]. Raises ConfigError naming the key."""
    where = "messages."
    only(raw, _MESSAGES, where, path)
    webhook = mail_settings.secret_name(path, raw, where, "webhook")
    mailed = any(key in raw for key in ("to", *mail_settings.KEYS))
    if not (mailed or webhook):
        raise error(path, "messages", "tells nobody", "write server, sender and to, or webhook")
    to = raw.get("to", [])
    if mailed and not (to and all(isinstance(a, str) and is_address(a) for a in to)):
        raise error(path, where + "to", "is no list of addresses", 'write to = ["you@district"]')
    percent = raw.get("quarantine_percent", QUARANTINE_PERCENT)
    if not 1 <= percent <= 100:
        raise error(path, where + "quarantine_percent", "is no percentage", "write 1 to 100")
    return MessageSettings(
        mail_settings.mail_settings(path, raw, where) if mailed else None,
        tuple(dict.fromkeys(to)),
        webhook,
        percent,
    )
