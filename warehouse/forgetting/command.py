"""Forgetting one student, from the first look to the certificate; and what it would take.

Every step may be killed: each does nothing twice, and the journal lets the next command or run end
what was begun. Hold the run's lock.
"""

from __future__ import annotations

import json
import secrets
import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from connectors.errors import HomeroomError
from warehouse import nightly, publish
from warehouse.exports import requested
from warehouse.forgetting import journal as journals
from warehouse.forgetting import landed, marks, parts, places, rereading, written
from warehouse.forgetting.arriving import LeftOut
from warehouse.forgetting.journal import Journal
from warehouse.forgetting.marks import Marks
from warehouse.forgetting.search import Search
from warehouse.forgetting.whom import Whom, gather
from warehouse.ledger import Ledger, now
from warehouse.notes import forgotten
from warehouse.notes.database import Notes
from warehouse.quality import report as quality
from warehouse.settings import Settings

Progress = Callable[[str, float, float], None]


def _quiet(stage: str, done: float, of: float) -> None:
    """Nobody watches."""


def would(
    settings: Settings, ledger: Ledger, student_id: str, progress: Progress = _quiet
) -> dict[str, Any]:
    """What forgetting a student would take, by place; nothing is changed."""
    whom = gather(settings, ledger, student_id)
    key = secrets.token_bytes(32)
    bare = Marks(key, frozenset())
    trial = Marks(key, frozenset(bare.keyed(*m) for m in whom.marks))
    changed = landed.scrub_landing(
        settings, ledger, trial, lambda d, o: progress("looking", d, o), act=False
    )
    with Notes(settings.notes) as notes:
        found = written.remove(notes, whom, "", act=False)
    others = _others(settings, Search(whom.ids, whom.names))
    shutil.rmtree(settings.work, ignore_errors=True)
    found_in = {
        "landing": _of_landing(changed),
        "lake": {"rows of files that are gone": parts.count(settings, ledger, whom)},
        "notes": dict(found),
        "versions": {"rebuilt": 1, "removed": len(publish.versions(settings.warehouse)) - 1},
        "other files": len(others),
    }
    return found_in | _about(whom)


def _about(whom: Whom) -> dict[str, Any]:
    return {
        "accounts": len(whom.accounts),
        "ids that somebody else has too": whom.shared,
        "accounts that wait and may be this student's": whom.waiting,
    }


def _of_landing(changed: Iterable[LeftOut]) -> dict[str, int]:
    files = list(changed)
    rows: Counter[str] = sum((c.counts for c in files), Counter())
    return {"files": len(files), **rows}


def forget(
    settings: Settings, ledger: Ledger, student_id: str, *, by: str, progress: Progress = _quiet
) -> Path:
    """Forget a student; the path of the certificate. Raises HomeroomError."""
    whom = gather(settings, ledger, student_id)
    key = marks.make_key(settings)
    number = f"F-{datetime.now(UTC):%Y%m%d}-{secrets.token_hex(4)}"
    journal = Journal(number, by, now(), whom, _about(whom))
    with Notes(settings.notes) as notes:
        journal.places["notes"] = dict(written.remove(notes, whom, "", act=False))
        bare = Marks(key, frozenset())
        journals.keep(settings, journal)
        listed = [(mark[0], bare.keyed(*mark)) for mark in whom.marks]
        forgotten.add(notes, number, listed)
    return finish(settings, ledger, progress)


def finish(settings: Settings, ledger: Ledger, progress: Progress = _quiet) -> Path:
    """End what the journal tells of: every step, those that were done already at no cost."""
    # One that reads the version before could be ready after all exports have been looked through.
    with requested.none(settings.exports):
        return _finish(settings, ledger, progress)


