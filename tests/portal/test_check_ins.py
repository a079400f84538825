"""Check-ins: who writes, changes and takes back; the trail stays; all of it shows at once."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from portal.conversations import last_check_ins
from portal.forms import today
from tests.portal.conftest import COORDINATOR, ENDED, OTHER, TEACHER, UNKNOWN, Portal
from warehouse.notes import access_log, check_ins

HERE = "/students/U001/check-in"
KEY = "0" * 31 + "1"


def form(**changed: str) -> dict[str, str]:
    day = today("America/Chicago").isoformat()
    return {"date": day, "staff_id": TEACHER, "key": KEY, "note": "Likes whales"} | changed


def written(school: Portal) -> list[Any]:
    return check_ins.standing(check_ins.every(school.notes))


def keep(school: Portal, who: str = TEACHER, path: str = HERE, **changed: str) -> Any:
    return school.post(school.browser(who), path, **form(**changed))


def test_the_form_begins_with_today_and_the_adult_and_says_that_families_read_it(
    school: Portal,
) -> None:
    page = school.browser(TEACHER).get(HERE).text
    assert f'type="date" required max="{form()["date"]}" value="{form()["date"]}"' in page
    assert '<option value="T1" selected>Tia Adult</option>' in page
    assert "Families may read every word" in page
    assert re.search(r'name="key" value="[0-9a-f]{32}"', page)


def test_a_check_in_shows_at_once_and_is_logged(school: Portal) -> None:
    assert keep(school, topic="sea", next_step="library", owner_id=TEACHER).status_code == 303
    page = school.browser(TEACHER).get(HERE).text
    for words in ("Likes whales", ": sea", "Next step: library, Tia Adult"):
        assert words in page
    (entry, *_) = [e for e in access_log.about(school.notes, "U001") if e.action == "edit"]
    assert (entry.staff_id, entry.what, entry.students) == (TEACHER, "check-in", ("U001",))


def test_the_student_is_chosen_from_the_class(school: Portal) -> None:
    browser = school.browser(TEACHER)
    page = browser.get("/classes/c1/check-in").text
    assert "Ann Ash" in page
    assert "Cy Cole" not in page
    answer = school.post(browser, "/classes/c1/check-in", **form(student_id="U002"))
    assert "Kept: check-in with Bob Bell." in answer.text
    assert [c.student_id for c in written(school)] == ["U002"]


def test_a_form_sent_twice_is_kept_once(school: Portal) -> None:
    for _ in range(2):
        assert keep(school).status_code == 303
    assert len(check_ins.every(school.notes)) == 1
    assert keep(school, path="/students/U002/check-in").status_code == 409
    assert len(check_ins.every(school.notes)) == 1


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"date": "2999-01-01"}, "today or a day of the past year"),
        ({"date": "yesterday"}, "Write a day"),
        ({"date": ""}, "Write a day"),
        ({"staff_id": OTHER}, "Choose an adult of this student"),
        ({"owner_id": OTHER}, "Choose an adult of this student"),
        ({"due_date": "2001-01-01"}, "today or a day of the coming year"),
        ({"topic": "x" * 201}, "at most 200 characters"),
        ({"note": "x" * 4001}, "at most 4000 characters"),
    ],
    ids=str,
)
def test_what_cannot_be_kept_comes_back_with_the_reason_and_what_was_written(
    school: Portal, changed: dict[str, str], says: str
) -> None:
    answer = keep(school, **{"next_step": "ask again", **changed})
    assert answer.status_code == 400
    assert says in answer.text
    assert "ask again" in answer.text
    assert 'aria-describedby="wrong"' in answer.text
    assert written(school) == []


@pytest.mark.parametrize("who", [ENDED, UNKNOWN, OTHER, COORDINATOR], ids=str)
def test_nobody_writes_about_a_child_that_is_not_theirs(school: Portal, who: str) -> None:
    assert keep(school, who).status_code == 403
    assert school.post(school.browser(who), "/classes/c1/check-in", **form()).status_code == 403
    keep(school)
    for path in (f"/students/U001/check-ins/{KEY}", "/students/U001/check-ins.csv"):
        assert school.browser(who).get(path).status_code == 403
    # Their own class, another class's child.
    answer = school.post(
        school.browser(OTHER), "/classes/c2/check-in", **form(student_id="U001", staff_id=OTHER)
    )
    assert (answer.status_code, "whales" in answer.text) == (400, True)
    assert len(written(school)) == 1


def test_an_edit_keeps_the_trail_and_only_the_writer_edits(school: Portal) -> None:
    keep(school, topic="sea")
    one = f"/students/U001/check-ins/{KEY}"
    browser = school.browser(TEACHER)
    first = written(school)[0].revision_id
    changed = form(note="Likes octopuses", topic="sea", revision_id=first)
    assert school.post(browser, one, **changed).status_code == 303
    page = browser.get(one).text
    assert "Likes whales" in page
    assert "Likes octopuses" in page
    # What was seen is no longer the latest.
    assert school.post(browser, one, **changed).status_code == 409
    # A leader or mentor who may see the child may not change it: here a second teacher's note.
    made = check_ins.new("U001", TEACHER, form()["date"], by="T9", note="by another")
    check_ins.add(school.notes, made)
    other = f"/students/U001/check-ins/{made.check_in_id}"
    assert "who wrote it, can change it" in browser.get(other).text
    for path in (other, f"{other}/withdraw"):
        answer = school.post(browser, path, **form(revision_id=made.revision_id))
        assert (answer.status_code, "Only the adult who wrote" in answer.text) == (403, True)


def test_taking_back_keeps_the_trail_and_changing_again_lets_it_count(school: Portal) -> None:
    keep(school)
    one, browser = f"/students/U001/check-ins/{KEY}", school.browser(TEACHER)
    school.post(browser, f"{one}/withdraw", revision_id=written(school)[0].revision_id)
    assert written(school) == []
    assert "whales" not in browser.get(HERE).text
    page = browser.get(one).text
    assert "Taken back" in page
    assert "Likes whales" in page
    latest = check_ins.trail(school.notes, KEY)[-1].revision_id
    school.post(browser, one, **form(revision_id=latest))
    assert len(written(school)) == 1


def test_a_check_in_is_found_only_under_its_own_student(school: Portal) -> None:
    keep(school)
    browser = school.browser(TEACHER)
    for path in (f"/students/U002/check-ins/{KEY}", "/students/U001/check-ins/x"):
        assert browser.get(path).status_code == 404
        assert school.post(browser, f"{path}/withdraw", **form()).status_code == 404
    assert len(written(school)) == 1


def test_what_was_written_runs_neither_in_the_page_nor_in_a_spreadsheet(school: Portal) -> None:
    keep(school, note="<script>alert(1)</script>", topic='=HYPERLINK("x")\x07')
    browser = school.browser(TEACHER)
    page = browser.get(HERE).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page
    csv = browser.get("/students/U001/check-ins.csv").text
    assert "'=HYPERLINK" in csv
    assert "\x07" not in csv


def test_the_next_page_is_one_of_ours(school: Portal) -> None:
    assert keep(school, next="//evil.example/x").headers["location"] == "/"
    browser = school.browser(TEACHER)
    assert "evil" not in browser.get(f"{HERE}?next=https://evil.example").text
    assert 'value="/alerts"' in browser.get(f"{HERE}?next=/alerts").text


def test_the_last_check_in_is_that_of_this_moment(school: Portal) -> None:
    live = school.app.state.live._current

    def seen() -> Any:
        return last_check_ins(live.rows, school.notes, ["U001", "U002", "U404"], 7)

    assert {i: (s.last, s.due) for i, s in seen().items()} == {
        "U001": (None, True),
        "U002": (None, True),
    }
    keep(school)
    now = today("America/Chicago")
    assert (seen()["U001"].last, seen()["U001"].days, seen()["U001"].due) == (now, 0, False)
    assert seen()["U002"].due
    # The data end on 5 September 2025; a week before that somebody talked with Bob.
    day = (live.rows("SELECT max(as_of) AS d FROM views.student_check_in")[0]["d"]) - timedelta(7)
    check_ins.add(school.notes, check_ins.new("U002", TEACHER, day.isoformat(), by=TEACHER))
    assert (seen()["U002"].days, seen()["U002"].due) == (7, True)
