"""An export that a coordinator asked for in the portal: made by a process of its own.

All state is in one folder of the district's exports, and one lock: so every worker of the portal
sees the same, and there is one export at a time. The process holds the lock for as long as it
lives; one that dies leaves it free, and the next look finds what it did not finish.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from connectors.errors import HomeroomError
from warehouse.exports import pseudonyms
from warehouse.exports.whole import whole
from warehouse.exports.writing import Wanted, export_week

#: How long a finished export waits to be fetched.
KEPT = timedelta(hours=8)
#: A file that stays.
LOCK = ".download.lock"
_FOLDER, _ALL = ".download-week", ".download-*"
_ASKED, _PROBLEM, _FILES = "asked.json", "problem.txt", "files"
#: Whoever only looks holds the lock for a moment.
_GLANCE = timedelta(milliseconds=250)


class State(StrEnum):
    """How far it has come."""

    making = "making"
    ready = "ready"
    failed = "failed"
    unfinished = "unfinished"


@dataclass(frozen=True)
class Asked:
    """What was asked for. `people`: ids or pseudonyms. `at`: when (ISO 8601, UTC). The other two
    are what the process needs to know of the district."""

    week: str
    people: str
    at: str
    warehouse: str
    key_file: str | None

    @property
    def until(self) -> str:
        """How long it is kept (ISO 8601, UTC)."""
        return (datetime.fromisoformat(self.at) + KEPT).isoformat()


@dataclass(frozen=True)
class Found:
    """The export that is there, and why it failed where it has."""

    asked: Asked
    state: State
    problem: str = ""


def start(exports: Path, warehouse: Path, key_file: Path | None, week: date, people: str) -> None:
    """Begin an export; one that is ready is replaced.

    Raises HomeroomError where one is being made, or where the key is missing.
    """
    if people == "pseudonyms":
        pseudonyms.key(key_file)
    exports.mkdir(parents=True, exist_ok=True)
    with _locked(exports, _GLANCE) as lock:
        if lock is None:
            raise _busy(exports)
        folder = exports / _FOLDER
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700)
        key = None if key_file is None else str(key_file)
        asked = Asked(str(week), people, datetime.now(UTC).isoformat(), str(warehouse), key)
        with whole(folder / _ASKED) as fresh:
            fresh.touch(0o600)
            fresh.write_text(json.dumps(asdict(asked)))
        # The process inherits the lock, so that there is no moment without one.
        process = subprocess.Popen(
            [sys.executable, "-m", "warehouse.exports.requested", str(folder)],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            pass_fds=[lock], start_new_session=True,
        )  # fmt: skip
    threading.Thread(target=process.wait, name="export", daemon=True).start()


def find(exports: Path) -> Found | None:
    """The export that is there; None where there is none, or none any more."""
    if not (folder := exports / _FOLDER).is_dir():
        return None
    with _locked(exports, _GLANCE) as lock:
        if lock is not None:
            _tidy(exports)
        asked = _asked(folder)
        if asked is None:
            return None
        problem = folder / _PROBLEM
        if ready(exports, asked).is_file():
            return Found(asked, State.ready)
        if lock is None:
            return Found(asked, State.making)
        if problem.is_file():
            return Found(asked, State.failed, problem.read_text("utf-8"))
        return Found(asked, State.unfinished)


def ready(exports: Path, asked: Asked) -> Path:
    """Where the finished export lies. Its name says how people stand in it, so that nobody is sent
    the next one, with ids, in place of this one."""
    return exports / _FOLDER / f"{asked.people}.zip"


def sweep(exports: Path) -> None:
    """Remove what has waited too long, and the files of an export that was not finished."""
    if exports.is_dir() and any(exports.glob(_ALL)):
        with _locked(exports) as lock:
            if lock is not None:
                _tidy(exports)


@contextmanager
def none(exports: Path, *, wait: timedelta = timedelta(minutes=15)) -> Iterator[None]:
    """No export is there, and none can begin, until the block ends.

    Raises HomeroomError where one is still being made after `wait`.
    """
    exports.mkdir(parents=True, exist_ok=True)
    with _locked(exports, wait) as lock:
        if lock is None:
            raise _busy(exports)
        for folder in exports.glob(_ALL):
            shutil.rmtree(folder)
        yield


def _tidy(exports: Path) -> None:
    for folder in exports.glob(_ALL):
        asked = _asked(folder)
        if asked is None or asked.until < datetime.now(UTC).isoformat():
            shutil.rmtree(folder, ignore_errors=True)
        elif not ready(exports, asked).is_file():
            shutil.rmtree(folder / _FILES, ignore_errors=True)
            for left in folder.glob(".*.new"):
                left.unlink(missing_ok=True)


def _asked(folder: Path) -> Asked | None:
    """What a folder asks for; None for what is no request of this Homeroom."""
    try:
        return Asked(**json.loads((folder / _ASKED).read_text("utf-8")))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def _busy(exports: Path) -> HomeroomError:
    return HomeroomError(
        "an export is being made in the portal",
        culprit=str(exports),
        fix="wait until it is ready, then once more",
        retry=True,
    )


@contextmanager
def _locked(exports: Path, wait: timedelta = timedelta(0)) -> Iterator[int | None]:
    """The lock's descriptor; None where another process still holds it after `wait`."""
    lock, until = _open(exports), time.monotonic() + wait.total_seconds()
    try:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() < until:
                    time.sleep(0.05)
                    continue
                yield None
            else:
                yield lock
            return
    finally:
        os.close(lock)


def _open(exports: Path) -> int:
    return os.open(exports / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def make(folder: Path) -> None:
    """Make what the folder asks for; whether it worked stands there too."""
    asked = _asked(folder)
    assert asked is not None
    key_file = None if asked.key_file is None else Path(asked.key_file)
    try:
        key = pseudonyms.key(key_file) if asked.people == "pseudonyms" else None
        export_week(
            Path(asked.warehouse), Wanted(date.fromisoformat(asked.week), key), folder / _FILES
        )
        with whole(ready(folder.parent, asked)) as fresh:
            _pack(folder / _FILES, fresh)
    except HomeroomError as error:
        (folder / _PROBLEM).write_text(str(error), "utf-8")
    finally:
        shutil.rmtree(folder / _FILES, ignore_errors=True)


def _pack(files: Path, into: Path) -> None:
    """The files as one, with the same bytes for the same files. Most are compressed already."""
    with ZipFile(into, "w", ZIP_STORED) as archive:
        for path in sorted(files.iterdir()):
            with path.open("rb") as read, archive.open(ZipInfo(path.name), "w") as write:
                shutil.copyfileobj(read, write, 1 << 20)


if __name__ == "__main__":
    os.umask(0o077)
    # Readers of the portal come first.
    os.nice(10)
    make(Path(sys.argv[1]))
