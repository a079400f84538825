"""When the expectations are looked at: here and now, or in a process beside the run.

They never stop a run: whatever ends them is kept as their outcome. Not here: what is expected
(expectations.py, view_expectations.py).
"""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from warehouse.intake.settling import Taken
from warehouse.ledger import Ledger
from warehouse.quality import expectations, library, view_expectations
from warehouse.settings import Settings, load


class Apart:
    """The checks in a process of its own: it gets ready while files are read, looks while the
    warehouse is built, and gives its memory back.

    These checks never stop a run: where the process itself fails, that is kept as their outcome.
    """

    def __init__(self, settings: Settings) -> None:
        # What it keeps when all is looked at: a process may end without a word.
        self._token = secrets.token_hex(8)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "warehouse.quality.apart", str(settings.file),
             self._token],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip

    def hand_over(self, taken: Taken) -> None:
        """Tell it what came; it looks while the warehouse is built."""
        self._say(expectations.tables(taken))

    def finish(self, ledger: Ledger, published: Path | None = None) -> None:
        """Tell it what went live, if anything did, and wait until it has looked at that too."""
        self._say(str(published) if published else None)
        code = self._process.wait()
        done = ledger.note("expectations_done") == self._token
        ledger.keep("expectations_failed", None if done else f"the process ended with {code}")

    def _say(self, what: object) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(what) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            self._process.kill()

    def stop(self) -> None:
        """End it before it has been told anything."""
        self._process.kill()
        self._process.wait()


def check_batches(settings: Settings, ledger: Ledger, taken: Taken) -> None:
    """Validate what each feed brought to each table, and keep the counts in the ledger."""
    if touched := expectations.tables(taken):
        with _told(ledger):
            expectations.check(settings, ledger, touched, library.context())


def check_views(ledger: Ledger, live: Path) -> None:
    """Validate the views of what went live, and keep the counts in the ledger."""
    with _told(ledger):
        view_expectations.check(live, ledger, library.context())


@contextmanager
def _told(ledger: Ledger) -> Iterator[None]:
    """Whatever ends these checks ends no run; that they did not end well is kept."""
    failed = None
    try:
        yield
    except Exception as error:  # noqa: BLE001 - the kind alone: its words may quote a value
        failed = type(error).__name__
    ledger.keep("expectations_failed", failed)


def _main(file: str, token: str) -> None:
    """The process: a line tells what came, a second what went live."""
    settings, ready = load(Path(file)), library.context()
    ledger = Ledger(settings.ledger)
    expectations.check(settings, ledger, json.loads(sys.stdin.readline()), ready)
    if live := json.loads(sys.stdin.readline()):
        view_expectations.check(Path(live), ledger, ready)
    ledger.keep("expectations_done", token)


if __name__ == "__main__":
    _main(sys.argv[1], sys.argv[2])
