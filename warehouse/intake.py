"""From landed files to the lake: recognise, batch, normalise, and settle what is live.

The decisions (`newest`, `twins`, `shrank`) are pure; the rest carries them out. A killed run
leaves files pending, and the next one does them again to the same end.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from threading import local

import duckdb

from connectors.contract import Feed, Match, Platform, Scope, norm, recognise, repeated
from connectors.errors import FileRefused
from connectors.reading import is_zip, members, prepare
from connectors.registry import PLATFORMS
from warehouse import ledger as ledgers
from warehouse.ledger import File, Ledger, disk_full
from warehouse.naming import describe
from warehouse.normalise import Batch, Item, Normaliser, batch_limit, connect
from warehouse.settings import Settings
from warehouse.tables import LAKE

_BATCH_BYTES = 64 << 20
#: What all readers together may hold in memory, in MB.
_MEMORY = 1536
_SHRINK = 0.9
#: Tables whose parts stay when a newer file has replaced theirs.
_HISTORY = {t.name for t in LAKE.values() if t.keeps_history} | {"quarantine"}


@dataclass
class Taken:
    """What one intake did: the files it looked at, and (platform, feed, table) that got rows,
    with the files they came from."""

    files: list[int] = field(default_factory=list)
    touched: dict[tuple[str, str, str], list[int]] = field(default_factory=dict)


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


def tears(platform: Platform, member: str, feed: str | None, reason: str) -> bool:
    """Whether a refused member takes the others of its delivery with it. One that no feed reads
    does not, nor does an empty one, unless it is one that may not shrink."""
    stem = norm(_stem(member))
    found = [f for f in platform.feeds if f.name == feed or stem in {norm(s) for s in f.stems}]
    empty = reason in ("header_only", "empty_file")
    return any(f.guards_size or not empty for f in found)


class Intake:
    """One run's intake, of all platforms or `only` one. `accept_smaller`: a roster may shrink."""

    def __init__(
        self,
        settings: Settings,
        ledger: Ledger,
        *,
        accept_smaller: bool = False,
        only: str | None = None,
    ) -> None:
        self._settings, self._ledger, self._accept = settings, ledger, accept_smaller
        self._only = only or "%"
        self._workers = min(os.cpu_count() or 1, 8)
        self._work = settings.work
        self._taken = Taken()
        self._placed: dict[Path, str] = {}

    def waits(self) -> bool:
        """Whether there is anything to read."""
        where = "status = 'pending' AND platform LIKE ?"
        refused = self._accept and self._ledger.files("reason = 'roster_shrank'")
        return bool(refused or self._ledger.files(where, (self._only,)))

    def run(self, progress: Callable[[int, int], None] = lambda done, of: None) -> Taken:
        """Read every pending file into the lake, and settle scopes, twins and deliveries."""
        shutil.rmtree(self._work, ignore_errors=True)
        self._work.mkdir(parents=True, exist_ok=True)
        try:
            if self._accept:
                self._ledger.run(
                    """UPDATE file SET status = 'pending' WHERE reason = 'roster_shrank'
                       OR (reason = 'part_of_refused' AND delivery IN (
                           SELECT delivery FROM file WHERE reason = 'roster_shrank'))"""
                )
            # A file that was turned away may give an older one its place back: read that anew.
            while pending := self._pending():
                self._ledger.keep("swept", False)
                self._taken.files += [f.id for f in pending]
                self._read(pending, sum(f.size for f in pending), progress)
                self._settle_deliveries()
            self._settle_deliveries()
            self._sweep()
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise disk_full(self._settings.home) from error
            raise
        except duckdb.IOException as error:
            if "No space left" in str(error):
                raise disk_full(self._settings.home) from error
            raise
        finally:
            shutil.rmtree(self._work, ignore_errors=True)
        return self._taken

    def _pending(self) -> list[File]:
        """Files to be read that this run has not read yet, taken out of their archives."""
        self._unpack()
        files = self._ledger.files(
            "status = 'pending' AND is_archive = 0 AND platform LIKE ?", (self._only,)
        )
        done = set(self._taken.files)
        return [f for f in files if f.id not in done]

    # -- archives ------------------------------------------------------------------------------

    def _unpack(self) -> None:
        """Make a ledger row of every member of a new archive; unpack again what a kill left."""
        waiting = "(SELECT delivery FROM file WHERE status = 'pending' AND delivery <> '')"
        for archive in self._ledger.files(
            f"((status = 'pending' AND delivery = '') OR CAST(id AS TEXT) IN {waiting}) "
            "AND platform LIKE ?",
            (self._only,),
        ):
            path = self._settings.landing / archive.landed
            if not path.is_file() or not is_zip(path):
                continue
            self._register(archive, path)

    def _register(self, archive: File, path: Path) -> None:
        known = {f.name for f in self._ledger.files("delivery = ?", (str(archive.id),))}
        folder = self._work / f"archive-{archive.id}"
        folder.mkdir(parents=True, exist_ok=True)
        try:
            found = list(members(path, folder))
        except FileRefused as refused:
            self._ledger.update(archive.id, is_archive=1)
            self._taken.files.append(archive.id)
            self._refuse(archive, refused, 0)
            return
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
                    )
            self._ledger.update(archive.id, is_archive=1, status="loaded", loaded_at=ledgers.now())
        for name, unpacked in found:
            unpacked.rename(folder / hashlib.sha256(f"{archive.name}/{name}".encode()).hexdigest())

    def _path(self, file: File) -> Path:
        if file.delivery:
            name = hashlib.sha256(file.name.encode()).hexdigest()
            return self._work / f"archive-{file.delivery}" / name
        return self._settings.landing / file.landed

    # -- reading -------------------------------------------------------------------------------

    def _read(self, pending: list[File], total: int, progress: Callable[[int, int], None]) -> None:
        done = 0
        progress(0, total)
        here = local()
        share = max(1, (os.cpu_count() or 1) // self._workers)

        def normaliser() -> Normaliser:
            if not hasattr(here, "normaliser"):
                connection = connect(
                    self._settings.time_zone,
                    self._work,
                    threads=share,
                    memory=f"{_MEMORY // self._workers}MB",
                )
                here.normaliser = Normaliser(connection, self._settings.time_zone, self._work)
            found: Normaliser = here.normaliser
            return found

        def work(batch: Batch) -> Batch:
            normaliser().run(batch)
            return batch

        with ThreadPoolExecutor(self._workers) as pool:
            prepared = [p for p in pool.map(self._prepare, pending) if p is not None]
            for batch in pool.map(work, _batches(prepared)):
                for item in sorted(batch.items, key=_version):
                    self._commit(batch, item)
                done += sum(i.file.size for i in batch.items)
                progress(done, total)
        progress(total, total)

    def _prepare(self, file: File) -> tuple[Platform, Match, Item] | None:
        """Recognise one file; what cannot be read is settled here and now."""
        platform = PLATFORMS[file.platform]
        stem = _stem(file.name)
        try:
            if self._already_there(platform, file):
                return None
            if norm(stem) in {norm(s) for s in platform.ignores}:
                self._ignore(file)
                return None
            prepared = prepare(self._path(file), self._work)
            match = recognise(platform, stem, prepared.header)
            if match is None:
                raise FileRefused("unknown_layout", rows=prepared.lines)
            if match.missing:
                names = ", ".join(c.headers[0] for c in match.missing)
                raise FileRefused("missing_column", f"column {names}", rows=prepared.lines)
            # Asked only of a header that was recognised: else it may be a row about a child.
            if (twice := repeated(prepared.header)) is not None:
                raise FileRefused("repeated_column", f"column {twice}", rows=prepared.lines)
        except FileRefused as refused:
            self._refuse(file, refused, refused.rows)
            return None
        except PermissionError:
            self._refuse(file, FileRefused("unreadable"), 0)
            return None
        return platform, match, Item(file, prepared)

    def _already_there(self, platform: Platform, file: File) -> bool:
        """The same bytes again: of the same scope, nothing changes; under a new date, a twin.

        Bytes that were live once and have been superseded since are read anew: the platform has
        gone back to them.
        """
        for same in self._same_bytes(file):
            feed = {f.name: f for f in platform.feeds}.get(same.feed or "")
            if feed is None:
                continue
            told = describe(feed, file.name, file.modified_ns, self._settings.time_zone, None, [])
            if (
                feed.scope in (Scope.DAY, Scope.PERIOD, Scope.SPAN, Scope.CLASS)
                and told.dated_by == "name"
                and told.scope != (same.scope or "").split("|")[0]
            ):
                continue
            if told.dated_by == "name" or not feed.dated_by:
                self._ledger.update(file.id, exported_on=str(told.exported_on))
            else:
                self._ledger.update(file.id, exported_on=same.exported_on)
            self._call_duplicate(file, same)
            return True
        return False

    def _same_bytes(self, file: File) -> list[File]:
        return self._ledger.files(
            "platform = ? AND sha256 = ? AND status = 'loaded' AND is_archive = 0 AND id <> ?",
            (file.platform, file.sha256, file.id),
        )

    def _call_duplicate(self, file: File, same: File) -> None:
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

    def _ignore(self, file: File) -> None:
        try:
            lines = prepare(self._path(file), self._work).lines
        except FileRefused:
            lines = 0
        self._ledger.update(
            file.id,
            status="ignored",
            reason="not_read_yet",
            rows_in=lines,
            rows_kept=0,
            rows_quarantined=lines,
            rows_duplicate=0,
            loaded_at=ledgers.now(),
        )

    # -- settling ------------------------------------------------------------------------------

    def _refuse(self, file: File, refused: FileRefused, rows: int) -> None:
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

    def _commit(self, batch: Batch, item: Item) -> None:
        """Put one file's parts in the lake and settle its scope, in one transaction."""
        file, described, feed = item.file, item.described, batch.feed
        self._ledger.update(file.id, feed=feed.name)
        if described is not None:
            self._ledger.update(
                file.id,
                scope=described.scope,
                exported_on=str(described.exported_on),
                dated_by=described.dated_by,
            )
        if item.refused is None and described is not None:
            # Both may have come in one run, so that the first was not live when this was prepared.
            for same in self._same_bytes(file):
                if same.feed == feed.name and same.scope == described.scope:
                    self._call_duplicate(file, same)
                    return
            live = self._live(file, feed, described.scope)
            newer = live is None or _version(item) > live.version
            before = live.rows_kept if live else None
            if feed.guards_size and newer and not self._accept and shrank(before, item.kept):
                item.refused = FileRefused(
                    "roster_shrank", f"{before} rows before, {item.kept} now"
                )
        placed = self._place(batch, item)
        with self._ledger.transaction():
            self._ledger.run("DELETE FROM part WHERE file_id = ?", (file.id,))
            for table, path, rows in placed:
                self._ledger.run(
                    "INSERT INTO part VALUES (?, ?, ?, ?)", (file.id, table, path, rows)
                )
            if item.refused is not None:
                self._refuse(file, item.refused, item.rows_in)
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
                unknown_columns=json.dumps(batch.match.unknown),
            )
            self._settle_twins(file.platform, feed.name, item.fingerprint)
            self._settle_scope(file.platform, feed.name, described.scope)
        for table, _, _ in placed:
            key = (file.platform, feed.name, table)
            self._taken.touched.setdefault(key, []).append(file.id)

    def _live(self, file: File, feed: Feed, scope: str) -> File | None:
        """The other file of the scope that is live."""
        return newest(
            f
            for f in self._files(file.platform, feed.name, "scope = ?", scope)
            if f.id != file.id and f.status == "loaded"
        )

    def _files(self, platform: str, feed: str, where: str, value: str) -> list[File]:
        return self._ledger.files(
            f"platform = ? AND feed = ? AND {where} AND is_archive = 0", (platform, feed, value)
        )

    def _settle_twins(self, platform: str, feed: str, fingerprint: str) -> None:
        same = [
            f
            for f in self._files(platform, feed, "fingerprint = ?", fingerprint)
            if f.status in ("loaded", "superseded")
        ]
        for twin in twins(same):
            self._refuse(twin, FileRefused("stale_twin"), self._rows_in(twin))
            if twin.scope is not None:
                self._settle_scope(platform, feed, twin.scope)

    def _rows_in(self, file: File) -> int:
        """A file was read before it was turned away: all of its rows count."""
        rows = self._ledger.rows("SELECT rows_in FROM file WHERE id = ?", (file.id,))
        return rows[0][0] or 0

    def _settle_scope(self, platform: str, feed: str, scope: str) -> None:
        """Of the files of a scope that were read, the newest is live."""
        files = self._files(platform, feed, "scope = ?", scope)
        read = [f for f in files if f.status in ("loaded", "superseded")]
        live = live_of(read, [f for f in files if f.status == "duplicate"])
        for file in read:
            if live is not None and file.id == live.id:
                swept = file.status == "superseded" and self._is_swept(file)
                self._ledger.update(
                    file.id, status="pending" if swept else "loaded", superseded_by=None
                )
            elif live is not None:
                self._ledger.update(file.id, status="superseded", superseded_by=live.id)

    def _is_swept(self, file: File) -> bool:
        """Whether a superseded file's parts have been removed, so that it must be read anew."""
        tables = self._ledger.rows("SELECT table_name FROM part WHERE file_id = ?", (file.id,))
        return not {name for (name,) in tables} - _HISTORY

    def _settle_deliveries(self) -> None:
        """Where files stand or fall together, one refused member takes the others back."""
        for name, platform in PLATFORMS.items():
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
                    self._refuse(file, FileRefused("part_of_refused"), self._rows_in(file))
                for feed, scope in dict.fromkeys((f.feed, f.scope) for f in torn):
                    if feed is not None and scope is not None:
                        self._settle_scope(name, feed, scope)

    # -- the lake's parts ----------------------------------------------------------------------

    def _place(self, batch: Batch, item: Item) -> list[tuple[str, str, int]]:
        """Move an item's parts from the work folder to the lake; a shared one moves once."""
        placed = []
        for table, (path, rows) in item.parts.items():
            if item.refused is not None and table != "quarantine":
                continue
            if path not in self._placed:
                relative = f"{table}/{_part_name(batch, item, path)}"
                target = self._settings.lake / relative
                target.parent.mkdir(parents=True, exist_ok=True)
                path.replace(target)
                self._placed[path] = relative
            placed.append((table, self._placed[path], rows))
        return placed

    def _sweep(self) -> None:
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
        for found in self._settings.lake.rglob("*.parquet"):
            if found.relative_to(self._settings.lake).as_posix() not in needed:
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


