"""The whole story of a teacher, in a browser, as it is meant to be used: by mouse, by keyboard, on paper."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from portal import forms
from tests.portal.browser.conftest import Site

#: Tab, and where the focus is then: its words, whether its outline shows.
FOCUS = """() => { const e = document.activeElement, s = getComputedStyle(e);
return [(e.ariaLabel || e.innerText || e.name || "").trim(), s.outlineStyle !== "none" && s.outlineWidth !== "0px"]; }"""


def name_of(site: Site, staff_id: str) -> str:
    (row,) = site.rows(
        "SELECT concat(family_name, ', ', given_name) AS name FROM roster.staff WHERE staff_id = $s",
        s=staff_id,
    )
    return str(row["name"])


def title_of(site: Site) -> str:
    (row,) = site.rows(
        "SELECT title FROM roster.class_section WHERE class_id = $c", c=site.class_id
    )
    return str(row["title"])


def tab_to(page: Page, words: str, most: int = 400) -> int:
    """Press Tab until something of these words has the focus; how often. Each stop must show."""
    for pressed in range(1, most):
        page.keyboard.press("Tab")
        says, shows = page.evaluate(FOCUS)
        assert shows, f"the focus does not show on {says!r}"
        if re.search(words, says):
            return pressed
    raise AssertionError(f"{words!r} is not reached by Tab")


def pages_of(pdf: bytes) -> int:
    """Pages of a PDF that Chromium wrote."""
    return len(re.findall(rb"/Type\s*/Page\b", pdf))


def test_a_teacher_signs_in_and_opens_the_board(site: Site) -> None:
    """The short one, for every day."""
    with site.reader() as page:
        page.goto(f"/classes/{site.class_id}/board")
        page.get_by_role("button", name=f"See as {name_of(site, site.teacher)}").click()
        expect(page.get_by_role("heading", level=1)).to_have_text(title_of(site))


@pytest.mark.slow
def test_from_signing_in_to_signing_out(site: Site) -> None:
    said = "Wants to build a kite."
    with site.reader() as page:
        page.goto("/")
        page.get_by_role("button", name=f"See as {name_of(site, site.teacher)}").click()
        page.get_by_role("link", name=title_of(site), exact=True).click()

        page.get_by_role("link", name="How was this made?").first.click()
        expect(page.get_by_role("heading", name="What went in")).to_be_visible()
        expect(page.get_by_role("heading", name="The formula")).to_be_visible()
        page.go_back()

        due = page.locator(".not_seen_lately").get_by_role("link", name="Check in with")
        waiting = due.count()
        child = (due.first.get_attribute("aria-label") or "").removeprefix("Check in with ")
        # A check-in is three steps: open the form, say it, keep it.
        due.first.click()
        page.get_by_label("What they said").fill(said)
        page.get_by_role("button", name="Keep").click()
        expect(page.get_by_role("heading", level=1)).to_have_text(title_of(site))
        assert due.count() == waiting - 1
        row = page.locator(".everyone tr", has=page.get_by_role("link", name=child, exact=True))
        today = forms.today(site.app.state.settings.time_zone)
        expect(row).to_contain_text(f"{today.day} {today:%B}")
        page.goto(page.url.split("#")[0])
        assert due.count() == waiting - 1

        assert pages_of(page.pdf(format="A4")) <= 4
        row.get_by_role("link").click()
        expect(page.get_by_text(said)).to_be_visible()
        page.get_by_role("button", name="Sign out").click()
        page.goto(f"/classes/{site.class_id}/board")
        expect(page.get_by_role("heading", level=1)).to_contain_text("Whose pages")
    with site.reader(site.stranger, faults=1) as page:
        for path in ("/", "/students", "/find", f"/classes/{site.class_id}/board"):
            page.goto(path)
            assert said not in page.content()
            assert child not in page.content()


@pytest.mark.slow
def test_the_same_by_keyboard_alone(site: Site) -> None:
    with site.reader(site.teacher) as page:
        page.goto(f"/classes/{site.class_id}/board")
        page.keyboard.press("Tab")
        says, shows = page.evaluate(FOCUS)
        assert (says, shows) == ("Skip to the page's content", True)
        page.keyboard.press("Enter")
        expect(page.locator("main")).to_be_focused()
        # From the content on, the first way to a number's making comes before the first answer.
        assert tab_to(page, "^How was this made") < 60
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="What went in")).to_be_visible()
        page.go_back()
        tab_to(page, "owner, a day, a note")
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.parentElement.open")
        page.goto(f"/students/{student_of(site)}/check-in")
        # The form opens in its text; topic is three stops on, and Enter in a line sends it.
        expect(page.get_by_label("What they said")).to_be_focused()
        page.keyboard.type("Reads to a brother.")
        page.get_by_label("Topic").focus()
        page.keyboard.type("reading")
        page.keyboard.press("Enter")
        expect(page.get_by_text("Reads to a brother.")).to_be_visible()


def student_of(site: Site) -> str:
    (row,) = site.rows(
        "SELECT max(student_id) AS id FROM views.collaboration_board WHERE class_id = $c",
        c=site.class_id,
    )
    return str(row["id"])


@pytest.mark.slow
def test_without_javascript_everything_can_be_read_and_answered(site: Site) -> None:
    with site.reader(site.teacher, java_script_enabled=False) as page:
        page.goto(f"/classes/{site.class_id}/board")
        expect(page.get_by_role("heading", name="Everyone, A to Z")).to_be_visible()
        page.locator(".everyone").get_by_role("link", name="Last check-in").click()
        expect(page.locator(".everyone th[aria-sort]")).to_have_text("Last check-in")
        card = page.locator(
            "article.card", has=page.get_by_role("button", name="Talk with them")
        ).first
        card.get_by_role("button", name="Talk with them").click()
        expect(page.locator(".standing").first).to_contain_text("Talk with them")


@pytest.mark.slow
def test_a_page_for_a_family_is_at_most_two_sheets_with_its_footer_and_without_colours(
    site: Site,
) -> None:
    with site.reader(site.teacher) as page:
        page.goto(f"/students/{student_of(site)}/family")
        assert pages_of(page.pdf(format="A4", prefer_css_page_size=True)) <= 2
        page.emulate_media(media="print")
        expect(page.locator(".confidential")).to_be_visible()
        expect(page.locator("nav")).to_be_hidden()
        # In print nothing is told by a hue: ink and paper are grey.
        hues = page.evaluate("""() => [...document.querySelectorAll("body *")].flatMap(e => {
            const s = getComputedStyle(e); return [s.color, s.backgroundColor, s.borderTopColor, s.fill, s.stroke]})
            .filter(c => { const n = c.match(/^rgba?\\((\\d+), (\\d+), (\\d+)/); return n && new Set(n.slice(1)).size > 1 })""")
        assert hues == []


@pytest.mark.slow
def test_the_board_of_a_team_of_sixty_children_takes_at_most_four_sheets(site: Site) -> None:
    found = site.rows(
        """SELECT class_id, count(DISTINCT student_id) AS children, min(a.staff_id) AS staff_id
        FROM views.collaboration_board JOIN roster.class_section USING (class_id)
        JOIN views.class_access AS a USING (class_id)
        WHERE class_type = 'homeroom' AND block = 'everyone' AND a.reason = 'school_leader'
        GROUP BY class_id ORDER BY staff_id, class_id"""
    )
    chosen: list[str] = []
    leader, children = found[0]["staff_id"], 0
    for row in found:
        if row["staff_id"] == leader and children < 60:
            chosen.append(row["class_id"])
            children += row["children"]
    assert children >= 60
    with site.reader(leader) as page:
        page.goto("/board?" + "&".join(f"class={c}" for c in chosen))
        assert pages_of(page.pdf(format="A4", prefer_css_page_size=True)) <= 4
