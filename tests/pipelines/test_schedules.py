"""When runs are asked for: each school day's morning, and when new content has come. No daemon."""

import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import dagster as dg
import pytest
import yaml
from dagster._utils.schedules import schedule_execution_time_iterator

from connectors.errors import HomeroomError
from connectors.sources import settled
from pipelines import steps
from pipelines.definitions import defs
from pipelines.schedules import new_files
from tests.fixtures import District, lexia, lines, overview, roster
from warehouse.intake.arrivals import Seen
from warehouse.lock import only_run

CALENDAR = lines(
    "date,is_school_day,note,school_id",
    "2025-11-27,false,Thanksgiving,",
    "2025-11-28,false,,",
    "2025-12-06,true,Saturday school,",
    "2026-03-09,true,,",
)


@pytest.fixture(scope="module")
def district(tmp_path_factory: pytest.TempPathFactory) -> District:
    made = District(tmp_path_factory.mktemp("d"), ("oneroster", "lexia", "khan", "district"))
    made.put_all("oneroster", roster(["001 Ann Ash c1"]))
    made.put("district/calendar.csv", CALENDAR)
    made.put("lexia/l_20250901.csv", lexia("1 ann Ann Ash 10"))
    made.put("khan/o_20250901.csv", overview("ann@x.org 10 Ann_Ash"))
    made.take()
    return made


@pytest.fixture
def graph(district: District, monkeypatch: pytest.MonkeyPatch) -> dg.Definitions:
    monkeypatch.setenv("HOMEROOM_CONFIG", str(district.folder / "homeroom.toml"))
    return defs()


def tick(graph: dg.Definitions, at: datetime) -> dg.RunRequest | str:
    """What the schedule does at an instant: its run, or why there is none."""
    schedule = graph.resolve_schedule_def("school_mornings")
    found = schedule.evaluate_tick(
        dg.build_schedule_context(
            repository_def=graph.get_repository_def(), scheduled_execution_time=at
        )
    )
    requests: Sequence[dg.RunRequest] = found.run_requests or []
    return requests[0] if requests else found.skip_message or ""


@pytest.mark.parametrize(
    ("day", "why"),
    [
        ("2025-11-26", None),
        ("2025-11-27", "the calendar says so"),
        ("2025-11-28", "the calendar says so"),
        ("2025-11-29", "it is a weekend"),
        ("2025-12-01", None),
        ("2025-12-06", None),
        # The Mondays after both changes of the clock.
        ("2025-11-03", None),
        ("2026-03-09", None),
        # The Sundays of the changes themselves.
        ("2025-11-02", "it is a weekend"),
        ("2026-03-08", "it is a weekend"),
    ],
)
def test_a_tick_asks_on_school_days_and_says_why_not_on_others(
    graph: dg.Definitions, day: str, why: str | None
) -> None:
    at = datetime.fromisoformat(f"{day}T05:00").replace(tzinfo=ZoneInfo("America/Chicago"))
    found = tick(graph, at.astimezone(UTC))
    if why is None:
        assert isinstance(found, dg.RunRequest)
        assert (found.run_key, found.tags[steps.DISTRICT]) == (day, "North")
    else:
        assert isinstance(found, str)
        assert why in found
        assert day in found


@pytest.mark.parametrize("start", ["2025-10-31", "2026-03-06"])
def test_over_a_clock_change_there_is_one_tick_a_day_at_five_by_the_local_clock(
    graph: dg.Definitions, start: str
) -> None:
    schedule = graph.resolve_schedule_def("school_mornings")
    begin = datetime.fromisoformat(start).replace(tzinfo=ZoneInfo("America/Chicago"))
    assert schedule.execution_timezone == "America/Chicago"
    cron = schedule_execution_time_iterator(
        begin.timestamp(), str(schedule.cron_schedule), schedule.execution_timezone
    )
    ticks = [*islice(cron, 5)]
    assert [t.hour for t in ticks] == [5] * 5
    assert [t.date() for t in ticks] == [(begin + timedelta(days=n)).date() for n in range(5)]
    gaps = {b.astimezone(UTC) - a.astimezone(UTC) for a, b in pairwise(ticks)}
    assert timedelta(hours=24) in gaps
    assert len(gaps) == 2


class Watch:
    """The sensor of a district, ticked by hand; it keeps its cursor as Dagster does."""

    def __init__(self, district: District) -> None:
        job = dg.define_asset_job("school_morning", "*")
        self.sensor = new_files(job, district.folder / "homeroom.toml")
        self.cursor: str | None = None

    def asks(self) -> str:
        """The key of the run that is asked for; empty for none."""
        with dg.build_sensor_context(cursor=self.cursor) as context:
            found: Any = self.sensor(context)
        self.cursor, self.why = found.cursor, found.skip_reason
        return found.run_requests[0].run_key if found.run_requests else ""


