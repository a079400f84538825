"""Trying again: only what a retry can cure, with growing pauses, out of one purse of seconds."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Event, Lock
from typing import TypeVar

from connectors.errors import SourceError

T = TypeVar("T")
#: Pauses in seconds: the first, doubled each time up to the longest.
FIRST, LONGEST = 1.0, 60.0


class Patience:
    """The seconds one source may cost in failed attempts and pauses during one run.

    One purse for all of a source's files: a server that died in the middle of a hundred files
    costs its seconds once. Safe to call from several threads.
    """

    def __init__(
        self,
        seconds: float,
        sleep: Callable[[float], object] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ended, self._lock = Event(), Lock()
        self._left, self._sleep, self._clock = seconds, sleep or self._ended.wait, clock

    def __call__(self, attempt: Callable[[], T]) -> T:
        """Call until it works, or its SourceError says no `retry`, or the purse is empty."""
        pause = FIRST
        while True:
            started = self._clock()
            try:
                return attempt()
            except SourceError as error:
                if not error.retry or not self._spend(self._clock() - started, pause):
                    raise
                self._sleep(pause)
                if self._ended.is_set():
                    raise
            pause = min(2 * pause, LONGEST)

    def end(self) -> None:
        """No more attempts; who pauses now gives up at once."""
        self._ended.set()

    def _spend(self, lost: float, pause: float) -> bool:
        """Pay for a failed attempt; whether the next pause can be paid for as well."""
        with self._lock:
            self._left -= lost
            if self._left < pause or self._ended.is_set():
                return False
            self._left -= pause
            return True
