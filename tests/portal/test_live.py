"""New warehouses go live while people read: every request is answered, and soon with the new one."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import duckdb
import httpx2
import pytest

from portal.live import Live
from tests.fixtures import District
from tests.portal.conftest import TEACHER
from tests.servers import free_port, listens
from warehouse import publish


def put_live(folder: Path, source: Path, title: str) -> None:
    """Publish a copy in which class c1 has this title, the way a run does."""
    built = publish.building_path(folder)
    shutil.copyfile(source, built)
    db = duckdb.connect()
    db.execute(f"ATTACH '{built}' AS target")
    db.execute(f"UPDATE target.roster.class_section SET title = '{title}' WHERE class_id = 'c1'")
    publish.publish(db, built, folder, title)


@pytest.fixture
def source(small: District, tmp_path: Path) -> Path:
    live = publish.live_file(small.settings.warehouse)
    assert live is not None
    return live


TITLE = "SELECT title FROM roster.class_section WHERE class_id = 'c1'"


def test_whoever_else_has_the_file_open_is_not_in_the_way(source: Path) -> None:
    with (
        duckdb.connect(str(source), read_only=True),
        Live(source.parent, seconds=3600) as live,
        live.reading() as version,
    ):
        assert version is not None
        assert version.rows(TITLE)
        assert version.rows("SELECT current_setting('TimeZone') AS zone") == [{"zone": "UTC"}]


def test_a_version_that_cannot_be_opened_is_told_once(
    source: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    put_live(tmp_path, source, "first")
    with Live(tmp_path, seconds=3600) as live, live.reading() as before:
        put_live(tmp_path, source, "second")
        (tmp_path / publish.read_pointer(tmp_path).file).write_bytes(b"no warehouse")  # type: ignore[union-attr]
        live.look()
        live.look()
        with live.reading() as version:
            assert version is before
    assert len(caplog.records) == 1


def test_a_version_is_closed_when_its_last_reader_has_gone(source: Path, tmp_path: Path) -> None:
    put_live(tmp_path, source, "first")
    with Live(tmp_path, seconds=3600) as live:
        with live.reading() as old:
            assert old is not None
            put_live(tmp_path, source, "second")
            live.look()
            with live.reading() as new:
                assert new is not None
                assert (old.rows(TITLE), new.rows(TITLE)) == (
                    [{"title": "first"}],
                    [{"title": "second"}],
                )
        with pytest.raises(duckdb.ConnectionException):
            old.rows(TITLE)
        assert not old.take()


def test_a_broken_pointer_or_file_leaves_what_is_open(source: Path, tmp_path: Path) -> None:
    with Live(tmp_path, seconds=3600) as live:
        with live.reading() as nothing:
            assert nothing is None
        put_live(tmp_path, source, "first")
        live.look()
        good = (tmp_path / publish.POINTER).read_text()
        (tmp_path / "broken.duckdb").write_text("no database")
        for text in (
            "",
            "{}",
            re.sub(r"warehouse-\w+", "broken", good),
            re.sub(r"warehouse-\w+", "gone", good),
        ):
            (tmp_path / publish.POINTER).write_text(text)
            live.look()
            with live.reading() as still:
                assert still is not None
                assert still.rows(TITLE) == [{"title": "first"}]


def test_a_reader_reaches_no_file_and_no_setting(source: Path, tmp_path: Path) -> None:
    put_live(tmp_path, source, "first")
    with Live(tmp_path, seconds=3600) as live, live.reading() as version:
        assert version is not None
        for sql in (
            "FROM read_text('/etc/passwd')",
            "SET memory_limit = '9GB'",
            "ATTACH ':memory:' AS x; COPY roster.student TO '/tmp/homeroom-leak.csv'",
            "DELETE FROM roster.student",
        ):
            with pytest.raises(duckdb.Error):
                version.rows(sql)


def test_threads_share_a_version(source: Path, tmp_path: Path) -> None:
    put_live(tmp_path, source, "first")
    found: list[object] = []
    with Live(tmp_path, seconds=3600) as live, live.reading() as version:
        assert version is not None

        def ask() -> None:
            for _ in range(50):
                found.append(version.rows(TITLE))

        threads = [threading.Thread(target=ask) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert found == [[{"title": "first"}]] * 400


@pytest.fixture
def served(small: District, source: Path, tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """`homeroom serve` over a folder to publish into: its address and that folder."""
    home = tmp_path / "data"
    (home / "warehouse").mkdir(parents=True)
    (tmp_path / "khan").mkdir()
    (tmp_path / "homeroom.toml").write_text(
        '[district]\nname = "North"\nhome = "data"\n[[source]]\nplatform = "khan"\nlocation = "khan"\n'
    )
    put_live(home / "warehouse", source, "version 0")
    port = free_port()
    environment = {k: v for k, v in os.environ.items() if k != "HOMEROOM_CONFIG"}
    command = [sys.executable, "-c", "from pipelines.cli import main; main()", "serve", "--port", str(port),
               "--config", str(tmp_path / "homeroom.toml")]  # fmt: skip
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as server:
        listens(port, server)
        try:
            yield f"http://127.0.0.1:{port}", home / "warehouse"
        finally:
            server.terminate()
            said, _ = server.communicate()
            assert b"Local mode" in said
            assert b"rror" not in said, said


@pytest.mark.slow
def test_no_request_fails_while_versions_go_live(served: tuple[str, Path], source: Path) -> None:
    address, folder = served
    ended, answers = threading.Event(), []

    def browser() -> httpx2.Client:
        made = httpx2.Client(base_url=address, timeout=60)
        token = re.search(r'name="csrf" value="(\w+)"', made.get("/sign-in").text)
        assert token
        made.post("/sign-in", data={"csrf": token[1], "staff_id": TEACHER})
        return made

    def read() -> None:
        with closing(browser()) as mine:
            while not ended.is_set():
                for path in ("/", "/students"):
                    answer = mine.get(path)
                    seen = "version" in answer.text if path == "/" else "Ash, Ann" in answer.text
                    answers.append((answer.status_code, seen))

    readers = [threading.Thread(target=read) for _ in range(6)]
    for reader in readers:
        reader.start()
    try:
        with closing(browser()) as mine:
            for number in range(1, 7):
                put_live(folder, source, f"version {number}")
                for _ in range(600):
                    if f"version {number}" in mine.get("/").text:
                        break
                    time.sleep(0.05)
                else:
                    raise AssertionError("the new version is not shown")
    finally:
        ended.set()
        for reader in readers:
            reader.join()
    assert len(answers) > 100
    assert set(answers) == {(200, True)}
