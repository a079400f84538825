"""What every worker of a test run needs and only reads: made once, by the first that asks.

A fixture of the session is made in each worker; what takes long to make comes from here. Whoever
changes something, or holds a district while it builds, takes a copy.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest


def once(
    tmp_path_factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]
) -> Path:
    """A folder that `make` fills, the same for all workers; the others wait for the one who does."""
    common = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        common = common.parent
    folder, made = common / name, common / f"{name}.made"
    with (common / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            shutil.rmtree(folder, ignore_errors=True)
            make(folder)
            made.touch()
    return folder


def copy(folder: Path, to: Path) -> None:
    """Copy a folder in which others may be reading."""
    # SQLite's files beside a database come and go with its readers, and hold nothing of theirs.
    shutil.copytree(folder, to, ignore=shutil.ignore_patterns("*-wal", "*-shm"))
