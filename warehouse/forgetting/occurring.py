"""Where one student stands in the landed files: file, line and the row as it was sent.

Only rows that are surely the student's: one that a name alone tells may be a namesake's.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path

from connectors.prepared import Prepared
from warehouse.forgetting.finding import WITHHELD, Finder, Found
from warehouse.forgetting.landed import scrub_landing
from warehouse.forgetting.marks import Marks
from warehouse.forgetting.whom import Whom
from warehouse.intake.rawtext import rows_of
from warehouse.ledger import Ledger
from warehouse.settings import Settings


@dataclass(frozen=True)
class Occurrences:
    """The rows of one file: `columns` as its header writes them, the line first."""

    platform: str
    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]


class Recorder(Finder):
    """Keeps what it finds."""

    def __init__(self, settings: Settings, marks: Marks, work: Path) -> None:
        super().__init__(settings, marks, work)
        self.found: list[Occurrences] = []

    def of_name(self, platform: str, name: str) -> str:
        """See Finder; a file that is called after the student is kept by its name."""
        verdict = super().of_name(platform, name)
        if verdict == WITHHELD:
            self.found.append(Occurrences(platform, name, ("the whole file",), ()))
        return verdict

    def of_rows(self, platform: str, name: str, prepared: Prepared) -> Found:
        """See Finder; the rows are kept."""
        found = super().of_rows(platform, name, prepared)
        lines = sorted(n for n, verdict in found.records.items() if verdict == WITHHELD)
        if lines and found.starts is None:
            cells = ", ".join(["_line", *(f"c{i}" for i in range(len(prepared.header)))])
            rows = self._db.execute(
                f"SELECT {cells} FROM {rows_of([prepared])} "
                "WHERE list_contains(?, _line) ORDER BY 1",
                [lines],
            ).fetchall()
            header = ("line", *prepared.header)
            self.found.append(Occurrences(platform, name, header, tuple(rows)))
        elif lines:
            # A damaged file has no cells that could be trusted.
            with prepared.path.open(encoding="utf-8-sig", errors="replace", newline="") as stream:
                told = tuple((n, text.strip()) for n, text in enumerate(stream, 1) if n in lines)
            self.found.append(Occurrences(platform, name, ("line", "text"), told))
        return found


def marks_of(whom: Whom) -> Marks:
    """What a Finder looks for, for one look: under a key of its own."""
    key = secrets.token_bytes(32)
    bare = Marks(key, frozenset())
    return Marks(key, frozenset(bare.keyed(*mark) for mark in whom.marks))


def occurrences(settings: Settings, ledger: Ledger, whom: Whom) -> list[Occurrences]:
    """Every row of the student in the landed files. Hold the run's lock."""
    marks = marks_of(whom)
    work = settings.work / "landed"
    work.mkdir(parents=True, exist_ok=True)
    recorder = Recorder(settings, marks, work)
    scrub_landing(settings, ledger, marks, act=False, finder=recorder)
    return recorder.found
