"""The sample district that is measured on, and the days held back from it.

It is made without its oddities: a bare script could not read the damaged files at all. Run as
`python -m benchmarks.district FOLDER STUDENTS WEEKS`, in a process of its own, to make one.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from warehouse.settings import load


@dataclass(frozen=True)
class District:
    """A sample district in a folder of its own."""

    folder: Path

    @property
    def config(self) -> Path:
        """Its configuration; Homeroom's home is the folder `data`."""
        return self.folder / "homeroom.toml"

    def config_with_home(self, home: str) -> Path:
        """The same district with another home."""
        path = self.folder / f"{home}.toml"
        path.write_text(
            self.config.read_text("utf-8").replace('home = "data"', f'home = "{home}"'), "utf-8"
        )
        return path

    def files(self) -> list[Path]:
        """Every exported file, as sent."""
        return sorted(p for p in (self.folder / "exports").rglob("*") if p.is_file())

    def hold_back(self, days: int) -> list[HeldBack]:
        """Take the files of the last `days` days away, the earliest of these days first."""
        zone = ZoneInfo(load(self.config).time_zone)
        by_day: dict[date, list[Path]] = {}
        for path in self.files():
            day = datetime.fromtimestamp(path.stat().st_mtime, zone).date()
            by_day.setdefault(day, []).append(path)
        held = [HeldBack(self.folder, day, tuple(by_day[day])) for day in sorted(by_day)[-days:]]
        for last in held:
            last.take_away()
        return held


@dataclass(frozen=True)
class HeldBack:
    """One day's files, which stand beside the exports until they arrive."""

    folder: Path
    day: date
    files: tuple[Path, ...]

    def take_away(self) -> None:
        """Move the files aside; their times stay."""
        for path in self.files:
            self._aside(path).parent.mkdir(parents=True, exist_ok=True)
            path.rename(self._aside(path))

    def arrive(self) -> None:
        """Put the files where the platforms put them."""
        for path in self.files:
            self._aside(path).rename(path)

    def _aside(self, path: Path) -> Path:
        return self.folder / "later" / path.relative_to(self.folder)


if __name__ == "__main__":
    from connectors.sample import write_district

    made = write_district(
        Path(sys.argv[1]), students=int(sys.argv[2]), weeks=int(sys.argv[3]), oddities=False
    )
    print(json.dumps({"files": made.files}))