def test_new_content_asks_for_a_run_once_and_touching_or_sending_again_for_none(
    tmp_path: Path,
) -> None:
    district = District(tmp_path, ("khan", "lexia"))
    watch = Watch(district)
    assert watch.asks() == ""
    one = district.put("khan/o_20250901.csv", overview("ann@x.org 10 Ann_Ash"))
    first = watch.asks()
    assert first
    # Dagster starts no second run for the same key; touching what waits does not change it.
    os.utime(one, (1_700_000_000, 1_700_000_000))
    assert watch.asks() == first
    district.take()
    assert watch.asks() == ""
    assert watch.why.skip_message == "Nothing new has come."
    os.utime(one, (1_700_000_500, 1_700_000_500))
    assert watch.asks() == ""
    assert watch.why.skip_message == "1 files were touched or sent again; their content is known."
    district.put("khan/again_20250901.csv", one.read_bytes())
    assert watch.asks() == ""
    two = district.put("lexia/l_20250901.csv", lexia("1 ann Ann Ash 10"))
    second = watch.asks()
    assert second not in ("", first)
    # Other content of the same size and time of change is told by its hash where size or time
    # gave the hint before.
    district.take()
    assert watch.asks() == ""
    district.put("lexia/l_20250901.csv", two.read_text().replace(",10,", ",20,"))
    assert watch.asks() not in ("", first, second)
    assert len(watch.cursor or "") < 120


def test_a_file_that_is_growing_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    district = District(tmp_path, ("khan",))
    path = district.put("khan/o_20250901.csv", overview("ann@x.org 10 Ann_Ash"))
    os.utime(path)

    def grows(seconds: float) -> None:
        with path.open("a") as sink:
            sink.write("bob@x.org")

    watch = Watch(district)
    with monkeypatch.context() as patched:
        defaults = settled.__kwdefaults__
        assert defaults is not None
        patched.setitem(defaults, "pause", grows)
        assert watch.asks() == ""
    assert watch.why.skip_message == "Nothing new has come. 1 files are still being written."
    district.put("khan/o_20250901.csv", path.read_bytes())
    assert watch.asks()


def test_files_are_read_only_where_names_sizes_or_times_give_a_hint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    district = District(tmp_path, ("khan",))
    for n in range(30):
        district.put(f"khan/o_202509{n + 1:02}.csv", overview(f"ann@x.org {n} Ann_Ash"))
    district.take()
    watch, read = Watch(district), list[Path]()
    real = Path.open

    def opens(path: Path, *words: Any, **named: Any) -> Any:
        read.append(path)
        return real(path, *words, **named)

    monkeypatch.setattr(Path, "open", opens)
    touched = tmp_path / "khan" / "o_20250907.csv"
    os.utime(touched, (1, 1))
    for _ in range(3):
        assert watch.asks() == ""
    assert [p for p in read if p.suffix == ".csv"] == [touched]


def test_a_source_that_is_away_is_said_without_a_file_s_name(tmp_path: Path) -> None:
    district = District(tmp_path, ("khan", "lexia"))
    watch = Watch(district)
    (tmp_path / "khan").rename(tmp_path / "gone")
    (tmp_path / "khan").write_text("a file where a folder was")
    assert watch.asks() == ""
    assert "Could not look: the folder is not there." in watch.why.skip_message


@pytest.mark.parametrize("text", ["", "x", "[]", '{"other": 1}', '{"hint": "a", "new": "b"}'])
def test_any_cursor_is_read(text: str) -> None:
    assert str(Seen.read(text)) == str(Seen.read(str(Seen.read(text))))


@pytest.mark.parametrize("cures", [True, False])
def test_a_step_is_tried_again_only_where_that_can_cure_it(
    district: District, monkeypatch: pytest.MonkeyPatch, cures: bool
) -> None:
    monkeypatch.setattr(steps, "FIRST", 0.0)
    tried: list[int] = []

    @dg.asset
    def thing(context: dg.AssetExecutionContext) -> None:
        with steps.step(context, district.settings):
            tried.append(1)
            if len(tried) < 3:
                raise HomeroomError("it is away", retry=cures)

    result = dg.materialize([thing], raise_on_error=False)
    assert (result.success, len(tried)) == ((True, 3) if cures else (False, 1))


def test_a_step_waits_longer_each_time_and_gives_up(
    district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert [steps.pause(n) for n in range(3)] == [30.0, 60.0, 120.0]
    monkeypatch.setattr(steps, "FIRST", 0.0)
    tried: list[int] = []

    @dg.asset
    def thing(context: dg.AssetExecutionContext) -> None:
        with steps.step(context, district.settings):
            tried.append(1)
            raise HomeroomError("it is away", retry=True)

    assert not dg.materialize([thing], raise_on_error=False).success
    assert len(tried) == steps.RETRIES + 1


def test_another_run_of_the_district_is_waited_for(district: District) -> None:
    with only_run(district.settings.home):
        with (
            pytest.raises(HomeroomError) as told,
            only_run(district.settings.home, wait_seconds=0.0),
        ):
            pass
        assert told.value.retry


def test_runs_of_a_district_queue_up_and_a_dead_one_is_started_again(tmp_path: Path) -> None:
    root = Path(__file__).parents[2]
    (tmp_path / "dagster.yaml").write_text((root / "dagster.yaml").read_text())
    with dg.DagsterInstance.from_config(str(tmp_path)) as instance:
        queue = instance.get_concurrency_config().run_queue_config
        assert queue is not None
        assert queue.tag_concurrency_limits == [
            {"key": steps.DISTRICT, "value": {"applyLimitPerUniqueValue": True}, "limit": 1}
        ]
        assert instance.run_retries_enabled
    assert not yaml.safe_load((root / "dagster.yaml").read_text())["run_retries"][
        "retry_on_asset_or_op_failure"
    ]


def test_the_job_carries_the_district_for_the_queue(graph: dg.Definitions) -> None:
    for name in ("school_morning", "read_again"):
        assert graph.resolve_job_def(name).run_tags[steps.DISTRICT] == "North"
