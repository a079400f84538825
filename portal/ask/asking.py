"""Starting the process of a question, bounding it, and ending it.

A process that is ended is the one bound on time and memory that no SQL gets around. A worker of the
portal runs a few at a time, and one for each adult.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

#: What a question may take: seconds with its filling, memory of its database and its process.
SECONDS, MEMORY, BYTES = 5, "100MB", 400_000_000
#: Questions that one worker answers at the same time, and how long one more waits for its turn.
PLACES, PATIENCE = 2, 3.0
LONGEST = 10_000

_ROOT = Path(__file__).parents[2]
_SLOW = f"This took longer than {SECONDS} seconds and was stopped. Ask for less at a time."
_LARGE = "This needed more memory than a question may have. Ask for less at a time."
_BUSY = "Others are asking just now, or you are asking in another window. Ask again in a moment."
_BROKE = "This could not be answered. Ask it in another way."


@dataclass(frozen=True)
class Question:
    """One SELECT, who asks by what they may see, and from which file.

    `tables`: how each table that is offered is filled, by name. `rows`: at most so many.
    """

    sql: str
    warehouse: str
    tables: Mapping[str, str]
    students: tuple[str, ...]
    classes: tuple[str, ...]
    rows: int = 1000


@dataclass(frozen=True)
class Answered:
    """A table, or in `problem` why there is none. `cut`: there are more rows."""

    columns: tuple[str, ...] = ()
    rows: tuple[tuple[Any, ...], ...] = ()
    cut: bool = False
    problem: str = ""


class Asking:
    """The questions that run now. Safe to share between threads."""

    def __init__(self) -> None:
        self._places = threading.BoundedSemaphore(PLACES)
        self._lock = threading.Lock()
        self._adults: set[str] = set()

    def ask(self, staff_id: str, question: Question) -> Answered:
        """Answer one question of an adult; never takes much longer than SECONDS + PATIENCE."""
        if not question.sql.strip():
            return Answered(problem="Write a question first.")
        if len(question.sql) > LONGEST or "\0" in question.sql:
            return Answered(
                problem=f"A question has at most {LONGEST} characters, all of them text."
            )
        with self._turn(staff_id) as given:
            return run(question) if given else Answered(problem=_BUSY)

    @contextmanager
    def _turn(self, staff_id: str) -> Iterator[bool]:
        with self._lock:
            asking = staff_id in self._adults
            self._adults.add(staff_id)
        if asking:
            yield False
            return
        try:
            if not self._places.acquire(timeout=PATIENCE):
                yield False
                return
            try:
                yield True
            finally:
                self._places.release()
        finally:
            with self._lock:
                self._adults.discard(staff_id)


def run(question: Question) -> Answered:
    """Answer a question in a process of its own, which has ended when this returns."""
    limits = {"seconds": SECONDS, "memory": MEMORY, "bytes": BYTES}
    try:
        done = subprocess.run(
            [sys.executable, "-m", "portal.ask.child"],
            input=json.dumps(asdict(question) | limits).encode("utf-8", "surrogatepass"),
            stdout=subprocess.PIPE,
            # What a process says on its way down may quote a value of a child.
            stderr=subprocess.DEVNULL,
            timeout=SECONDS,
            cwd=_ROOT,
            # Nothing to be found there: secrets may stand in ours.
            env={},
        )
    except subprocess.TimeoutExpired:
        return Answered(problem=_SLOW)
    try:
        told = json.loads(done.stdout)
    except ValueError:
        return Answered(problem=_ended(done.returncode))
    if "rows" not in told:
        return Answered(problem=_LARGE if "stopped" in told else told["problem"])
    return Answered(tuple(told["columns"]), tuple(map(tuple, told["rows"])), told["cut"])


def _ended(code: int) -> str:
    """Why a process ended without an answer. Pure."""
    if code in (-signal.SIGXCPU, -signal.SIGKILL):
        return _SLOW
    return _LARGE if code in (-signal.SIGABRT, -signal.SIGSEGV) else _BROKE
