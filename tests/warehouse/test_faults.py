"""What goes wrong around a run: told with its fix, survived, and nothing doubled or lost.

Killed runs and full disks: test_killed.py. Bad files one by one: test_bad_files.py.
"""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connectors.errors import HomeroomError
from connectors.ways import http
from tests.consistent import consistent
from tests.fixtures import District, lexia, ordinary, overview, roster, zipped
from tests.servers import needs
from warehouse import nightly, publish
from warehouse.ledger import Ledger
from warehouse.lock import holder, only_run

CALL = "from pipelines.cli import main; main()"


def homeroom(
    district: District, *words: str, before: tuple[str, ...] = ()
) -> subprocess.CompletedProcess[str]:
    """The command as a person calls it, bound by rights."""
    environment = os.environ | {"COLUMNS": "200", "PYTHONPATH": str(Path(__file__).parents[2])}
    command = [*before, sys.executable, "-c", CALL, *words]
    return subprocess.run(
        command, cwd=district.folder, capture_output=True, text=True, check=False, env=environment
    )


def small(folder: Path, extra: str = "") -> District:
    """A child on two platforms, nothing taken yet."""
    district = District(folder, ("oneroster", "lexia", "khan"), extra=extra)
    district.put("oneroster/r_20250901.zip", zipped(dict(roster(["001 Ann Ash c1"]))))
    district.put("khan/o_20250901_20250907.csv", overview("ann@x.org 10 Ann_Ash"))
    district.put("lexia/l_20250910.csv", lexia("1 ann Ann Ash 5"))
    return district


def minutes(district: District) -> float:
    return float(district.ask("SELECT sum(minutes) AS m FROM facts.usage_week")[0]["m"])


def test_who_waits_is_told_who_is_at_work_since_when_and_status_tells_it(tmp_path: Path) -> None:
    home = tmp_path / "data"
    assert holder(home) == (None, False)
    with only_run(home):
        told, at_work = holder(home)
        assert at_work
        assert told is not None
        assert told.process == os.getpid()
        with (
            pytest.raises(
                HomeroomError, match=rf"process {os.getpid()} on .*, since {re.escape(told.since)}"
            ),
            only_run(home, wait_seconds=0),
        ):
            pass
    assert holder(home) == (None, False)


def test_a_note_without_a_lock_is_of_a_run_that_was_ended_from_outside(tmp_path: Path) -> None:
    with only_run(tmp_path):
        noted = (tmp_path / "run.json").read_bytes()
    (tmp_path / "run.json").write_bytes(noted)
    told, at_work = holder(tmp_path)
    assert told is not None
    assert not at_work


@pytest.mark.parametrize("days", [-1, -400, 366])
def test_what_is_live_stays_whatever_the_clock_says(tmp_path: Path, days: int) -> None:
    moved = datetime.now(UTC) - timedelta(days=days)
    for hour in range(publish.KEEP + 1):
        old = moved + timedelta(hours=hour)
        (tmp_path / f"{old:{publish._NAME}}").touch()
    before = old
    publish._point(tmp_path, publish.Pointer(f"{before:{publish._NAME}}", "", "a"))
    import duckdb

    made = []
    for turn in range(3):
        db = duckdb.connect()
        db.execute(f"ATTACH '{tmp_path / 'building.duckdb'}' AS target")
        made.append(publish.publish(db, tmp_path / "building.duckdb", tmp_path, str(turn)))
        assert publish.live_file(tmp_path) == made[-1]
        if turn == 0:
            assert (tmp_path / f"{before:{publish._NAME}}").is_file()
        else:
            assert made[-2].is_file()
        assert len(list(tmp_path.glob("warehouse-*.duckdb"))) == publish.KEEP


@pytest.mark.slow
def test_a_clock_moved_between_runs_loses_nothing(tmp_path: Path) -> None:
    (faketime,) = needs("faketime")
    district = small(tmp_path)
    for number, moved in enumerate(("+366d", "-1d", "-400d")):
        district.put(f"lexia/l_2025091{number + 1}.csv", lexia(f"1 ann Ann Ash {number + 6}"))
        ran = homeroom(district, "run", before=(faketime, "-f", moved))
        assert ran.returncode == 0, ran.stdout + ran.stderr
        assert "Published" in ran.stdout
        status = district.status()
        assert status["warehouse"] is not None
        assert status["last_run"]["published"] == Path(status["warehouse"]).name
    assert minutes(district) == 10
    consistent(district)


