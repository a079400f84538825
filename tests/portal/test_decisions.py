"""Answers to cards, open decisions, and weeks that do not count."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from portal import decisions
from portal.conversations import Conversation, next_steps
from portal.forms import today
from portal.pages.board import choices
from portal.rendering import render
from tests.portal.conftest import COORDINATOR, ENDED, OTHER, TEACHER, UNKNOWN, Portal
from warehouse.notes import access_log, card_actions, check_ins, exclusions

HERE = "/classes/c1/decisions"
CARD = {"week_start": "2025-09-01", "rule_id": "check_in_due", "student_id": "U001"}
WEEKS = "/students/U001/exclusions"


def answer(school: Portal, who: str = TEACHER, path: str = HERE, **changed: str) -> Any:
    return school.post(school.browser(who), path, **(CARD | {"action": "talk"} | changed))


def held(school: Portal) -> list[card_actions.CardAction]:
    return card_actions.standing(school.notes)


def test_an_answer_with_owner_and_day_is_kept_logged_and_shown(school: Portal) -> None:
    day = (today("America/Chicago") + timedelta(3)).isoformat()
    assert answer(school, owner_id=TEACHER, due_date=day, note="at lunch").status_code == 303
    (kept,) = held(school)
    assert (kept.action, kept.owner_id, kept.due_date, kept.decided_by) == (
        "talk", TEACHER, day, TEACHER,
    )  # fmt: skip
    page = school.browser(TEACHER).get(HERE).text
    for words in ("Talk with them", "Ann Ash", "Not seen lately", "Tia Adult", "at lunch"):
        assert words in page
    assert [e.what for e in access_log.about(school.notes, "U001") if e.action == "edit"] == [
        "answer to a card"
    ]
    assert answer(school, owner_id=TEACHER, due_date=day, note="at lunch").status_code == 303
    assert len(held(school)) == 1


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"student_id": "U003"}, 403),
        ({"student_id": "U404"}, 403),
        ({"rule_id": "made_up"}, 409),
        ({"student_id": ""}, 409),
        ({"platform": "khan"}, 409),
        ({"week_start": "2025-09-08"}, 409),
        ({"week_start": "then"}, 400),
        ({"action": "punish"}, 400),
        ({"owner_id": OTHER}, 400),
        ({"owner_id": "T404"}, 400),
        ({"due_date": "2001-01-01"}, 400),
        ({"note": "x" * 201}, 400),
    ],
    ids=str,
)
def test_a_forged_answer_is_refused(school: Portal, changed: dict[str, str], status: int) -> None:
    assert answer(school, **changed).status_code == status
    assert held(school) == []


@pytest.mark.parametrize("who", [ENDED, UNKNOWN, OTHER, COORDINATOR], ids=str)
def test_nobody_answers_for_another_class(school: Portal, who: str) -> None:
    assert answer(school, who).status_code == 403
    answer(school)
    action_id = held(school)[0].action_id
    for path in (f"{HERE}/{action_id}/{verb}" for verb in ("undo", "done", "open")):
        assert answer(school, who, path).status_code == 403
    # Through a class of their own, another class's decision.
    for verb in ("undo", "done", "open"):
        path = f"/classes/c2/decisions/{action_id}/{verb}"
        assert answer(school, OTHER, path).status_code == 404
    assert len(held(school)) == 1
    assert card_actions.done(school.notes, [action_id]) == {}


def test_a_decision_is_open_until_done_and_may_be_open_again(school: Portal) -> None:
    answer(school)
    action_id = held(school)[0].action_id
    browser = school.browser(TEACHER)
    assert "1 open" in browser.get(HERE).text
    for _ in range(2):
        assert answer(school, path=f"{HERE}/{action_id}/done").status_code == 303
    page = browser.get(HERE).text
    assert "Nothing is open" in page
    assert "Done in the latest four weeks" in page
    assert answer(school, path=f"{HERE}/{action_id}/open").status_code == 303
    assert answer(school, path=f"{HERE}/{action_id}/open").status_code == 409
    assert "1 open" in browser.get(HERE).text


def test_an_answer_is_taken_back_once(school: Portal) -> None:
    answer(school, action="we_know_why", note="ill")
    page = school.browser(TEACHER).get(HERE).text
    assert "Nothing is open" in page
    assert "ill" in page
    path = f"{HERE}/{held(school)[0].action_id}/undo"
    assert [answer(school, path=path).status_code for _ in range(2)] == [303, 409]
    assert held(school) == []


def test_a_note_is_no_script_and_no_formula(school: Portal) -> None:
    answer(school, note="=1+<script>1</script>")
    browser = school.browser(TEACHER)
    assert "<script>1" not in browser.get(HERE).text
    assert "'=1+<script>" in browser.get(f"{HERE}.csv").text


def test_a_decision_about_a_child_who_is_not_the_readers_is_left_out(school: Portal) -> None:
    gone = card_actions.new(
        "c1", "2025-09-01", "check_in_due", "talk", by=TEACHER, student_id="U003"
    )
    card_actions.add(school.notes, gone)
    page = school.browser(TEACHER).get(HERE)
    assert (page.status_code, "Cole" in page.text, "U003" in page.text) == (200, False, False)
    assert answer(school, path=f"{HERE}/{gone.action_id}/done").status_code == 403


def told(**changed: Any) -> decisions.Decision:
    fields: dict[str, Any] = {
        "action_id": "a", "class_id": "c1", "week_start": date(2025, 9, 1), "student_id": "U1",
        "student": "Ann", "rule_id": "r", "card": "R", "platform": None, "action": "talk",
        "answer": "Talk with them", "note": None, "owner": "", "due_date": None,
        "decided_by": "Tia", "decided_on": "2025-09-02", "done_on": None, "done_by": "",
    }  # fmt: skip
    return decisions.Decision(**(fields | changed))


@pytest.mark.parametrize(
    ("decision", "stands_on"),
    [
        (told(), ["2025-09-01", "2025-09-08", "2025-12-01"]),
        (told(done_on="2025-09-03"), ["2025-09-01"]),
        (told(action="we_know_why"), ["2025-09-01"]),
    ],
    ids=["open", "done", "known"],
)
def test_open_decisions_are_carried_to_later_boards(
    decision: decisions.Decision, stands_on: list[str]
) -> None:
    weeks = ["2025-08-25", "2025-09-01", "2025-09-08", "2025-12-01"]
    about = decisions.about({"student_id": "U1", "rule_id": "r", "platform": None})
    assert [
        w for w in weeks if about in decisions.on_cards([decision], date.fromisoformat(w))
    ] == stands_on


def test_the_fragment_of_a_card_gives_every_answer_and_shows_what_stands() -> None:
    text = render(
        "_card_actions.html",
        {
            "card": {"class_id": "c1", "week_start": date(2025, 9, 1), "student_id": None,
                     "rule_id": "shared_dip", "platform": "khan"},
            "says": "many <quieter>", "standing": [told(owner="Tia")], "csrf": "t",
            "choices": choices({"T1": "Tia <i>"}, 3), "back": "/x",
        },
    )  # fmt: skip
    for action in card_actions.ACTIONS:
        assert f'name="action" value="{action}"' in text
    assert "sleeps 3 weeks" in text
    assert '<option value="T1">Tia &lt;i&gt;</option>' in text
    assert 'aria-label="Done: Talk with them, many &lt;quieter&gt;"' in text
    assert text.count('name="csrf" value="t"') == 3
    assert 'name="week_start" value="2025-09-01"' in text


def test_a_week_is_said_not_to_count_and_to_count_again(school: Portal) -> None:
    browser = school.browser(TEACHER)
    form = {"week_start": "2025-09-01", "platform": "khan", "why": "a <b>sibling</b>"}
    for _ in range(2):
        assert school.post(browser, WEEKS, **form).status_code == 303
    (kept,) = exclusions.standing(school.notes)
    assert (kept.student_id, kept.platform, kept.week_start) == ("U001", "khan", "2025-09-01")
    assert "a &lt;b&gt;sibling" in browser.get(WEEKS).text
    undo = f"/{kept.exclusion_id}/undo"
    assert school.post(browser, f"/students/U002/exclusions{undo}").status_code == 404
    assert school.post(school.browser(OTHER), WEEKS + undo).status_code == 403
    assert school.post(browser, WEEKS + undo).status_code == 303
    assert exclusions.standing(school.notes) == []


@pytest.mark.parametrize(
    "changed",
    [{"week_start": "2025-09-08"}, {"week_start": ""}, {"platform": "x"}, {"why": " "}],
    ids=str,
)
def test_an_exclusion_needs_a_week_a_known_platform_and_a_reason(
    school: Portal, changed: dict[str, str]
) -> None:
    form = {"week_start": "2025-09-01", "platform": "khan", "why": "trip"} | changed
    assert school.post(school.browser(TEACHER), WEEKS, **form).status_code == 400
    assert school.post(school.browser(OTHER), WEEKS, **form).status_code == 403
    assert exclusions.standing(school.notes) == []


def test_next_steps_stand_by_their_day_and_old_ones_without_a_day_to_come_are_left_out() -> None:
    def told(day: str, step: str | None, owner: str = "", due: str | None = None) -> Conversation:
        until = date.fromisoformat(due) if due else None
        return Conversation("U1", date.fromisoformat(day), "Tia", None, None, step, owner, until)

    said = [
        told("2025-09-04", "call home", "Tia"),
        told("2025-09-03", "lend a book", "", "2025-09-20"),
        told("2025-09-02", "nobody's and undated"),
        told("2025-09-01", None, "Tia", "2025-09-09"),
        told("2025-05-01", "long ago", "Tia"),
        told("2025-05-01", "long ago, day to come", "Tia", "2025-09-10"),
    ]
    assert [c.next_step for c in next_steps(said, date(2025, 7, 1))] == [
        "long ago, day to come", "lend a book", "call home",
    ]  # fmt: skip


def test_a_next_step_with_an_owner_shows_on_the_page_of_decisions(school: Portal) -> None:
    tia = school.browser(TEACHER)
    day = today(school.settings.time_zone).isoformat()
    made = check_ins.new(
        "U001", TEACHER, day, by=TEACHER, next_step="Call <home>", owner_id=TEACHER
    )
    check_ins.add(school.notes, made)
    page = tia.get("/classes/c1/decisions").text
    assert "Call &lt;home&gt;, Tia Adult" in page
    assert "Call" not in school.browser(OTHER).get("/classes/c2/decisions").text
