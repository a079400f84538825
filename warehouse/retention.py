"""Retention by age: what is older than the district keeps it goes; nothing goes by default.

Belongs here: what is due, and removing it. Not here: how long (retention_settings.py), one student
(forgetting/). What is due is counted before anything is removed, by the same rules.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from warehouse import publish
from warehouse.forgetting import parts, places
from warehouse.ledger import Ledger
from warehouse.notes import access_log
from warehouse.notes.database import METADATA, Notes
from warehouse.settings import Settings

#: Tables of notes with an age, and the column that tells it.
_AGED = {
    "check_in": "written_at",
    "card_action": "decided_at",
    "exclusion": "decided_at",
    "message": "claimed_at",
}


@dataclass(frozen=True)
class Due:
    """What is too old at one place: how many, counted in `unit`; `key`: of [retention]."""

    key: str
    unit: str
    count: int


def due(settings: Settings, ledger: Ledger, now: datetime | None = None) -> list[Due]:
    """What would go now; nothing is changed."""
    return _go_through(settings, ledger, now or datetime.now(UTC), act=False)


def apply(settings: Settings, ledger: Ledger, now: datetime | None = None) -> list[Due]:
    """Remove what is too old; what that was. Hold the run's lock."""
    gone = _go_through(settings, ledger, now or datetime.now(UTC), act=True)
    if any(d.count for d in gone):
        places.rewrite(settings)
    return gone


def _go_through(settings: Settings, ledger: Ledger, now: datetime, *, act: bool) -> list[Due]:
    found = []
    for key, (unit, go) in _STEPS.items():
        days = getattr(settings.retention, key)
        if days is not None:
            count = go(settings, ledger, now - timedelta(days=days), act)
            found.append(Due(key, unit, count))
    return found


def _lake(settings: Settings, ledger: Ledger, before: datetime, act: bool) -> int:
    """Files that are not the live whole of their feed: parts, and the landed file."""
    rows = ledger.rows(
        """SELECT id, delivery FROM file WHERE is_archive = 0 AND exported_on < ?
           AND status IN ('loaded', 'superseded')
           AND NOT (status = 'loaded' AND (scope = 'all' OR scope LIKE 'delta=%'))""",
        (before.date().isoformat(),),
    )
    if act and rows:
        with ledger.transaction():
            for file_id, _ in rows:
                ledger.run("DELETE FROM part WHERE file_id = ?", (file_id,))
                ledger.update(
                    file_id, status="ignored", reason="kept_no_longer", superseded_by=None
                )
            ledger.keep("swept", False)
        archives = ledger.rows(
            """SELECT id FROM file a WHERE is_archive = 1 AND landed <> '' AND NOT EXISTS (
                 SELECT 1 FROM file m WHERE m.delivery = CAST(a.id AS TEXT)
                 AND m.status IN ('pending', 'loaded', 'superseded'))
               AND EXISTS (SELECT 1 FROM file m WHERE m.delivery = CAST(a.id AS TEXT)
                 AND m.reason = 'kept_no_longer')"""
        )
        alone = [n for n, delivery in rows if not delivery]
        _remove_landed(settings, ledger, [*alone, *(n for (n,) in archives)])
        parts.cut(settings, ledger)
        places.sweep(settings, ledger)
    return len(rows)


def _landing(settings: Settings, ledger: Ledger, before: datetime, act: bool) -> int:
    """Landed files of which every arrival is old and nothing waits to be read."""
    rows = ledger.rows(
        """SELECT landed, max(CASE WHEN delivery = '' THEN id END) FROM file WHERE landed <> ''
           GROUP BY landed HAVING max(landed_at) < ? AND sum(status = 'pending') = 0""",
        (before.isoformat(timespec="seconds"),),
    )
    if act:
        _remove_landed(settings, ledger, [n for _, n in rows if n is not None])
        places.remove_strays(settings, ledger)
    return len(rows)


def _remove_landed(settings: Settings, ledger: Ledger, ids: Iterable[int]) -> None:
    """Files out of the landing area that no other row of the ledger still names. The ledger comes
    first: what a kill leaves is nobody's, and goes with the next strays."""
    gone: list[str] = []
    with ledger.transaction():
        for file_id in ids:
            ((landed,),) = ledger.rows("SELECT landed FROM file WHERE id = ?", (file_id,))
            ledger.run(
                "UPDATE file SET landed = '' WHERE id = ? OR delivery = ?", (file_id, str(file_id))
            )
            if landed and not ledger.rows("SELECT 1 FROM file WHERE landed = ?", (landed,)):
                gone.append(landed)
    for landed in gone:
        (settings.landing / landed).unlink(missing_ok=True)


def _versions(settings: Settings, ledger: Ledger, before: datetime, act: bool) -> int:
    old = [
        settings.warehouse / pointer.file
        for pointer, live in publish.versions(settings.warehouse)
        if not live and datetime.fromisoformat(pointer.published_at) < before
    ]
    for version in old if act else ():
        publish.remove(version)
    return len(old)


def _exports(settings: Settings, ledger: Ledger, before: datetime, act: bool) -> int:
    old = [
        path
        for path in places.derived(settings)
        if datetime.fromtimestamp(path.stat().st_mtime, UTC) < before
    ]
    for path in old if act else ():
        path.unlink(missing_ok=True)
    return len(old)


def _notes(settings: Settings, ledger: Ledger, before: datetime, act: bool) -> int:
    """A check-in goes as a whole, with its revisions, when the latest is old."""
    instant, count = _instant(before), 0
    with Notes(settings.notes) as notes, notes.writing() as db:
        for name, column in _AGED.items():
            table = METADATA.tables[name]
            old = table.c[column] < instant
            if name == "check_in":
                newest = sa.select(table.c.check_in_id).where(table.c[column] >= instant)
                old = sa.and_(old, table.c.check_in_id.not_in(newest))
            amount = db.scalar(sa.select(sa.func.count()).select_from(table).where(old))
            count += int(amount or 0)
            if act:
                db.execute(sa.delete(table).where(old))
        if act:
            done, action = METADATA.tables["card_action_done"], METADATA.tables["card_action"]
            orphans = done.c.action_id.not_in(sa.select(action.c.action_id))
            db.execute(sa.delete(done).where(orphans))
    return count


def _access_log(settings: Settings, ledger: Ledger, before: datetime, act: bool) -> int:
    with Notes(settings.notes) as notes:
        count = access_log.count_before(notes, _instant(before))
        return access_log.remove_before(notes, _instant(before)) if act and count else count


def _instant(moment: datetime) -> str:
    return moment.isoformat(timespec="microseconds")


Step = Callable[[Settings, Ledger, datetime, bool], int]
_STEPS: dict[str, tuple[str, Step]] = {
    "lake_days": ("files of the lake", _lake),
    "landing_days": ("landed files", _landing),
    "versions_days": ("versions", _versions),
    "exports_days": ("exports and reports", _exports),
    "notes_days": ("notes", _notes),
    "access_log_days": ("entries of the access log", _access_log),
}
