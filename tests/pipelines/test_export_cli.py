"""`homeroom export`: a week or a shape, and what is refused in plain words."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipelines.cli import app
from tests.scenario import Scenario

WEEK = ("--week", "2025-09-17")


@pytest.fixture
def config(district: Scenario, tmp_path: Path) -> Path:
    """The sample district's warehouse under a configuration that delivers to a folder."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "warehouse").symlink_to(district.settings.warehouse.resolve())
    (tmp_path / "to").mkdir()
    file = tmp_path / "homeroom.toml"
    file.write_text(
        '[district]\nname = "D"\nhome = "home"\n[[source]]\nplatform = "khan"\nlocation = "."\n'
        '[export]\nkey_file = "export.key"\ndeliver_to = "to"\n'
    )
    return file


def run(config: Path, *options: str) -> tuple[int, str]:
    out = str(config.parent / "out")
    done = CliRunner().invoke(app, ["export", "--config", str(config), "--out", out, *options])
    return done.exit_code, " ".join((done.output + str(done.exception or "")).split())


def test_a_week_is_written_and_delivered_once(config: Path) -> None:
    key = config.parent / "export.key"
    key.write_text("0123456789abcdef0123456789abcdef")
    key.chmod(0o600)
    code, said = run(config, *WEEK, "--pseudonymous", "--deliver")
    assert code == 0, said
    assert "people stand as pseudonyms" in said
    assert f"files sent to {config.parent / 'to'}" in said
    sent, made = ({p.name for p in (config.parent / n).iterdir()} for n in ("to", "out"))
    assert sent == made
    assert "homeroom_2025-09-15.xlsx" in sent
    assert "Nothing to send." in run(config, *WEEK, "--pseudonymous", "--deliver")[1]


def test_a_shape_is_written(config: Path) -> None:
    code, said = run(config, "--shape", "oneroster")
    assert code == 0
    assert "results.csv" in said
    assert "not known: scoreDate, in" in said


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ((*WEEK, "--deliver", "--fairness-audit"), "is not sent to analysts"),
        ((), "an export is of one week, or in one shape"),
        ((*WEEK, "--shape", "ed-fi"), "an export is of one week, or in one shape"),
        (("--shape", "ed-fi", "--pseudonymous"), "an export is of one week, or in one shape"),
        (("--shape", "ed-fi", "--deliver"), "an export is of one week, or in one shape"),
        ((*WEEK, "--pseudonymous"), "the key cannot be read"),
    ],
    ids=str,
)
def test_what_cannot_be_is_refused(
    config: Path, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...], says: str
) -> None:
    monkeypatch.delenv("HOMEROOM_EXPORT_KEY", raising=False)
    code, said = run(config, *options)
    assert code != 0
    assert says in said
