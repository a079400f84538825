"""A mail server in homeroom.toml: how it is reached. Not here: which messages go out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from warehouse.settings.keys import error

KEYS: dict[str, type] = {
    "server": str,
    "port": int,
    "security": str,
    "secret": str,
    "ca_file": str,
    "sender": str,
}
#: How the line is kept private, and the usual port of each way.
SECURITY = {"starttls": 587, "tls": 465, "none": 25}
LOOPBACK = ("127.0.0.1", "localhost", "::1")
_ADDRESS = re.compile(r"[^\s@<>,;:\"()\[\]\\]+@[^\s@<>,;:\"()\[\]\\]+")


@dataclass(frozen=True)
class MailSettings:
    """Where messages leave from.

    `secret`: the name of a secret with `user` and `password`; empty for a server that wants none.
    `security`: starttls, tls, or none for a server on this machine.
    """

    server: str
    port: int
    security: str
    sender: str
    secret: str = ""
    ca_file: Path | None = None


def is_address(text: str) -> bool:
    """Whether a text is one e-mail address and nothing else."""
    return _ADDRESS.fullmatch(text) is not None


def secret_name(path: Path, raw: Mapping[str, Any], where: str, key: str) -> str:
    """A key that names a secret; empty where it is not there. Raises ConfigError."""
    name: str = raw.get(key, "")
    if not re.fullmatch(r"[A-Za-z]\w*|", name, re.ASCII):
        raise error(path, where + key, "is not a name", "use letters, digits and _")
    return name


def mail_settings(path: Path, raw: Mapping[str, Any], where: str) -> MailSettings:
    """Check a mail server's keys; `where`: the table's name and a dot. Raises ConfigError."""
    for key in ("server", "sender"):
        if not raw.get(key):
            raise error(path, where + key, "is missing", f'write {key} = "..."')
    if not is_address(raw["sender"]):
        raise error(path, where + "sender", "is no address", 'write "homeroom@your.district"')
    security = raw.get("security", "starttls")
    if security not in SECURITY:
        raise error(path, where + "security", "is not known", f"use {', '.join(SECURITY)}")
    if security == "none" and raw["server"] not in LOOPBACK:
        raise error(
            path,
            where + "security",
            "none is for a server on this machine only",
            'use "starttls" or "tls"',
        )
    port = raw.get("port", SECURITY[security])
    if not 1 <= port <= 65535:
        raise error(path, where + "port", "is no port", f"leave it out for {SECURITY[security]}")
    return MailSettings(
        raw["server"],
        port,
        security,
        raw["sender"],
        secret_name(path, raw, where, "secret"),
        path.resolve().parent / Path(raw["ca_file"]).expanduser() if raw.get("ca_file") else None,
    )
