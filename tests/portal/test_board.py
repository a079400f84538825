"""The board: its blocks and their order, whose cards it shows, and what is live on it."""

from __future__ import annotations

import html
import re
from datetime import date, timedelta

import pytest

from portal.board.blocks import Card, Child, Group, group_lines, in_order, not_seen_lately
from portal.conversations import Seen
from portal.live import Row
from portal.rendering import FILES
from tests.portal.conftest import COORDINATOR, ENDED, OTHER, TEACHER, UNKNOWN, Portal
from warehouse.notes import access_log, card_actions, check_ins

BOARD = "/classes/c1/board"
BLOCKS = ["celebrate", "whole_class", "not_seen_lately", "starter", "starter_more", "two_stories", "everyone"]  # fmt: skip


def card(block: str, order: int, position: int, **changed: str) -> Card:
    told = {
        "class_id": "c1", "class_title": "3A", "student_id": "U1", "student": "Ann", "kind": "k",
        "question": "Why?", "platform": "khan", "sentence": "s", "else_it_could_be": "e",
        "rule_id": "r", "item": "",
    } | changed  # fmt: skip
    return Card(
        **told, week_start=date(2025, 9, 1), block=block, block_order=order, position=position,
        data_through=date(2025, 9, 5), window_end=None, rule="Rule", formula="",
    )  # fmt: skip


def child(name: str, last: str | None, adult: str = "Tia", title: str = "3A", due: bool = True) -> Child:  # fmt: skip
    seen = Seen(date.fromisoformat(last) if last else None, 9 if last else None, due)
    return Child(name, name, name, "c1", title, adult and f"T-{adult}", adult, adult, seen)


def asked(portal: Portal, sql: str) -> list[Row]:
    with portal.app.state.live.reading() as version:
        found: list[Row] = version.rows(sql)
        return found


def busiest(portal: Portal) -> tuple[str, str]:
    """The sample's class with most cards on its latest board, and a teacher of it."""
    (row,) = asked(
        portal,
        "SELECT class_id, min(class_access.staff_id) AS staff_id FROM views.collaboration_board "
        "JOIN views.class_access USING (class_id) WHERE reason = 'teacher_of_class' "
        "AND week_start = (SELECT max(week_start) FROM views.collaboration_board) "
        "GROUP BY class_id ORDER BY count(DISTINCT block) DESC, count(*) DESC, class_id LIMIT 1",
    )
    return row["class_id"], row["staff_id"]


def test_blocks_and_questions_keep_the_order_of_the_view() -> None:
    cards = [
        card("two_stories", 6, 1),
        card("celebrate", 1, 1, kind="b"),
        card("celebrate", 1, 2, kind="a"),
        card("starter", 4, 1, question="Second?"),
        card("starter", 4, 2, question="First?"),
        card("starter", 4, 3, question="Second?"),
        card("starter_more", 5, 1, student="Bob"),
    ]
    made = group_lines(cards, [Group("Tia", [], [child("Ann", None)])])
    assert [b.name for b in made] == [
        "celebrate", "not_seen_lately", "starter", "starter_more", "two_stories",
    ]  # fmt: skip
    assert [g.heading for g in made[0].groups] == ["b", "a"]
    assert [(g.heading, len(g.cards)) for g in made[2].groups] == [("Second?", 2), ("First?", 1)]
    assert [g.heading for g in made[3].groups] == ["Bob"]


def test_who_was_not_seen_lately_stands_with_the_adult_longest_ago_first() -> None:
    found = not_seen_lately(
        [
            child("Ann", "2025-09-02"),
            child("Bob", None),
            child("Cy", "2025-09-01", adult=""),
            child("Di", "2025-09-09", due=False),
            child("Ed", None, adult="Abe"),
        ]
    )
    assert [(g.heading, [c.student for c in g.children]) for g in found] == [
        ("Abe", ["Ed"]),
        ("Tia", ["Bob", "Ann"]),
        ("", ["Cy"]),
    ]


@pytest.mark.parametrize(
    ("sort", "order"),
    [("name", "ABC"), ("class", "BAC"), ("adult", "CAB"), ("last", "BCA")],
)
def test_everyone_is_sorted_by_name_class_adult_or_last_check_in(sort: str, order: str) -> None:
    everyone = [
        child("A", "2025-09-09", "Tia", "b"),
        child("B", None, "", "a"),
        child("C", "2025-09-01", "Abe", "b"),
    ]
    assert "".join(c.student for c in in_order(everyone, sort)) == order


def test_the_board_shows_the_views_blocks_in_their_order_and_every_card(portal: Portal) -> None:
    class_id, staff_id = busiest(portal)
    page = portal.browser(staff_id).get(f"/classes/{class_id}/board")
    assert page.status_code == 200
    shown = re.findall(r'<h2 id="(\w+)">', page.text)
    assert shown == [b for b in BLOCKS if b in shown]
    assert {"celebrate", "not_seen_lately", "starter", "everyone"} <= set(shown)
    text = html.unescape(page.text)
    cards = asked(
        portal,
        f"SELECT sentence FROM views.collaboration_board WHERE class_id = '{class_id}' "
        "AND week_start = (SELECT max(week_start) FROM views.collaboration_board) "
        "AND block NOT IN ('everyone', 'not_seen_lately')",
    )
    assert len(cards) > 5
    assert [c for c in cards if c["sentence"] not in text] == []
    for words in ("It could also be:", "Data through", "matched", "We know why"):
        assert words in text


