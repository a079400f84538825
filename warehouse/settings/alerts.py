"""[portal.alerts] in homeroom.toml: the mail server, and which messages go out to teachers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from warehouse.settings import mail as mail_settings
from warehouse.settings.keys import only
from warehouse.settings.mail import MailSettings

_ALERTS = {**mail_settings.KEYS, "below_threshold": bool, "weekly_digest": bool}


@dataclass(frozen=True)
class AlertSettings(MailSettings):
    """Where messages leave from, and which."""

    below_threshold: bool = False
    weekly_digest: bool = False


def alert_settings(path: Path, raw: Mapping[str, Any]) -> AlertSettings:
    """Read and check [portal.alerts]. Raises ConfigError naming the key."""
    where = "portal.alerts."
    only(raw, _ALERTS, where, path)
    return AlertSettings(
        **vars(mail_settings.mail_settings(path, raw, where)),
        below_threshold=raw.get("below_threshold", False),
        weekly_digest=raw.get("weekly_digest", False),
    )
