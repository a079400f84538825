"""Where files come from: a location is listed, and one of its files is opened.

Belongs here: one class per kind of location. Not here: what has been landed already.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from connectors.errors import SourceError

#: Names of files that a program is still writing, and of files that are nobody's data.
UNFINISHED = (".part", ".partial", ".tmp", ".filepart", ".crdownload", ".swp", "~")
#: A file changed this recently (seconds) is looked at twice before it is taken.
FRESH, PAUSE = 10.0, 1.0


@dataclass(frozen=True)
class Listed:
    """One file of a location: name within it, size in bytes, time of change in nanoseconds."""

    name: str
    size: int
    modified_ns: int


class Source(Protocol):
    """A location that can be listed and read."""

    def list(self) -> list[Listed]:
        """Files in order of name. Raises SourceError."""

    def open(self, name: str) -> BinaryIO:
        """One file for reading. Raises OSError."""


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

    def list(self) -> list[Listed]:
        """Files that can be somebody's data; hidden, link-only and unfinished ones are left."""
        if not self.path.is_dir():
            raise SourceError(
                "the folder is not there", culprit=str(self.path), fix="make it, or mend location"
            )
        try:
            paths = sorted(p for p in self._walk() if not _passed_over(p.relative_to(self.path)))
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

    def open(self, name: str) -> BinaryIO:
        """Open one listed file."""
        return (self.path / name).open("rb")


def _passed_over(relative: Path) -> bool:
    return any(part.startswith(".") for part in relative.parts) or relative.name.endswith(
        UNFINISHED
    )


def settled(
    source: Source,
    *,
    now: Callable[[], float] = time.time,
    pause: Callable[[float], None] = time.sleep,
) -> tuple[list[Listed], list[Listed]]:
    """List a location: files that may be taken, and files still being written.

    Only where some file changed within the last seconds is the location looked at twice.
    """
    files = source.list()
    fresh = [f for f in files if now() - f.modified_ns / 1e9 < FRESH]
    if not fresh:
        return files, []
    pause(PAUSE)
    again = {f.name: f for f in source.list()}
    growing = [f for f in fresh if not is_settled(f, again.get(f.name))]
    names = {f.name for f in growing}
    return [f for f in files if f.name not in names], growing
