"""[portal.alerts] in homeroom.toml: the mail server, and which messages go out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from warehouse.keys import error, only

_ALERTS = {
    "server": str,
    "port": int,
    "security": str,
    "secret": str,
    "ca_file": str,
    "sender": str,
    "below_threshold": bool,
    "weekly_digest": bool,
}
#: How the line is kept private, and the usual port of each way.
SECURITY = {"starttls": 587, "tls": 465, "none": 25}
_ADDRESS = re.compile(r"[^\s@<>,;:\"()\[\]\\]+@[^\s@<>,;:\"()\[\]\\]+")
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True)
class AlertSettings:
    """Where messages leave from, and which.

    `secret`: the name of a secret with `user` and `password`; empty for a server that wants none.
    `security`: starttls, tls, or none for a server on this machine.
    """

    server: str
    port: int
    security: str
    sender: str
    secret: str = ""
    ca_file: Path | None = None
    below_threshold: bool = False
    weekly_digest: bool = False


def is_address(text: str) -> bool:
    """Whether a text is one e-mail address and nothing else."""
    return _ADDRESS.fullmatch(text) is not None


def alert_settings(path: Path, raw: Mapping[str, Any]) -> AlertSettings:
    """Read and check [portal.alerts]. Raises ConfigError naming the key."""
    where = "portal.alerts."
    only(raw, _ALERTS, where, path)
    for key in ("server", "sender"):
        if not raw.get(key):
            raise error(path, where + key, "is missing", f'write {key} = "..."')
    if not is_address(raw["sender"]):
        raise error(path, where + "sender", "is no address", 'write "homeroom@your.district"')
    security = raw.get("security", "starttls")
    if security not in SECURITY:
        raise error(path, where + "security", "is not known", f"use {', '.join(SECURITY)}")
    if security == "none" and raw["server"] not in _LOOPBACK:
        raise error(
            path,
            where + "security",
            "none is for a server on this machine only",
            'use "starttls" or "tls"',
        )
    port = raw.get("port", SECURITY[security])
    if not 1 <= port <= 65535:
        raise error(path, where + "port", "is no port", f"leave it out for {SECURITY[security]}")
    if not re.fullmatch(r"[A-Za-z]\w*|", raw.get("secret", ""), re.ASCII):
        raise error(path, where + "secret", "is not a name", "use letters, digits and _")
    return AlertSettings(
        raw["server"],
        port,
        security,
        raw["sender"],
        raw.get("secret", ""),
        path.resolve().parent / Path(raw["ca_file"]).expanduser() if raw.get("ca_file") else None,
        raw.get("below_threshold", False),
        raw.get("weekly_digest", False),
    )
