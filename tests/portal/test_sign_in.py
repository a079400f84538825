"""Signing in at a real OpenID provider, and everything that must not work."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi.testclient import TestClient

from portal import accounts as deciding
from portal.errors import Refused
from portal.sign_in import who
from tests.fixtures import District
from tests.portal import provider as openid
from tests.portal.conftest import TEACHER, Portal, running
from warehouse.notes import accounts
from warehouse.settings.portal import PortalSettings, SignIn

BASE = "http://127.0.0.1:8123"
BACK = f"{BASE}/sign-in/test/back"


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[openid.Provider]:
    with openid.running(tmp_path_factory.mktemp("provider"), BACK) as made:
        yield made


@dataclass
class World:
    """The app with one provider, and people who sign in there."""

    portal: Portal
    provider: openid.Provider

    def come(self, login: str, browser: TestClient, path: str = "/sign-in/test") -> Any:
        """The whole way: our page, the provider, back to us; our answer."""
        return browser.get(self.back(login, browser, path))

    def back(self, login: str, browser: TestClient, path: str = "/sign-in/test") -> str:
        """The way up to the address that the provider sends back to."""
        return self.provider.sign_in(browser.get(path).headers["location"], login)

    def bind(self, login: str, staff_id: str) -> None:
        ref = accounts.ask(self.portal.notes, self.provider.issuer, login, None, None)
        staff = [{"staff_id": staff_id, "email": None}]
        deciding.bind(self.portal.notes, ref, staff_id, staff, by="kim")


def opened(
    small: District,
    provider: openid.Provider,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    **more: Any,
) -> Any:
    monkeypatch.setenv("HOMEROOM_SECRET_TEST_CLIENT_SECRET", openid.SECRET)
    way = SignIn("Test", provider.issuer, "homeroom", "test", **more)
    return running(small.settings, home, PortalSettings(BASE, sign_in=(way,)))


@pytest.fixture
def world(
    small: District, provider: openid.Provider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[World]:
    provider.people({})
    with opened(small, provider, tmp_path / "home", monkeypatch) as portal:
        yield World(portal, provider)


def test_a_bound_account_signs_in_and_goes_on_to_where_it_wanted(world: World) -> None:
    world.bind("tia", TEACHER)
    browser = world.portal.browser()
    to = browser.get("/students").headers["location"]
    assert to == "/sign-in?next=/students"
    assert "Sign in with Test" in browser.get(to).text
    sent = parse_qs(urlsplit(browser.get("/sign-in/test").headers["location"]).query)
    assert sent["code_challenge_method"] == ["S256"]
    assert {"state", "nonce", "code_challenge"} <= sent.keys()
    answer = world.come("tia", browser, "/sign-in/test?next=/students")
    assert (answer.status_code, answer.headers["location"]) == (303, "/students")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "Ash, Ann" in browser.get("/students").text


def test_signing_out_ends_the_session_for_whoever_holds_its_word(world: World) -> None:
    world.bind("tia", TEACHER)
    browser = world.portal.browser()
    world.come("tia", browser)
    word = browser.cookies[world.portal.sessions.cookie]
    assert world.portal.post(browser, "/sign-out").headers["location"] == "/sign-in"
    thief = world.portal.browser()
    thief.cookies.set(world.portal.sessions.cookie, word)
    assert thief.get("/students").status_code == 303
    assert browser.get("/students").status_code == 303


def test_an_unbound_account_waits_until_a_coordinator_says_who_it_is(world: World) -> None:
    # An address of the roster, verified, is a proposal and opens nothing.
    world.provider.people(
        {"x": {"name": "Tia Adult", "email": "TIA@x.org", "email_verified": True}}
    )
    browser = world.portal.browser()
    answer = world.come("x", browser)
    (request,) = accounts.waiting(world.portal.notes)
    assert answer.status_code == 403
    assert request.account_ref in answer.text
    assert browser.get("/students").status_code == 303
    staff = [{"staff_id": TEACHER, "email": "tia@x.org"}, {"staff_id": "T4", "email": "o@x.org"}]
    (row,) = deciding.waiting(world.portal.notes, staff)
    assert row["proposed"] == TEACHER
    deciding.bind(world.portal.notes, request.account_ref, "T4", staff, by="kim")
    assert world.come("x", browser).status_code == 303
    assert "Cole, Cy" in browser.get("/students").text
    deciding.unbind(world.portal.notes, world.portal.sessions, request.account_ref, by="kim")
    assert browser.get("/students").status_code == 303
    assert world.come("x", world.portal.browser()).status_code == 403


def test_an_address_that_the_provider_has_not_checked_proposes_nobody(world: World) -> None:
    world.provider.people({"x": {"email": "tia@x.org", "email_verified": False}})
    world.come("x", world.portal.browser())
    staff = [{"staff_id": TEACHER, "email": "tia@x.org"}]
    assert [r["proposed"] for r in deciding.waiting(world.portal.notes, staff)] == [None]


def test_an_account_is_known_by_its_subject_even_where_its_address_is_another_adults(
    world: World,
) -> None:
    world.bind("subject-of-otto", "T4")
    world.provider.people({"subject-of-otto": {"email": "tia@x.org", "email_verified": True}})
    browser = world.portal.browser()
    world.come("subject-of-otto", browser)
    assert "Otto Adult" in browser.get("/").text


def test_a_wrong_state_is_refused(world: World) -> None:
    world.bind("tia", TEACHER)
    browser = world.portal.browser()
    back = world.back("tia", browser)
    state = parse_qs(urlsplit(back).query)["state"][0]
    answer = browser.get(back.replace(state, "of-somebody-else"))
    assert answer.status_code == 400
    assert browser.get("/students").status_code == 303


def test_a_code_works_once_and_in_the_browser_that_asked_for_it_only(world: World) -> None:
    world.bind("tia", TEACHER)
    browser, thief = world.portal.browser(), world.portal.browser()
    back = world.back("tia", browser)
    assert thief.get(back).status_code == 400
    thief.get("/sign-in/test")
    assert thief.get(back).status_code == 400
    assert browser.get(back).status_code == 303
    assert browser.get(back).status_code == 400


def test_what_starts_at_the_provider_goes_the_way_again_by_us(world: World) -> None:
    world.bind("tia", TEACHER)
    browser = world.portal.browser()
    # Clever and ClassLink send a code that nobody asked for; it is never used.
    answer = browser.get("/sign-in/test/back?code=anybodys&scope=openid")
    assert answer.headers["location"].startswith(world.provider.issuer)
    back = world.provider.sign_in(answer.headers["location"], "tia")
    assert browser.get(back).headers["location"] == "/"


def test_a_session_known_before_the_sign_in_is_worth_nothing_after_it(world: World) -> None:
    world.bind("tia", TEACHER)
    browser = world.portal.browser()
    back = world.back("tia", browser)
    before = browser.cookies[world.portal.sessions.cookie]
    browser.get(back)
    assert browser.cookies[world.portal.sessions.cookie] != before
    thief = world.portal.browser()
    thief.cookies.set(world.portal.sessions.cookie, before)
    assert thief.get("/students").status_code == 303


@pytest.mark.parametrize("wanted", ["https://evil.example/", "//evil.example", "/\\evil.example"])
def test_a_sign_in_leads_to_no_other_host(world: World, wanted: str) -> None:
    world.bind("tia", TEACHER)
    browser = world.portal.browser()
    assert "evil" not in browser.get("/sign-in", params={"next": wanted}).text
    location = browser.get("/sign-in/test", params={"next": wanted}).headers["location"]
    back = world.provider.sign_in(location, "tia")
    assert browser.get(back).headers["location"] == "/"


def test_the_local_choice_of_an_adult_is_not_there_where_people_sign_in(world: World) -> None:
    browser = world.portal.browser()
    browser.get("/sign-in/test")
    answer = world.portal.post(browser, "/sign-in", staff_id=TEACHER)
    assert answer.status_code == 404
    assert browser.get("/students").status_code == 303


def test_a_claim_of_the_rosters_id_is_believed_within_the_own_tenant_only(
    small: District, provider: openid.Provider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    more = {"staff_claim": "sourcedId", "only": {"TenantId": "7"}}
    provider.people(
        {
            "ours": {"sourcedId": TEACHER, "TenantId": "7"},
            "theirs": {"sourcedId": TEACHER, "TenantId": "8"},
            "none": {"sourcedId": TEACHER},
            "new": {"sourcedId": "T404", "TenantId": "7"},
        }
    )
    with opened(small, provider, tmp_path / "home", monkeypatch, **more) as portal:
        world = World(portal, provider)
        ended = {
            who: world.come(who, portal.browser()).status_code
            for who in ("ours", "theirs", "none", "new")
        }
        assert ended == {"ours": 303, "theirs": 403, "none": 403, "new": 403}
        assert len(accounts.waiting(portal.notes)) == 1


def test_a_provider_that_does_not_answer_is_told_in_plain_words(
    small: District, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = openid.Provider(tmp_path, 9)
    with opened(small, gone, tmp_path / "home", monkeypatch) as portal:
        answer = portal.browser().get("/sign-in/test")
        assert answer.status_code == 503
        assert "does not answer" in answer.text


WAY = SignIn("Test", "https://i.example", "c", "s")
CLAIMING = replace(WAY, staff_claim="sourcedId", only={"hd": "x.org"})


@pytest.mark.parametrize(
    ("way", "claims", "bound", "is_who"),
    [
        (WAY, {}, None, None),
        (WAY, {}, "T1", "T1"),
        (WAY, {"sourcedId": "T2", "email": "t2@x.org"}, None, None),
        (CLAIMING, {"hd": "x.org", "sourcedId": "T2"}, None, "T2"),
        (CLAIMING, {"hd": "x.org", "sourcedId": "T2"}, "T1", "T1"),
        (CLAIMING, {"hd": "x.org", "sourcedId": "T9"}, None, None),
        (CLAIMING, {"hd": "x.org", "sourcedId": ""}, None, None),
        (CLAIMING, {"hd": "y.org", "sourcedId": "T2"}, "T1", "refused"),
        (CLAIMING, {"sourcedId": "T2"}, "T1", "refused"),
    ],
)
def test_who_signs_in_is_decided_by_binding_then_by_claim_never_by_address(
    way: SignIn, claims: dict[str, str], bound: str | None, is_who: str | None
) -> None:
    try:
        found = who(claims | {"sub": "1"}, way, lambda i, s: bound, lambda s: s in ("T1", "T2"))
    except Refused:
        found = "refused"
    assert found == is_who
