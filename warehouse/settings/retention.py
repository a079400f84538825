"""[retention] in homeroom.toml: how long each kind of data is kept. What is not named is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from warehouse.settings.keys import error, only

#: What each key is about, in plain words.
KEYS = {
    "landing_days": "files as sent, counted from the day they landed",
    "lake_days": "what was read of files, counted from the day they were made; the live whole of a "
    "roster or list stays",
    "versions_days": "earlier published versions, counted from when they were made",
    "exports_days": "exports and reports below the home, counted from when they were written",
    "notes_days": "check-ins, decisions on cards, excluded weeks and messages, counted from when "
    "they were written",
    "access_log_days": "entries of the access log, counted from when they were made",
}


@dataclass(frozen=True)
class RetentionSettings:
    """Ages in days; None: kept until somebody removes it."""

    landing_days: int | None = None
    lake_days: int | None = None
    versions_days: int | None = None
    exports_days: int | None = None
    notes_days: int | None = None
    access_log_days: int | None = None

    def __bool__(self) -> bool:
        return any(getattr(self, f.name) is not None for f in fields(self))


def retention_settings(path: Path, raw: Mapping[str, Any]) -> RetentionSettings:
    """Read and check [retention]. Raises ConfigError naming the key."""
    where = "retention."
    only(raw, dict.fromkeys(KEYS, int), where, path)
    for key, days in raw.items():
        if days < 1:
            raise error(path, where + key, "is no number of days", "write 1 or more")
    return RetentionSettings(**raw)
