"""Where files come from: a location is listed, and one of its files is opened.

Belongs here: what every way in offers, and the folder of this machine. Other ways are modules of
`connectors/ways/`. Not here: what has been landed already.
"""

from __future__ import annotations

import os
import shutil
import stat
import time
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Protocol, runtime_checkable

from connectors.errors import SourceError
from connectors.patience import Patience

#: Names of files that a program is still writing, and of files that are nobody's data.
UNFINISHED = (".part", ".partial", ".tmp", ".filepart", ".crdownload", ".swp", "~")
#: A file changed this recently (seconds) is looked at twice before it is taken. Clocks of other
#: machines differ, so that theirs are fresh for longer.
FRESH, FRESH_ELSEWHERE, PAUSE = 10.0, 120.0, 1.0
#: The size of a file whose location does not tell it.
UNKNOWN = -1


@dataclass(frozen=True)
class Listed:
    """One file of a location: name within it, size in bytes, time of change in nanoseconds.

    Size may be UNKNOWN and the time 0 where the location does not tell them; `tag` is then the
    location's own mark of the version, if it has one. `fault` says why it cannot be taken.
    """

    name: str
    size: int
    modified_ns: int
    tag: str = ""
    fault: str = ""

    @property
    def version(self) -> tuple[int, int]:
        """Size and a number that differ where the file does."""
        if self.modified_ns or not self.tag:
            return self.size, self.modified_ns
        return self.size, int.from_bytes(sha256(self.tag.encode()).digest()[:7])


class Stream(Protocol):
    """Bytes of an open file."""

    def read(self, size: int, /) -> bytes:
        """The next bytes, at most `size`; none at the end."""


class NothingNew(Exception):
    """The location has no file for us now."""


class Source(Protocol):
    """A location that can be listed and read. Files may be opened by several threads."""

    @property
    def patience(self) -> Patience:
        """What failed attempts may cost; `list` has used it already, `open` has not."""

    @property
    def fresh(self) -> float:
        """Seconds for which a changed file may still be growing; 0 where files come whole."""

    def list(self) -> list[Listed]:
        """Files in order of name. Raises SourceError."""

    def open(self, listed: Listed) -> AbstractContextManager[tuple[Listed, Stream]]:
        """One file for reading, and what is known of it now. Raises SourceError, OSError,
        NothingNew; so may the stream."""

    def close(self) -> None:
        """Let go of all connections."""


@runtime_checkable
class Place(Source, Protocol):
    """A location that can be written to as well."""

    def put(self, name: str, file: Path) -> None:
        """Write a file under a plain name, in place of one of that name; no half file ever has
        the name. Raises SourceError, OSError."""

    def remove(self, name: str) -> None:
        """Take a file away. Raises SourceError, OSError."""


def fault_of(listed: Listed) -> str:
    """Why a listed file is passed over; empty where it may be taken. Pure."""
    name = PurePosixPath(listed.name)
    if listed.fault:
        return listed.fault
    if name.is_absolute() or ".." in name.parts or not name.name:
        return "the name leads out of the location"
    if any(unicodedata.category(c) == "Cc" for c in listed.name):
        return "the name holds a control character"
    return ""


def is_settled(before: Listed, after: Listed | None) -> bool:
    """Whether a file stayed the same between two looks."""
    return after is not None and (before.size, before.modified_ns) == (
        after.size,
        after.modified_ns,
    )


@dataclass(frozen=True)
class Folder:
    """A folder of this machine, with all folders below it."""

    path: Path
    patience: Patience = field(default_factory=lambda: Patience(0), compare=False, repr=False)
    fresh: float = FRESH

    def list(self) -> list[Listed]:
        """Files that can be somebody's data; hidden, link-only and unfinished ones are left."""
        if not self.path.is_dir():
            raise SourceError(
                "the folder is not there", culprit=str(self.path), fix="make it, or mend location"
            )
        try:
            paths = sorted(p for p in self._walk() if not passed_over(p.relative_to(self.path)))
            looks = [self._look(p) for p in paths]
            return [listed for listed in looks if listed is not None]
        except PermissionError as error:
            raise SourceError(
                "the folder cannot be read",
                culprit=str(self.path),
                fix="give the account that runs Homeroom the right to read it",
            ) from error

    def _walk(self) -> Iterator[Path]:
        def stop(error: OSError) -> None:
            # A folder that has gone since it was listed holds nothing.
            if not isinstance(error, FileNotFoundError):
                raise error

        for root, _, names in os.walk(self.path, onerror=stop):
            yield from (Path(root, name) for name in names)

    def _look(self, path: Path) -> Listed | None:
        """None for what is no plain file (a link, a pipe), or has gone since it was listed."""
        try:
            found = path.lstat()
        except FileNotFoundError:
            return None
        if not stat.S_ISREG(found.st_mode):
            return None
        return Listed(path.relative_to(self.path).as_posix(), found.st_size, found.st_mtime_ns)

    @contextmanager
    def open(self, listed: Listed) -> Iterator[tuple[Listed, Stream]]:
        """Open one listed file."""
        with (self.path / listed.name).open("rb") as stream:
            yield listed, stream

    def put(self, name: str, file: Path) -> None:
        """Write a file, whole or not at all. Raises OSError."""
        fresh = self.path / f".{name}.new"
        try:
            shutil.copyfile(file, fresh)
            fresh.replace(self.path / name)
        finally:
            fresh.unlink(missing_ok=True)

    def remove(self, name: str) -> None:
        """Take a file away. Raises OSError."""
        (self.path / name).unlink(missing_ok=True)

    def close(self) -> None:
        """Nothing to let go of."""


def passed_over(relative: PurePosixPath | Path) -> bool:
    """Whether a name is that of a hidden or an unfinished file."""
    return any(p.startswith(".") and p != ".." for p in relative.parts) or relative.name.endswith(
        UNFINISHED
    )


def settled(
    source: Source,
    *,
    now: Callable[[], float] = time.time,
    pause: Callable[[float], None] = time.sleep,
) -> tuple[list[Listed], list[Listed]]:
    """List a location: files that may be taken, and files still being written.

    Only where some file changed within the source's last seconds is it looked at twice.
    """
    files = source.list()
    if not source.fresh:
        return files, []
    fresh = [f for f in files if now() - f.modified_ns / 1e9 < source.fresh]
    if not fresh:
        return files, []
    pause(PAUSE)
    again = {f.name: f for f in source.list()}
    growing = [f for f in fresh if not is_settled(f, again.get(f.name))]
    names = {f.name for f in growing}
    return [f for f in files if f.name not in names], growing
