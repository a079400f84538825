"""Landing: every new file of a source is copied byte for byte under its SHA-256, once.

Not here: what a file means. A crash between copying and recording costs one more copy of the
same bytes to the same name, nothing else.
"""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from connectors.errors import HomeroomError, SourceError
from connectors.sources import Folder, Listed, Source, settled
from warehouse import ledger as ledgers
from warehouse.ledger import Ledger, disk_full
from warehouse.settings import Settings, SourceSettings

CHUNK = 1 << 20


@dataclass
class Landed:
    """What one look at the sources brought."""

    new: int = 0
    refused: list[int] = field(default_factory=list)
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
        result.growing += [f"{source.platform}: {name_of(f)}" for f in growing]
        seen = ledger.seen(source.platform, str(source.location))
        wanted += [
            (source, opened, f) for f in files if seen.get(name_of(f)) != (f.size, f.modified_ns)
        ]
    # Oldest first, so that a first run meets the files in the order in which they were made.
    wanted.sort(key=lambda w: (w[2].modified_ns, w[2].name))
    for left in settings.landing.glob("*/.incoming-*"):
        left.unlink(missing_ok=True)

    def copy(task: tuple[int, tuple[SourceSettings, Source, Listed]]) -> Copied | OSError:
        number, (source, opened, listed) = task
        suffix = PurePosixPath(listed.name).suffix.lower()
        try:
            with opened.open(listed.name) as stream:
                return _copy(stream, settings.landing / source.platform, number, suffix)
        except OSError as error:
            return error

    # Hashing and writing let other threads run; what came is recorded here, in order.
    with ThreadPoolExecutor(min(os.cpu_count() or 1, 4)) as pool:
        copies = pool.map(copy, enumerate(wanted))
        for done, (source, _, listed) in enumerate(wanted):
            progress(done, len(wanted))
            _record(settings, ledger, source, listed, next(copies), result)
    progress(len(wanted), len(wanted))
    return result


#: Hash, size in bytes and path of a copy.
Copied = tuple[str, int, Path]


def _record(
    settings: Settings,
    ledger: Ledger,
    source: SourceSettings,
    listed: Listed,
    copied: Copied | OSError,
    result: Landed,
) -> None:
    """What became of one copy; the exits stand in a row."""
    if isinstance(copied, PermissionError):
        result.refused.append(_unreadable(ledger, source, listed))
        return
    if isinstance(copied, FileNotFoundError):
        # Gone since it was listed: an upload that has got its last name, or nobody's file now.
        return
    if isinstance(copied, OSError):
        if copied.errno in (errno.ENOSPC, errno.EDQUOT):
            raise disk_full(settings.landing / source.platform) from copied
        result.problems.append(
            (source.platform, SourceError("reading failed", culprit=name_of(listed), retry=True))
        )
        return
    sha256, size, path = copied
    if size != listed.size:
        result.growing.append(f"{source.platform}: {name_of(listed)}")
        return
    with ledger.transaction():
        ledger.run(
            "DELETE FROM file WHERE platform = ? AND name = ? AND reason = 'unreadable'",
            (source.platform, name_of(listed)),
        )
        ledger.add(
            platform=source.platform,
            name=name_of(listed),
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
            source.platform,
            str(source.location),
            name_of(listed),
            listed.size,
            listed.modified_ns,
            sha256,
        )
    result.new += 1


def _unreadable(ledger: Ledger, source: SourceSettings, listed: Listed) -> int:
    """Say so in the ledger, and give the row's id; without a sighting, the next run tries again."""
    with ledger.transaction():
        ledger.run(
            "DELETE FROM file WHERE platform = ? AND name = ? AND reason = 'unreadable'",
            (source.platform, name_of(listed)),
        )
        return ledger.add(
            platform=source.platform,
            name=name_of(listed),
            landed="",
            sha256="",
            size=listed.size,
            modified_ns=listed.modified_ns,
            landed_at=ledgers.now(),
            delivery="",
            is_archive=0,
            status="refused",
            reason="unreadable",
            rows_in=0,
            rows_kept=0,
            rows_quarantined=0,
            rows_duplicate=0,
        )


def name_of(listed: Listed) -> str:
    """A file's name as text, also where its bytes are not UTF-8 (written by an older system)."""
    raw = os.fsencode(listed.name)
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")


def _copy(stream: BinaryIO, folder: Path, number: int, suffix: str) -> Copied:
    """Copy a stream into the folder under its hash: hash, size, path."""
    folder.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    incoming = folder / f".incoming-{number}"
    try:
        with incoming.open("wb") as sink:
            while block := stream.read(CHUNK):
                digest.update(block)
                sink.write(block)
                size += len(block)
        path = folder / f"{digest.hexdigest()}{suffix}"
        incoming.replace(path)
    finally:
        incoming.unlink(missing_ok=True)
    return digest.hexdigest(), size, path
