"""An app over a published district, and browsers of signed-in adults.

    def test_x(portal: Portal) -> None:
        page = portal.browser(TEACHER).get("/students")

`portal` runs over the sample district, `school` over a small one with an ended and an unknown adult.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from portal.app import create_app
from portal.sessions import Session, Sessions
from tests import scenario
from tests.fixtures import ENROLLMENTS, USERS, District, lines, overview, roster
from warehouse.notes.database import Notes
from warehouse.settings import Settings
from warehouse.settings.portal import PortalSettings

#: Of the small district: teaches c1 and c2; taught c1 until before; never heard of; coordinates.
TEACHER, ENDED, UNKNOWN, COORDINATOR, OTHER = "T1", "T2", "T404", "T3", "T4"


@dataclasses.dataclass
class Portal:
    """A running app."""

    app: FastAPI
    settings: Settings

    @property
    def notes(self) -> Notes:
        found: Notes = self.app.state.notes
        return found

    @property
    def sessions(self) -> Sessions:
        found: Sessions = self.app.state.sessions
        return found

    def browser(self, staff_id: str | None = None) -> TestClient:
        """A browser, signed in as an adult; forms get their token by `post`."""
        base = self.settings.portal.base_url or "http://127.0.0.1:8000"
        made = TestClient(
            self.app, base_url=base, follow_redirects=False, client=("127.0.0.1", 50000),
            raise_server_exceptions=False,
        )  # fmt: skip
        if staff_id is not None:
            made.cookies.set(self.sessions.cookie, self.sessions.start(staff_id).word)
        return made

    def session(self, browser: TestClient) -> Session:
        """The session that a browser holds."""
        found = self.sessions.find(browser.cookies.get(self.sessions.cookie))
        assert found is not None
        return found

    def post(self, browser: TestClient, path: str, **form: Any) -> Any:
        """Send a form as a page of ours would."""
        return browser.post(path, data={"csrf": self.session(browser).csrf} | form)


@contextmanager
def running(
    settings: Settings, home: Path, portal: PortalSettings | None = None
) -> Iterator[Portal]:
    """The app over a district's warehouse, with notes and sessions of its own in `home`."""
    home.mkdir(parents=True, exist_ok=True)
    if not (home / "warehouse").exists():
        (home / "warehouse").symlink_to(settings.warehouse.resolve(), target_is_directory=True)
    own = dataclasses.replace(settings, home=home, portal=portal or PortalSettings())
    app = create_app(own)
    # Its own client starts and ends the app.
    with TestClient(app):
        yield Portal(app, own)


@pytest.fixture(scope="session")
def portal(
    district: scenario.Scenario, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Portal]:
    """The app over the sample district, in local mode."""
    with running(district.settings, tmp_path_factory.mktemp("portal") / "home") as made:
        yield made


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> District:
    """Ann and Bob in c1, Cy in c2; adults as above; published."""
    made = District(tmp_path_factory.mktemp("small"), ("oneroster", "khan"))
    files = roster(
        ["001 Ann Ash c1", "002 Bob Bell c1", "003 Cy Cole c2"], ["c1 Reading_3A", "c2 Math_3B"]
    )
    adults = [("T1", "Tia"), ("T2", "Ed"), ("T3", "Coco"), ("T4", "Otto")]
    files["users.csv"] += lines(
        USERS,
        *(f"{i},,,true,S1,teacher,{n.lower()},,{n},Adult,,9{i},{n.lower()}@x.org,,,,," for i, n in adults),
    ).split("\n", 1)[1]  # fmt: skip
    files["enrollments.csv"] += lines(
        ENROLLMENTS,
        "ET1,,,c1,S1,T1,teacher,,,",
        "ET2,,,c1,S1,T2,teacher,,2025-01-01,2025-06-01",
        "ET4,,,c2,S1,T4,teacher,,,",
    ).split("\n", 1)[1]
    made.put_all("oneroster", files)
    made.put("khan/o_20250905.csv", overview("ann@x.org 10 Ann_Ash", "bob@x.org 20 Bob_Bell"))
    assert made.build().published is not None
    return made


@pytest.fixture
def school(small: District, tmp_path: Path) -> Iterator[Portal]:
    """The app over the small district, with a coordinator, in local mode."""
    coordinated = PortalSettings(coordinators=frozenset({COORDINATOR}))
    with running(small.settings, tmp_path / "home", coordinated) as made:
        yield made
