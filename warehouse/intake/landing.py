"""Landing: every new file of a source is copied byte for byte under its SHA-256, once.

Not here: what a file means. A crash between copying and recording costs one more copy of the
same bytes to the same name, nothing else.
"""

from __future__ import annotations

import hashlib
import math
import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from connectors.errors import HomeroomError, SourceError
from connectors.sources import UNKNOWN, Listed, NothingNew, Source, Stream, fault_of, settled
from connectors.ways import open_source
from connectors.ways.secrets import Secrets
from warehouse import ledger as ledgers
from warehouse.forgetting.arriving import Gate, LeftOut
from warehouse.ledger import Ledger, disk_told
from warehouse.settings import Settings, SourceSettings
from warehouse.watch import standing

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
    with disk_told(settings.landing):
        for left in settings.landing.glob("*/.incoming-*"):
            left.unlink(missing_ok=True)
    sources = [s for s in settings.sources if only in (None, s.platform)]
    secrets = Secrets(settings.file.parent)
    gate = Gate(settings)
    # Hashing, writing and waiting let other threads run; what came is recorded here, in order.
    with gate, ThreadPoolExecutor(min(os.cpu_count() or 1, 4)) as pool, ExitStack() as open_sources:

        def look(source: SourceSettings) -> Look | SourceError:
            try:
                opened = open_source(source.location, source.access, secrets, settings.time_zone)
                open_sources.callback(opened.close)
                open_sources.callback(opened.patience.end)
                return opened, *settled(opened)
            except SourceError as error:
                return error

        def copy(task: tuple[int, Wanted]) -> Copied | OSError | HomeroomError | None:
            number, (source, opened, listed) = task
            folder = settings.landing / source.platform
            try:
                return opened.patience(lambda: _fetch(opened, listed, folder, number, gate))
            except (OSError, HomeroomError) as error:
                return error
            except NothingNew:
                return None

        try:
            wanted: list[Wanted] = []
            for source, seen in zip(sources, pool.map(look, sources), strict=True):
                if isinstance(seen, SourceError):
                    result.problems.append((source.platform, seen))
                else:
                    wanted += _wanted(ledger, gate, source, *seen, result)
            # Oldest first, so that a first run meets the files in the order in which they were
            # made; last those of unknown time, which may take long.
            wanted.sort(key=lambda w: (w[2].modified_ns or math.inf, w[2].name))
            copies = pool.map(copy, enumerate(wanted))
            for done, (source, _, listed) in enumerate(wanted):
                progress(done, len(wanted))
                _record(settings, ledger, gate, source, listed, next(copies), result)
        except BaseException:
            # A stop must not wait for files that nobody will record.
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    progress(len(wanted), len(wanted))
    _keep_problems(ledger, sources, result)
    return result


def _keep_problems(ledger: Ledger, sources: list[SourceSettings], result: Landed) -> None:
    """What was wrong with the sources when they were last looked at: in full for whoever asks on
    this machine, and as it may be sent."""
    looked = {s.platform for s in sources}
    before = [kept for kept in ledger.note(standing.SOURCES) or [] if kept[0] not in looked]
    found = [[p, str(error), standing.problem_of(error)] for p, error in result.problems]
    ledger.keep(standing.SOURCES, before + found)


#: A source that could be listed: its files, and those still growing.
Look = tuple[Source, list[Listed], list[Listed]]
#: A file to be copied.
Wanted = tuple[SourceSettings, Source, Listed]


@dataclass(frozen=True)
class Copied:
    """A copy in the landing area; `listed` is what the source said of it while it was read.

    `left_out`: what of it did not land, where the forgotten are in it.
    """

    listed: Listed
    sha256: str
    size: int
    path: Path
    left_out: LeftOut | None = None


def _wanted(
    ledger: Ledger,
    gate: Gate,
    source: SourceSettings,
    opened: Source,
    files: list[Listed],
    growing: list[Listed],
    result: Landed,
) -> list[Wanted]:
    """Of a source's files those that are new; tells of those that wait or are passed over."""
    result.growing += [f"{source.platform}: {name_of(f)}" for f in growing]
    known = ledger.seen(source.platform, source.key)
    taken: list[Wanted] = []
    for listed in files:
        if fault := fault_of(listed):
            shown = "".join(c if c.isprintable() else "?" for c in name_of(listed))
            error = SourceError(fault, culprit=shown, fix="rename it at its source")
            result.problems.append((source.platform, error))
            continue
        seen = known.get(gate.called(source.platform, name_of(listed)))
        if seen != listed.version or listed.version == (UNKNOWN, 0):
            taken.append((source, opened, listed))
    return taken


