"""[export] in homeroom.toml: the key of pseudonyms, and where the weekly export is delivered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from connectors.ways.location import Access, Address, Location
from warehouse.settings.keys import error, only
from warehouse.settings.places import ACCESS, access_of, file_of, location_of

_EXPORT = {"key_file": str, "deliver_to": str, "identified": bool, **ACCESS}
_WRITABLE = ("sftp", "s3")


@dataclass(frozen=True)
class ExportSettings:
    """The weekly export. `deliver_to`: None = it stays here. `identified`: with ids of the roster.

    Unless a district says otherwise, what is delivered names nobody.
    """

    key_file: Path | None = None
    deliver_to: Location | None = None
    access: Access = field(default_factory=Access)
    identified: bool = False


def export_settings(path: Path, raw: Mapping[str, Any]) -> ExportSettings:
    """Read and check [export]. Raises ConfigError naming the key."""
    where = "export."
    only(raw, _EXPORT, where, path)
    key_file, identified = file_of(path, raw, "key_file"), raw.get("identified", False)
    if not raw.get("deliver_to"):
        for key in ACCESS:
            if key in raw:
                raise error(path, where + key, "is for deliver_to", 'write deliver_to = "..."')
        return ExportSettings(key_file, identified=identified)
    to = location_of(path, where + "deliver_to", raw["deliver_to"])
    if isinstance(to, Address) and to.scheme not in _WRITABLE:
        raise error(
            path, where + "deliver_to", "cannot be written to", "use a folder, sftp:// or s3://"
        )
    return ExportSettings(key_file, to, access_of(path, where, to, raw), identified)
