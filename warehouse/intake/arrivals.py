"""What has come to the sources that a run has not taken yet, judged by content.

Size and time of change are the hint for what to look at again; the hash decides. So a file that was
touched, and bytes that were sent again, are nothing new. Not here: taking them (landing.py).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field

from connectors.errors import HomeroomError, SourceError
from connectors.sources import UNKNOWN, Listed, NothingNew, Source, fault_of, settled
from connectors.ways import open_source
from connectors.ways.secrets import Secrets
from warehouse.intake.landing import CHUNK, name_of
from warehouse.ledger import Ledger
from warehouse.settings import Settings, SourceSettings

#: More bytes than this are not read to see whether they are new: a run finds out.
MOST_READ = 1 << 30


@dataclass(frozen=True)
class Seen:
    """What the last look found, small enough for a cursor: two hashes.

    `hint`: of names, sizes and times of change. `new`: of names and contents; empty for
    nothing new.
    """

    hint: str = ""
    new: str = ""

    @classmethod
    def read(cls, text: str | None) -> Seen:
        """A cursor; what cannot be read is a first look."""
        try:
            return cls(**json.loads(text or "{}"))
        except (ValueError, TypeError):
            return cls()

    def __str__(self) -> str:
        return json.dumps({"hint": self.hint, "new": self.new})


@dataclass(frozen=True)
class Look:
    """One look at all sources. `changed`: files that are not as the last run took them. `growing`:
    still being written. `away`: sources that could not be listed."""

    seen: Seen
    changed: int = 0
    growing: int = 0
    away: list[SourceError] = field(default_factory=list)


#: A changed file: its source, which is open, and what the source says of it.
Changed = tuple[SourceSettings, Source, Listed]


def look(settings: Settings, ledger: Ledger, before: Seen) -> Look:
    """List every source and see what is new since the last run. Takes and writes nothing.

    Asking for an export service's file would have it made; such sources are the schedule's.
    """
    secrets, away, growing = Secrets(settings.file.parent), [], 0
    changed: list[Changed] = []
    with ExitStack() as opened_sources:
        for source in settings.sources:
            try:
                opened = open_source(source.location, source.access, secrets, settings.time_zone)
                opened_sources.callback(opened.close)
                opened_sources.callback(opened.patience.end)
                files, young = settled(opened)
            except SourceError as error:
                away.append(error)
                continue
            growing += len(young)
            taken = ledger.seen(source.platform, source.key)
            changed += [(source, opened, f) for f in files if is_changed(f, taken)]
        seen = judged(changed, before, lambda c: _content(ledger, c))
    return Look(seen, len(changed), growing, away)


def is_changed(listed: Listed, taken: Mapping[str, tuple[int, int]]) -> bool:
    """Whether size or time differ from what was taken; not where the size is never told. Pure."""
    if fault_of(listed) or listed.size == UNKNOWN:
        return False
    return taken.get(name_of(listed)) != listed.version


def judged(changed: Iterable[Changed], before: Seen, content: Callable[[Changed], str]) -> Seen:
    """What is new among changed files. `content` gives a hash, empty for bytes that are known; it
    is asked only where names, sizes or times differ from the look before."""
    files = list(changed)
    hint = _hash(f"{_name(c)} {c[2].version}" for c in files) if files else ""
    if hint == before.hint:
        return before
    if sum(c[2].size for c in files) > MOST_READ:
        return Seen(hint, hint)
    fresh = [f"{_name(c)} {found}" for c in files if (found := content(c))]
    return Seen(hint, _hash(fresh) if fresh else "")


def _name(changed: Changed) -> str:
    source, _, listed = changed
    return f"{source.platform} {source.key} {name_of(listed)}"


def _hash(lines: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()[:32]


def _content(ledger: Ledger, changed: Changed) -> str:
    """A file's hash; empty where its bytes were taken before. What cannot be read is new: the run
    says why."""
    source, opened, listed = changed
    digest = hashlib.sha256()
    try:
        with opened.open(listed) as (_, stream):
            while block := stream.read(CHUNK):
                digest.update(block)
    except NothingNew:
        return ""
    except (OSError, HomeroomError):
        return f"unreadable {listed.size}"
    sha256 = digest.hexdigest()
    known = ledger.rows(
        """SELECT 1 FROM sighting
           WHERE platform = ? AND location = ? AND name = ? AND sha256 = ?
           UNION ALL
           SELECT 1 FROM file WHERE platform = ? AND sha256 = ? AND status <> 'superseded'
             AND status <> 'duplicate' LIMIT 1""",
        (source.platform, source.key, name_of(listed), sha256, source.platform, sha256),
    )
    return "" if known else sha256
