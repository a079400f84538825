"""The Dagster graph: it loads without a network, and a run ends as the command line's run does."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import pytest
import yaml

from connectors.sample import write_district
from pipelines.definitions import defs
from tests.fixtures import District, overview
from warehouse import publish, settings

ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write_district(tmp_path, students=60, weeks=10, seed=3)
    monkeypatch.setenv("HOMEROOM_CONFIG", str(tmp_path / "homeroom.toml"))
    return tmp_path


def _execute(definitions: dg.Definitions) -> dg.ExecuteInProcessResult:
    job = definitions.resolve_job_def("school_morning")
    with dg.DagsterInstance.ephemeral() as instance:
        return job.execute_in_process(instance=instance)


def test_the_graph_shows_every_feed_and_every_table(folder: Path) -> None:
    graph = defs().resolve_asset_graph()
    keys = {key.to_user_string() for key in graph.get_all_asset_keys()}
    assert {"lexia/landing", "lexia/detailed_student", "khan/activity_overview"} <= keys
    assert {"identity/account_link", "views/student_engagement", "warehouse"} <= keys
    for node in graph.asset_nodes:
        assert node.description
        assert node.group_name != "default"


def test_what_only_warns_stops_nothing(folder: Path) -> None:
    graph = defs().resolve_asset_graph()
    blocking = {key.name for key in graph.asset_check_keys if graph.get(key).blocking}
    assert {"something_survived", "most_rows_of_every_feed_are_read"} <= blocking
    assert not blocking & {"great_expectations", "rows_reconcile_from_file_to_view", "match_rate"}


def test_a_view_depends_on_what_its_sql_reads(folder: Path) -> None:
    graph = defs().resolve_asset_graph()

    def parents(*key: str) -> set[str]:
        return {k.to_user_string() for k in graph.get(dg.AssetKey(key)).parent_keys}

    assert "work/newest_account" in parents("facts", "account")
    assert "lexia/detailed_student" in parents("work", "newest_account")
    assert "identity/account_link" in parents("work", "account_student")


@pytest.mark.slow
def test_a_run_publishes_and_a_second_one_finds_nothing_new(folder: Path) -> None:
    first = _execute(defs())
    assert first.success
    district = settings.load(folder / "homeroom.toml")
    live = publish.live_file(district.warehouse)
    assert live is not None
    checks = {
        (c.asset_key.to_user_string(), c.check_name): c.passed
        for c in first.get_asset_check_evaluations()
    }
    assert checks["lexia/detailed_student", "rows_are_accounted_for"]
    assert checks["warehouse", "every_files_rows_are_accounted_for"]
    assert checks["warehouse", "rows_reconcile_from_file_to_view"]
    assert checks["views/student_platform_week", "great_expectations"]
    assert publish.quality_of(live).is_file()
    rows = [
        e.materialization.metadata
        for e in first.get_asset_materialization_events()
        if e.asset_key == dg.AssetKey(["views", "student_engagement"])
    ]
    assert int(str(rows[0]["dagster/row_count"].value)) > 0
    second = _execute(defs())
    assert second.success
    assert publish.live_file(district.warehouse) == live


@pytest.mark.slow
def test_one_source_that_is_away_does_not_stop_the_others(folder: Path) -> None:
    definitions = defs()
    (folder / "exports" / "khan").rename(folder / "exports" / "gone")
    (folder / "exports" / "khan").write_text("a file where a folder was")
    result = _execute(definitions)
    assert result.success
    checks = {
        c.asset_key.to_user_string(): c.passed
        for c in result.get_asset_check_evaluations()
        if c.check_name == "source_can_be_read"
    }
    assert checks["khan/landing"] is False
    assert checks["lexia/landing"] is True
    assert publish.live_file(settings.load(folder / "homeroom.toml").warehouse) is not None


def test_the_schedule_runs_before_school_in_the_districts_own_time(folder: Path) -> None:
    schedule = defs().resolve_schedule_def("school_mornings")
    assert schedule.cron_schedule == "0 5 * * *"
    assert schedule.execution_timezone == "America/Chicago"


def test_nothing_calls_home_and_the_workspace_names_the_graph() -> None:
    instance = yaml.safe_load((ROOT / "dagster.yaml").read_text())
    assert instance["telemetry"]["enabled"] is False
    assert instance["nux"]["enabled"] is False
    workspace = yaml.safe_load((ROOT / "workspace.yaml").read_text())
    assert workspace["load_from"][0]["python_module"]["module_name"] == "pipelines.definitions"


@pytest.mark.slow
def test_a_past_school_year_is_a_partition_whose_files_are_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    district = District(tmp_path, ("khan",))
    district.put("khan/o_20240905.csv", overview("ann@x.org 5 Ann_Ash"))
    district.put("khan/o_20250905.csv", overview("ann@x.org 6 Ann_Ash"))
    district.build()
    monkeypatch.setenv("HOMEROOM_CONFIG", str(district.folder / "homeroom.toml"))
    job = defs().resolve_job_def("read_again")
    before = district.files()
    with dg.DagsterInstance.ephemeral() as instance:
        result = job.execute_in_process(partition_key="2024-07-01", instance=instance)
    assert result.success
    (made,) = result.get_asset_materialization_events()
    assert made.materialization.metadata["files"].value == 1
    after = district.files()
    again = {name for name in after if after[name]["loaded_at"] != before[name]["loaded_at"]}
    assert again <= {"o_20240905.csv"}
    assert {name: f["status"] for name, f in after.items()} == {
        name: f["status"] for name, f in before.items()
    }
    with dg.DagsterInstance.ephemeral() as instance:
        none = job.execute_in_process(partition_key="2011-07-01", instance=instance)
    (made,) = none.get_asset_materialization_events()
    assert made.materialization.metadata["files"].value == 0