def _version(item: Item) -> tuple[str, int, int]:
    """A file's version, as soon as it is known which day it was made."""
    day = str(item.described.exported_on) if item.described else ""
    return (day, item.file.modified_ns, item.file.id)


def _batches(prepared: list[tuple[Platform, Match, Item]]) -> list[Batch]:
    """Files that one statement can read: one feed, one header, one separator, bounded size."""
    groups: dict[tuple[str, str, tuple[str, ...], str, bool], list[Batch]] = {}
    for platform, match, item in prepared:
        p = item.prepared
        key = (platform.name, match.feed.name, p.header, p.separator, p.parquet)
        batches = groups.setdefault(key, [])
        limit = 1 if p.parquet else batch_limit(match.feed)
        size = item.prepared.path.stat().st_size
        if batches and len(batches[-1].items) < limit:
            held = sum(i.prepared.path.stat().st_size for i in batches[-1].items)
            if held + size <= _BATCH_BYTES:
                batches[-1].items.append(item)
                continue
        batches.append(Batch(platform, match, [item]))
    return [b for batches in groups.values() for b in batches]


def _stem(name: str) -> str:
    return PurePosixPath(name).name.split(".")[0]


def _slug(scope: str) -> str:
    """A scope as a folder's name: readable, and unique by its hash."""
    plain = "".join(c if c.isalnum() or c in "-_." else "-" for c in scope)[:48]
    return f"{plain}-{hashlib.sha256(scope.encode()).hexdigest()[:8]}"


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
