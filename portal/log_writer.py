"""Writing the access log: an entry is kept before the page is sent, many in one transaction.

A page waits until its entry is on disk, so nothing is seen that is not in the log, not even if the
machine stops. Waiting pages share a transaction, so the disk does not set the pace.
"""

from __future__ import annotations

import queue
import threading
from concurrent.futures import Future

from connectors.errors import HomeroomError
from warehouse.notes import access_log
from warehouse.notes.access_log import Entry
from warehouse.notes.database import Notes

_Waiting = tuple[Entry, "Future[None]"]


class LogWriter:
    """The one thread that writes the log. Use as a context manager."""

    def __init__(self, notes: Notes) -> None:
        self._notes = notes
        self._queue: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._write, name="access-log", daemon=True)

    def __enter__(self) -> LogWriter:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._queue.put(None)
        self._thread.join()

    def add(self, entry: Entry) -> None:
        """Keep an entry; returns when it is kept. Raises HomeroomError where it cannot be."""
        kept: Future[None] = Future()
        self._queue.put((entry, kept))
        kept.result()

    def _write(self) -> None:
        while first := self._queue.get():
            batch, more = [first], True
            while more and not self._queue.empty():
                waiting = self._queue.get()
                more = waiting is not None
                if waiting:
                    batch.append(waiting)
            try:
                access_log.add(self._notes, [entry for entry, _ in batch])
            except HomeroomError as error:
                for _, kept in batch:
                    kept.set_exception(error)
            else:
                for _, kept in batch:
                    kept.set_result(None)
            if not more:
                return
