"""Exports by the button: whole, logged, and with ids only for those who may see every student."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.fixtures import District
from tests.portal.conftest import COORDINATOR, TEACHER, Portal, running
from warehouse.notes import access_log
from warehouse.portal_settings import PortalSettings

WEEK = "2025-09-01"
PATH = "/operations/exports"


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


def test_pseudonyms_are_for_every_coordinator_and_name_nobody(school: Portal) -> None:
    browser = school.browser(COORDINATOR)
    assert WEEK in browser.get(PATH).text
    answer = school.post(browser, PATH, week=WEEK, people="pseudonyms")
    assert answer.headers["content-type"] == "application/zip"
    assert school.post(browser, PATH, week=WEEK, people="pseudonyms").content == answer.content
    text = files(answer.content)[f"weekly_summary_{WEEK}.csv"]
    assert text.count(b"\n") > 1
    for secret in (b"U001", b"Ann", b"Ash"):
        assert secret not in text
    assert list(school.settings.exports.iterdir()) == []


def test_ids_are_only_for_those_who_may_see_every_student(school: Portal, granted: Portal) -> None:
    browser = school.browser(COORDINATOR)
    assert 'value="ids"' not in browser.get(PATH).text
    assert school.post(browser, PATH, week=WEEK, people="ids").status_code == 403
    assert access_log.about(school.notes, "U001") == []
    browser = granted.browser(COORDINATOR)
    assert 'value="ids"' in browser.get(PATH).text
    answer = granted.post(browser, PATH, week=WEEK, people="ids")
    assert b"U001" in files(answer.content)[f"weekly_summary_{WEEK}.csv"]
    for student in ("U001", "U002", "U003"):
        (entry,) = access_log.about(granted.notes, student)
        assert (entry.staff_id, entry.action) == (COORDINATOR, "export")
        assert entry.what == f"week {WEEK} with ids"


def test_a_teacher_gets_none_and_a_week_that_is_not_there_none_either(school: Portal) -> None:
    browser = school.browser(TEACHER)
    assert school.post(browser, PATH, week=WEEK, people="pseudonyms").status_code == 403
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
    assert list(school.settings.exports.iterdir()) == []