@pytest.mark.slow
@pytest.mark.parametrize("place", ["", "landing", "lake", "warehouse"])
def test_a_place_that_cannot_be_written_to_is_named_and_the_live_one_stays(
    tmp_path: Path, place: str
) -> None:
    district = small(tmp_path)
    district.build()
    district.put("khan/o_20250908_20250914.csv", overview("ann@x.org 7 Ann_Ash"))
    folders = [district.settings.home / place]
    if place:
        folders = [p for p in (folders[0], *folders[0].rglob("*")) if p.is_dir()]
    locked = [*folders, *(p for p in district.settings.home.glob("*.*") if not place)]
    rights = {p: p.stat().st_mode for p in locked}
    for path in locked:
        path.chmod(0o444 if path.is_file() else 0o555)
    try:
        ran = homeroom(district, "run", before=tuple(ordinary()))
        assert ran.returncode == 2, ran.stdout + ran.stderr
        assert "the district's folder cannot be written to" in ran.stderr
        assert str(district.settings.home) in ran.stderr
        assert "Fix: give the account that runs Homeroom the right" in ran.stderr
        if place:
            status = district.status()
            assert "cannot be written to" in status["last_run"]["problem"]
            assert status["warehouse"] is not None
        assert minutes(district) == 10
    finally:
        for path, mode in rights.items():
            path.chmod(mode)
    district.build()
    assert minutes(district) == 17
    assert district.status()["last_run"]["problem"] is None
    assert not [f for f in district.files().values() if f["reason"] == "unreadable"]
    consistent(district)


@pytest.mark.slow
def test_a_run_that_may_wait_starts_when_the_other_has_ended(tmp_path: Path) -> None:
    district = small(tmp_path)
    program = (
        "import sys; from pathlib import Path; from warehouse.lock import only_run\n"
        "with only_run(Path(sys.argv[1])):\n"
        "    print('held', flush=True)\n"
        "    sys.stdin.read()"
    )
    command = [sys.executable, "-c", program, str(district.settings.home)]
    asked = [sys.executable, "-c", "from pipelines.cli import main; main()", "run", "--config",
             str(district.settings.file)]  # fmt: skip
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        at_once = subprocess.run(asked, capture_output=True, text=True, check=False)
        assert at_once.returncode == 2
        assert "another run is at work" in at_once.stderr
        with subprocess.Popen([*asked, "--wait", "3"], stderr=subprocess.PIPE, text=True) as waits:
            assert waits.stderr is not None
            said = waits.stderr.readline()
            assert said.startswith(f"Waiting for the run of process {other.pid} ")
            other.communicate("")
            waits.communicate()
        assert waits.returncode == 0
    assert minutes(district) == 10


HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"


