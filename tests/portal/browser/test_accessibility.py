"""Every page, looked at by axe-core and by its shape: colour schemes, narrow windows, wide text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from portal.app import create_app
from tests.portal.browser.addresses import Address, addresses
from tests.portal.browser.conftest import Site, served
from tests.servers import free_port
from warehouse.settings import Settings

pytestmark = pytest.mark.slow

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]
#: What sticks out of the page itself: not what scrolls in a region of its own.
TOO_WIDE = """() => document.documentElement.scrollWidth <= innerWidth ? [] :
[...document.querySelectorAll("body *")].filter(e => !e.closest(".scroll, .skip")
    && e.getBoundingClientRect().right > innerWidth + 1).map(e => e.outerHTML.slice(0, 120))"""
#: Regions that scroll and cannot be reached by keyboard, or have no name.
UNREACHABLE = """() => [...document.querySelectorAll("body *")].filter(e => e.scrollWidth > e.clientWidth
    && /auto|scroll/.test(getComputedStyle(e).overflowX) && !/^(TEXTAREA|SELECT|INPUT)$/.test(e.tagName)
    && !(e.tabIndex === 0 && e.ariaLabel)).map(e => e.outerHTML.slice(0, 120))"""
#: The distances that WCAG 1.4.12 asks for; a reader sets them, so they come by a sheet of theirs.
SPACING = "* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important } p { margin-bottom: 2em !important }"


@pytest.fixture(scope="module")
def pages(site: Site) -> list[Address]:
    return addresses(site)


def found(page: Page, axe: str) -> list[str]:
    """What axe-core has against a page."""
    page.evaluate(axe)
    told: list[dict[str, Any]] = page.evaluate(
        "rules => axe.run({runOnly: rules}).then(r => r.violations)", RULES
    )
    return [f"{v['id']}: {n['html'][:160]}" for v in told for n in v["nodes"][:3]]


def opened(page: Page, address: Address) -> None:
    answer = page.goto(address.path)
    assert answer is not None
    assert answer.status == 200, address
    # What is folded is looked at too.
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")


def walk(site: Site, pages: list[Address], look: Any, **options: Any) -> dict[str, list[str]]:
    """What `look` has against each page, by name."""
    told: dict[str, list[str]] = {}
    for who in sorted({a.staff_id for a in pages}, key=str):
        with site.reader(who, **options) as page:
            for address in (a for a in pages if a.staff_id == who):
                # A document to keep: the browser would save it.
                if address.name.endswith("-record"):
                    page.goto("about:blank")
                    page.set_content(page.request.get(address.path).text())
                else:
                    opened(page, address)
                if against := look(page):
                    told[address.name] = against
    return told


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_any_page(
    site: Site, pages: list[Address], axe: str, scheme: str
) -> None:
    assert len(pages) > 25
    assert walk(site, pages, lambda page: found(page, axe), color_scheme=scheme) == {}


def test_axe_finds_nothing_while_nothing_is_published(
    chromium: Browser, axe: str, tmp_path: Path
) -> None:
    port = free_port()
    bare = Settings(tmp_path / "homeroom.toml", "A district", "UTC", tmp_path, ())
    app = create_app(bare)
    with served(app, port):
        site = Site(app, f"http://127.0.0.1:{port}", chromium, "T", "", "", "")
        with site.reader("T", faults=2) as page:
            answer = page.goto("/")
            assert answer is not None
            assert answer.status == 503
            assert found(page, axe) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_pages_of_errors_nor_on_paper(
    site: Site, axe: str, scheme: str
) -> None:
    with site.reader(site.stranger, faults=9, color_scheme=scheme) as page:
        for path, status in ((f"/classes/{site.class_id}/board", 403), ("/nothing", 404)):
            answer = page.goto(path)
            assert answer is not None
            assert answer.status == status
            assert found(page, axe) == [], path
    with site.reader(site.teacher, color_scheme=scheme) as page:
        page.goto(f"/classes/{site.class_id}/board")
        page.emulate_media(media="print")
        assert found(page, axe) == []


def test_at_four_hundred_percent_no_page_scrolls_sideways(site: Site, pages: list[Address]) -> None:
    def look(page: Page) -> list[str]:
        return [*page.evaluate(TOO_WIDE), *page.evaluate(UNREACHABLE)]

    narrow = {"width": 320, "height": 640}
    assert walk(site, pages, look, viewport=narrow) == {}


def test_text_set_wide_apart_is_neither_cut_nor_covered(site: Site, pages: list[Address]) -> None:
    cut = """() => [...document.querySelectorAll("main *, header *")].filter(e =>
        /hidden|clip/.test(getComputedStyle(e).overflow) && e.closest("svg") === null
        && (e.scrollHeight > e.clientHeight + 1 || e.scrollWidth > e.clientWidth + 1))
        .map(e => e.outerHTML.slice(0, 120))"""

    def look(page: Page) -> list[str]:
        # As a reader's own sheet: one of the page's would be refused by its policy.
        page.evaluate(f"""() => {{ const s = new CSSStyleSheet(); s.replaceSync(`{SPACING}`);
            document.adoptedStyleSheets = [s]; }}""")
        return [*page.evaluate(cut), *page.evaluate(TOO_WIDE)]

    assert walk(site, pages, look, viewport={"width": 640, "height": 640}) == {}


def test_nothing_moves_for_whoever_wants_no_motion(site: Site, pages: list[Address]) -> None:
    def look(page: Page) -> list[str]:
        moving: list[str] = page.evaluate("""() => [...document.querySelectorAll("*")].filter(e => {
            const s = getComputedStyle(e);
            return s.animationName !== "none" || s.transitionDuration.split(", ").some(d => d !== "0s");
        }).map(e => e.outerHTML.slice(0, 120))""")
        return moving

    assert walk(site, pages, look, reduced_motion="reduce") == {}
