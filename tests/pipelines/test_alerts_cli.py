"""`homeroom alerts` as cron runs it, against a real mail server."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests import mailbox
from tests.fixtures import ENROLLMENTS, USERS, District, lines, overview, roster
from tests.pipelines.test_cli import homeroom
from warehouse.notes import digests
from warehouse.notes.database import Notes

#: Each starts the command several times.
pytestmark = pytest.mark.slow


def district(folder: Path, extra: str) -> District:
    made = District(folder, ("oneroster", "khan"), extra=extra)
    files = roster(["001 Ann Ash c1"])
    files["users.csv"] += lines(
        USERS,
        "T1,,,true,S1,teacher,tia,,Tia,Adult,,9,tia@x.org,,,,,",
        "T2,,,true,S1,teacher,tom,,Tom,Adult,,8,,,,,,",
    ).split("\n", 1)[1]
    files["enrollments.csv"] += lines(
        ENROLLMENTS, "ET1,,,c1,S1,T1,teacher,,,", "ET2,,,c1,S1,T2,teacher,,,"
    ).split("\n", 1)[1]
    made.put_all("oneroster", files)
    made.put("khan/o_20250905.csv", overview("ann@x.org 10 Ann_Ash"))
    made.build()
    return made


def test_a_team_is_told_once_that_its_board_is_ready(tmp_path: Path) -> None:
    with mailbox.running() as box:
        made = district(
            tmp_path,
            '[portal]\nbase_url = "https://h.example"\n[portal.alerts]\n'
            f'server = "127.0.0.1"\nport = {box.port}\nsecurity = "none"\n'
            'sender = "homeroom@x.org"\nbelow_threshold = true\nweekly_digest = true\n',
        )

        def said(*words: str) -> str:
            ran = homeroom("alerts", *words, folder=made.folder)
            assert ran.returncode == 0, ran.stderr
            return ran.stdout

        assert "There is nothing to tell" in said()
        today = datetime.now(ZoneInfo(made.zone)).isoweekday()
        with Notes(made.settings.notes) as notes:
            digests.choose(notes, "c1", today, 0, by="T1")
        dry = said("--dry-run")
        assert "weekly_digest, 1: to T1" in dry
        assert "to nobody: no address" in dry
        assert box.messages == []
        assert "1 messages sent, 0 refused by the server, 1 adults without an address" in said()
        assert "0 messages sent, 0 refused by the server, 1 adults without an address" in said()
        (message,) = box.messages
        assert message["Subject"] == "Homeroom: your team's board is ready"
        assert "https://h.example/" in message.get_content()
        assert "Ann" not in message.as_string()


def test_without_the_settings_nothing_is_sent_and_the_fix_is_told(tmp_path: Path) -> None:
    made = district(tmp_path, "")
    ran = homeroom("alerts", folder=made.folder)
    assert ran.returncode != 0
    assert "[portal.alerts]" in ran.stderr
