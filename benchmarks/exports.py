"""The sample's exports as a plain script sees them: archives unpacked, each file with its feed.

For the floor and the peers only. Nothing here doubts a file; Homeroom itself never uses this.
"""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from connectors.contract import Column, Match, Platform, norm, recognise
from connectors.registry import PLATFORMS
from connectors.sources import Folder
from warehouse.settings import Settings


@dataclass(frozen=True)
class Export:
    """One CSV: where it lies, its name as sent, its time of change, its header and its feed."""

    platform: Platform
    match: Match
    path: Path
    name: str
    modified_ns: int
    header: tuple[str, ...]

    @property
    def table(self) -> str:
        """A name for the feed's raw table."""
        return f"{self.platform.name}_{self.match.feed.name}"

    def contract(self) -> dict[str, Column]:
        """The columns that the contract uses, by their header; one that is used twice once."""
        found: dict[str, Column] = {}
        for column in self.match.feed.columns:
            if column.name in self.match.positions:
                found.setdefault(self.header[self.match.positions[column.name]], column)
        return found


def exports(settings: Settings, scratch: Path) -> Iterator[Export]:
    """Every CSV that some feed reads; archives are unpacked below `scratch`."""
    for source in settings.sources:
        platform = PLATFORMS[source.platform]
        ignored = {norm(stem) for stem in platform.ignores}
        if not isinstance(source.location, Path):
            raise ValueError(f"{source.location}: the benchmarks read folders only")
        for listed in Folder(source.location).list():
            path = source.location / listed.name
            for name, file in _files(path, listed.name, scratch / platform.name):
                stem = PurePosixPath(name).name.split(".")[0]
                if norm(stem) in ignored:
                    continue
                header = _header(file)
                match = recognise(platform, stem, header)
                if match is None or match.missing:
                    raise ValueError(f"{name}: no feed of {platform.name} reads this")
                yield Export(platform, match, file, name, listed.modified_ns, header)


def _files(path: Path, name: str, scratch: Path) -> Iterator[tuple[str, Path]]:
    if path.suffix != ".zip":
        yield name, path
        return
    folder = scratch / path.stem
    with zipfile.ZipFile(path) as archive:
        archive.extractall(folder)
        for member in archive.namelist():
            yield f"{name}/{member}", folder / member


def _header(path: Path) -> tuple[str, ...]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return tuple(next(csv.reader(stream)))
