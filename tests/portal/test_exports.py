"""Exports by the button: whole, logged, and with ids only for those who may see every student."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from zipfile import ZipFile

import pytest
import urllib3
from fastapi.testclient import TestClient

from portal.sessions import Sessions
from tests.fixtures import District
from tests.portal.conftest import COORDINATOR, TEACHER, Portal, running
from tests.servers import free_port
from warehouse.notes import access_log
from warehouse.settings.portal import PortalSettings

WEEK = "2025-09-01"
PATH = "/operations/exports"
ZIP = f"{PATH}/week.zip"


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOMEROOM_EXPORT_KEY", "0123456789abcdef0123456789abcdef")


@pytest.fixture
def granted(small: District, tmp_path: Path) -> Iterator[Portal]:
    """The small district with a coordinator who sees children."""
    coordinated = PortalSettings(coordinators=frozenset({COORDINATOR}), granted_children=True)
    with running(small.settings, tmp_path / "home", coordinated) as made:
        yield made


def files(content: bytes) -> dict[str, bytes]:
    """The files of a zip, each as the manifest tells it."""
    with ZipFile(BytesIO(content)) as archive:
        found = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(found[f"manifest_{WEEK}.json"])
    told = {file["file"]: file["sha256"] for file in manifest["files"]}
    assert {n: hashlib.sha256(b).hexdigest() for n, b in found.items() if n in told} == told
    return found


def exported(portal: Portal, browser: TestClient, people: str) -> Any:
    """Ask for the week and fetch it when it is ready."""
    answer = portal.post(browser, PATH, week=WEEK, people=people)
    assert (answer.status_code, answer.headers["location"]) == (303, PATH)
    assert "It is ready" in told(lambda: browser.get(PATH).text)
    return browser.get(ZIP)


def told(page: Callable[[], str]) -> str:
    """The page, once the export is not being made any more."""
    while "It is being made" in (text := page()):
        time.sleep(0.1)
    return text


def test_pseudonyms_are_for_every_coordinator_and_name_nobody(school: Portal) -> None:
    browser = school.browser(COORDINATOR)
    assert WEEK in browser.get(PATH).text
    assert browser.get(ZIP).status_code == 404
    answer = exported(school, browser, "pseudonyms")
    assert answer.headers["content-type"] == "application/zip"
    text = files(answer.content)[f"weekly_summary_{WEEK}.csv"]
    assert text.count(b"\n") > 1
    for secret in (b"U001", b"Ann", b"Ash"):
        assert secret not in text
    (folder,) = school.settings.exports.glob(".download-*")
    assert {p.name for p in folder.iterdir()} == {"asked.json", "pseudonyms.zip"}
    assert {stat.S_IMODE(p.stat().st_mode) for p in folder.iterdir()} == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.slow
def test_the_same_week_makes_the_same_bytes(school: Portal) -> None:
    browser = school.browser(COORDINATOR)
    first = exported(school, browser, "pseudonyms").content
    assert exported(school, browser, "pseudonyms").content == first


def test_ids_are_only_for_those_who_may_see_every_student(
    small: District, school: Portal, granted: Portal
) -> None:
    browser = school.browser(COORDINATOR)
    assert 'value="ids"' not in browser.get(PATH).text
    assert school.post(browser, PATH, week=WEEK, people="ids").status_code == 403
    assert access_log.about(school.notes, "U001") == []
    browser = granted.browser(COORDINATOR)
    assert 'value="ids"' in browser.get(PATH).text
    answer = exported(granted, browser, "ids")
    assert b"U001" in files(answer.content)[f"weekly_summary_{WEEK}.csv"]
    for student in ("U001", "U002", "U003"):
        (entry,) = access_log.about(granted.notes, student)
        assert (entry.staff_id, entry.action) == (COORDINATOR, "export")
        assert entry.what == f"week {WEEK} with ids"
    # Another coordinator sees that it is there, and does not get it.
    coordinated = PortalSettings(coordinators=frozenset({COORDINATOR}))
    with running(small.settings, granted.settings.home, coordinated) as other:
        browser = other.browser(COORDINATOR)
        page = browser.get(PATH).text
        assert "people as ids" in page
        assert "week.zip" not in page
        assert browser.get(ZIP).status_code == 403
    assert len(access_log.about(granted.notes, "U001")) == 1


def test_a_teacher_gets_none_and_a_week_that_is_not_there_none_either(school: Portal) -> None:
    browser = school.browser(TEACHER)
    assert school.post(browser, PATH, week=WEEK, people="pseudonyms").status_code == 403
    assert browser.get(ZIP).status_code == 403
    browser = school.browser(COORDINATOR)
    for week in ("2001-01-01", "9999-12-31", "x", "2025-09-02"):
        answer = school.post(browser, PATH, week=week, people="pseudonyms")
        assert answer.status_code == 400, week


def test_without_a_key_it_is_said_what_to_do(
    school: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HOMEROOM_EXPORT_KEY")
    answer = school.post(school.browser(COORDINATOR), PATH, week=WEEK, people="pseudonyms")
    assert answer.status_code == 409
    assert "openssl rand -hex 32" in answer.text
    assert not school.settings.exports.exists()


class Served:
    """`homeroom serve` with two workers over a district, and a coordinator's browser."""

    def __init__(self, district: District, port: int) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", "from pipelines.cli import main; main()", "serve",
             "--config", str(district.folder / "homeroom.toml"), "--port", str(port),
             "--workers", "2"],
            start_new_session=True,
        )  # fmt: skip
        sessions = Sessions(district.settings.sessions, https=False)
        word = sessions.start(COORDINATOR).word
        found = sessions.find(word)
        assert found is not None
        self.csrf, self._cookie = found.csrf, f"{sessions.cookie}={word}"
        sessions.close()
        self._address = f"http://127.0.0.1:{port}"

    def ask(self, method: str, path: str, **form: str) -> urllib3.BaseHTTPResponse:
        """One request, each on a connection of its own so that any worker answers."""
        patient = urllib3.Retry(100, backoff_factor=0.1, backoff_max=0.2)
        head = {"Cookie": self._cookie, "Content-Type": "application/x-www-form-urlencoded"}
        body = urlencode({"csrf": self.csrf} | form) if form else None
        with urllib3.PoolManager(retries=patient) as pool:
            url = self._address + path
            return pool.request(method, url, body=body, headers=head, redirect=False)

    def page(self) -> str:
        """The page of exports."""
        return self.ask("GET", PATH).data.decode()

    def kill(self) -> None:
        """End the server and its workers at once."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@pytest.mark.slow
def test_an_export_outlives_the_workers_that_began_it_and_every_worker_sees_it(
    small: District, tmp_path: Path
) -> None:
    district = small.copied(tmp_path / "district")
    with (district.folder / "homeroom.toml").open("a") as file:
        file.write(f'[portal]\ncoordinators = ["{COORDINATOR}"]\n')
    port = free_port()
    served = Served(district, port)
    try:
        assert served.ask("POST", PATH, week=WEEK, people="pseudonyms").status == 303
    finally:
        served.kill()
    served = Served(district, port)
    try:
        assert "It is ready" in told(served.page)
        for _ in range(6):
            assert "It is ready" in served.page()
        assert f"weekly_summary_{WEEK}.csv" in files(served.ask("GET", ZIP).data)
    finally:
        served.kill()
