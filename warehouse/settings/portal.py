"""The [portal] part of homeroom.toml: its address, who signs in how, who coordinates."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from warehouse.settings.alerts import AlertSettings, alert_settings
from warehouse.settings.keys import error, only

LOOPBACK = ("127.0.0.1", "localhost", "::1")
_PORTAL = {
    "base_url": str,
    "coordinators": list,
    "granted_children": bool,
    "sign_in": list,
    "alerts": dict,
}
_SIGN_IN = {
    "name": str,
    "issuer": str,
    "client_id": str,
    "secret": str,
    "staff_claim": str,
    "only": dict,
}


@dataclass(frozen=True)
class SignIn:
    """One OpenID provider.

    `secret`: the name of a secret that has `client_secret`. `staff_claim`: the claim that carries
    the roster's id of an adult. `only`: claims that must have these values.
    """

    name: str
    issuer: str
    client_id: str
    secret: str
    staff_claim: str = ""
    only: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The provider as a piece of a path."""
        return _key(self.name)


@dataclass(frozen=True)
class PortalSettings:
    """How the pages are reached. Without `sign_in`: on this machine only, nobody signs in.

    `coordinators`: staff ids. `granted_children`: whether they see children's measures too.
    `alerts`: None = no message is ever sent.
    """

    base_url: str = ""
    coordinators: frozenset[str] = frozenset()
    granted_children: bool = False
    sign_in: tuple[SignIn, ...] = ()
    alerts: AlertSettings | None = None

    @property
    def local(self) -> bool:
        """Whether the pages serve this machine alone, without a provider."""
        return not self.sign_in

    @property
    def https(self) -> bool:
        """Whether readers come by https."""
        return self.base_url.startswith("https://")


def portal_settings(path: Path, raw: Mapping[str, Any]) -> PortalSettings:
    """Read and check [portal]. Raises ConfigError naming the key."""
    only(raw, _PORTAL, "portal.", path)
    coordinators = raw.get("coordinators", [])
    if not all(isinstance(c, str) and c for c in coordinators):
        raise error(path, "portal.coordinators", "should be a list of staff ids", 'write ["T1"]')
    ways = tuple(_sign_in(path, i, s) for i, s in enumerate(raw.get("sign_in", []), 1))
    if len({w.key for w in ways}) != len(ways):
        raise error(path, "portal.sign_in", "two have the same name", "name each differently")
    base = raw.get("base_url", "").rstrip("/")
    alerts = alert_settings(path, raw["alerts"]) if "alerts" in raw else None
    # Messages lead back to the pages.
    if (ways or alerts) and not _own_address(base):
        raise error(
            path,
            "portal.base_url",
            "should be the address readers type, by https",
            'write base_url = "https://homeroom.our-district.example"',
        )
    granted = raw.get("granted_children", False)
    return PortalSettings(base, frozenset(coordinators), granted, ways, alerts)


def _sign_in(path: Path, number: int, raw: Any) -> SignIn:
    where = f"portal.sign_in {number}: "
    if not isinstance(raw, dict):
        raise error(path, where.strip(": "), "is not a table", "write [[portal.sign_in]]")
    only(raw, _SIGN_IN, where, path)
    for key in ("name", "issuer", "client_id", "secret"):
        if not raw.get(key):
            raise error(path, where + key, "is missing", f'write {key} = "..."')
    if not _key(raw["name"]):
        raise error(path, where + "name", "has no letter or digit", 'write name = "Google"')
    if not re.fullmatch(r"[A-Za-z]\w*", raw["secret"], re.ASCII):
        raise error(path, where + "secret", "is not a name", "use letters, digits and _")
    if not _secure(raw["issuer"]):
        raise error(path, where + "issuer", "is not an https:// address", "copy it as documented")
    must = raw.get("only", {})
    only(must, dict.fromkeys(must, str), where + "only.", path)
    # A provider that serves many districts gives two people of two districts the same roster id.
    if raw.get("staff_claim") and "only" not in raw:
        raise error(
            path,
            where + "only",
            "is missing, and staff_claim needs it",
            'write only = { TenantId = "..." }, or only = {} where the provider is yours alone',
        )
    return SignIn(
        raw["name"],
        raw["issuer"],
        raw["client_id"],
        raw["secret"],
        raw.get("staff_claim", ""),
        dict(must),
    )


def _key(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def _secure(address: str) -> bool:
    """https, or http to this machine itself."""
    parts = urlsplit(address)
    return bool(parts.hostname) and (
        parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
    )


def _own_address(address: str) -> bool:
    parts = urlsplit(address)
    return _secure(address) and not (parts.path or parts.query or parts.fragment)
