"""Where files come from or go to, in homeroom.toml: a folder or an address, and how it is reached.

Belongs here: the keys that every table with a location takes. Which table, its owner knows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from connectors.errors import ConfigError
from connectors.ways.location import SCHEMES, Access, Address, Location, read_address, retry_seconds
from warehouse.settings.keys import error

ACCESS = {
    "secret": str,
    "known_hosts": str,
    "ca_file": str,
    "endpoint": str,
    "region": str,
    "retry_seconds": int,
    "once_a_day": bool,
}


def location_of(path: Path, key: str, text: str) -> Location:
    """A folder, relative to the file, or an address. Raises ConfigError naming the key."""
    if "://" in text:
        return _address(path, key, text)
    folder = path.resolve().parent / text
    if not folder.exists():
        raise error(path, key, f"there is no folder {folder}", "make it or mend the path")
    return folder


def access_of(path: Path, where: str, location: Location, raw: Mapping[str, Any]) -> Access:
    """The keys of one way. Raises ConfigError for a key that the way does not take."""
    scheme = location.scheme if isinstance(location, Address) else ""
    takes = SCHEMES.get(scheme, ())
    for key in ACCESS:
        if key in raw and key not in takes:
            kind = f"{scheme}:// locations" if scheme else "folders"
            raise error(path, where + key, f"is not for {kind}", "remove it")
    if not re.fullmatch(r"[A-Za-z]\w*|", raw.get("secret", ""), re.ASCII):
        raise error(path, where + "secret", "is not a name", "use letters, digits and _")
    seconds = raw.get("retry_seconds", retry_seconds(scheme))
    if not 0 <= seconds <= 6 * 3600:
        raise error(path, where + "retry_seconds", "is out of range", "use 0 to 21600")
    endpoint = None
    if "endpoint" in raw:
        endpoint = _address(path, where + "endpoint", raw["endpoint"])
        if endpoint.scheme not in ("http", "https") or endpoint.path != "/":
            raise error(
                path, where + "endpoint", "is not https://host[:port]", "name the host alone"
            )
    return Access(
        raw.get("secret", ""),
        file_of(path, raw, "known_hosts"),
        file_of(path, raw, "ca_file"),
        endpoint,
        raw.get("region", ""),
        seconds,
        raw.get("once_a_day", True),
    )


def file_of(path: Path, raw: Mapping[str, Any], key: str) -> Path | None:
    """A file, relative to the configuration's; None where the key is not given."""
    return path.resolve().parent / Path(raw[key]).expanduser() if raw.get(key) else None


def _address(path: Path, key: str, text: str) -> Address:
    try:
        return read_address(text)
    except ConfigError as wrong:
        # Without the cause: what is in the text may be a secret.
        raise error(path, key, wrong.says, wrong.fix) from None
