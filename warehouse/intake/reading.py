"""From landed files to the lake: recognise, batch, normalise.

Unpacking is in archives.py, what becomes of a file in settling.py. A killed run leaves files
pending, and the next one does them again to the same end.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from threading import local

from connectors.contract import Feed, Match, Platform, Scope, has_stem, recognise, repeated
from connectors.errors import FileRefused
from connectors.reading import prepare
from warehouse import ledger as ledgers
from warehouse.intake.archives import Archives
from warehouse.intake.changes import count_changes
from warehouse.intake.deltas import Manifests, is_delta
from warehouse.intake.naming import describe, moment_of
from warehouse.intake.normalise import Batch, Item, Normaliser, batch_limit, connect
from warehouse.intake.redeclared import read_again
from warehouse.intake.settling import Settling, Taken, version
from warehouse.lake import layout as lake_layout
from warehouse.layouts.drift_book import Waiting, first_met, study
from warehouse.ledger import File, Ledger, disk_told
from warehouse.settings import Settings

_BATCH_BYTES = 64 << 20
#: What all readers together may hold in memory, in MB.
_MEMORY = 1536


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
        self._settling = Settling(
            ledger, settings.lake, settings.registry, self._taken, accept_smaller=accept_smaller
        )
        self._drifted: list[Waiting] = []
        self._archives = Archives(ledger, self._settling, settings.landing, self._work, self._only)
        self._manifests = Manifests([], self._archives.path, self._work)

    def waits(self) -> bool:
        """Whether there is anything to read."""
        self._set_pending()
        where = "status = 'pending' AND platform LIKE ?"
        refused = self._accept and self._ledger.files("reason = 'roster_shrank'")
        return bool(refused or self._ledger.files(where, (self._only,)))

    def _set_pending(self) -> None:
        """Files that would be read otherwise today, and those whose parts are of an old layout."""
        read_again(self._ledger, self._settings.registry, self._only)
        lake_layout.read_again(
            self._ledger, self._settings.lake, self._settings.landing, self._only
        )

    def run(self, progress: Callable[[int, int], None] = lambda done, of: None) -> Taken:
        """Read every pending file into the lake, and settle scopes, twins and deliveries."""
        shutil.rmtree(self._work, ignore_errors=True)
        try:
            with disk_told(self._settings.home):
                self._work.mkdir(parents=True, exist_ok=True)
                self._take(progress)
        finally:
            shutil.rmtree(self._work, ignore_errors=True)
        return self._taken

    def _take(self, progress: Callable[[int, int], None]) -> None:
        self._set_pending()
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
            self._settling.settle_deliveries()
        self._settling.settle_deliveries()
        count_changes(self._ledger, self._settings.lake, self._work)
        self._taken.proposals = study(self._settings, self._ledger, self._drifted, self._work)
        self._settling.sweep()

    def _pending(self) -> list[File]:
        """Files to be read that this run has not read yet, taken out of their archives."""
        self._taken.files += self._archives.unpack()
        files = self._ledger.files(
            "status = 'pending' AND is_archive = 0 AND platform LIKE ?", (self._only,)
        )
        done = set(self._taken.files)
        # A platform that the configuration no longer knows keeps its files for when it is back.
        return [f for f in files if f.id not in done and f.platform in self._settings.registry]

    def _read(self, pending: list[File], total: int, progress: Callable[[int, int], None]) -> None:
        done = 0
        progress(0, total)
        self._manifests = Manifests(
            self._found_manifests(), self._archives.path, self._work / "manifests"
        )
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

        # A rewritten copy is named after the bytes: files with the same are made ready in turn.
        alike: dict[Path, list[File]] = {}
        for file in pending:
            alike.setdefault(self._archives.path(file), []).append(file)

        def ready(files: list[File]) -> list[tuple[Platform, Match, Item] | None]:
            return [self._prepare(file) for file in files]

        with ThreadPoolExecutor(self._workers) as pool:
            prepared = [p for made in pool.map(ready, alike.values()) for p in made if p]
            for batch in pool.map(work, batches(prepared)):
                for item in sorted(batch.items, key=version):
                    self._settling.commit(batch, item)
                    self._note_unread(batch, item)
                done += sum(i.file.size for i in batch.items)
                progress(done, total)
        progress(total, total)

    def _found_manifests(self) -> list[File]:
        """Every file that says which files of its delivery are deltas."""
        return [
            file
            for platform in self._settings.registry.values()
            if platform.manifest
            for file in self._ledger.files(
                "platform = ? AND is_archive = 0 AND lower(name) LIKE ?",
                (platform.name, f"%{platform.manifest}%"),
            )
            if has_stem(file.name, (platform.manifest,))
        ]

    def _says(self, feed: Feed | None, file: File) -> str:
        """What the manifest says of a file: bulk, delta or absent."""
        if feed is None or feed.delta is None:
            return "bulk"
        return self._manifests.says(file, feed.delta.line)

    def _prepare(self, file: File) -> tuple[Platform, Match, Item] | None:
        """Recognise one file; what cannot be read is settled here and now."""
        platform = self._settings.registry[file.platform]
        named = next((f for f in platform.feeds if f.is_named(file.name)), None)
        try:
            if self._already_there(platform, file):
                return None
            if has_stem(file.name, platform.ignores):
                self._set_aside(file, "not_read_yet")
                return None
            if self._says(named, file) == "absent":
                self._set_aside(file, "said_absent")
                return None
            prepared = prepare(self._archives.path(file), self._work)
            rows = prepared.lines + len(prepared.faults)
            match = recognise(platform, file.name, prepared.header)
            if match is None or match.missing:
                self._drifted.append(Waiting(file, platform, prepared))
            if match is None:
                raise FileRefused("unknown_layout", rows=rows)
            if not match.feed.outputs and not match.missing:
                self._set_aside(file, "not_read_yet")
                return None
            if match.missing:
                names = ", ".join(c.headers[0] for c in match.missing)
                raise FileRefused("missing_column", f"column {names}", rows=rows)
            if (twice := repeated(prepared.header)) is not None:
                # Named only where the first row is a header: else it may be about a child.
                culprit = f"column {twice}" if match.is_header else ""
                raise FileRefused("repeated_column", culprit, rows=rows)
        except FileRefused as refused:
            empty = refused.code in ("header_only", "empty_file")
            if empty and self._says(named, file) == "delta":
                self._set_aside(file, "no_changes")
            else:
                self._settling.refuse(file, refused, refused.rows)
            return None
        except PermissionError:
            self._settling.refuse(file, FileRefused("unreadable"), 0)
            return None
        is_delta = self._says(match.feed, file) == "delta"
        return platform, match, Item(file, prepared, is_delta, prepared.faults)

    def _note_unread(self, batch: Batch, item: Item) -> None:
        """Columns that nothing reads are said once, when they are met for the first time."""
        if item.refused is not None:
            return
        today = ledgers.now()[:10]
        fresh = first_met(self._ledger, batch.platform.name, batch.match, item.file.name, today)
        if fresh:
            key = (batch.platform.name, batch.feed.name)
            self._taken.unread.setdefault(key, []).extend(fresh)

    def _already_there(self, platform: Platform, file: File) -> bool:
        """The same bytes again: of the same scope, nothing changes; under a new date, a twin.

        Bytes that were live once and have been superseded since are read anew: the platform has
        gone back to them.
        """
        for same in self._settling.same_bytes(file):
            feed = {f.name: f for f in platform.feeds}.get(same.feed or "")
            if feed is None:
                continue
            if (self._says(feed, file) == "delta") != is_delta(same.scope):
                continue
            told = describe(feed, file.name, file.modified_ns, self._settings.time_zone, None, [])
            other = told.scope.split("|")[0] != (same.scope or "").split("|")[0]
            # Files of two students may well say the same.
            if other and feed.scope in (Scope.STUDENT, Scope.STUDENT_DAY):
                continue
            if (
                feed.scope in (Scope.DAY, Scope.PERIOD, Scope.SPAN, Scope.CLASS)
                and told.dated_by == "name"
                and other
            ):
                continue
            day, moment = str(told.exported_on), told.exported_at
            if told.dated_by != "name" and feed.dated_by and same.exported_on:
                # Dated by its content, which is that of the other.
                day = same.exported_on
                moment = moment_of(
                    date.fromisoformat(day), file.modified_ns, self._settings.time_zone
                )
            self._ledger.update(file.id, exported_on=day, exported_at=moment)
            self._settling.call_duplicate(file, same)
            return True
        return False

    def _set_aside(self, file: File, reason: str) -> None:
        """Keep a file in the landing area and do not read it."""
        try:
            prepared = prepare(self._archives.path(file), self._work)
            lines = prepared.lines + len(prepared.faults)
        except FileRefused:
            lines = 0
        self._ledger.update(
            file.id,
            status="ignored",
            reason=reason,
            rows_in=lines,
            rows_kept=0,
            rows_quarantined=lines,
            rows_duplicate=0,
            loaded_at=ledgers.now(),
        )


def batches(prepared: list[tuple[Platform, Match, Item]]) -> list[Batch]:
    """Files that one statement can read: one feed, one header, one separator, bounded size."""
    groups: dict[tuple[str, str, tuple[str, ...], str, bool, bool], list[Batch]] = {}
    held: dict[int, int] = {}
    for platform, match, item in prepared:
        p = item.prepared
        key = (platform.name, match.feed.name, p.header, p.separator, p.parquet, item.is_delta)
        batches = groups.setdefault(key, [])
        limit = 1 if p.parquet else batch_limit(match.feed)
        size = item.prepared.path.stat().st_size
        last = batches[-1] if batches else None
        if last and len(last.items) < limit and held[id(last)] + size <= _BATCH_BYTES:
            last.items.append(item)
        else:
            last = Batch(platform, match, [item])
            batches.append(last)
        held[id(last)] = held.get(id(last), 0) + size
    return [b for batches in groups.values() for b in batches]
