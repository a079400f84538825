"""Landing: every new file of a source is copied byte for byte under its SHA-256, once.

Not here: what a file means. A crash between copying and recording costs one more copy of the
same bytes to the same name, nothing else.
"""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from connectors.errors import HomeroomError, SourceError
from connectors.sources import Folder, Listed, Source, settled
from warehouse import ledger as ledgers
from warehouse.ledger import Ledger
from warehouse.settings import Settings, SourceSettings

CHUNK = 1 << 20


@dataclass
class Landed:
    """What one look at the sources brought."""

    new: int = 0
    growing: list[str] = field(default_factory=list)
    problems: list[tuple[str, HomeroomError]] = field(default_factory=list)


def land(
    settings: Settings,
    ledger: Ledger,
    progress: Callable[[int, int], None] = lambda done, of: None,
    only: str | None = None,
) -> Landed:
    """Take every new file of every source, or of one platform's (`only`).

    One source that cannot be read stops only itself.
    """
    result = Landed()
    wanted: list[tuple[SourceSettings, Source, Listed]] = []
    for source in settings.sources:
        if only not in (None, source.platform):
            continue
        opened: Source = Folder(source.location)
        try:
            files, growing = settled(opened)
        except SourceError as error:
            result.problems.append((source.platform, error))
            continue
        result.growing += [f"{source.platform}: {f.name}" for f in growing]
        seen = ledger.seen(source.platform, str(source.location))
        wanted += [(source, opened, f) for f in files if seen.get(f.name) != (f.size, f.modified_ns)]
    # Oldest first, so that a first run meets the files in the order in which they were made.
    wanted.sort(key=lambda w: (w[2].modified_ns, w[2].name))
    for done, (source, opened, listed) in enumerate(wanted):
        progress(done, len(wanted))
        _take(settings, ledger, source, opened, listed, result)
    progress(len(wanted), len(wanted))
    return result


def _take(
    settings: Settings,
    ledger: Ledger,
    source: SourceSettings,
    opened: Source,
    listed: Listed,
    result: Landed,
) -> None:
    name = PurePosixPath(listed.name)
    folder = settings.landing / source.platform
    try:
        with opened.open(listed.name) as stream:
            sha256, size, path = _copy(stream, folder, name.suffix.lower())
    except PermissionError:
        _unreadable(ledger, source, listed)
        return
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise disk_full(folder) from error
        result.problems.append(
            (source.platform, SourceError("reading failed", culprit=listed.name, retry=True))
        )
        return
    if size != listed.size:
        result.growing.append(f"{source.platform}: {listed.name}")
        return
    with ledger.transaction():
        ledger.run(
            "DELETE FROM file WHERE platform = ? AND name = ? AND reason = 'unreadable'",
            (source.platform, listed.name),
        )
        ledger.add(
            platform=source.platform,
            name=listed.name,
            landed=str(path.relative_to(settings.landing)),
            sha256=sha256,
            size=size,
            modified_ns=listed.modified_ns,
            landed_at=ledgers.now(),
            delivery="",
            is_archive=0,
            status="pending",
        )
        ledger.see(
            source.platform, str(source.location), listed.name, listed.size, listed.modified_ns, sha256
        )
    result.new += 1


def _unreadable(ledger: Ledger, source: SourceSettings, listed: Listed) -> None:
    """Say so in the ledger; without a sighting, the next run tries again."""
    with ledger.transaction():
        ledger.run(
            "DELETE FROM file WHERE platform = ? AND name = ? AND reason = 'unreadable'",
            (source.platform, listed.name),
        )
        ledger.add(
            platform=source.platform, name=listed.name, landed="", sha256="", size=listed.size,
            modified_ns=listed.modified_ns, landed_at=ledgers.now(), delivery="", is_archive=0,
            status="refused", reason="unreadable", rows_in=0, rows_kept=0, rows_quarantined=0,
            rows_duplicate=0,
        )


def _copy(stream: BinaryIO, folder: Path, suffix: str) -> tuple[str, int, Path]:
    """Copy a stream into the folder under its hash: hash, size, path."""
    folder.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    incoming = folder / f".incoming-{os.getpid()}"
    try:
        with incoming.open("wb") as sink:
            while block := stream.read(CHUNK):
                digest.update(block)
                sink.write(block)
                size += len(block)
        path = folder / f"{digest.hexdigest()}{suffix}"
        os.replace(incoming, path)
    finally:
        incoming.unlink(missing_ok=True)
    return digest.hexdigest(), size, path


def disk_full(where: Path) -> HomeroomError:
    """The error for a disk without room."""
    return HomeroomError(
        "the disk is full; nothing is lost and the live warehouse stays",
        culprit=str(where),
        fix="make room and run again",
        retry=True,
    )
