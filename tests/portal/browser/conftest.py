"""One Chromium and one server for all browser tests, and what each page's address is.

    def test_x(site: Site) -> None:
        with site.reader(site.teacher) as page:
            page.goto("/students")

A page that leaves a fault in the console, opens a dialog or asks another host fails its test.
"""

from __future__ import annotations

import dataclasses
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, sync_playwright

from portal.app import create_app
from portal.live import Live
from tests import scenario
from tests.portal.provider import MODULES
from tests.servers import free_port, needs
from warehouse.settings import Settings
from warehouse.settings.portal import PortalSettings

#: What a console may not say.
FAULTS = ("error", "warning")


@dataclass
class Site:
    """A running portal and a browser. `teacher` teaches `class_id`, the sample's fullest board;
    `stranger` sees none of its children; `coordinator` is another adult."""

    app: Any
    address: str
    browser: Browser
    teacher: str
    class_id: str
    stranger: str
    coordinator: str

    def rows(self, sql: str, **values: Any) -> list[dict[str, Any]]:
        """Ask the live warehouse."""
        with self.app.state.live.reading() as version:
            found: list[dict[str, Any]] = version.rows(sql, values)
            return found

    @contextmanager
    def reader(
        self,
        staff_id: str | None = None,
        *,
        faults: int = 0,
        provider: str = "data:",
        **options: Any,
    ) -> Iterator[Page]:
        """A window, signed in as an adult. `faults`: answers that may be errors, as asked for;
        `provider`: the other host that may be asked."""
        context = self.browser.new_context(base_url=self.address, **options)
        context.set_default_timeout(15_000)
        if staff_id:
            sessions = self.app.state.sessions
            word = sessions.start(staff_id).word
            context.add_cookies([{"name": sessions.cookie, "value": word, "url": self.address}])
        told: list[str] = []
        ours = (self.address, "data:", provider)
        page = context.new_page()
        page.on("dialog", lambda d: told.append(f"dialog: {d.message}"))
        page.on("pageerror", lambda e: told.append(f"script: {e}"))
        page.on("console", lambda m: told.extend([m.text] if m.type in FAULTS else []))
        page.on("request", lambda r: told.extend([] if r.url.startswith(ours) else [r.url]))
        try:
            yield page
        finally:
            context.close()
        assert len(told) <= faults, told


@contextmanager
def served(app: Any, port: int) -> Iterator[None]:
    """The app on a port of this machine."""
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the server ended at its start"
        time.sleep(0.02)
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()


def copied(settings: Settings, home: Path, portal: PortalSettings) -> Settings:
    """The same warehouse, with notes and sessions of its own in `home`."""
    home.mkdir(parents=True, exist_ok=True)
    for made in (settings.warehouse, settings.ledger, settings.lake, settings.landing):
        (home / made.name).symlink_to(made.resolve())
    return dataclasses.replace(settings, home=home, portal=portal)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    (program,) = needs("chromium")
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield made
        made.close()


@pytest.fixture(scope="session")
def axe() -> str:
    """The script of axe-core, which is put into a page by the browser itself."""
    found = MODULES / "axe-core" / "axe.min.js"
    if not found.is_file() and not os.environ.get("CI"):
        pytest.skip("npm's axe-core is not here (.ci/run installs it, or set HOMEROOM_NODE)")
    return found.read_text("utf-8")


@contextmanager
def opened(settings: Settings, home: Path, chromium: Browser) -> Iterator[Site]:
    """The portal over a published district."""
    with Live(settings.warehouse) as live, live.reading() as version:
        assert version is not None
        (row,) = version.rows(BUSIEST, {})
        (other,) = version.rows(STRANGER, {"class_id": row["class_id"]})
    port = free_port()
    portal = PortalSettings(coordinators=frozenset({other["coordinator"]}))
    app = create_app(copied(settings, home, portal))
    with served(app, port):
        yield Site(
            app, f"http://127.0.0.1:{port}", chromium, row["staff_id"], row["class_id"],
            other["staff_id"], other["coordinator"],
        )  # fmt: skip


@pytest.fixture(scope="session")
def site(
    district: scenario.Scenario, chromium: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """The portal over the sample district, in local mode."""
    with opened(district.settings, tmp_path_factory.mktemp("site"), chromium) as made:
        yield made


BUSIEST = """SELECT class_id, min(class_access.staff_id) AS staff_id FROM views.collaboration_board
JOIN views.class_access USING (class_id) WHERE reason = 'teacher_of_class'
AND week_start = (SELECT max(week_start) FROM views.collaboration_board)
GROUP BY class_id ORDER BY count(DISTINCT block) DESC, count(*) DESC, class_id LIMIT 1"""
STRANGER = """SELECT min(staff_id) AS staff_id, max(staff_id) AS coordinator FROM roster.staff
WHERE staff_id IN (SELECT staff_id FROM views.class_access WHERE reason = 'teacher_of_class')
AND staff_id NOT IN (SELECT staff_id FROM views.student_access WHERE student_id IN (
    SELECT person_id FROM roster.enrollment WHERE class_id = $class_id AND role = 'student'))"""
