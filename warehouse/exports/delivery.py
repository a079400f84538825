"""Taking an export to where it is wanted: a folder, an SFTP server or an S3 bucket.

A manifest that is there means that its files are: it goes first and comes last. What is there
already is not written again; what only an older manifest of ours lists is taken away.
"""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

from connectors.errors import HomeroomError, SourceError
from connectors.sources import Listed, Place
from connectors.ways import open_source
from connectors.ways.secrets import Secrets
from warehouse.exports import pseudonyms
from warehouse.exports.writing import Manifest, Wanted, export_week, left_over, manifest_name
from warehouse.settings import Settings


def last_week(settings: Settings, today: date) -> tuple[Manifest, int]:
    """Export the week before this one to the district's home, and deliver it where [export] says.

    The manifest, and how many files were sent. Raises HomeroomError.
    """
    key = None if settings.export.identified else pseudonyms.key(settings.export.key_file)
    wanted = Wanted(today - timedelta(days=7), key)
    manifest = export_week(settings.warehouse, wanted, settings.exports)
    return manifest, 0 if settings.export.deliver_to is None else deliver(
        settings, wanted, settings.exports
    )


def deliver(settings: Settings, wanted: Wanted, folder: Path) -> int:
    """Send an export's files from `folder`; how many were sent. Raises HomeroomError."""
    export = settings.export
    if export.deliver_to is None:
        raise HomeroomError(
            "there is nowhere to deliver to",
            culprit=f"{settings.file}: export.deliver_to",
            fix="write it: see docs/exports.md",
        )
    secrets = Secrets(settings.file.parent)
    place = open_source(export.deliver_to, export.access, secrets, settings.time_zone)
    assert isinstance(place, Place)
    try:
        return _send(place, folder, manifest_name(wanted))
    except OSError as error:
        raise SourceError(
            "the export cannot be written there",
            culprit=str(export.deliver_to),
            fix="check that the folder is there, has room, and that the account may write to it",
        ) from error
    finally:
        place.close()


def _send(place: Place, folder: Path, manifest: str) -> int:
    told = (folder / manifest).read_bytes()
    listed = json.loads(told)
    names = [*(file["file"] for file in listed["files"]), manifest]
    there = {listed.name: listed for listed in place.list()}
    older = _content(place, there[manifest]) if manifest in there else b""
    if older == told and all(_alike(there.get(name), folder / name) for name in names):
        return 0
    if manifest in there:
        place.remove(manifest)
    for name in left_over(older, listed):
        if name in there:
            place.remove(name)
    for name in names:
        place.put(name, folder / name)
    return len(names)


def _alike(listed: Listed | None, file: Path) -> bool:
    return listed is not None and listed.size == file.stat().st_size


def _content(place: Place, listed: Listed) -> bytes:
    with place.open(listed) as (_, stream):
        return stream.read(listed.size)
