"""Files that arrive: nothing of a forgotten student lands.

Where nobody was forgotten, this costs nothing.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from warehouse.forgetting import marks
from warehouse.forgetting.finding import HELD, WITHHELD, Finder
from warehouse.forgetting.scrubbing import Scrubbed, Scrubber
from warehouse.ledger import File, Ledger
from warehouse.settings import Settings


@dataclass(frozen=True)
class LeftOut:
    """What of a file did not land: its hash as sent, and as it lies here; records by verdict.

    `size`: 0 where nothing of it landed. `members`: the counts of an archive's files. `not_them`:
    hashes that would let held names in, should a person say whose they are.
    """

    sent_sha256: str
    sha256: str
    size: int
    counts: Counter[str] = field(default_factory=Counter)
    members: Mapping[str, Counter[str]] = field(default_factory=dict)
    not_them: tuple[str, ...] = ()

    def told(self) -> dict[str, Any]:
        """As columns of the ledger's file."""
        rows = {"sent_sha256": self.sent_sha256, **_rows(self.counts)}
        told = {"members": self.members, "not_them": sorted(self.not_them)}
        rows["withheld_told"] = json.dumps(told)
        if self.size:
            return rows
        none = dict.fromkeys(("rows_in", "rows_kept", "rows_quarantined", "rows_duplicate"), 0)
        reason = "withheld" if self.counts else "not_looked_into"
        status = "ignored" if self.counts else "refused"
        gone = {"landed": "", "sha256": "", "size": 0, "is_archive": 0}
        return rows | none | gone | {"status": status, "reason": reason}


def _rows(counts: Mapping[str, int]) -> dict[str, int]:
    return {"rows_withheld": counts.get(WITHHELD, 0), "rows_held": counts.get(HELD, 0)}


def left_out_of_members(ledger: Ledger, archive: File) -> dict[str, dict[str, int]]:
    """What did not land of each file of an archive, as columns of the ledger's file, by name."""
    rows = ledger.rows("SELECT withheld_told FROM file WHERE id = ?", (archive.id,))
    told = json.loads(rows[0][0] or "{}").get("members", {}) if rows else {}
    return {name: _rows(counts) for name, counts in told.items() if counts}


def digest_of(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def left_out_of(scrubbed: Scrubbed, sent_sha256: str) -> LeftOut | None:
    """What did not land of a file; None where all of it may stay as it is."""
    if not scrubbed.changed:
        return None
    sha256, size = "", 0
    if scrubbed.path is not None:
        sha256, size = digest_of(scrubbed.path), scrubbed.path.stat().st_size
    told = (scrubbed.counts, scrubbed.members, tuple(scrubbed.not_them))
    return LeftOut(sent_sha256, sha256, size, *told)


class Gate:
    """Lets files in. Safe to share between threads; each has a scrubber of its own."""

    def __init__(self, settings: Settings) -> None:
        self._settings, self._marks = settings, marks.load(settings)
        self._here, self._lock = threading.local(), threading.Lock()
        self._finders: list[Finder] = []
        self._work: Path | None = None

    def __enter__(self) -> Gate:
        return self

    def __exit__(self, *exc: object) -> None:
        for finder in self._finders:
            finder.close()
        if self._work is not None:
            shutil.rmtree(self._work, ignore_errors=True)

    def _scrubber(self) -> tuple[Finder, Scrubber]:
        if not hasattr(self._here, "pair"):
            with self._lock:
                self._settings.work.mkdir(parents=True, exist_ok=True)
                self._work = self._work or Path(tempfile.mkdtemp(dir=self._settings.work))
                folder = self._work / f"gate-{len(self._finders)}"
                folder.mkdir()
                finder = Finder(self._settings, self._marks, folder)
                self._finders.append(finder)
            self._here.pair = finder, Scrubber(finder, folder)
        pair: tuple[Finder, Scrubber] = self._here.pair
        return pair

    def pass_through(
        self, path: Path, platform: str, name: str, sent_sha256: str
    ) -> LeftOut | None:
        """Take the forgotten out of a file that is about to land, in its place; None where nobody
        of them is in it. Where nothing of it may stay, the file is left to the caller to remove."""
        if not self._marks:
            return None
        scrubbed = self._scrubber()[1].scrub(path, platform, name)
        left_out = left_out_of(scrubbed, sent_sha256)
        if left_out is not None and scrubbed.path is not None:
            shutil.move(scrubbed.path, path)
        return left_out

    def called(self, platform: str, name: str) -> str:
        """A file's name as it may be kept: a hash where it is called after a forgotten student."""
        if self._marks and self._scrubber()[0].of_name(platform, name):
            return f"withheld:{self._marks.keyed('file', platform, name)}"
        return name
