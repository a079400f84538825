"""Files that lost rows are read anew, each in its own place: what is live stays live.

Nothing is settled again: as if the student had never been in these files. Not here: reading
(normalise.py), which file counts (settling.py).
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from connectors.contract import Match, Platform, recognise, repeated
from connectors.errors import FileRefused
from connectors.reading import members, prepare
from warehouse.forgetting.landed import REREAD
from warehouse.intake import deltas
from warehouse.intake.normalise import Batch, Item, Normaliser, connect
from warehouse.intake.reading import batches
from warehouse.intake.settling import Settling, Taken
from warehouse.ledger import File, Ledger
from warehouse.settings import Settings


def reread(
    settings: Settings,
    ledger: Ledger,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> int:
    """Read what is on the list of changed files, and sweep the lake; how many were read."""
    waiting: list[int] = ledger.note(REREAD) or []
    marks = ", ".join(map(str, waiting)) or "NULL"
    files = [f for f in ledger.files(f"id IN ({marks})") if not f.is_archive]
    work = settings.work / "reread"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    settling = Settling(ledger, settings.lake, settings.registry, Taken(), accept_smaller=False)
    memory = "1536MB"
    db = connect(settings.time_zone, work, threads=os.cpu_count() or 1, memory=memory)
    try:
        paths = _paths(settings, ledger, files, work)
        found = [p for f in files if (p := _prepared(settings, f, paths.get(f.id), work))]
        normaliser, done = Normaliser(db, settings.time_zone, work), 0
        for batch in batches(found):
            progress(done, len(found))
            normaliser.run(batch)
            for item in batch.items:
                _place(ledger, settling, batch, item)
            done += len(batch.items)
        progress(len(found), len(found))
        with ledger.transaction():
            ledger.keep(REREAD, [])
            ledger.keep("swept", False)
        settling.sweep()
    finally:
        db.close()
        shutil.rmtree(work, ignore_errors=True)
    return len(found)


def _paths(settings: Settings, ledger: Ledger, files: list[File], work: Path) -> dict[int, Path]:
    """Where the bytes of each file are; members are unpacked."""
    paths = {f.id: settings.landing / f.landed for f in files if f.landed and not f.delivery}
    for delivery in {f.delivery for f in files if f.delivery}:
        (archive,) = ledger.files("id = ?", (int(delivery),))
        folder = work / f"archive-{delivery}"
        folder.mkdir()
        try:
            inside = {
                f"{archive.name}/{name}": path
                for name, path in members(settings.landing / archive.landed, folder)
            }
        except FileRefused:
            continue
        mine = [f for f in files if f.delivery == delivery and f.name in inside]
        paths |= {f.id: inside[f.name] for f in mine}
    return paths


def _prepared(
    settings: Settings, file: File, path: Path | None, work: Path
) -> tuple[Platform, Match, Item] | None:
    """A file that was read before, ready to be read again; None for any other."""
    if path is None or file.status not in ("loaded", "superseded", "refused"):
        return None
    platform = settings.registry.get(file.platform)
    if platform is None:
        return None
    try:
        prepared = prepare(path, work)
    except FileRefused:
        return None
    match = recognise(platform, file.name, prepared.header)
    if match is None or match.missing or not match.feed.outputs or repeated(prepared.header):
        return None
    item = Item(file, prepared, deltas.is_delta(file.scope), prepared.faults)
    return platform, match, item


def _place(ledger: Ledger, settling: Settling, batch: Batch, item: Item) -> None:
    """The parts that are made now in place of the old ones, and the counts of the reading."""
    file = item.file
    if file.status == "refused" and item.refused is None:
        item.refused = FileRefused("withheld")
    placed = settling.place(batch, item)
    tables = ledger.rows("SELECT table_name FROM part WHERE file_id = ?", (file.id,))
    had = {name for (name,) in tables}
    with ledger.transaction():
        ledger.run("DELETE FROM part WHERE file_id = ?", (file.id,))
        for table, path, rows in placed:
            # Of a superseded file only what keeps history stands in the lake.
            if table in had or file.status == "loaded":
                ledger.run("INSERT INTO part VALUES (?, ?, ?, ?)", (file.id, table, path, rows))
        turned = item.rows_in - item.kept - item.twice if file.status != "refused" else item.rows_in
        kept = item.kept if file.status != "refused" else 0
        twice = item.twice if file.status != "refused" else 0
        ledger.update(
            file.id,
            rows_in=item.rows_in,
            rows_kept=kept,
            rows_quarantined=turned,
            rows_duplicate=twice,
            fingerprint=item.fingerprint or file.fingerprint,
        )
