"""A first homeroom.toml says whose files lie in which folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from typer.testing import CliRunner

from connectors.errors import ConfigError, HomeroomError
from connectors.registry import PLATFORMS
from pipelines.cli import app
from tests.fixtures import lexia, overview, roster, zipped
from warehouse import beginning, settings


@pytest.fixture
def exports(tmp_path: Path) -> Path:
    """Folders whose names tell nothing, a folder of nobody's, an empty one and a damaged file."""
    files: Mapping[str, str | bytes] = {
        "a/r_20250901.zip": zipped(roster(["1 Ann Ash c1"])),
        "b/Lexia_20250902.csv": lexia("A1 ada Ada Lund 20"),
        "b/2025/Lexia_20250903.csv": lexia("A1 ada Ada Lund 30"),
        "b/broken.zip": b"PK\x03\x04no zip",
        'Ä "c"/o_20250905.csv': overview("ann@x.org 30 Ann_Ash"),
        "d/menu.csv": "day,dish\nMonday,soup\n",
    }
    for name, content in files.items():
        path = tmp_path / "exports" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    (tmp_path / "exports" / "empty").mkdir()
    return tmp_path / "exports"


def init(exports: Path, *more: str) -> tuple[int, str, Exception | None]:
    to = str(exports.parent / "homeroom.toml")
    words = ["init", str(exports), "--config", to, *more]
    done = CliRunner().invoke(app, words)
    return done.exit_code, done.output, done.exception  # type: ignore[return-value]


def test_what_is_written_is_a_district_that_a_run_takes(exports: Path) -> None:
    code, said, _ = init(exports, "--time-zone", "America/Chicago", "--name", 'The "North"')
    assert code == 0, said
    district = settings.load(exports.parent / "homeroom.toml")
    assert (district.name, district.time_zone) == ('The "North"', "America/Chicago")
    told = {s.location.name: s.platform for s in district.sources if isinstance(s.location, Path)}
    assert told == {'Ä "c"': "khan", "a": "oneroster", "b": "lexia"}
    assert "d: not known (0 of 1 files looked at)" in said
    assert '# location = "exports/d"' in (exports.parent / "homeroom.toml").read_text()


def test_a_district_that_is_there_is_not_written_over(exports: Path) -> None:
    (exports.parent / "homeroom.toml").write_text("mine")
    _, _, error = init(exports, "--time-zone", "UTC")
    assert isinstance(error, HomeroomError)
    assert (exports.parent / "homeroom.toml").read_text() == "mine"


def test_a_zone_that_is_none_leaves_no_file(exports: Path) -> None:
    _, _, error = init(exports, "--time-zone", "Mars/Olympus")
    assert isinstance(error, ConfigError)
    assert not (exports.parent / "homeroom.toml").exists()


def test_a_folder_without_exports_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "exports").mkdir()
    _, _, error = init(tmp_path / "exports", "--time-zone", "UTC")
    assert isinstance(error, HomeroomError)
    assert "folder of its own" in error.fix


@pytest.mark.parametrize(
    ("fits", "folder", "judged"),
    [
        ([{"khan": 5}, {"khan": 5}, {"lexia": 9}], "x", ("khan", 2, ())),
        ([{"khan": 5, "lexia": 9}], "x", ("lexia", 1, ())),
        ([{"khan": 5, "lexia": 9}], "Khan-2025", ("khan", 1, ())),
        ([{}, {}], "khan", ("", 0, ())),
        ([{"b": 5, "a": 5}], "x", ("a", 1, ("b",))),
    ],
    ids=["most files", "most columns", "the folder's name", "nobody's", "two alike"],
)
def test_most_files_decide_then_the_name_then_the_columns(
    fits: list[dict[str, int]], folder: str, judged: tuple[str, int, tuple[str, ...]]
) -> None:
    assert beginning.judged(fits, folder) == judged


def test_folders_are_told_by_their_columns_alone(tmp_path: Path) -> None:
    pairs = {"x1": roster(["1 Ann Ash c1"]), "x2": {"o_20250905.csv": overview("a@x.org 3 A_B")}}
    for folder, files in pairs.items():
        (tmp_path / folder).mkdir()
        for name, text in files.items():
            (tmp_path / folder / name).write_text(text)
    found = beginning.look(tmp_path, PLATFORMS)
    assert [(f.folder.name, f.platform) for f in found] == [("x1", "oneroster"), ("x2", "khan")]
