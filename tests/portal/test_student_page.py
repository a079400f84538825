"""The pages of one student: what they show, what they leave out, and what is kept of who looked."""

from __future__ import annotations

import html
import re

import pytest

from tests.portal.conftest import OTHER, TEACHER, Portal
from warehouse.notes import access_log, check_ins

PAGES = ("", "/family", "/record", "/how/minutes?platform=khan")


def teacher_and_student(portal: Portal, having: str) -> tuple[str, str]:
    """Somebody who may see a student of whom a SELECT of student_ids tells."""
    with portal.app.state.live.reading() as version:
        (row,) = version.rows(
            f"SELECT staff_id, student_id FROM views.student_access "
            f"WHERE student_id IN ({having}) ORDER BY student_id, staff_id LIMIT 1"
        )
    return row["staff_id"], row["student_id"]


def test_a_check_in_written_this_minute_is_on_every_page_and_its_trail_in_the_record(
    school: Portal,
) -> None:
    first = check_ins.new("U001", TEACHER, "2025-09-05", by=TEACHER, note="likes maps")
    check_ins.add(school.notes, first)
    check_ins.add(school.notes, check_ins.revised(first, by=TEACHER, note="likes old maps"))
    browser = school.browser(TEACHER)
    for page in ("", "/family"):
        told = browser.get(f"/students/U001{page}").text
        assert "likes old maps" in told
        assert "likes maps" not in told
        assert "5 September 2025, Tia Adult" in told
    record = browser.get("/students/U001/record").text
    assert "likes old maps" in record
    assert "likes maps" in record


def test_what_people_wrote_is_text_and_never_markup(school: Portal) -> None:
    wrote = check_ins.new(
        "U001", TEACHER, "2025-09-05", by=TEACHER, note="<script>alert(1)</script>"
    )
    check_ins.add(school.notes, wrote)
    for page in PAGES:
        assert "<script>alert" not in school.browser(TEACHER).get(f"/students/U001{page}").text


@pytest.mark.parametrize("page", PAGES)
def test_another_teacher_gets_nothing(school: Portal, page: str) -> None:
    answer = school.browser(OTHER).get(f"/students/U001{page}")
    assert answer.status_code == 403
    assert "Ann" not in answer.text


@pytest.mark.parametrize(
    ("page", "action"), [("", "view"), ("/family", "export"), ("/record", "export")]
)
def test_who_looked_is_kept(school: Portal, page: str, action: str) -> None:
    assert school.browser(TEACHER).get(f"/students/U001{page}").status_code == 200
    (entry,) = access_log.about(school.notes, "U001")
    assert (entry.staff_id, entry.action, entry.students) == (TEACHER, action, ("U001",))


def test_a_student_of_whom_no_platform_tells_has_a_page(school: Portal) -> None:
    teacher, alone = OTHER, "U003"
    told = school.browser(teacher).get(f"/students/{alone}").text
    assert "No account on Khan" in told
    assert "None is written down yet." in told


@pytest.mark.parametrize(
    "asked",
    [
        "/how/nonsense",
        "/how/staff_id",
        "/how/minutes?platform=nobody",
        "/how/minutes?week=soon",
        "/how/minutes?week=0001-01-01",
        "/how/minutes?week=9999-12-31",
        "/how/roster.staff.email",
        "/how/" + "a" * 3000,
        "/how/minutes?item=" + "%27%3B%20DROP%20TABLE%20x",
        "/how/class_story?item=%27%20OR%201=1",
    ],
)
def test_what_there_is_no_number_of_is_not_explained(school: Portal, asked: str) -> None:
    answer = school.browser(TEACHER).get(f"/students/U001{asked}")
    assert answer.status_code in (200, 400, 404)
    assert "Bob" not in answer.text
    assert "Tia" not in answer.text.replace("<span>Tia Adult</span>", "")


def test_every_number_leads_to_its_making_and_every_making_recomputes(portal: Portal) -> None:
    staff, student = teacher_and_student(
        portal,
        "SELECT student_id FROM views.student_platform_week WHERE share_of_usual > 0 "
        "INTERSECT SELECT student_id FROM views.student_progress WHERE growth_story IS NOT NULL "
        "INTERSECT SELECT student_id FROM views.assignment_timing WHERE closed",
    )
    browser = portal.browser(staff)
    page = browser.get(f"/students/{student}").text
    links = {html.unescape(a) for a in re.findall(r'class="how" href="([^"]+)"', page)}
    assert len(links) > 20
    for link in links:
        made = browser.get(link)
        assert made.status_code == 200, link
        assert "The formula" in made.text
        assert "tell your coordinator" not in made.text, link


def test_a_picture_never_stands_without_its_table(portal: Portal) -> None:
    staff, student = teacher_and_student(
        portal, "SELECT student_id FROM views.student_progress WHERE growth_story IS NOT NULL"
    )
    page = portal.browser(staff).get(f"/students/{student}").text
    drawn = len(re.findall(r'<svg role="img" aria-label="[^"]+"', page))
    assert drawn >= 2
    assert len(re.findall(r"<details>", page)) >= drawn
    assert len(re.findall(r"<caption>", page)) >= drawn


def test_the_family_page_compares_with_nobody_and_begins_with_what_went_well(
    portal: Portal,
) -> None:
    staff, student = teacher_and_student(
        portal,
        "SELECT student_id FROM views.student_procrastination WHERE class_pacing IS NOT NULL",
    )
    browser = portal.browser(staff)
    assert "classmates" in browser.get(f"/students/{student}").text
    told = browser.get(f"/students/{student}/family").text
    assert "classmates" not in told
    assert "percentile" not in told
    assert "Confidential, education record" in told
    assert re.findall(r"<h2[^>]*>([^<]+)</h2>", told)[0] == "What went well"


def test_no_page_says_a_word_that_labels_a_child(portal: Portal) -> None:
    staff, student = teacher_and_student(
        portal, "SELECT student_id FROM views.card WHERE rule_id = 'work_lands_at_end'"
    )
    browser = portal.browser(staff)
    page = browser.get(f"/students/{student}").text
    links = sorted({html.unescape(a) for a in re.findall(r'class="how" href="([^"]+)"', page)})
    for address in (f"/students/{student}", f"/students/{student}/family", *links):
        seen = re.sub(r"<[^>]*>", " ", browser.get(address).text).lower()
        for word in ("procrastinat", "at risk", "lazy", "low performer", "ranked"):
            assert word not in seen, address


def test_the_record_stands_alone_and_holds_every_week(portal: Portal) -> None:
    staff, student = teacher_and_student(
        portal, "SELECT student_id FROM views.student_platform_week WHERE status = 'ok'"
    )
    answer = portal.browser(staff).get(f"/students/{student}/record")
    assert answer.headers["content-disposition"] == 'attachment; filename="student-record.html"'
    assert not re.search(r"<(script|link|img)\b|url\(", answer.text)
    with portal.app.state.live.reading() as version:
        weeks = version.rows(
            "SELECT DISTINCT week_start FROM views.student_platform_week "
            "WHERE student_id = $id AND status <> 'not_rostered'",
            {"id": student},
        )
    assert weeks
    for week in weeks:
        assert str(week["week_start"]) in answer.text
