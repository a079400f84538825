"""`homeroom report` and `homeroom quality`: files where they were asked for, errors in a sentence."""

from __future__ import annotations

import builtins
from pathlib import Path

import pytest
from typer.testing import CliRunner

from connectors.errors import HomeroomError
from pipelines.cli import app
from pipelines.commands import report as report_cli
from tests.scenario import Scenario


def homeroom(district: Scenario, *words: str) -> str:
    ran = CliRunner().invoke(app, [*words, "--config", str(district.settings.file)])
    if ran.exception is not None and not isinstance(ran.exception, SystemExit):
        raise ran.exception
    return ran.stdout


def test_the_report_of_any_day_of_a_week_is_the_weeks(district: Scenario, tmp_path: Path) -> None:
    asked = ("report", "--week", "2025-10-10", "--no-pdf", "--out", str(tmp_path / "new"))
    first = Path(homeroom(district, *asked).strip())
    assert first == tmp_path / "new" / "week-2025-10-06.html"
    content = first.read_bytes()
    homeroom(district, *asked)
    assert first.read_bytes() == content
    assert [path.name for path in first.parent.iterdir()] == [first.name]


def test_another_paper_is_refused(district: Scenario, tmp_path: Path) -> None:
    with pytest.raises(HomeroomError, match="no paper we print on"):
        homeroom(
            district, "report", "--week", "2025-10-10", "--paper", "A5", "--out", str(tmp_path)
        )


def test_without_the_library_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *rest: object) -> object:
        if name == "weasyprint":
            raise OSError("cannot load library 'libpango-1.0-0'")
        return real(name, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(HomeroomError, match=r"homeroom\[pdf\].*libpango-1.0-0"):
        report_cli.as_pdf("<p>x</p>", "A4")


def test_the_quality_report_is_named_and_copied(district: Scenario, tmp_path: Path) -> None:
    named = Path(homeroom(district, "quality").strip())
    assert named == district.warehouse.with_suffix(".quality.html")
    copy = tmp_path / "q.html"
    told = homeroom(district, "quality", "--version", district.warehouse.name, "--out", str(copy))
    assert told.strip() == str(copy)
    assert copy.read_bytes() == named.read_bytes()
    with pytest.raises(HomeroomError, match="no quality report of this version"):
        homeroom(district, "quality", "--version", "../../ledger.sqlite")