@contextmanager
def silent(drip: bytes = b"", every: float = 0.0) -> Iterator[int]:
    """A server that takes connections and says nothing or a little, once or at every so many
    seconds; its port."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        taken: list[socket.socket] = []

        def serve() -> None:
            while True:
                try:
                    taken.append(listening.accept()[0])
                    if drip:
                        taken[-1].sendall(drip)
                    while every:
                        time.sleep(every)
                        taken[-1].sendall(b"<")
                except OSError:
                    return

        threading.Thread(target=serve, daemon=True).start()
        try:
            yield int(listening.getsockname()[1])
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            for one in taken:
                one.close()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("drip", "every"),
    [(b"", 0), (b"H", 0), (HEAD + b"<", 0), (HEAD, 0.3)],
    ids=["nothing", "a byte", "a head", "a byte at a time, each in time"],
)
def test_a_silent_server_is_told_and_stops_no_other_feed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, drip: bytes, every: float
) -> None:
    # The real server and the real client; only the patience is shorter.
    monkeypatch.setattr(http, "READ", 1.0)
    with silent(drip, every) as port:
        location = f'location = "http://localhost:{port}/x/"\nretry_seconds = 0\n'
        district = small(tmp_path, f'[[source]]\nplatform = "nwea"\n{location}')
        report = district.build()
    ((platform, problem),) = report.landed.problems
    assert platform == "nwea"
    assert "the server is silent" in str(problem)
    assert problem.retry
    assert minutes(district) == 10
    told = district.status()["source_problems"]
    assert [(t["platform"], "silent" in t["says"]) for t in told] == [("nwea", True)]
    consistent(district)


@contextmanager
def held(path: Path) -> Iterator[None]:
    """A SQLite file locked by another process."""
    program = (
        "import sqlite3, sys; db = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "db.execute('PRAGMA locking_mode=EXCLUSIVE'); db.execute('BEGIN EXCLUSIVE')\n"
        "print('held', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", program, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        try:
            yield
        finally:
            other.kill()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["notes", "ledger"])
def test_a_database_that_another_program_has_locked_is_named(tmp_path: Path, name: str) -> None:
    district = small(tmp_path)
    district.build()
    district.put("khan/o_20250908_20250914.csv", overview("ann@x.org 7 Ann_Ash"))
    with held(district.settings.home / f"{name}.sqlite"):
        with pytest.raises(HomeroomError, match=r"another program has locked.*Fix: close") as told:
            nightly.run(district.settings)
        assert told.value.retry
        assert f"{name}.sqlite" in told.value.culprit
        assert minutes(district) == 10
    if name == "notes":
        assert "locked" in district.status()["last_run"]["problem"]
    district.build()
    assert minutes(district) == 17
    consistent(district)


@pytest.mark.slow
def test_notes_that_have_gone_are_not_replaced_by_empty_ones(tmp_path: Path) -> None:
    district = small(tmp_path)
    district.build()
    kept = district.settings.home / "notes.sqlite"
    kept.rename(tmp_path / "backup")
    with pytest.raises(HomeroomError, match="is gone; nothing was built"):
        district.build()
    assert not kept.exists()
    assert "is gone" in district.status()["last_run"]["problem"]
    assert minutes(district) == 10
    (tmp_path / "backup").rename(kept)
    district.build()
    assert district.status()["last_run"]["problem"] is None
    kept.write_bytes(b"")
    district.build()
    consistent(district)


@pytest.mark.slow
def test_a_thousand_waiting_files_are_read_in_few_parts(tmp_path: Path) -> None:
    district = small(tmp_path)
    for n in range(1000):
        day = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(days=n)
        # No two alike: a content that comes again under a newer date is refused.
        district.put(f"lexia/many_{day:%Y%m%d}.csv", lexia(f"1 ann Ann Ash {100 + n}"))
    steps: list[tuple[float, float]] = []
    report = nightly.Report()
    with nightly.opened(district.settings) as ledger:
        nightly.take(
            district.settings,
            ledger,
            report,
            lambda stage, done, of: steps.append((done, of)),
            expect=lambda *_: None,
        )
        nightly.put_live(district.settings, ledger, report)
    assert report.landed.new == 1003
    assert len(steps) > 1000
    lying = [*(district.settings.lake / "usage_snapshot").rglob("*.parquet")]
    assert len(lying) <= 4
    assert {s for s, _ in district.states("lexia").values()} == {"loaded"}
    consistent(district)


POISON: dict[str, bytes] = {
    "lexia/garbage_20250911.csv": bytes(range(256)) * 4000,
    "lexia/quoted_20250912.csv": lexia("1 ann Ann Ash 5").encode()
    + b'2,"' + b"x" * (200 << 20) + b'",a,b,c,d,e,f,,,,1,60\n',
    "lexia/nul_20250913.csv": lexia("1 ann Ann Ash 5").replace("Ash", "A\0sh").encode(),
    "lexia/[bold]markup[/x]_20250914.csv": b"",
    "khan/deep_20250911.json": b"[" * 1_000_000,
    "oneroster/bomb_20250915.zip": zipped({"users.csv": b"0" * (300 << 20)}),
}  # fmt: skip


@pytest.mark.slow
def test_poison_in_the_middle_stops_only_itself(tmp_path: Path) -> None:
    district = small(tmp_path)
    for name, content in POISON.items():
        district.put(name, content)
    district.put("lexia/a\nb\x1b[31m_20250916.csv", lexia("1 ann Ann Ash 6"))
    (tmp_path / "lexia/out_20250917.csv").symlink_to("/etc/passwd")
    os.mkfifo(tmp_path / "lexia/pipe_20250918.csv")
    ran = homeroom(district, "run")
    assert ran.returncode in (0, 1), ran.stderr
    assert "Published" in ran.stdout
    assert "\x1b" not in ran.stdout
    assert "a?b?[31m_20250916.csv: the name holds a control character" in ran.stdout
    assert "[bold]markup[/x]_20250914.csv: refused" in ran.stdout
    assert minutes(district) == 10
    states = district.states("lexia") | district.states("khan")
    assert "out_20250917.csv" not in states
    assert "pipe_20250918.csv" not in states
    assert states["garbage_20250911.csv"][0] == "refused"
    assert states["deep_20250911.json"][0] == "refused"
    shown = homeroom(district, "status")
    assert shown.returncode == 0, shown.stderr
    assert "\x1b" not in shown.stdout
    attention = {
        a["file"] for a in json.loads(homeroom(district, "status", "--json").stdout)["attention"]
    }
    assert {"garbage_20250911.csv", "deep_20250911.json"} <= attention
    consistent(district)


@pytest.mark.slow
def test_two_runs_and_a_reader_at_once(tmp_path: Path) -> None:
    district = small(tmp_path)
    district.build()
    district.put("khan/o_20250908_20250914.csv", overview("ann@x.org 7 Ann_Ash"))
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    command = [sys.executable, "-c", CALL, "run"]
    runs = [
        subprocess.Popen(
            command, cwd=tmp_path, env=environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )
        for _ in range(2)
    ]  # fmt: skip
    seen = set()
    while any(run.poll() is None for run in runs):
        seen.add(minutes(district))
        time.sleep(0.05)
    told = [run.communicate() for run in runs]
    assert seen <= {10.0, 17.0}
    assert 0 in [run.returncode for run in runs]
    for run, (_, stderr) in zip(runs, told, strict=True):
        assert run.returncode == 0 or "another run is at work" in stderr, stderr
    assert minutes(district) == 17
    consistent(district)


def test_a_ledger_that_is_no_database_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "ledger.sqlite").write_bytes(b"no database at all" * 100)
    with pytest.raises(HomeroomError, match="the ledger cannot be opened"):
        Ledger(tmp_path / "ledger.sqlite")
