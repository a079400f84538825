"""`homeroom evidence` over the sample district, as a coordinator uses it."""

from __future__ import annotations

import csv
import json
import subprocess
from pathlib import Path

from tests.pipelines.test_cli import homeroom
from tests.scenario import Scenario


def evidence(district: Scenario, *words: str) -> subprocess.CompletedProcess[str]:
    ran = homeroom("evidence", "--config", district.settings.file, *words, folder=district.folder)
    assert ran.returncode == 0, ran.stderr
    return ran


def test_the_table_tells_every_rule_and_other_thresholds(district: Scenario) -> None:
    said = evidence(district).stdout
    rules = {row[0] for row in district.rows("SELECT DISTINCT rule_id FROM views.card")}
    assert rules
    for rule in (*rules, "quieter_share 0.1", "usual_minutes_least 40", "busier_share 2"):
        assert f"\n{rule} " in said, rule
    assert "Thresholds are set under [measures] in homeroom.toml." in said


def test_csv_and_json_tell_the_same_figures_and_no_group_under_ten_students(
    district: Scenario,
) -> None:
    rows = list(csv.DictReader(evidence(district, "--format", "csv").stdout.splitlines()))
    told = json.loads(evidence(district, "--format", "json").stdout)
    assert len(rows) == len(told) > 50
    for row, figure in zip(rows, told, strict=True):
        for name, value in figure.items():
            assert row[name] == ("" if value is None else str(value))
        assert figure["students"] is None or figure["students"] >= 10
        if figure["value"] is None:
            assert figure["hits"] is figure["cases"] is figure["low"] is None or (
                "cards" in figure["figure"] and figure["hits"] is None
            )
    ids = {row[0] for row in district.rows("SELECT student_id FROM roster.student")}
    assert not ids & {value for row in rows for value in row.values()}


def test_a_kind_that_no_assignment_has_leaves_no_hand_ins(district: Scenario) -> None:
    told = json.loads(evidence(district, "--kind", "no such kind", "--format", "json").stdout)
    assert [f for f in told if f["figure"].startswith("next_") and f["value"] is not None] == []
    assert any(f["value"] for f in told if f["figure"] == "cards_per_60_and_week")


def test_before_a_run_there_is_no_evidence(tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "homeroom.toml").write_text(
        '[district]\nname = "D"\n[[source]]\nplatform = "lexia"\nlocation = "files"\n'
    )
    ran = homeroom("evidence", folder=tmp_path)
    assert ran.returncode == 2
    assert "nothing has been published yet" in ran.stderr
