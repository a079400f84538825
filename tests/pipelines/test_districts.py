"""Many districts as partitions: the graph, a run of one of them, and the configuration of the docs."""

from __future__ import annotations

import importlib.util
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import yaml

from connectors.sample import write_district
from pipelines.districts import defs, zones
from warehouse import publish, settings

PAGE = Path(__file__).parents[2] / "docs" / "scaling.md"
#: Modules that a district installs where its runs are launched, not here.
LAUNCHERS = {"dagster_docker", "dagster_k8s"}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for seed, name in enumerate(("north", "south")):
        write_district(tmp_path / name, students=60, weeks=10, seed=seed)
    monkeypatch.setenv("HOMEROOM_DISTRICTS", str(tmp_path))
    return tmp_path


def shown() -> list[dict[str, Any]]:
    """Every dagster.yaml that the page shows."""
    blocks = re.findall(r"^```yaml\n(.*?)^```", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    return [yaml.safe_load(block) for block in blocks]


def asked_on(graph: dg.Definitions, at: datetime) -> Any:
    return graph.resolve_schedule_def("district_mornings_America_Chicago").evaluate_tick(
        dg.build_schedule_context(
            repository_def=graph.get_repository_def(), scheduled_execution_time=at
        )
    )


def test_districts_follow_their_own_zones_and_one_with_a_fault_holds_up_no_other(
    folder: Path,
) -> None:
    south = folder / "south" / "homeroom.toml"
    south.write_text(south.read_text().replace("America/Chicago", "Asia/Kolkata"))
    north = folder / "north" / "homeroom.toml"
    assert zones(folder, ["north", "south"]) == {
        "America/Chicago": ["north"],
        "Asia/Kolkata": ["south"],
    }
    graph = defs()
    north.write_text("[district]\n")
    assert zones(folder, ["north", "south"]) == {"UTC": ["north"], "Asia/Kolkata": ["south"]}
    # Broken since the graph was loaded: its run is asked for, and says what is wrong.
    (one,) = asked_on(graph, datetime(2025, 9, 8, 10, tzinfo=UTC)).run_requests
    assert one.partition_key == "north"


def test_weekends_ask_for_no_district(folder: Path) -> None:
    found = asked_on(defs(), datetime(2025, 9, 6, 10, tzinfo=UTC))
    assert not found.run_requests
    assert "north: No school on Saturday 2025-09-06" in found.skip_message
    assert "south: No school" in found.skip_message


def test_past_school_years_are_partitions_of_each_district(folder: Path) -> None:
    graph = defs()
    names = {s.name for s in graph.get_repository_def().sensor_defs}
    assert names == {"new_files_north", "new_files_south"}
    years = graph.resolve_assets_def("district_files_read_again").partitions_def
    assert isinstance(years, dg.MultiPartitionsDefinition)
    key = dg.MultiPartitionKey({"district": "north", "school_year": "2024-07-01"})
    assert years.has_partition_key(key)


def test_each_district_is_a_partition_with_a_run_of_its_own_each_morning(folder: Path) -> None:
    graph = defs()
    requests = asked_on(graph, datetime(2025, 9, 8, 10, tzinfo=UTC)).run_requests or []
    assert [one.partition_key for one in requests] == ["north", "south"]
    assert [one.tags["homeroom/district"] for one in requests] == ["north", "south"]


@pytest.mark.slow
def test_a_run_of_one_partition_publishes_that_district_alone(folder: Path) -> None:
    job = defs().resolve_job_def("district_morning")
    with dg.DagsterInstance.ephemeral() as instance:
        assert job.execute_in_process(partition_key="south", instance=instance).success
    live = {
        name: publish.live_file(settings.load(folder / name / "homeroom.toml").warehouse)
        for name in ("north", "south")
    }
    assert live["north"] is None
    assert live["south"] is not None


def test_the_configuration_that_the_docs_show_is_one_that_dagster_takes(tmp_path: Path) -> None:
    assert len(shown()) == len(LAUNCHERS)
    for number, config in enumerate(shown()):
        launcher = config["run_launcher"]
        assert launcher["module"] in LAUNCHERS
        if importlib.util.find_spec(launcher["module"]) is None:
            del config["run_launcher"]
        home = tmp_path / str(number)
        home.mkdir()
        (home / "dagster.yaml").write_text(yaml.safe_dump(config), "utf-8")
        with dg.DagsterInstance.from_config(str(home)) as instance:
            assert instance.run_launcher is not None
            queue = instance.get_concurrency_config().run_queue_config
        assert queue is not None
        assert queue.max_concurrent_runs == 8
        assert queue.tag_concurrency_limits[0]["key"] == "homeroom/district"
