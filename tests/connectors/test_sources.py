"""Folders as sources: what is listed, what is left, what still grows."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from connectors.errors import SourceError
from connectors.sources import Folder, Listed, is_settled, settled
from tests.fixtures import ordinary


def old(path: Path, text: str = "x") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    os.utime(path, (1_700_000_000, 1_700_000_000))
    return path


@pytest.mark.parametrize(
    ("after", "is_so"),
    [
        (Listed("a", 1, 2), True),
        (Listed("a", 2, 2), False),
        (Listed("a", 1, 3), False),
        (None, False),
    ],
)
def test_a_file_is_settled_when_two_looks_agree(after: Listed | None, is_so: bool) -> None:
    assert is_settled(Listed("a", 1, 2), after) is is_so


def test_hidden_unfinished_and_special_files_are_left(tmp_path: Path) -> None:
    for name in (
        "b.csv",
        "sub/a.csv",
        ".hidden",
        ".git/x.csv",
        "a.part",
        "a.tmp",
        "a.csv~",
        "x.filepart",
    ):
        old(tmp_path / name)
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "broken.csv").symlink_to(tmp_path / "nowhere")
    (tmp_path / "link.csv").symlink_to(tmp_path / "b.csv")
    assert [f.name for f in Folder(tmp_path).list()] == ["b.csv", "sub/a.csv"]


def test_a_folder_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="the folder is not there"):
        Folder(tmp_path / "gone").list()


def test_a_folder_without_rights_says_so(tmp_path: Path) -> None:
    program = """
import sys
from pathlib import Path
from connectors.errors import SourceError
from connectors.sources import Folder
try:
    Folder(Path(sys.argv[1])).list()
except SourceError as error:
    sys.stdout.write(str(error))
"""
    (tmp_path / "closed").mkdir(mode=0)
    command = ordinary(sys.executable, "-c", program, str(tmp_path))
    root = Path(__file__).parents[2]
    ran = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    assert "cannot be read" in ran.stdout
    assert "give the account that runs Homeroom the right" in ran.stdout


def test_a_file_that_still_grows_waits(tmp_path: Path) -> None:
    old(tmp_path / "done.csv")
    growing = tmp_path / "growing.csv"
    growing.write_text("a")

    def grow(seconds: float) -> None:
        growing.write_text("ab")

    files, waiting = settled(Folder(tmp_path), pause=grow)
    assert ([f.name for f in files], [f.name for f in waiting]) == (["done.csv"], ["growing.csv"])


def test_a_fresh_file_that_stays_the_same_is_taken(tmp_path: Path) -> None:
    (tmp_path / "new.csv").write_text("a")
    paused: list[float] = []
    files, waiting = settled(Folder(tmp_path), pause=paused.append)
    assert ([f.name for f in files], waiting, len(paused)) == (["new.csv"], [], 1)


def test_old_files_are_taken_without_a_second_look(tmp_path: Path) -> None:
    old(tmp_path / "a.csv")
    start = time.monotonic()
    assert settled(Folder(tmp_path))[1] == []
    assert time.monotonic() - start < 0.5
