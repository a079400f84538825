"""Further names of a platform's columns."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.aliases import joined, with_aliases
from connectors.contract import fit
from connectors.errors import ConfigError
from connectors.registry import PLATFORMS
from tests.fixtures import District, lexia
from warehouse import settings

KHAN = PLATFORMS["khan"]


def feed(aliases: dict[str, dict[str, tuple[str, ...]]], name: str) -> dict[str, tuple[str, ...]]:
    found = {f.name: f for f in with_aliases(KHAN, aliases).feeds}[name]
    return {c.name: c.headers for c in found.columns}


def test_columns_that_read_one_header_take_its_new_name_together() -> None:
    columns = feed({"assignment_scores": {"due": ("Deadline", "due date")}}, "assignment_scores")
    assert columns["due"] == columns["due_text"] == ("Due Date", "Deadline")


def test_the_declared_header_goes_before_the_added_one() -> None:
    aliased = with_aliases(KHAN, {"overall": {"email": ("Mail",)}})
    overall = {f.name: f for f in aliased.feeds}["overall"]
    header = ["Mail", "Student Name", "Student Email", "Student SIS ID", "Roster Status"]
    assert fit(overall, header).positions["email"] == 2
    assert fit(overall, header).unknown == ("Mail",)


def test_one_header_for_two_columns_is_refused() -> None:
    with pytest.raises(ConfigError, match="stands for another column"):
        with_aliases(KHAN, {"overall": {"email": ("X",), "sis_id": ("x",)}})


def test_the_names_of_several_sources_are_joined() -> None:
    assert joined([{"f": {"a": ("x",)}}, {"f": {"a": ("y", "x")}, "g": {}}]) == {
        "f": {"a": ("x", "y")}
    }


def test_a_file_that_lacked_a_column_is_read_once_the_column_has_its_name(tmp_path: Path) -> None:
    text = lexia("1 ann Ann Lee 30").replace("week_time", "minutes this week")
    district = District(tmp_path)
    district.put("lexia/l_20250903.csv", text)
    district.take()
    assert district.states("lexia") == {"l_20250903.csv": ("refused", "missing_column")}
    (tmp_path / "aliases.toml").write_text(
        '[lexia.detailed_student]\nweek_minutes = ["Minutes this week"]\n'
    )
    district.settings = settings.load(tmp_path / "homeroom.toml")
    district.take()
    assert district.states("lexia") == {"l_20250903.csv": ("loaded", None)}
    assert district.lake("usage_snapshot", "account_key, week_minutes") == [("1", 30.0)]
