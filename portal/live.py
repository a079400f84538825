"""Following the published warehouse: the newest version for new requests, the old for running ones.

A poll opens the next version beside the current one and then changes one attribute. A version is
closed when it is no longer the newest and its last request has ended, so no request ever fails.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar, cast

import duckdb

from connectors.errors import HomeroomError
from warehouse import publish
from warehouse.reader import attached

Row = dict[str, Any]
Kept = TypeVar("Kept")
#: What one version may take of a worker's memory; two are open for a moment while one goes live.
MEMORY = "64MB"
#: Statements of one version at a time: they share its memory, and more would only wait for each
#: other's processor.
_AT_ONCE = 2
#: How much the thread that follows new versions stands back.
_NICE = 10
_LOG = logging.getLogger("homeroom.portal")


class Version:
    """One published file, open for reading. Safe to share between threads."""

    def __init__(self, warehouse: Path, pointer: publish.Pointer) -> None:
        self.pointer = pointer
        #: What was computed from this version alone and may be kept as long as it is open.
        self.kept: dict[Any, Any] = {}
        self._db = attached(
            warehouse / pointer.file,
            {
                "memory_limit": MEMORY,
                # Requests are many and short: each runs on its own thread, none on several.
                "threads": "1",
                # What is about children is not spilled to disk.
                "temp_directory": "",
            },
        )
        self._db.execute("SET enable_external_access = false")
        self._db.execute("SET lock_configuration = true")
        self._cursors, self._room = threading.local(), threading.BoundedSemaphore(_AT_ONCE)
        self._open: list[duckdb.DuckDBPyConnection] = []
        self._readers, self._retired, self._lock = 0, False, threading.Lock()

    def rows(self, sql: str, values: Mapping[str, Any] | None = None) -> list[Row]:
        """The rows as dictionaries. `values`: for the $names in the statement, lists too."""
        cursor: duckdb.DuckDBPyConnection | None = getattr(self._cursors, "one", None)
        if cursor is None:
            cursor = self._cursors.one = self._db.cursor()
            self._open.append(cursor)
            cursor.execute("USE warehouse")
        with self._room:
            cursor.execute(sql, dict(values or {}))
            names = [d[0] for d in cursor.description or []]
            found = cursor.fetchall()
        return [dict(zip(names, row, strict=True)) for row in found]

    def keep(self, key: Any, make: Callable[[], Kept]) -> Kept:
        """What is the same for every reader of this version, made at the first call."""
        if key not in self.kept:
            self.kept[key] = make()
        return cast(Kept, self.kept[key])

    def take(self) -> bool:
        """One more reader; false where the version is closed already."""
        with self._lock:
            if self._retired and not self._readers:
                return False
            self._readers += 1
            return True

    def give_back(self) -> None:
        """One reader less."""
        with self._lock:
            self._readers -= 1
            if self._retired and not self._readers:
                self.close()

    def close(self) -> None:
        """Give back what it holds, at once: whoever still knows of it must not keep its memory.

        For a version that one reader has to itself.
        """
        self.kept.clear()
        for cursor in self._open:
            cursor.close()
        self._db.close()

    def retire(self) -> None:
        """No new readers are coming."""
        with self._lock:
            self._retired = True
            if not self._readers:
                self.close()


class Live:
    """The newest version of a warehouse folder. Use as a context manager, which polls.

    `prepare`: called with each version before requests see it, so that none waits for it.
    """

    def __init__(
        self,
        warehouse: Path,
        seconds: float = 1.0,
        prepare: Callable[[Version], None] = lambda version: None,
    ) -> None:
        self._warehouse, self._seconds, self._prepare = warehouse, seconds, prepare
        self._current: Version | None = None
        self._told = ""
        self._ended = threading.Event()
        self._poller = threading.Thread(target=self._poll, name="follow-warehouse", daemon=True)

    def __enter__(self) -> Live:
        self.look()
        self._poller.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._ended.set()
        self._poller.join()
        if self._current:
            self._current.retire()

    @contextmanager
    def reading(self) -> Iterator[Version | None]:
        """The newest version, kept open until the end of the block; None before the first."""
        version = self._current
        # Between the two lines a version may be closed; then a newer one is there.
        while version is not None and not version.take():
            version = self._current
        try:
            yield version
        finally:
            if version is not None:
                version.give_back()

    def look(self) -> None:
        """Follow the pointer once. Where it cannot be followed, what is open stays; told once."""
        try:
            pointer = publish.read_pointer(self._warehouse)
            if pointer is None or (self._current and self._current.pointer == pointer):
                return
            fresh = self._opened(pointer)
        except (HomeroomError, duckdb.Error, OSError) as error:
            if str(error) != self._told:
                self._told = str(error)
                _LOG.warning("the newest version cannot be opened: %s", error)
            return
        old, self._current = self._current, fresh
        if old:
            old.retire()

    def _opened(self, pointer: publish.Pointer) -> Version:
        fresh = Version(self._warehouse, pointer)
        try:
            self._prepare(fresh)
        except duckdb.Error:
            fresh.close()
            raise
        return fresh

    def _poll(self) -> None:
        # Laying out a new version takes a second of a processor: requests go first.
        if hasattr(os, "setpriority"):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)
        while not self._ended.wait(self._seconds):
            self.look()
