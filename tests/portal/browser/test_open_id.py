"""Signing in at a real OpenID provider, in a browser: there, back, the board, out."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from portal import accounts as deciding
from portal.app import create_app
from tests.fixtures import District
from tests.portal import provider as openid
from tests.portal.browser.conftest import Site, copied, served
from tests.portal.conftest import TEACHER
from tests.servers import free_port
from warehouse.notes import accounts
from warehouse.settings.portal import PortalSettings, SignIn


@pytest.mark.slow
def test_an_account_waits_is_bound_signs_in_and_out(
    small: District, chromium: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOMEROOM_SECRET_TEST_CLIENT_SECRET", openid.SECRET)
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    with openid.running(tmp_path, f"{base}/sign-in/test/back") as provider:
        way = SignIn("Test", provider.issuer, "homeroom", "test")
        settings = copied(small.settings, tmp_path / "home", PortalSettings(base, sign_in=(way,)))
        app = create_app(settings)
        with served(app, port):
            site = Site(app, base, chromium, TEACHER, "c1", "", "")
            # The first time nobody knows whom the account is: refused, and kept for a coordinator.
            with site.reader(provider=provider.issuer, faults=9) as page:
                page.goto("/students")
                page.get_by_role("link", name="Test").click()
                page.locator("[name=login]").fill("tia")
                page.locator("[name=password]").fill("x")
                page.keyboard.press("Enter")
                page.get_by_role("button", name="Continue").click()
                expect(page.locator("main .number")).to_be_visible()
                ref = accounts.ask(app.state.notes, provider.issuer, "tia", None, None)
                assert page.locator("main .number").inner_text() == ref
                staff = [{"staff_id": TEACHER, "email": None}]
                deciding.bind(app.state.notes, ref, TEACHER, staff, by="kim")

                page.goto("/students")
                page.get_by_role("link", name="Test").click()
                expect(page.get_by_role("link", name="Ash, Ann")).to_be_visible()
                page.get_by_role("button", name="Sign out").click()
                page.goto("/students")
                expect(page.get_by_role("link", name="Test")).to_be_visible()