def test_every_link_of_a_board_leads_somewhere(portal: Portal) -> None:
    class_id, staff_id = busiest(portal)
    browser = portal.browser(staff_id)
    page = browser.get(f"/classes/{class_id}/board").text
    links = {html.unescape(link).split("#")[0] for link in re.findall(r'href="(/[^"]*)"', page)}
    assert len(links) > 50
    assert [link for link in links if link and browser.get(link).status_code != 200] == []


def test_earlier_weeks_are_kept_and_others_are_refused(portal: Portal) -> None:
    class_id, staff_id = busiest(portal)
    browser = portal.browser(staff_id)
    weeks = [
        r["week_start"]
        for r in asked(portal, "SELECT DISTINCT week_start FROM views.collaboration_board ORDER BY 1")
    ]  # fmt: skip
    page = browser.get(f"/classes/{class_id}/board?week={weeks[0]}").text
    assert 'id="everyone"' not in page
    assert f"week={weeks[1]}" in page
    for week, status in [
        (weeks[-1] + timedelta(7), 404),
        (weeks[-1] + timedelta(1), 404),
        ("1999-01-04", 404),
        ("x'; --", 400),
    ]:
        assert browser.get(f"/classes/{class_id}/board?week={week}").status_code == status


def test_sorting_is_by_plain_links_and_by_nothing_else(school: Portal) -> None:
    browser = school.browser(TEACHER)
    page = browser.get(BOARD).text
    assert set(re.findall(rf'href="{BOARD}\?sort=(\w+)#everyone"', page)) == {"class", "adult", "last"}  # fmt: skip
    assert 'aria-sort="ascending"' in page
    assert browser.get(f"{BOARD}?sort=last").status_code == 200
    assert browser.get(f"{BOARD}?sort=minutes").status_code == 400


@pytest.mark.parametrize("who", [ENDED, UNKNOWN, OTHER, COORDINATOR], ids=str)
def test_a_team_board_is_refused_where_one_class_is_not_the_readers(school: Portal, who: str) -> None:  # fmt: skip
    for path in (BOARD, "/board?class=c1", "/board?class=c2&class=c1", "/classes/c1/groups"):
        answer = school.browser(who).get(path)
        assert answer.status_code == 403
        assert "Ash" not in answer.text
    assert school.browser(TEACHER).get("/board?class=c1&class=c2").status_code == 403
    assert school.browser(TEACHER).get("/board").status_code == 400


def test_a_team_has_one_board_with_each_child_once(portal: Portal) -> None:
    (leader,) = asked(
        portal,
        "SELECT staff_id, list_sort(list(class_id))[:3] AS ids FROM views.class_access "
        "WHERE reason = 'school_leader' GROUP BY staff_id ORDER BY staff_id LIMIT 1",
    )
    team = "&".join(f"class={i}" for i in leader["ids"])
    page = portal.browser(leader["staff_id"]).get(f"/board?{team}&{team}").text
    table = page[page.index('id="everyone"') :]
    names = re.findall(r'<th scope="row"><a href="/students/([^"]+)"', table)
    (told,) = asked(
        portal,
        "SELECT count(DISTINCT student_id) AS n FROM views.collaboration_board "
        f"WHERE block = 'everyone' AND list_contains({leader['ids']}, class_id)",
    )
    assert len(names) == len(set(names)) == told["n"]


def test_a_check_in_of_this_minute_takes_the_child_out_of_not_seen_lately(school: Portal) -> None:
    def unseen() -> list[str]:
        page = school.browser(TEACHER).get(BOARD).text
        block = page[page.index('id="not_seen_lately"') :].split("</section>")[0]
        return re.findall(r'href="/students/(U\d+)"', block)

    assert unseen() == ["U001", "U002"]
    wrote = check_ins.new("U001", TEACHER, "2025-09-05", by=TEACHER, note="x")
    check_ins.add(school.notes, wrote)
    assert unseen() == ["U002"]
    assert "5 September" in school.browser(TEACHER).get(BOARD).text.split('id="everyone"')[1]
    check_ins.add(school.notes, check_ins.revised(wrote, by=TEACHER, withdrawn=True))
    assert unseen() == ["U001", "U002"]


def test_a_decision_is_carried_until_it_is_done(school: Portal) -> None:
    made = card_actions.new(
        "c1", "2025-08-25", "stuck_skill", "teach", by=TEACHER, student_id="U001",
        platform="khan", owner_id=TEACHER,
    )  # fmt: skip
    card_actions.add(school.notes, made)
    page = school.browser(TEACHER).get(BOARD).text
    assert "Decided before, still open" in page
    assert "Teach the skill, Tia Adult" in page
    card_actions.say_done(school.notes, made.action_id, by=TEACHER)
    assert "Decided before" not in school.browser(TEACHER).get(BOARD).text


def test_a_board_is_logged_once_with_everyone_on_it(school: Portal) -> None:
    before = len(access_log.about(school.notes, "U001"))
    school.browser(TEACHER).get(BOARD)
    entries = access_log.about(school.notes, "U001")[before:]
    assert [(e.action, e.what, sorted(e.students)) for e in entries] == [
        ("view", "board", ["U001", "U002"])
    ]


def test_the_print_sheet_opens_what_is_folded_and_names_the_record(school: Portal) -> None:
    sheet = next(f.body.decode() for n, f in FILES.items() if n.endswith(".css"))
    printed = sheet[sheet.index("@media print") :]
    assert "details::details-content { content-visibility: visible" in printed
    assert "@bottom-center" in printed
    assert "Confidential, education record" in school.browser(TEACHER).get(BOARD).text
