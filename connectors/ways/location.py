"""Where a source is: a folder of this machine, or an address with a scheme.

Belongs here: what may be written as a location, and the keys each way takes. Pure: nothing is
looked up or connected to.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from connectors.errors import ConfigError

#: Schemes, with the keys of [[source]] that each takes.
_WEB = ("secret", "ca_file", "retry_seconds")
SCHEMES: dict[str, tuple[str, ...]] = {
    "sftp": ("secret", "known_hosts", "retry_seconds"),
    "s3": ("secret", "endpoint", "region", "ca_file", "retry_seconds"),
    "https": _WEB,
    "http": _WEB,
    "nwea+https": (*_WEB, "once_a_day"),
    "nwea+http": (*_WEB, "once_a_day"),
}
#: Seconds that failed attempts and pauses may cost, where the source does not say. The export
#: service makes its file while it is asked.
RETRY_SECONDS = {"nwea+https": 300, "nwea+http": 300}
_RETRY_SECONDS = 60


@dataclass(frozen=True)
class Address:
    """A location on another machine. As text it has no user, and it never holds a password."""

    scheme: str
    host: str
    port: int | None = None
    path: str = "/"
    user: str = ""

    @property
    def authority(self) -> str:
        """host[:port], as in a URL."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port is None else f"{host}:{self.port}"

    @property
    def key(self) -> str:
        """What the ledger knows it by: users of one server may each have a root of their own."""
        return str(self) if not self.user else str(self).replace("://", f"://{self.user}@", 1)

    def __str__(self) -> str:
        return f"{self.scheme}://{self.authority}{self.path}"


Location = Path | Address


@dataclass(frozen=True)
class Access:
    """How an address is reached: the optional keys of a [[source]]. Holds names, no secrets."""

    secret: str = ""
    known_hosts: Path | None = None
    ca_file: Path | None = None
    endpoint: Address | None = None
    region: str = ""
    retry_seconds: float = _RETRY_SECONDS
    once_a_day: bool = True


def retry_seconds(scheme: str) -> int:
    """The seconds of a scheme where the source names none."""
    return RETRY_SECONDS.get(scheme, _RETRY_SECONDS)


def read_address(text: str) -> Address:
    """An address from its text. Raises ConfigError, which never repeats the text."""
    try:
        split = urlsplit(text)
        port = split.port
    except ValueError as error:
        raise ConfigError("is not an address", fix="check host and port") from error
    scheme = split.scheme.lower()
    _check(split, scheme)
    # An empty path is the root; "?" and "#" are part of a key or a file's name outside the web.
    path = split.path if _is_web(scheme) else unquote(split.path)
    user = unquote(split.username or "")
    # Some stores tell capitals in a bucket's name apart.
    host = split.netloc if scheme == "s3" else split.hostname or ""
    return Address(scheme, host, port, path or "/", user)


def _check(split: SplitResult, scheme: str) -> None:
    if scheme not in SCHEMES:
        raise ConfigError(
            "its scheme is not known", fix="use sftp://, s3://, https://, nwea+https:// or a folder"
        )
    if split.password is not None:
        raise ConfigError(
            "holds a password",
            fix='remove it, write secret = "name", and put the password into secrets.toml',
        )
    if split.username and scheme != "sftp":
        raise ConfigError(
            "holds a user", fix='remove it, write secret = "name", and put user into secrets.toml'
        )
    if not split.hostname:
        raise ConfigError("names no host", fix=f"write {scheme}://host/path")
    if split.query or split.fragment:
        raise ConfigError("has a part behind ? or #", fix="remove it; tokens belong into a secret")
    if scheme.endswith("http") and not is_loopback(split.hostname):
        raise ConfigError("is not encrypted", fix=f"use {scheme}s://")
    if scheme == "s3" and split.port is not None:
        raise ConfigError(
            "names a port", fix='write s3://bucket/prefix, and endpoint = "https://host:port"'
        )
    if re.search(r"[\x00-\x20\x7f]", split.netloc + (split.path if _is_web(scheme) else "")):
        raise ConfigError("holds a space", fix="write %20")


def is_loopback(host: str) -> bool:
    """Whether a host is this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _is_web(scheme: str) -> bool:
    return scheme.endswith(("http", "https"))
