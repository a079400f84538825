"""The weekly export in the graph: it is made on Mondays, not by the nightly run."""

from __future__ import annotations

import json
from pathlib import Path

import dagster as dg
import pytest

from pipelines.definitions import defs
from pipelines.resources import District
from pipelines.weekly_export import EXPORT, weekly_export
from tests.scenario import Scenario


def test_the_export_is_made_from_what_is_published_and_put_below_the_home(
    district: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOMEROOM_EXPORT_KEY", "0123456789abcdef0123456789abcdef")
    home = tmp_path / "home"
    home.mkdir()
    (home / "warehouse").symlink_to(district.settings.warehouse.resolve())
    file = tmp_path / "homeroom.toml"
    (tmp_path / "to").mkdir()
    file.write_text(
        '[district]\nname = "D"\nhome = "home"\ntime_zone = "America/Chicago"\n'
        '[[source]]\nplatform = "khan"\nlocation = "."\n[export]\ndeliver_to = "to"\n'
    )
    with dg.DagsterInstance.ephemeral() as instance:
        made = dg.materialize(
            [weekly_export], resources={"district": District(config=str(file))}, instance=instance
        )
    assert made.success
    (event,) = made.get_asset_materialization_events()
    told = event.materialization.metadata
    (manifest,) = (tmp_path / "to").glob("manifest_*.json")
    files = json.loads(manifest.read_text())["files"]
    assert told["sent"].value == len(files) + 1
    assert told["pseudonymous"].value is True
    assert manifest.read_bytes() == (home / "exports" / manifest.name).read_bytes()


def test_it_is_made_on_mondays_and_not_with_every_run(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = defs()
    schedule = graph.resolve_schedule_def("weekly_exports")
    assert schedule.cron_schedule == "0 7 * * 1"
    assert schedule.default_status is dg.DefaultScheduleStatus.STOPPED
    nightly = graph.resolve_job_def("school_morning").asset_layer.executable_asset_keys
    assert EXPORT not in nightly
    assert dg.AssetKey(["warehouse"]) in nightly
