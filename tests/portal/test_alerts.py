"""Alerts: who is told, once, without a word about a child; sent through a real mail server."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import duckdb
import pytest

from connectors.errors import HomeroomError
from connectors.ways.secrets import Secrets
from portal import alerts
from portal.alerts import Letter
from portal.live import Version
from portal.mail import Mail, deliver
from tests import mailbox
from tests.portal.conftest import OTHER, TEACHER, Portal
from tests.servers import certificate
from warehouse.notes import digests, messages
from warehouse.notes.database import Notes
from warehouse.notes.messages import Matter
from warehouse.publish import Pointer
from warehouse.settings.alerts import AlertSettings
from warehouse.settings.portal import PortalSettings

TODAY = date(2025, 9, 30)
#: Ann: class c1 of Tia and Tom, mentor Mo. Bob: c1, no mentor. Cy: a task of no known class, his
#: adult is Mo. Dee: c1's task, but she has left c1, and nobody may see her.
DRAWN = """
CREATE SCHEMA views; CREATE SCHEMA roster;
CREATE TABLE views.card AS FROM (VALUES
    ('ann', 'below_threshold', 'khan', 'q1', 'Quiz 1', 41.5, DATE '2025-09-20'),
    ('ann', 'below_threshold', 'khan', 'q2', 'Quiz 2', 30.0, DATE '2025-09-21'),
    ('ann', 'below_threshold', 'khan', 'old', 'Quiz 0', 10.0, DATE '2025-08-01'),
    ('ann', 'quieter_than_usual', 'khan', NULL, NULL, 0.1, DATE '2025-09-21'),
    ('bob', 'below_threshold', 'khan', 'q1', 'Quiz 1', 12.0, DATE '2025-09-20'),
    ('cy', 'below_threshold', 'lexia', 'q9', 'Quiz 9', 12.0, DATE '2025-09-20'),
    ('dee', 'below_threshold', 'khan', 'q1', 'Quiz 1', 12.0, DATE '2025-09-20')
) AS t (student_id, rule_id, platform, item_id, item_title, value, window_end);
CREATE TABLE views.assignment_timing AS
    SELECT student_id, platform, item_id AS assignment_id,
        CASE WHEN student_id <> 'cy' THEN 'c1' END AS class_id
    FROM views.card WHERE item_id IS NOT NULL;
