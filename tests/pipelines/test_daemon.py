"""The real Dagster daemon: a file that comes is published by itself, and sent again asks for nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.scheduler.instigation import InstigatorTick

from tests.fixtures import District, overview
from warehouse import publish

ROOT = Path(__file__).parents[2]
DAEMON = Path(sys.executable).with_name("dagster-daemon")
#: The sensor looks each few seconds instead of each minute.
LOOKS, PATIENCE = "2", 240.0

pytestmark = pytest.mark.slow


@contextmanager
def running(home: Path, config: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The daemon with the graph of one district, until the end of the block."""
    environment = os.environ | {
        "DAGSTER_HOME": str(home),
        "HOMEROOM_CONFIG": str(config),
        "HOMEROOM_LOOK_SECONDS": LOOKS,
        "PYTHONPATH": str(ROOT),
    }
    with (home / "log").open("wb") as log:
        daemon = subprocess.Popen(
            [DAEMON, "run", "-m", "pipelines.definitions"],
            env=environment, stdout=log, stderr=log, start_new_session=True, cwd=home,
        )  # fmt: skip
        try:
            yield daemon
        finally:
            # It has processes of its own: the servers of the graph and of runs.
            os.killpg(daemon.pid, signal.SIGINT)
            try:
                daemon.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(daemon.pid, signal.SIGKILL)
                daemon.wait()


def until(what: Callable[[], bool], home: Path) -> None:
    """Wait until something holds."""
    end = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < end, (home / "log").read_text()[-3000:]
        time.sleep(0.5)


def test_a_file_that_comes_is_published_and_the_same_bytes_ask_for_no_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "dagster"
    home.mkdir()
    (home / "dagster.yaml").write_text((ROOT / "dagster.yaml").read_text())
    district = District(tmp_path / "d", ("khan",))
    monkeypatch.setenv("HOMEROOM_CONFIG", str(district.folder / "homeroom.toml"))
    monkeypatch.setenv("HOMEROOM_LOOK_SECONDS", LOOKS)
    monkeypatch.setenv("DAGSTER_HOME", str(home))
    # What a person does in the pages: switch the sensor on.
    subprocess.run(
        [DAEMON.with_name("dagster"), "sensor", "start", "new_files", "-m", "pipelines.definitions"],
        check=True, capture_output=True, cwd=home, env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    with (
        dg.DagsterInstance.from_config(str(home)) as instance,
        running(home, district.folder / "homeroom.toml"),
    ):

        def ended(many: int) -> bool:
            runs = instance.get_runs()
            assert not [r for r in runs if r.status == dg.DagsterRunStatus.FAILURE]
            return len([r for r in runs if r.status == dg.DagsterRunStatus.SUCCESS]) == many

        until(lambda: len(_looks(instance)) >= 1, home)
        assert instance.get_runs() == []
        path = district.put("khan/o_20250905.csv", overview("ann@x.org 5 Ann_Ash"))
        until(lambda: ended(1), home)
        assert publish.live_file(district.settings.warehouse) is not None
        # Touched, and sent once more under another name.
        os.utime(path, (1_759_500_000, 1_759_500_000))
        district.put("khan/again_20250905.csv", path.read_bytes())
        ticks = len(_looks(instance))
        until(lambda: len(_looks(instance)) >= ticks + 2, home)
        assert ended(1)
        assert len(instance.get_runs()) == 1
        assert "their content is known" in (_looks(instance)[0].skip_reason or "")
        assert {r.tags["homeroom/district"] for r in instance.get_runs()} == {"North"}


def _looks(instance: dg.DagsterInstance) -> list[InstigatorTick]:
    """The sensor's ticks, the newest first."""
    (state,) = instance.all_instigator_state()
    return list(instance.get_ticks(state.instigator_origin_id, state.selector_id))
