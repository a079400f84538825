"""What holds for every request: hosts, forms from elsewhere, headers, error pages, static files."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi import Depends
from starlette.datastructures import Headers

from portal.edge import refusal
from portal.rights import Right
from portal.tables import csv_text
from portal.visit import Visit, needs, own_path
from tests.fixtures import District
from tests.portal.conftest import ENDED, TEACHER, Portal, running
from warehouse.settings.portal import PortalSettings, SignIn

WAY = SignIn("Test", "https://i.example", "c", "s")
LOCAL, PUBLIC = PortalSettings(), PortalSettings("https://h.example", sign_in=(WAY,))


@pytest.mark.parametrize(
    ("settings", "method", "headers", "client", "refused"),
    [
        (LOCAL, "GET", "host=127.0.0.1:8000", "127.0.0.1", None),
        (LOCAL, "GET", "host=localhost", "::1", None),
        (LOCAL, "GET", "host=[::1]:8000", "::1", None),
        (LOCAL, "GET", "host=evil.example:8000", "127.0.0.1", "not_here"),
        (LOCAL, "GET", "host=localhost.evil.example", "127.0.0.1", "not_here"),
        (LOCAL, "GET", "host=localhost", "10.0.0.7", "not_here"),
        (LOCAL, "GET", "", "127.0.0.1", "not_here"),
        (PUBLIC, "GET", "host=h.example", "10.0.0.7", None),
        (PUBLIC, "GET", "host=H.Example", "10.0.0.7", None),
        (PUBLIC, "GET", "host=localhost", "127.0.0.1", "not_here"),
        (PUBLIC, "POST", "host=h.example", "10.0.0.7", None),
        (PUBLIC, "POST", "host=h.example origin=https://h.example", "10.0.0.7", None),
        (PUBLIC, "POST", "host=h.example origin=http://h.example", "10.0.0.7", "forged"),
        (PUBLIC, "POST", "host=h.example origin=https://evil.example", "10.0.0.7", "forged"),
        (PUBLIC, "POST", "host=h.example origin=null", "10.0.0.7", "forged"),
        (PUBLIC, "POST", "host=h.example sec-fetch-site=same-origin", "10.0.0.7", None),
        (PUBLIC, "POST", "host=h.example sec-fetch-site=same-site", "10.0.0.7", "forged"),
        (PUBLIC, "DELETE", "host=h.example sec-fetch-site=cross-site", "10.0.0.7", "forged"),
        (LOCAL, "POST", "host=localhost:1 origin=http://localhost:1", "127.0.0.1", None),
        (LOCAL, "POST", "host=localhost:1 origin=http://localhost:2", "127.0.0.1", "forged"),
    ],
)
def test_only_our_own_host_and_our_own_forms_are_answered(
    settings: PortalSettings, method: str, headers: str, client: str, refused: str | None
) -> None:
    drawn = dict(pair.split("=", 1) for pair in headers.split())
    assert refusal(settings, method, Headers(drawn), client) == refused


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("/", "/"),
        ("/students?class=c1", "/students?class=c1"),
        (None, "/"),
        ("", "/"),
        ("students", "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("/a\\b", "/"),
        ("https://evil.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("/\t/evil.example", "/"),
        ("/ /x", "/"),
        ("/x\r\nSet-Cookie: a=b", "/"),
    ],
)
def test_a_way_on_stays_with_us(text: str | None, path: str) -> None:
    assert own_path(text) == path


def test_every_answer_has_the_headers_and_is_kept_nowhere(school: Portal) -> None:
    @school.app.get("/broken")
    def broken(visit: Visit = Depends(needs(Right.public))) -> None:  # noqa: B008
        raise ZeroDivisionError("Ann Ash")

    browser = school.browser(TEACHER)
    for path in ("/", "/students", "/students.csv", "/sign-in", "/nowhere", "/broken"):
        answer = browser.get(path)
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "unsafe" not in answer.headers["content-security-policy"]
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert "strict-transport-security" not in answer.headers
        assert "style=" not in answer.text
        assert "<style" not in answer.text


def test_https_is_asked_for_where_it_is_served(
    small: District, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOMEROOM_SECRET_S_CLIENT_SECRET", "x")
    with running(small.settings, tmp_path / "home", PUBLIC) as portal:
        answer = portal.browser().get("/sign-in")
        assert answer.headers["strict-transport-security"].startswith("max-age=")
        assert portal.browser().get("/sign-in", headers={"host": "evil.example"}).status_code == 403


def test_a_fault_is_told_in_plain_words_and_logged_without_its_own(
    school: Portal, caplog: pytest.LogCaptureFixture
) -> None:
    @school.app.get("/broken")
    def broken(visit: Visit = Depends(needs(Right.public))) -> None:  # noqa: B008
        raise ValueError("Ann Ash")

    answer = school.browser(TEACHER).get("/broken")
    assert (answer.status_code, "Something broke here" in answer.text) == (500, True)
    assert "Ann Ash" not in answer.text
    assert "ValueError at" in caplog.text
    assert "Ann Ash" not in caplog.text


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/nowhere", 404, "There is no such page"),
        ("/static/nothing.css", 404, "There is no such page"),
        ("/static/..%2f..%2fapp.py", 404, "There is no such page"),
        ("/static/%2e%2e/app.py", 404, "There is no such page"),
        ("/accounts", 403, "This is not yours to see"),
    ],
)
def test_errors_are_pages_in_plain_words(
    school: Portal, path: str, status: int, words: str
) -> None:
    answer = school.browser(TEACHER).get(path)
    assert (answer.status_code, words in answer.text) == (status, True)


def test_before_the_first_publication_every_page_says_so(small: District, tmp_path: Path) -> None:
    (tmp_path / "home" / "warehouse").mkdir(parents=True)
    with running(small.settings, tmp_path / "home") as portal:
        for browser in (portal.browser(), portal.browser(TEACHER)):
            answer = browser.get("/sign-in")
            assert answer.status_code == 503
            assert "Nothing is published yet" in answer.text
        assert portal.browser(TEACHER).get("/students").status_code == 503


def test_static_files_are_kept_for_good_under_a_name_that_changes_with_them(
    school: Portal,
) -> None:
    page = school.browser(TEACHER).get("/").text
    for kind in ("css", "js"):
        (address,) = [w for w in page.split('"') if w.startswith("/static/") and w.endswith(kind)]
        answer = school.browser().get(address)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
        assert answer.headers["x-content-type-options"] == "nosniff"
    assert "http://" not in page
    assert "https://" not in page


def test_local_mode_lets_one_be_an_adult_of_the_roster_only(school: Portal) -> None:
    browser = school.browser()
    page = browser.get("/sign-in?next=/students")
    assert "Local mode" in page.text
    assert "Adult, Ed" in page.text
    before = browser.cookies[school.sessions.cookie]
    assert school.post(browser, "/sign-in", staff_id="T404").status_code == 400
    answer = school.post(browser, "/sign-in", staff_id=ENDED, next="//evil.example")
    assert answer.headers["location"] == "/"
    assert browser.cookies[school.sessions.cookie] != before
    assert "None: you have no current class" in browser.get("/students").text


def test_a_part_of_a_page_sends_the_whole_page_to_the_sign_in(school: Portal) -> None:
    answer = school.browser().get("/students", headers={"hx-request": "true"})
    assert (answer.status_code, answer.headers["hx-redirect"]) == (401, "/sign-in?next=/students")


def test_text_that_begins_like_a_formula_is_text_in_a_spreadsheet() -> None:
    rows = [["=1+1", "+1", "-x", "@a", "\tx", "O'Neil", -1.5, None]]
    assert csv_text(["a"], rows) == "a\n'=1+1,'+1,'-x,'@a,'\tx,O'Neil,-1.5,\n"