CREATE TABLE views.class_access AS FROM (VALUES
    ('tia', 'c1', 'teacher_of_class'), ('tom', 'c1', 'teacher_of_class'),
    ('lea', 'c1', 'school_leader')
) AS t (staff_id, class_id, reason);
CREATE TABLE views.student_access AS FROM (VALUES
    ('tia', 'ann', 'teacher_of_class'), ('tia', 'bob', 'teacher_of_class'),
    ('tom', 'ann', 'teacher_of_class'), ('lea', 'ann', 'school_leader'),
    ('mo', 'ann', 'mentor'), ('mo', 'cy', 'mentor')
) AS t (staff_id, student_id, reason);
CREATE TABLE views.student_check_in AS FROM (VALUES
    ('ann', 'mo'), ('bob', 'tia'), ('cy', 'mo'), ('dee', NULL)
) AS t (student_id, staff_id);
CREATE TABLE views.collaboration_board AS FROM (VALUES
    ('c1', DATE '2025-09-15'), ('c1', DATE '2025-09-22')
) AS t (class_id, week_start);
CREATE TABLE roster.staff AS FROM (VALUES ('tia', 'Tia', 'A')) AS t (staff_id, given_name, family_name);
"""


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Version]:
    with duckdb.connect(str(tmp_path / "w.duckdb")) as db:
        db.execute(DRAWN)
    version = Version(tmp_path, Pointer("w.duckdb", "2025-09-30T00:00:00", ""))
    yield version
    version.close()


@pytest.fixture
def notes(tmp_path: Path) -> Iterator[Notes]:
    with Notes(f"sqlite:///{tmp_path / 'n.sqlite'}") as made:
        yield made


def settings(port: int, security: str = "none") -> AlertSettings:
    return AlertSettings("127.0.0.1", port, security, "homeroom@d.example", below_threshold=True)


def letter(
    who: str = "tia", *about: str, to: str | None = None, student: str | None = "ann"
) -> Letter:
    matters = tuple(Matter(who, alerts.BELOW, a, student) for a in about or ("q1",))
    return Letter(who, f"{who}@d.example" if to is None else to, "Homeroom", "Hello", matters)


def test_the_tasks_teachers_and_the_mentor_are_told_and_nobody_who_may_not_see(
    live: Version,
) -> None:
    found = alerts.help_offers(live, PortalSettings(), TODAY)
    told = [(m.staff_id, *json.loads(m.about)) for m in found]
    assert told == [
        ("mo", "ann", "khan", "q1"),
        ("mo", "ann", "khan", "q2"),
        ("mo", "cy", "lexia", "q9"),
        ("tia", "ann", "khan", "q1"),
        ("tia", "ann", "khan", "q2"),
        ("tia", "bob", "khan", "q1"),
        ("tom", "ann", "khan", "q1"),
        ("tom", "ann", "khan", "q2"),
    ]
    assert {m.student_id for m in found} == {"ann", "bob", "cy"}


@pytest.mark.parametrize(
    ("weekday", "now", "told"),
    [
        (2, "2025-09-30T07:00", ["tia", "tom"]),
        (2, "2025-09-30T23:59", ["tia", "tom"]),
        (2, "2025-09-30T06:59", []),
        (2, "2025-10-01T07:00", []),
        (None, "2025-09-30T07:00", []),
    ],
    ids=str,
)
def test_a_team_hears_of_its_latest_board_on_the_day_it_chose(
    live: Version, notes: Notes, weekday: int | None, now: str, told: list[str]
) -> None:
    digests.choose(notes, "c1", 5, 1, by="tom")
    digests.choose(notes, "c1", weekday, 7, by="tia")
    found = alerts.boards_ready(
        live, PortalSettings(), digests.standing(notes), datetime.fromisoformat(now)
    )
    assert [m.staff_id for m in found] == told
    assert {m.about for m in found} <= {'["c1", "2025-09-22"]'}


def test_an_adult_gets_one_message_of_a_kind_and_it_tells_nothing_of_a_child(
    live: Version,
) -> None:
    made = alerts.letters(
        alerts.help_offers(live, PortalSettings(), TODAY),
        {"tia": "tia@d.example"},
        "https://h.example",
    )
    assert [(w.staff_id, w.address, len(w.matters)) for w in made] == [
        ("mo", "", 3),
        ("tia", "tia@d.example", 3),
        ("tom", "", 2),
    ]
    for one in made:
        assert "https://h.example/alerts" in one.body
        assert "An offer helps more" in one.body
        text = one.subject + one.body
        for secret in ("ann", "bob", "cy", "Quiz", "q1", "khan", "41", "c1", "below", "%"):
            assert secret not in text, secret


def test_what_was_told_is_not_told_again(notes: Notes) -> None:
    with mailbox.running() as box:
        for _ in range(2):
            left = messages.not_yet_told(notes, letter("tia", "q1", "q2").matters)
            if left:
                with Mail(settings(box.port), Secrets(Path()).named("")) as mail:
                    assert deliver(notes, [letter("tia", "q1", "q2")], mail).taken == 1
        (message,) = box.messages
    assert (message["From"], message["To"]) == ("homeroom@d.example", "tia@d.example")
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Message-ID"].endswith("@d.example>")
    assert message.get_content().strip() == "Hello"
    assert {t.outcome for t in messages.told_to(notes, "tia", alerts.BELOW)} == {"sent"}


def test_a_line_that_breaks_counts_as_told_because_nobody_knows(notes: Notes) -> None:
    with mailbox.running() as box:
        box.breaks = True
        with (
            pytest.raises(HomeroomError, match="ended in the middle"),
            Mail(settings(box.port), Secrets(Path()).named("")) as mail,
        ):
            deliver(notes, [letter()], mail)
        assert len(box.messages) == 1
    assert messages.not_yet_told(notes, letter().matters) == []
    assert [t.outcome for t in messages.told_to(notes, "tia", alerts.BELOW)] == ["claimed"]


def test_two_runs_at_once_send_one_message(notes: Notes) -> None:
    messages.claim(notes, letter().matters)
    with mailbox.running() as box:
        with (
            pytest.raises(HomeroomError),
            Mail(settings(box.port), Secrets(Path()).named("")) as mail,
        ):
            deliver(notes, [letter()], mail)
        assert box.messages == []


def test_a_refused_message_is_tried_again_and_the_others_leave(notes: Notes) -> None:
    every = [letter("mo"), letter("tia"), letter("tom", to="tom@d.example\nBcc: x@evil.example")]
    with mailbox.running() as box:
        box.refuses = {"mo@d.example"}
        with Mail(settings(box.port), Secrets(Path()).named("")) as mail:
            sent = deliver(notes, every, mail)
        assert (sent.taken, sent.refused, sent.without_address) == (1, 1, 1)
        assert [e.rcpt_tos for e in box.envelopes] == [["tia@d.example"]]
        left = messages.not_yet_told(notes, [m for w in every for m in w.matters])
        assert [m.staff_id for m in left] == ["mo", "tom"]
        box.refuses = set()
        with Mail(settings(box.port), Secrets(Path()).named("")) as mail:
            assert deliver(notes, [letter("mo")], mail).taken == 1


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_the_line_is_private_and_the_server_the_right_one(
    notes: Notes, tmp_path: Path, security: str
) -> None:
    authority, server = certificate(tmp_path / "tls")
    secrets = tmp_path / "secrets.toml"
    secrets.write_text(f'[mail]\nuser = "{mailbox.USER}"\npassword = "{mailbox.PASSWORD}"\n')
    secrets.chmod(stat.S_IRUSR | stat.S_IWUSR)
    secret = Secrets(tmp_path, {}).named("mail")
    wrong = Secrets(tmp_path, {"HOMEROOM_SECRET_MAIL_PASSWORD": "battery"}).named("mail")
    with mailbox.running(security, server) as box:
        to = replace(settings(box.port, security), secret="mail", ca_file=authority)
        with Mail(to, secret) as mail:
            assert deliver(notes, [letter()], mail).taken == 1
        with (
            pytest.raises(HomeroomError, match="SSLCertVerificationError"),
            Mail(replace(to, ca_file=None), secret),
        ):
            pass
        with pytest.raises(HomeroomError, match="Authentication") as told, Mail(to, wrong):
            pass
        assert "battery" not in f"{told.value}"
        assert len(box.messages) == 1


def test_a_server_that_is_not_there_claims_nothing(notes: Notes) -> None:
    with (
        pytest.raises(HomeroomError, match="cannot be used"),
        Mail(settings(mailbox.Mailbox().port), Secrets(Path()).named("")) as mail,
    ):
        deliver(notes, [letter()], mail)
    assert len(messages.not_yet_told(notes, letter().matters)) == 1


def test_the_page_shows_only_what_the_reader_was_told_of_and_may_see(portal: Portal) -> None:
    live = portal.app.state.live._current
    found = live.rows(
        "SELECT access.staff_id, card.* FROM views.card AS card "
        "JOIN views.student_access AS access USING (student_id) "
        "WHERE rule_id = 'below_threshold' ORDER BY ALL LIMIT 1"
    )[0]
    other = live.rows(
        "SELECT staff_id FROM views.student_access GROUP BY ALL "
        "HAVING NOT list_contains(list(student_id), $id) ORDER BY ALL LIMIT 1",
        {"id": found["student_id"]},
    )[0]["staff_id"]
    about = alerts.task_key(found["student_id"], found["platform"], found["item_id"])
    mine = Matter(found["staff_id"], alerts.BELOW, about, found["student_id"])
    messages.claim(portal.notes, [mine, replace(mine, staff_id=other)])
    link = f"/students/{found['student_id']}"
    page = portal.browser(found["staff_id"]).get("/alerts").text
    assert link in page
    assert page.count("<tr>") == 2
    # Told once, but the child is no longer, or never was, theirs.
    page = portal.browser(other).get("/alerts").text
    assert (link in page, "no task" in page) == (False, True)


def test_a_team_chooses_day_and_hour_and_nobody_else_does(school: Portal) -> None:
    browser, here = school.browser(TEACHER), "/classes/c1/digest"
    assert "has not switched weekly messages on" in browser.get(here).text
    assert school.post(browser, here, weekday="2", hour="13").status_code == 303
    page = browser.get(here).text
    assert '<option value="2" selected>Tuesday' in page
    assert '<option value="13" selected>13:00' in page
    for weekday, hour in (("8", "7"), ("1", "24"), ("x", "7"), ("1", "")):
        assert school.post(browser, here, weekday=weekday, hour=hour).status_code == 400
    assert school.post(school.browser(OTHER), here, weekday="1", hour="7").status_code == 403
    assert school.post(browser, here, weekday="", hour="7").status_code == 303
    assert digests.standing(school.notes)["c1"].weekday is None