def _finish(settings: Settings, ledger: Ledger, progress: Progress) -> Path:
    journal = journals.read(settings)
    shutil.rmtree(settings.work, ignore_errors=True)
    whom, number = journal.whom, journal.certificate
    key = marks.read_key(settings)
    with Notes(settings.notes) as notes:
        bare = Marks(key, frozenset())
        forgotten.add(notes, number, [(m[0], bare.keyed(*m)) for m in whom.marks])
    listed = marks.load(settings)
    landed.scrub_landing(settings, ledger, listed, lambda d, o: progress("landing", d, o))
    rereading.reread(settings, ledger, lambda d, o: progress("reading", d, o))
    parts.cut(settings, ledger, whom)
    places.sweep(settings, ledger)
    with Notes(settings.notes) as notes:
        written.remove(notes, whom, number)
    report = nightly.Report()
    nightly.put_live(settings, ledger, report, progress, rebuild=True)
    if report.refusal is not None:
        raise report.refusal
    removed = _remove_versions(settings)
    if report.published is not None:
        quality.write(settings, ledger, report.published)
    search = Search(whom.ids, whom.names)
    others = _others(settings, search)
    for path in others:
        path.unlink()
    files = ledger.note(landed.CHANGED) or []
    lake_rows = ledger.note(parts.ROWS) or 0
    ledger.run(
        "DELETE FROM note WHERE key IN (?, ?, ?)", (landed.CHANGED, landed.REREAD, parts.ROWS)
    )
    _rewrite(settings, search)
    left = [
        str(path.relative_to(settings.home))
        for path in places.below(settings)
        if path.name not in places.KEPT and search.is_in(path, settings.work / "search")
    ]
    shutil.rmtree(settings.work, ignore_errors=True)
    rows: Counter[str] = Counter()
    for one in files:
        rows += Counter({k: v for k, v in one.items() if isinstance(v, int)})
    told = {
        "certificate": number,
        "district": settings.name,
        "asked_by": journal.asked_by,
        "began_at": journal.began_at,
        "ended_at": now(),
        "places": {
            "landing": {"files": len(files), **rows},
            "lake": {"rows of files that are gone": lake_rows},
            "versions": {"rebuilt": 1, "removed": removed},
            "other files": len(others),
            **journal.places,
        },
        "files": files,
        "left": left,
    }
    return journals.end(settings, journal, told)


def _remove_versions(settings: Settings) -> int:
    """Every version but the live one: they hold the student. So does what a killed run left."""
    live = publish.live_file(settings.warehouse)
    old = [path for path in settings.warehouse.glob("warehouse-*.duckdb") if path != live]
    for path in old:
        publish.remove(path)
    kept = {live, live and publish.quality_of(live), settings.warehouse / publish.POINTER}
    for path in settings.warehouse.iterdir():
        if path.is_file() and path not in kept:
            path.unlink()
    return len(old)


def _others(settings: Settings, search: Search) -> list[Path]:
    """Files below the home that no step takes care of and that hold the student: exports, reports
    and the like, which are made again, and proposals for changed layouts. Where people stand as
    pseudonyms, nobody can tell that the student is not there."""
    drift = [p for p in (settings.home / "drift").rglob("*") if p.is_file()]
    unnamed = places.pseudonymous(settings)
    return [
        path
        for path in (*places.derived(settings), *drift)
        if path in unnamed or search.is_in(path, settings.work / "search")
    ]


def _rewrite(settings: Settings, search: Search) -> None:
    """SQLite files without what was removed from them; sign-ins under way start again."""
    if settings.sessions.is_file() and search.is_in(settings.sessions, settings.work / "search"):
        with sqlite3.connect(settings.sessions, isolation_level=None) as db:
            db.execute("DELETE FROM session WHERE pending <> '{}'")
        db.close()
    places.rewrite(settings)


def not_them(settings: Settings, ledger: Ledger, name: str) -> int:
    """A person says that the held rows of a file are somebody else's: let them in with the next
    run, and all of that name in that class from now on; how many names. Raises HomeroomError."""
    found = ledger.rows(
        "SELECT id, platform, name, withheld_told FROM file WHERE name = ? AND rows_held > 0",
        (name,),
    )
    if not found:
        raise HomeroomError("holds no row back", culprit=name, fix="homeroom status --json")
    count = 0
    for file_id, platform, called, told in found:
        spares = json.loads(told or "{}").get("not_them", [])
        count += len(spares)
        with Notes(settings.notes) as notes:
            forgotten.add(notes, "not them", [("spare", digest) for digest in spares])
        with ledger.transaction():
            ledger.run("DELETE FROM sighting WHERE platform = ? AND name = ?", (platform, called))
            ledger.update(file_id, rows_held=0)
    return count
