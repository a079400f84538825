"""Settling: which of a scope's files is live, which are twins, and which parts the lake keeps.

The decisions (`newest`, `live_of`, `twins`, `shrank`, `tears`) are pure; `Settling` carries them
out in the ledger, one transaction per file, so that a killed run leaves nothing half done.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from connectors.contract import Feed, Platform
from connectors.errors import FileRefused
from warehouse import ledger as ledgers
from warehouse.intake import deltas
from warehouse.intake.normalise import Batch, Item
from warehouse.lake.tables import LAKE
from warehouse.ledger import File, Ledger

_SHRINK = 0.9
#: Files that were read, live or replaced.
_READ = "status IN ('loaded', 'superseded')"
#: Tables whose parts stay when a newer file has replaced theirs.
_HISTORY = {t.name for t in LAKE.values() if t.keeps_history} | {"quarantine"}


@dataclass
class Taken:
    """What one intake did: the files it looked at; (platform, feed, table) that got rows, with the
    files they came from; columns met for the first time that nothing reads; proposals for files
    whose layout has changed."""

    files: list[int] = field(default_factory=list)
    touched: dict[tuple[str, str, str], list[int]] = field(default_factory=dict)
    unread: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    proposals: list[str] = field(default_factory=list)


def newest(files: Iterable[File]) -> File | None:
    """Of the files of one scope, the one that counts."""
    return max(files, key=lambda f: f.version, default=None)


def live_of(read: Iterable[File], duplicates: Iterable[File]) -> File | None:
    """Of the files of one scope, the one that is live. The same bytes sent again later keep the
    first of them live against whatever was made between the two."""
    files = list(read)
    latest = newest([*files, *(d for d in duplicates if d.sha256 in {f.sha256 for f in files})])
    return newest(f for f in files if latest is not None and f.sha256 == latest.sha256)


def twins(files: Iterable[File]) -> list[File]:
    """Of files with one content, those that claim another scope than the oldest one's."""
    ordered = sorted(files, key=lambda f: f.version)
    return [f for f in ordered if f.scope != ordered[0].scope]


def shrank(before: int | None, after: int) -> bool:
    """Whether a roster lost more than a tenth of its rows."""
    return before is not None and after < _SHRINK * before


def too_small(files: Iterable[File]) -> list[tuple[File, int]]:
    """Of the rosters that were read, those that lost more than a tenth against the one before
    them by version, with its rows: one that comes late is judged as if it had come in time."""
    found, before = [], None
    for file in sorted(files, key=lambda f: f.version):
        if shrank(before, _told(file)) and not file.accepted:
            found.append((file, before or 0))
        else:
            before = _told(file)
    return found


def _told(file: File) -> int:
    """Rows of a roster as it was sent: one without a forgotten student has not shrunk."""
    return (file.rows_kept or 0) + file.rows_left_out


def tears(platform: Platform, member: str, feed: str | None, reason: str) -> bool:
    """Whether a refused member takes the others of its delivery with it. One that no feed reads
    does not, nor one that falls alone, nor an empty one, unless it is one that may not shrink."""
    named = [f for f in platform.feeds if f.name == feed or f.is_named(member)]
    found = [f for f in named if not f.falls_alone]
    empty = reason in ("header_only", "empty_file")
    return any(f.guards_size or not empty for f in found)


