"""The landing area without the forgotten: every landed file is looked through once more.

A changed file gets its own hash; the ledger keeps the hash of what was sent. Files that nobody's
row of the ledger names are what a kill left, and go.
"""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Any

from connectors.errors import FileRefused
from connectors.reading import members
from warehouse.forgetting import places
from warehouse.forgetting.arriving import LeftOut, digest_of, left_out_of, left_out_of_members
from warehouse.forgetting.finding import Finder
from warehouse.forgetting.marks import Marks
from warehouse.forgetting.scrubbing import Scrubber
from warehouse.ledger import File, Ledger
from warehouse.settings import Settings

#: Files of the ledger whose rows changed and that are to be read anew, kept between steps.
REREAD = "forgetting_reread"
#: What became of each landed file, kept until the certificate is written.
CHANGED = "forgetting_changed"


def scrub_landing(
    settings: Settings,
    ledger: Ledger,
    marks: Marks,
    progress: Callable[[int, int], None] = lambda done, of: None,
    *,
    act: bool = True,
    finder: Finder | None = None,
) -> list[LeftOut]:
    """Take the forgotten out of every landed file; what was taken out of each that changed.

    `act`: False only counts. `finder`: one that looks in another way; it is closed here.
    """
    work = settings.work / "landed"
    work.mkdir(parents=True, exist_ok=True)
    finder = finder or Finder(settings, marks, work)
    scrubber = Scrubber(finder, work)
    changed = []
    try:
        paths = [
            landed
            for (landed,) in ledger.rows(
                "SELECT landed FROM file WHERE delivery = '' AND landed <> '' "
                "GROUP BY landed ORDER BY min(id)"
            )
        ]
        for done, path in enumerate(paths):
            progress(done, len(paths))
            changed += _scrub_one(settings, ledger, marks, finder, scrubber, path, act=act)
        progress(len(paths), len(paths))
        if act:
            places.remove_strays(settings, ledger)
    finally:
        finder.close()
        shutil.rmtree(work, ignore_errors=True)
    return changed


def _scrub_one(
    settings: Settings,
    ledger: Ledger,
    marks: Marks,
    finder: Finder,
    scrubber: Scrubber,
    landed: str,
    *,
    act: bool,
) -> list[LeftOut]:
    """One landed file, under each name by which it came: a name may tell the class."""
    changed: list[LeftOut] = []
    looked: set[str] = set()
    while landed and (settings.landing / landed).is_file():
        same = ledger.files("delivery = '' AND landed = ?", (landed,))
        file = next((f for f in same if f.name not in looked), None)
        if file is None:
            break
        looked.add(file.name)
        scrubbed = scrubber.scrub(settings.landing / landed, file.platform, file.name)
        left_out = left_out_of(scrubbed, file.sha256)
        if left_out is None:
            continue
        changed.append(left_out)
        if not act:
            break
        named = bool(finder.of_name(file.platform, file.name))
        landed = _put(settings, ledger, marks, same, scrubbed.path, left_out, named=named)
    return changed


def _put(
    settings: Settings,
    ledger: Ledger,
    marks: Marks,
    same: list[File],
    made: Path | None,
    left_out: LeftOut,
    *,
    named: bool,
) -> str:
    """Put the changed file in the old one's place, in the ledger and then on the disk; its path
    below the landing area, empty where nothing of it stays."""
    old = settings.landing / same[0].landed
    landed = ""
    if made is not None:
        ending = PurePosixPath(same[0].landed).suffix
        target = old.with_name(f"{left_out.sha256}{ending}")
        shutil.move(made, target)
        landed = str(target.relative_to(settings.landing))
    inside = _inside(settings, landed) if landed and same[0].is_archive else {}
    with ledger.transaction():
        reread = set(ledger.note(REREAD) or [])
        for file in same:
            told = _added(ledger, file, left_out)
            if named:
                _remove_named(ledger, marks, file)
            elif not landed:
                ledger.update(file.id, **told)
                _remove_parts(ledger, file.id)
            else:
                told |= {"landed": landed, "sha256": left_out.sha256, "size": left_out.size}
                ledger.update(file.id, **told)
                reread |= _put_members(ledger, file, landed, inside) if inside else {file.id}
            ledger.run(
                "UPDATE sighting SET sha256 = ? WHERE platform = ? AND sha256 = ?",
                (left_out.sha256, file.platform, file.sha256),
            )
        ledger.keep(REREAD, sorted(reread))
        one = {"before": left_out.sent_sha256, "after": left_out.sha256, **left_out.counts}
        ledger.keep(CHANGED, [*(ledger.note(CHANGED) or []), one])
    if landed != same[0].landed:
        old.unlink(missing_ok=True)
    return landed


def _added(ledger: Ledger, file: File, left_out: LeftOut) -> dict[str, Any]:
    """The new counts beside those of students who were forgotten before."""
    rows = ledger.rows("SELECT sent_sha256, withheld_told FROM file WHERE id = ?", (file.id,))
    sent, before = rows[0][0], json.loads(rows[0][1] or "{}")
    told = left_out.told()
    told["sent_sha256"] = sent or left_out.sent_sha256
    told["rows_withheld"] += file.rows_withheld or 0
    told["rows_held"] += file.rows_held or 0
    sums = {name: Counter(counts) for name, counts in before.get("members", {}).items()}
    for name, counts in left_out.members.items():
        sums[name] = sums.get(name, Counter()) + counts
    spares = sorted({*before.get("not_them", []), *left_out.not_them})
    told["withheld_told"] = json.dumps({"members": sums, "not_them": spares})
    return told


def _inside(settings: Settings, landed: str) -> dict[str, tuple[str, int]]:
    """Hash and size of each file of an archive as it lies there now."""
    folder = settings.work / "inside"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        return {
            name: (digest_of(path), path.stat().st_size)
            for name, path in members(settings.landing / landed, folder)
        }
    except FileRefused:
        return {}
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _put_members(
    ledger: Ledger, archive: File, landed: str, inside: dict[str, tuple[str, int]]
) -> set[int]:
    """Every member's hash and counts; those whose bytes changed."""
    told, changed = left_out_of_members(ledger, archive), set()
    for file in ledger.files("delivery = ?", (str(archive.id),)):
        name = file.name.removeprefix(f"{archive.name}/")
        if name not in inside:
            ledger.run("DELETE FROM file WHERE id = ?", (file.id,))
            _remove_parts(ledger, file.id)
            continue
        sha256, size = inside[name]
        if sha256 != file.sha256:
            changed.add(file.id)
        sums = told.get(file.name, {})
        ledger.update(file.id, landed=landed, sha256=sha256, size=size, **sums)
    return changed


def _remove_named(ledger: Ledger, marks: Marks, file: File) -> None:
    """A file that is called after the student: its name goes too, and stays known by a hash."""
    hidden = f"withheld:{marks.keyed('file', file.platform, file.name)}"
    ledger.run("DELETE FROM file WHERE id = ?", (file.id,))
    _remove_parts(ledger, file.id)
    ledger.run(
        "UPDATE OR REPLACE sighting SET name = ?, sha256 = '' WHERE platform = ? AND name = ?",
        (hidden, file.platform, file.name),
    )


def _remove_parts(ledger: Ledger, file_id: int) -> None:
    ledger.run("DELETE FROM part WHERE file_id = ?", (file_id,))
    ledger.keep("swept", False)
