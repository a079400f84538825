"""A monitor learns whether pages can be shown, and nothing else."""

from __future__ import annotations

from pathlib import Path

from fastapi.testclient import TestClient

from portal.app import create_app
from tests.fixtures import District
from tests.portal.conftest import Portal
from warehouse.notes.database import Notes


def test_a_portal_with_a_warehouse_and_notes_is_ready_without_signing_in(school: Portal) -> None:
    answer = school.browser().get("/health")
    assert (answer.status_code, answer.json()) == (200, {"warehouse": True, "notes": True})
    assert "set-cookie" not in answer.headers


def test_a_portal_before_the_first_publication_is_alive_and_not_ready(tmp_path: Path) -> None:
    district = District(tmp_path, ("khan",))
    district.settings.home.mkdir()
    app = create_app(district.settings)
    with TestClient(app, base_url="http://localhost", client=("127.0.0.1", 5000)) as browser:
        answer = browser.get("/health")
        assert (answer.status_code, answer.json()) == (503, {"warehouse": False, "notes": True})
        app.state.notes.close()
        app.state.notes = _without_tables(tmp_path)
        assert browser.get("/health").json() == {"warehouse": False, "notes": False}


def _without_tables(folder: Path) -> Notes:
    """Notes whose file has become something else."""
    path = folder / "other.sqlite"
    notes = Notes(f"sqlite:///{path}")
    notes.close()
    path.write_bytes(b"no database at all" * 1000)
    return notes
