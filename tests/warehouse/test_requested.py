"""One export at a time, in a process of its own, whose state every worker sees in the same files."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from connectors.errors import HomeroomError
from warehouse.exports import requested
from warehouse.exports.requested import KEPT, LOCK, Asked, State

WEEK = date(2025, 9, 1)


@pytest.fixture
def exports(tmp_path: Path) -> Path:
    return tmp_path / "exports"


@pytest.fixture
def endless(tmp_path: Path) -> Iterator[Path]:
    """A warehouse whose pointer nobody ever writes: who reads it waits."""
    folder = tmp_path / "warehouse"
    folder.mkdir()
    os.mkfifo(folder / "current.json")
    yield folder
    for process in processes(tmp_path):
        os.kill(process, signal.SIGKILL)


def processes(below: Path) -> list[int]:
    """Our exporting processes that work below a folder."""
    return [
        int(path.parent.name)
        for path in Path("/proc").glob("[0-9]*/cmdline")
        if b"warehouse.exports.requested\0" + str(below).encode() in read(path)
    ]


def read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def begin(exports: Path, warehouse: Path) -> None:
    requested.start(exports, warehouse, None, WEEK, "ids")


def state(exports: Path) -> State | None:
    found = requested.find(exports)
    return found.state if found else None


def ended(exports: Path) -> State | None:
    """The state once no process is at work."""
    while state(exports) is State.making:
        time.sleep(0.05)
    return state(exports)


@contextmanager
def held(exports: Path) -> Iterator[None]:
    """The lock, as another process holds it."""
    exports.mkdir(parents=True, exist_ok=True)
    with (exports / LOCK).open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def drawn(exports: Path, age: timedelta, *files: str) -> Path:
    """An export asked for so long ago, with files."""
    folder = exports / ".download-week"
    (folder / "files").mkdir(parents=True)
    at = (datetime.now(UTC) - age).isoformat()
    told = Asked(str(WEEK), "ids", at, "warehouse", None)
    (folder / "asked.json").write_text(json.dumps(told.__dict__))
    for name in files:
        (folder / name).write_text("U001")
    return folder


def test_while_one_is_made_no_other_begins_and_one_that_is_killed_did_not_finish(
    exports: Path, endless: Path
) -> None:
    begin(exports, endless)
    assert state(exports) is State.making
    with pytest.raises(HomeroomError, match="an export is being made"):
        begin(exports, endless)
    (process,) = processes(exports)
    os.kill(process, signal.SIGKILL)
    assert ended(exports) is State.unfinished
    # Nothing stands in the way of the next one.
    begin(exports, endless)
    assert state(exports) is State.making


def test_what_cannot_be_made_says_why(exports: Path, tmp_path: Path) -> None:
    (tmp_path / "warehouse").mkdir()
    begin(exports, tmp_path / "warehouse")
    assert ended(exports) is State.failed
    found = requested.find(exports)
    assert found is not None
    assert "nothing has been published yet" in found.problem
    for path in (exports / ".download-week").rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) in (0o600, 0o700)


@pytest.mark.parametrize("name", ["ids.zip", "files/cards.csv"])
def test_an_export_goes_when_its_time_is_over_whether_it_was_finished_or_not(
    exports: Path, name: str
) -> None:
    folder = drawn(exports, KEPT + timedelta(minutes=1), name)
    requested.sweep(exports)
    assert not folder.exists()


def test_of_an_export_that_was_not_finished_no_file_stays_but_the_word_of_it(exports: Path) -> None:
    folder = drawn(exports, timedelta(0), "files/cards.csv", ".ids.zip.new")
    with held(exports):
        requested.sweep(exports)
        assert state(exports) is State.making
        assert (folder / "files/cards.csv").exists()
    assert state(exports) is State.unfinished
    assert [path.name for path in folder.iterdir()] == ["asked.json"]


def test_a_finished_export_stays_and_what_nobody_asked_for_goes(exports: Path) -> None:
    folder = drawn(exports, KEPT - timedelta(minutes=1), "ids.zip")
    (exports / ".download-abc").mkdir()
    (exports / ".download-abc" / "export.zip").write_text("U001")
    (exports / "cards_2025-09-01.csv").write_text("")
    requested.sweep(exports)
    left = {path.name for path in exports.iterdir()}
    assert left == {LOCK, folder.name, "cards_2025-09-01.csv"}
    assert state(exports) is State.ready


def test_a_request_that_no_homeroom_of_today_wrote_is_none(exports: Path) -> None:
    folder = drawn(exports, timedelta(0), "ids.zip")
    (folder / "asked.json").write_text('{"week": "2025-09-01"}')
    assert requested.find(exports) is None
    assert not folder.exists()


def test_forgetting_waits_for_an_export_and_lets_none_begin(exports: Path, endless: Path) -> None:
    folder = drawn(exports, timedelta(0), "ids.zip")
    with requested.none(exports):
        assert not folder.exists()
        with pytest.raises(HomeroomError, match="is being made"):
            begin(exports, endless)
    with (
        held(exports),
        pytest.raises(HomeroomError, match="is being made"),
        requested.none(exports, wait=timedelta(0)),
    ):
        raise AssertionError("it was let in")
