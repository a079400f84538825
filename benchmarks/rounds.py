"""What is measured for one size of district, in which order.

The floor runs before and after Homeroom's cold run, so that a machine that grows slower shows.
The nights run in a second home that has everything but the last two days.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from benchmarks.district import District
from benchmarks.measure import Measured, measure

PARTS = ("floor", "homeroom", "pandas", "dlt")
PEERS = ("pandas", "dlt")
_REPEATS = 3


@dataclass(frozen=True)
class Size:
    """A size of district."""

    students: int
    weeks: int


@dataclass(frozen=True)
class Round:
    """One size's measurements, by what was measured; each a list of its repeats.

    `files`, `bytes`: of all exports; `arrived`: files and bytes of each night's new day.
    """

    size: Size
    files: int
    bytes: int
    arrived: dict[str, tuple[int, int]]
    runs: dict[str, list[Measured]]


def run(
    size: Size,
    work: Path,
    parts: tuple[str, ...],
    limit: float,
    *,
    keep: bool,
) -> Round:
    """Measure one size; `parts` are of PARTS, `limit` is the peers' seconds."""
    folder = work / f"district-{size.students}"
    shutil.rmtree(folder, ignore_errors=True)
    print(f"{size.students:,} students, {size.weeks} weeks: making the district", flush=True)
    measure("benchmarks.district", str(folder), str(size.students), str(size.weeks))
    measured = _Bench(District(folder))
    files = measured.district.files()
    weight = sum(path.stat().st_size for path in files)
    if "floor" in parts:
        measured.floor()
    if "homeroom" in parts:
        measured.cold()
        if "floor" in parts:
            measured.floor()
        measured.nights()
    for peer in PEERS:
        if peer in parts:
            measured.peer(peer, limit)
    if not keep:
        shutil.rmtree(folder)
    return Round(size, len(files), weight, measured.arrived, measured.runs)


class _Bench:
    def __init__(self, district: District) -> None:
        self.district = district
        self.runs: dict[str, list[Measured]] = {}
        self.arrived: dict[str, tuple[int, int]] = {}

    def floor(self) -> None:
        target = self.district.folder / "floor.duckdb"
        self._measure("floor", "benchmarks.floor", self.district.config, target)

    def peer(self, name: str, limit: float) -> None:
        folder = self.district.folder / f"peer-{name}"
        folder.mkdir()
        target = folder / "raw.duckdb"
        self._measure(name, f"benchmarks.with_{name}", self.district.config, target, limit=limit)
        shutil.rmtree(folder)

    def cold(self) -> None:
        self._measure("cold", "benchmarks.night", self.district.config)

    def nights(self) -> None:
        config = self.district.config_with_home("nights")
        ordinary, last = self.district.hold_back(2)
        self._measure("cold, two days short", "benchmarks.night", config)
        for name, day in (("ordinary night", ordinary), ("heaviest night", last)):
            day.arrive()
            self.arrived[name] = len(day.files), sum(p.stat().st_size for p in day.files)
            self._measure(name, "benchmarks.night", config)
        for _ in range(_REPEATS):
            self._measure("nothing new", "benchmarks.night", config)

    def _measure(self, name: str, module: str, *paths: Path, limit: float | None = None) -> None:
        measured = measure(module, *map(str, paths), limit=limit)
        self.runs.setdefault(name, []).append(measured)
        print(f"  {name}: {measured.wall:.1f} s, {measured.peak / 1e9:.2f} GB", flush=True)
