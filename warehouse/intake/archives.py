"""Archives: every file of a landed zip, every sheet of a workbook, becomes a file of the ledger.

Members are unpacked into the work folder, and again after a kill; the zip stays as it was landed.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from connectors.errors import FileRefused
from connectors.prepared import Prepared
from connectors.reading import is_archive, members, prepare
from warehouse import ledger as ledgers
from warehouse.forgetting.arriving import left_out_of_members
from warehouse.intake.settling import Settling
from warehouse.ledger import File, Ledger


class Archives:
    """The archives of one run, of all platforms or those like `only`."""

    def __init__(
        self, ledger: Ledger, settling: Settling, landing: Path, work: Path, only: str
    ) -> None:
        self._ledger, self._settling = ledger, settling
        self._landing, self._work, self._only = landing, work, only

    def unpack(self) -> list[int]:
        """Make a ledger row of every member of a new archive; unpack again what a kill left.

        Gives the archives that were turned away.
        """
        refused = []
        waiting = "(SELECT delivery FROM file WHERE status = 'pending' AND delivery <> '')"
        for archive in self._ledger.files(
            f"((status = 'pending' AND delivery = '') OR CAST(id AS TEXT) IN {waiting}) "
            "AND platform LIKE ?",
            (self._only,),
        ):
            path = self._landing / archive.landed
            if not path.is_file() or not is_archive(path):
                continue
            if not self._register(archive, path):
                refused.append(archive.id)
        return refused

    def _register(self, archive: File, path: Path) -> bool:
        known = {f.name for f in self._ledger.files("delivery = ?", (str(archive.id),))}
        folder = self._work / f"archive-{archive.id}"
        folder.mkdir(parents=True, exist_ok=True)
        try:
            found = list(members(path, folder))
        except FileRefused as refused:
            self._ledger.update(archive.id, is_archive=1)
            self._settling.refuse(archive, refused, 0)
            return False
        told = left_out_of_members(self._ledger, archive)
        with self._ledger.transaction():
            for name, unpacked in found:
                full = f"{archive.name}/{name}"
                if full not in known:
                    self._ledger.add(
                        platform=archive.platform,
                        name=full,
                        landed=archive.landed,
                        sha256=_sha256(unpacked),
                        size=unpacked.stat().st_size,
                        modified_ns=archive.modified_ns,
                        landed_at=ledgers.now(),
                        delivery=str(archive.id),
                        is_archive=0,
                        status="pending",
                        **told.get(full, {}),
                    )
            self._ledger.update(archive.id, is_archive=1, status="loaded", loaded_at=ledgers.now())
        for name, unpacked in found:
            unpacked.rename(folder / hashlib.sha256(f"{archive.name}/{name}".encode()).hexdigest())
        return True

    def path(self, file: File) -> Path:
        """Where a file's bytes are: in the landing area, or unpacked in the work folder."""
        if file.delivery:
            name = hashlib.sha256(file.name.encode()).hexdigest()
            return self._work / f"archive-{file.delivery}" / name
        return self._landing / file.landed


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def prepared_again(landing: Path, file: File, work: Path) -> Prepared | None:
    """A landed file made ready once more, taken out of its archive where it is in one.

    None where it cannot be read, or is no longer landed.
    """
    landed = landing / file.landed
    try:
        if not file.delivery:
            return prepare(landed, work)
        for member, path in members(landed, work):
            if file.name.endswith(f"/{member}"):
                return prepare(path, work)
    except (FileRefused, OSError):
        return None
    return None