def _record(
    settings: Settings,
    ledger: Ledger,
    gate: Gate,
    source: SourceSettings,
    listed: Listed,
    copied: Copied | OSError | HomeroomError | None,
    result: Landed,
) -> None:
    """What became of one copy; the exits stand in a row."""
    if copied is None:
        return
    if isinstance(copied, SourceError):
        culprit = f"{copied.culprit}, {name_of(listed)}"
        error = SourceError(copied.says, culprit=culprit, fix=copied.fix, retry=copied.retry)
        result.problems.append((source.platform, error))
        return
    if isinstance(copied, HomeroomError):
        raise copied
    if isinstance(copied, PermissionError):
        result.refused.append(_unreadable(ledger, source, listed))
        return
    if isinstance(copied, FileNotFoundError):
        # Gone since it was listed: an upload that has got its last name, or nobody's file now.
        return
    if isinstance(copied, OSError):
        result.problems.append(
            (source.platform, SourceError("reading failed", culprit=name_of(listed), retry=True))
        )
        return
    if not copied.sha256:
        result.growing.append(f"{source.platform}: {name_of(listed)}")
        return
    called = gate.called(source.platform, name_of(listed))
    with ledger.transaction():
        ledger.see(source.platform, source.key, called, *listed.version, copied.sha256)
        if called != name_of(listed):
            # It is called after a forgotten student: not even its name is kept.
            return
        ledger.run(
            "DELETE FROM file WHERE platform = ? AND name = ? AND reason = 'unreadable'",
            (source.platform, name_of(listed)),
        )
        file_id = ledger.add(
            platform=source.platform,
            name=name_of(copied.listed),
            landed=str(copied.path.relative_to(settings.landing)),
            sha256=copied.sha256,
            size=copied.size,
            # Of a file whose time nobody tells, it is known that it is here now.
            modified_ns=copied.listed.modified_ns or time.time_ns(),
            landed_at=ledgers.now(),
            delivery="",
            is_archive=0,
            status="pending",
        )
        if copied.left_out is not None:
            ledger.update(file_id, **copied.left_out.told())
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
            size=None if listed.size == UNKNOWN else listed.size,
            modified_ns=listed.modified_ns or time.time_ns(),
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


def _fetch(opened: Source, listed: Listed, folder: Path, number: int, gate: Gate) -> Copied:
    """One file into the folder under its hash; without hash and path where it was not whole.

    What was cut leaves nothing behind: a copy gets its name when all of it is there.
    """
    with opened.open(listed) as (now, stream):
        incoming = folder / f".incoming-{number}"
        with disk_told(folder):
            folder.mkdir(parents=True, exist_ok=True)
            # Made here: what the source refuses later is not the landing area's fault.
            incoming.touch()
        try:
            sha256, size = _copy(stream, incoming)
            if now.size not in (size, UNKNOWN):
                return Copied(now, "", size, incoming)
            left_out = gate.pass_through(incoming, folder.name, name_of(now), sha256)
            if left_out is not None and left_out.size:
                sha256, size = left_out.sha256, left_out.size
            path = folder / f"{sha256}{PurePosixPath(now.name).suffix.lower()}"
            if left_out is None or left_out.size:
                incoming.replace(path)
            return Copied(now, sha256, size, path, left_out)
        finally:
            incoming.unlink(missing_ok=True)


def _copy(stream: Stream, path: Path) -> tuple[str, int]:
    """Copy a stream: hash, size."""
    digest, size = hashlib.sha256(), 0
    with path.open("wb", buffering=0) as sink:
        while block := stream.read(CHUNK):
            digest.update(block)
            with disk_told(path.parent):
                rest = memoryview(block)
                while rest:
                    rest = rest[sink.write(rest) :]
            size += len(block)
    return digest.hexdigest(), size
