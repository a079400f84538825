"""A first homeroom.toml: which platform's files lie in which folder, told by their columns.

The same recognising as a run's. Not here: settings themselves (settings.py), drafting a platform
that nobody has written (drafting.py).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from connectors.contract import Platform, recognise
from connectors.errors import FileRefused
from connectors.reading import is_archive, members, prepare
from connectors.sources import passed_over

#: Files of a folder that are looked at, the newest first.
_MOST = 8
_HEAD = """\
# Every key is in docs/operating.md. Paths are relative to this file.
[district]
name = {name}
time_zone = {zone}
home = "data"                # all that Homeroom makes; for nobody else's eyes

# [portal]
# coordinators = ["..."]     # staff ids of who sees the page Operations (docs/portal.md)
"""


@dataclass(frozen=True)
class Found:
    """A folder of exports. `platform`: whose most of the files are, "" where nobody's is known.

    `known` of `looked` files have columns of that platform. `others`: whose they may be as well.
    """

    folder: Path
    platform: str
    known: int
    looked: int
    others: tuple[str, ...] = ()


def look(exports: Path, platforms: Mapping[str, Platform]) -> list[Found]:
    """Every folder below `exports` that holds files, by name; `exports` itself where it does."""
    folders = [exports, *sorted(p for p in exports.iterdir() if p.is_dir())]
    found = []
    for folder in folders:
        files = _files(folder, deep=folder != exports)
        if files:
            fits = [_fits(path, platforms) for path in files]
            platform, known, others = judged(fits, folder.name)
            found.append(Found(folder, platform, known, len(files), others))
    return found


def judged(fits: Sequence[Mapping[str, int]], folder: str) -> tuple[str, int, tuple[str, ...]]:
    """Whose a folder's files are, how many of them, and whose they may be as well.

    Each file tells platforms and how many columns they place. Most files win, then the folder's
    own name, then most columns, then the plainest name. Pure.
    """
    files = Counter(name for one in fits for name in one)
    columns: Counter[str] = Counter()
    for one in fits:
        columns.update(one)
    if not files:
        return "", 0, ()
    order = sorted(files, key=lambda n: (-files[n], n not in folder.lower(), -columns[n], n))
    best, *rest = order
    same = [n for n in rest if (files[n], columns[n]) == (files[best], columns[best])]
    return best, files[best], tuple(sorted(same))


def written(name: str, zone: str, found: Sequence[Found], base: Path) -> str:
    """The text of a homeroom.toml that lies in `base`. Pure."""
    text = _HEAD.format(name=json.dumps(name, ensure_ascii=False), zone=json.dumps(zone))
    for one in found:
        inside = one.folder.is_relative_to(base)
        place = (one.folder.relative_to(base) if inside else one.folder).as_posix()
        location = f"location = {json.dumps(place, ensure_ascii=False)}\n"
        if one.platform:
            maybe = f"   # or: {', '.join(one.others)}" if one.others else ""
            text += f"\n[[source]]\nplatform = {json.dumps(one.platform)}{maybe}\n{location}"
        else:
            text += (
                "\n# No platform is known by these files: see docs/connectors.md\n"
                f'# [[source]]\n# platform = ""\n# {location}'
            )
    return text


def _files(folder: Path, *, deep: bool) -> list[Path]:
    paths = folder.rglob("*") if deep else folder.iterdir()
    fine = [p for p in paths if p.is_file() and not passed_over(p.relative_to(folder))]
    return sorted(fine, key=lambda p: (-p.stat().st_mtime_ns, p.name))[:_MOST]


def _fits(path: Path, platforms: Mapping[str, Platform]) -> dict[str, int]:
    """Platforms of which a file has every column that one of their feeds needs."""
    best: dict[str, int] = {}
    with TemporaryDirectory() as work:
        for name, header in _headers(path, Path(work)):
            for platform in platforms.values():
                match = recognise(platform, name, header)
                if match is not None and match.fits:
                    placed = len(match.positions)
                    best[platform.name] = max(best.get(platform.name, 0), placed)
    return best


def _headers(path: Path, work: Path) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Name and header of a file, or of each in an archive. What cannot be read tells nothing."""
    try:
        if not is_archive(path):
            yield path.name, prepare(path, work).header
            return
        for member, unpacked in members(path, work):
            yield f"{path.name}/{member}", prepare(unpacked, work).header
    except FileRefused:
        return
