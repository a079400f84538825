"""A student whose name is a program: it stands as text on every page and does nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from portal.app import create_app
from portal.rights import Right
from tests.fixtures import ENROLLMENTS, USERS, District, lines, overview, roster
from tests.portal.browser.addresses import NO_PAGE
from tests.portal.browser.conftest import Site, copied, served
from tests.portal.test_every_route import asked, declared, routes
from tests.servers import free_port
from warehouse.settings.portal import PortalSettings

pytestmark = pytest.mark.slow

NAME = "<script>alert(1)</script>"
FAMILY = "\"'><img/src=x/onerror=alert(2)>"


@pytest.fixture
def hostile(tmp_path: Path) -> District:
    made = District(tmp_path / "hostile", ("oneroster", "khan"))
    files = roster(["001 Ann Ash c1", "002 Bob Bell c1"], ["c1 <b>Reading</b>"])
    files["users.csv"] = files["users.csv"].replace(
        "Ann,Ash", f'{NAME},"{FAMILY.replace(chr(34), chr(34) * 2)}"'
    )
    files["users.csv"] += lines(
        USERS, f"T1,,,true,S1,teacher,tia,,{NAME},Adult,,91,tia@x.org,,,,,"
    ).split("\n", 1)[1]
    files["enrollments.csv"] += lines(ENROLLMENTS, "ET1,,,c1,S1,T1,teacher,,,").split("\n", 1)[1]
    made.put_all("oneroster", files)
    made.put("khan/o_20250905.csv", overview("ann@x.org 10 Ann_Ash", "bob@x.org 20 Bob_Bell"))
    assert made.build().published is not None
    return made


def test_a_name_that_is_a_program_is_text_everywhere(
    hostile: District, chromium: Browser, tmp_path: Path
) -> None:
    port = free_port()
    app = create_app(copied(hostile.settings, tmp_path / "home", PortalSettings()))
    with served(app, port):
        site = Site(app, f"http://127.0.0.1:{port}", chromium, "T1", "c1", "", "")
        met = 0
        # The window fails the test for a dialog, a refused script, a picture from elsewhere.
        with site.reader("T1", faults=0) as page:
            for route in routes(app):
                (need,) = declared(route.dependant)
                path = asked(route)
                plain = not path.endswith((".csv", "/record", "/card", "/board", "/x", "/back"))
                if route.path == "/classes/{class_id}/board":
                    plain = True
                plain = plain and route.path not in NO_PAGE
                if "GET" in (route.methods or ()) and plain and need.right is not Right.operations:
                    page.goto(path)
                    assert page.locator("script").count() <= 1
                    assert page.locator("main img, main b").count() == 0
                    met += NAME in page.locator("body").inner_text()
        assert met > 6
        with site.reader("T1") as page:
            page.goto("/students/U001/check-in")
            page.get_by_label("What they said").fill(NAME)
            page.get_by_role("button", name="Keep").click()
            expect(page.locator(".said").first).to_have_text(NAME)