class Settling:
    """Carries the decisions out. `accept_smaller`: a roster may shrink."""

    def __init__(
        self,
        ledger: Ledger,
        lake: Path,
        platforms: Mapping[str, Platform],
        taken: Taken,
        *,
        accept_smaller: bool,
    ) -> None:
        self._ledger, self._lake, self._accept = ledger, lake, accept_smaller
        self._platforms = platforms
        self._taken = taken
        self._placed: dict[Path, str] = {}

    def same_bytes(self, file: File) -> list[File]:
        """Live files of the platform with the same content."""
        return self._ledger.files(
            "platform = ? AND sha256 = ? AND status = 'loaded' AND is_archive = 0 AND id <> ?",
            (file.platform, file.sha256, file.id),
        )

    def call_duplicate(self, file: File, same: File) -> None:
        """The file brings nothing that is not live already."""
        with self._ledger.transaction():
            self._ledger.update(
                file.id,
                status="duplicate",
                feed=same.feed,
                scope=same.scope,
                superseded_by=same.id,
                rows_in=0,
                rows_kept=0,
                rows_quarantined=0,
                rows_duplicate=0,
            )
            self._settle_deltas(file.platform, same.feed or "")

    def refuse(self, file: File, refused: FileRefused, rows: int) -> None:
        """Turn a file away: all of its rows count as turned away."""
        self._ledger.update(
            file.id,
            status="refused",
            reason=refused.code,
            culprit=refused.culprit,
            rows_in=rows,
            rows_kept=0,
            rows_quarantined=rows,
            rows_duplicate=0,
            loaded_at=ledgers.now(),
        )

    def commit(self, batch: Batch, item: Item) -> None:
        """Put one file's parts in the lake and settle its scope, in one transaction."""
        file, described, feed = item.file, item.described, batch.feed
        self._ledger.update(file.id, feed=feed.name)
        if described is not None:
            self._ledger.update(
                file.id,
                scope=described.scope,
                exported_on=str(described.exported_on),
                exported_at=described.exported_at,
                dated_by=described.dated_by,
            )
        if item.refused is None and described is not None:
            # Both may have come in one run, so that the first was not live when this was prepared.
            for same in self.same_bytes(file):
                if same.feed == feed.name and same.scope == described.scope:
                    self.call_duplicate(file, same)
                    return
            live = self._live(file, feed, described.scope)
            newer = live is None or version(item) > live.version
            before = _told(live) if live else None
            guarded = feed.guards_size and newer and not item.is_delta and not self._accept
            if guarded and shrank(before, item.kept + file.rows_left_out):
                item.refused = _shrunken(before, item.kept)
        placed = self.place(batch, item)
        with self._ledger.transaction():
            self._ledger.run("DELETE FROM part WHERE file_id = ?", (file.id,))
            for table, path, rows in placed:
                self._ledger.run(
                    "INSERT INTO part VALUES (?, ?, ?, ?)", (file.id, table, path, rows)
                )
            if item.refused is not None:
                self.refuse(file, item.refused, item.rows_in)
                return
            assert described is not None
            live = self._live(file, feed, described.scope)
            self._ledger.update(
                file.id,
                status="loaded",
                reason=None,
                culprit=None,
                rows_in=item.rows_in,
                rows_kept=item.kept,
                rows_quarantined=item.quarantined,
                rows_duplicate=item.twice,
                fingerprint=item.fingerprint,
                loaded_at=ledgers.now(),
                rows_before=live.rows_kept if live else None,
                unknown_columns=json.dumps(batch.match.unknown) if batch.match.is_header else None,
                accepted=int(self._accept),
            )
            if feed.guards_size and not item.is_delta:
                self._judge_newer(file, feed, described.scope, version(item))
            # Two deltas may well say the same: the second says it again.
            if not item.is_delta:
                self._settle_twins(file.platform, feed.name, item.fingerprint)
            self._settle_scope(file.platform, feed.name, described.scope)
        for table, _, _ in placed:
            key = (file.platform, feed.name, table)
            self._taken.touched.setdefault(key, []).append(file.id)

    def _live(self, file: File, feed: Feed, scope: str) -> File | None:
        """The other file of the scope that is live."""
        found = self._files(file.platform, feed.name, "scope = ? AND status = 'loaded'", scope)
        return newest(f for f in found if f.id != file.id)

    def _files(self, platform: str, feed: str, where: str, value: str) -> list[File]:
        return self._ledger.files(
            f"platform = ? AND feed = ? AND {where} AND is_archive = 0", (platform, feed, value)
        )

    def _settle_twins(self, platform: str, feed: str, fingerprint: str) -> None:
        same = [
            f
            for f in self._files(platform, feed, f"fingerprint = ? AND {_READ}", fingerprint)
            if not deltas.is_delta(f.scope)
        ]
        for twin in twins(same):
            self.refuse(twin, FileRefused("stale_twin"), self._rows_in(twin))
            if twin.scope is not None:
                self._settle_scope(platform, feed, twin.scope)

    def _judge_newer(self, file: File, feed: Feed, scope: str, made: tuple[str, int, int]) -> None:
        """A roster that comes late may show that a newer one, live by now, has shrunk."""
        read = self._files(file.platform, feed.name, f"scope = ? AND {_READ}", scope)
        for newer, before in too_small(read):
            if newer.version > made:
                self.refuse(newer, _shrunken(before, newer.rows_kept or 0), self._rows_in(newer))

    def _rows_in(self, file: File) -> int:
        """A file was read before it was turned away: all of its rows count."""
        rows = self._ledger.rows("SELECT rows_in FROM file WHERE id = ?", (file.id,))
        return rows[0][0] or 0

    def _settle_scope(self, platform: str, feed: str, scope: str) -> None:
        """Of the files of a scope that were read, the newest is live."""
        if not deltas.is_delta(scope):
            files = self._files(platform, feed, "scope = ?", scope)
            read = [f for f in files if f.status in ("loaded", "superseded")]
            live = live_of(read, [f for f in files if f.status == "duplicate"])
            self._make_live(read, live, live)
        self._settle_deltas(platform, feed)

    def _settle_deltas(self, platform: str, feed: str) -> None:
        """Deltas made after the whole that is live stand above it; the others it supersedes."""
        declared = {f.name: f for f in self._platforms[platform].feeds}.get(feed)
        if declared is None or declared.delta is None:
            return
        files = self._files(platform, feed, "status IN (?, 'superseded', 'duplicate')", "loaded")
        scopes: dict[str, list[File]] = {}
        for file in files:
            if deltas.is_delta(file.scope):
                scopes.setdefault(file.scope or "", []).append(file)
        if not scopes:
            return
        wholes = [f for f in files if not deltas.is_delta(f.scope)]
        whole = newest(f for f in wholes if f.status == "loaded")
        sent = [f for f in wholes if whole is not None and f.sha256 == whole.sha256]
        as_of = max((f.version for f in sent), default=None)
        for scope in scopes.values():
            read = [f for f in scope if f.status != "duplicate"]
            latest = newest(read)
            live = latest if deltas.stands(scope, as_of) else None
            self._make_live(read, live, live or whole)

    def _make_live(self, read: Iterable[File], live: File | None, instead: File | None) -> None:
        """Of files that were read, one or none is live; `instead` has replaced the others."""
        if instead is not None:
            others = [f.id for f in read if live is None or f.id != live.id]
            self._ledger.run(
                """UPDATE file SET status = 'superseded', superseded_by = ?1
                   WHERE id IN (SELECT value FROM json_each(?2))
                     AND (status <> 'superseded' OR superseded_by IS NOT ?1)""",
                (instead.id, json.dumps(others)),
            )
        if live is not None:
            swept = live.status == "superseded" and self._is_swept(live)
            if not swept or live.landed:
                self._ledger.update(
                    live.id, status="pending" if swept else "loaded", superseded_by=None
                )

    def _is_swept(self, file: File) -> bool:
        """Whether a superseded file's parts have been removed, so that it must be read anew."""
        feeds = {f.name: f for f in self._platforms[file.platform].feeds}
        made = {o.table for o in feeds[file.feed].outputs} if file.feed in feeds else set()
        tables = self._ledger.rows("SELECT table_name FROM part WHERE file_id = ?", (file.id,))
        return made != made & _HISTORY and not {name for (name,) in tables} - _HISTORY

    def settle_deliveries(self) -> None:
        """Where files stand or fall together, one refused member takes the others back."""
        for name, platform in self._platforms.items():
            if not platform.whole_archives:
                continue
            refused = self._ledger.rows(
                """SELECT delivery, name, feed, reason FROM file
                   WHERE platform = ? AND delivery <> '' AND status = 'refused'""",
                (name,),
            )
            broken = {
                d for d, member, feed, reason in refused if tears(platform, member, feed, reason)
            }
            torn = [
                f
                for f in self._ledger.files(
                    "platform = ? AND delivery <> '' AND status IN ('loaded', 'superseded')",
                    (name,),
                )
                if f.delivery in broken
            ]
            with self._ledger.transaction():
                for file in torn:
                    self.refuse(file, FileRefused("part_of_refused"), self._rows_in(file))
                for feed, scope in dict.fromkeys((f.feed, f.scope) for f in torn):
                    if feed is not None and scope is not None:
                        self._settle_scope(name, feed, scope)
                self._read_duplicates_of(torn, broken)

    def _read_duplicates_of(self, torn: list[File], broken: set[str]) -> None:
        """The same bytes in a delivery that stands were left to one that has gone: read them."""
        gone = {f.id for f in torn}
        for id_, of, delivery in self._ledger.rows(
            "SELECT id, superseded_by, delivery FROM file WHERE status = 'duplicate'"
        ):
            if of in gone and delivery not in broken:
                self._ledger.update(id_, status="pending", superseded_by=None)
                # It may be of this run, and is to be read once more in it.
                self._taken.files = [n for n in self._taken.files if n != id_]

    def place(self, batch: Batch, item: Item) -> list[tuple[str, str, int]]:
        """Move an item's parts from the work folder to the lake; a shared one moves once."""
        placed = []
        for table, (path, rows) in item.parts.items():
            if item.refused is not None and table != "quarantine":
                continue
            if path not in self._placed:
                relative = f"{table}/{_part_name(batch, item, path)}"
                target = self._lake / relative
                target.parent.mkdir(parents=True, exist_ok=True)
                path.replace(target)
                self._placed[path] = relative
            placed.append((table, self._placed[path], rows))
        return placed

    def sweep(self) -> None:
        """Remove parts that no file of the ledger needs: superseded, refused or left by a kill."""
        marks = ", ".join("?" for _ in _HISTORY)
        with self._ledger.transaction():
            self._ledger.run(
                f"""DELETE FROM part WHERE rowid IN (
                      SELECT p.rowid FROM part p JOIN file f ON f.id = p.file_id
                      WHERE (f.status <> 'loaded' AND p.table_name NOT IN ({marks}))
                         OR f.status NOT IN ('loaded', 'superseded', 'refused'))""",
                tuple(_HISTORY),
            )
        # A killed run has read files and swept nothing; the next may have nothing to read.
        if self._ledger.note("swept") is not False:
            return
        needed = {path for (path,) in self._ledger.rows("SELECT path FROM part")}
        for found in self._lake.rglob("*.parquet"):
            if found.relative_to(self._lake).as_posix() not in needed:
                found.unlink(missing_ok=True)
        self._ledger.keep("swept", True)


def _part_name(batch: Batch, item: Item, path: Path) -> str:
    """Where a part stands below its table: by scope, or among the shared ones."""
    standing = [i for i in batch.items if path in (p for p, _ in i.parts.values())]
    folder = f"platform={batch.platform.name}/feed={batch.feed.name}"
    if len(standing) > 1:
        return f"{folder}/scope=several/part-{path.stem[-12:]}.parquet"
    scope = item.described.scope if item.described else "none"
    return f"{folder}/scope={_slug(scope)}/part-{item.file.id}-{item.file.sha256[:12]}.parquet"


def _shrunken(before: int | None, after: int) -> FileRefused:
    return FileRefused("roster_shrank", f"{before} rows before, {after} now")


def version(item: Item) -> tuple[str, int, int]:
    """A file's version, as soon as it is known when it was made."""
    made = item.described.exported_at if item.described else ""
    return (made, item.file.modified_ns, item.file.id)


def _slug(scope: str) -> str:
    """A scope as a folder's name: readable, and unique by its hash."""
    plain = "".join(c if c.isalnum() or c in "-_." else "-" for c in scope)[:48]
    return f"{plain}-{hashlib.sha256(scope.encode()).hexdigest()[:8]}"
