"""The access log: kept before the page is sent, never changed."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
import sqlalchemy as sa

from connectors.errors import HomeroomError
from portal.log_writer import LogWriter
from tests.portal.conftest import OTHER, TEACHER, Portal
from warehouse.notes import access_log
from warehouse.notes.database import Notes


def test_views_and_exports_are_logged_with_whom_they_show(school: Portal) -> None:
    browser = school.browser(TEACHER)
    browser.get("/students")
    browser.get("/students.csv")
    school.browser(OTHER).get("/students")
    told = [
        (e.staff_id, e.action, e.what, e.students) for e in access_log.about(school.notes, "U001")
    ]
    both = ("U001", "U002")
    assert told == [
        (TEACHER, "view", "list of students", both),
        (TEACHER, "export", "list of students", both),
    ]
    assert access_log.about(school.notes, "U00") == []
    assert access_log.about(school.notes, "U0%") == []


def test_a_page_that_cannot_be_logged_is_not_sent(school: Portal, tmp_path: Path) -> None:
    with school.notes.writing() as db:
        db.execute(sa.text("DROP TABLE access_log"))
    answer = school.browser(TEACHER).get("/students")
    assert answer.status_code == 500
    assert "Ash" not in answer.text


@pytest.mark.parametrize(
    "sql",
    ["UPDATE access_log SET staff_id = 'x'", "DELETE FROM access_log"],
    ids=["update", "delete"],
)
def test_the_database_refuses_to_change_the_log(tmp_path: Path, sql: str) -> None:
    with Notes(f"sqlite:///{tmp_path / 'n.sqlite'}") as notes:
        access_log.add(notes, [access_log.new("T1", "view", "board", ["U1"])])
        with pytest.raises(HomeroomError), notes.writing() as db:
            db.execute(sa.text(sql))
        assert [e.staff_id for e in access_log.about(notes, "U1")] == ["T1"]


def test_many_at_once_are_all_kept_and_none_returns_before_it_is(tmp_path: Path) -> None:
    missing: list[str] = []
    with Notes(f"sqlite:///{tmp_path / 'n.sqlite'}") as notes, LogWriter(notes) as log:

        def write(who: int) -> None:
            for n in range(20):
                log.add(access_log.new(f"T{who}", "view", "board", [f"U{who}-{n}"]))
                if len(access_log.about(notes, f"U{who}-{n}")) != 1:
                    missing.append(f"{who}-{n}")

        threads = [threading.Thread(target=write, args=(who,)) for who in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert missing == []


def test_a_log_that_cannot_be_written_is_told_and_the_writer_goes_on(tmp_path: Path) -> None:
    with Notes(f"sqlite:///{tmp_path / 'n.sqlite'}") as notes, LogWriter(notes) as log:
        with pytest.raises(HomeroomError):
            log.add(access_log.new("T1", "stare", "board", ["U1"]))
        log.add(access_log.new("T1", "view", "board", ["U1"]))
        assert len(access_log.about(notes, "U1")) == 1
