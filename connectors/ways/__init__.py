"""The ways in: one module per kind of location, chosen by the location's scheme.

Belongs here: the choice. Not here: what has been landed already, and what a file means. The
libraries of a way are loaded only where a source needs them.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from connectors.patience import Patience
from connectors.sources import Folder, Source
from connectors.ways.location import Access, Location
from connectors.ways.secrets import Secrets


def open_source(location: Location, access: Access, secrets: Secrets, time_zone: str) -> Source:
    """The source behind a location; nothing is connected to yet. Raises SourceError (secrets)."""
    if isinstance(location, Path):
        return Folder(location)
    secret = secrets.named(access.secret)
    patience = Patience(access.retry_seconds)
    match location.scheme:
        case "sftp":
            from connectors.ways.sftp import Sftp

            return Sftp(location, secret, access.known_hosts, patience)
        case "s3":
            from connectors.ways.s3 import S3

            return S3(location, secret, access, patience)
        case "nwea+https" | "nwea+http":
            from connectors.ways.nwea import NweaService

            zone = ZoneInfo(time_zone)
            return NweaService(location, secret, access, patience, lambda: datetime.now(zone))
        case _:
            from connectors.ways.web import Web

            return Web(location, secret, access.ca_file, patience)
