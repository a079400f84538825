"""Messages to coordinators: each changed state once, by real mail and a real web server."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from connectors.errors import ConfigError
from pipelines import telling
from tests import mailbox
from tests.fixtures import District, lexia, overview, roster
from tests.pipelines.test_cli import homeroom
from tests.servers import free_port
from warehouse import nightly, settings
from warehouse.ledger import Ledger
from warehouse.settings.messages import MessageSettings
from warehouse.watch import outbox, standing
from warehouse.watch.standing import Problem

CHILD = "Zelda_Quill"


@dataclass
class Chat:
    """What a webhook was sent; `status` is its answer."""

    texts: list[str] = field(default_factory=list)
    status: int = 200
    url: str = ""


@contextmanager
def chat_room() -> Iterator[Chat]:
    chat = Chat()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            assert self.headers["Content-Type"] == "application/json"
            if chat.status == 200:
                chat.texts.append(json.loads(body)["text"])
            self.send_response(chat.status)
            self.send_header("Location", "/elsewhere")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    chat.url = f"http://127.0.0.1:{server.server_port}/hook/t0ken"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield chat
    finally:
        server.shutdown()
        server.server_close()


def written(port: int) -> str:
    return (
        f'[messages]\nserver = "127.0.0.1"\nport = {port}\nsecurity = "none"\n'
        'sender = "homeroom@x.org"\nto = ["co@x.org"]\nwebhook = "chat"\n'
    )


def take(district: District) -> None:
    """From the sources to the lake as a run does it, with what it keeps of sources."""
    with nightly.opened(district.settings) as ledger:
        nightly.take(district.settings, ledger, nightly.Report(), expect=lambda *_: None)


def told(district: District) -> list[str]:
    """Tell what has changed; what went wrong."""
    wrong: list[str] = []
    telling.tell(district.settings, wrong.append)
    return wrong


@pytest.fixture
def box() -> Iterator[mailbox.Mailbox]:
    with mailbox.running() as made:
        yield made


@pytest.fixture
def chat(monkeypatch: pytest.MonkeyPatch) -> Iterator[Chat]:
    with chat_room() as made:
        monkeypatch.setenv("HOMEROOM_SECRET_CHAT_URL", made.url)
        yield made


@pytest.fixture
def district(tmp_path: Path, box: mailbox.Mailbox, chat: Chat) -> District:
    return District(tmp_path, ("oneroster", "lexia", "khan"), extra=written(box.port))


def test_a_changed_state_is_told_once_and_once_more_when_it_is_fine_again(
    district: District, box: mailbox.Mailbox, chat: Chat
) -> None:
    district.put("lexia/l_20250901.csv", lexia("1 ann Ann Ash 10"))
    district.take()
    assert told(district) == []
    assert box.messages == []
    # The file's name holds a child's.
    district.put(f"lexia/{CHILD}_20250902.csv", "")
    for _ in range(3):
        district.take()
        assert told(district) == []
    (message,) = box.messages
    assert message["To"] == "co@x.org"
    assert message["Subject"] == "Homeroom, North: 1 to look at"
    body = message.get_content()
    assert "lexia/unknown, newest file: refused: empty_file" in body
    assert "Why: it was turned away: the file has no content." in body
    assert "What to do: export it again" in body
    district.put("lexia/l_20250903.csv", lexia("1 ann Ann Ash 20"))
    for _ in range(2):
        district.take()
        assert told(district) == []
    assert [m["Subject"] for m in box.messages[1:]] == ["Homeroom, North: 1 fine again"]
    assert "lexia/unknown, newest file: fine again" in box.messages[1].get_content()
    assert len(chat.texts) == 2
    assert chat.texts[0].startswith("Homeroom, North: 1 to look at\n\nlexia/unknown")
    everything = "".join(m.as_string() for m in box.messages) + "".join(chat.texts)
    for secret in (CHILD, "Zelda", "t0ken", "Ann", str(district.folder)):
        assert secret not in everything


def test_a_source_that_is_away_is_told_without_its_path(
    district: District, box: mailbox.Mailbox
) -> None:
    (district.folder / "khan").rename(district.folder / CHILD)
    (district.folder / "khan").write_text("a file where a folder was")
    take(district)
    told(district)
    (message,) = box.messages
    assert "khan, source: failed" in message.get_content()
    assert str(district.folder) not in message.as_string()
    (district.folder / "khan").unlink()
    (district.folder / "khan").mkdir()
    take(district)
    told(district)
    assert "khan, source: fine again" in box.messages[1].get_content()


def test_a_mail_server_that_is_away_fails_nothing_and_the_message_leaves_later(
    tmp_path: Path, chat: Chat
) -> None:
    port = free_port()
    district = District(tmp_path, ("lexia",), extra=written(port))
    district.put("lexia/l_20250902.csv", "")
    district.take()
    (wrong,) = told(district)
    assert "the mail server cannot be used" in wrong
    assert len(chat.texts) == 1
    box = mailbox.Mailbox(port=port)
    from aiosmtpd.controller import Controller

    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    try:
        assert told(district) == []
        assert told(district) == []
    finally:
        server.stop()
    assert len(box.messages) == 1
    assert len(chat.texts) == 1


@pytest.mark.parametrize("status", [500, 302])
def test_a_webhook_that_says_no_is_tried_again_and_its_address_is_never_said(
    district: District, chat: Chat, box: mailbox.Mailbox, status: int
) -> None:
    chat.status = status
    district.put("lexia/l_20250902.csv", "")
    district.take()
    (wrong,) = told(district)
    assert f"the webhook answered {status}" in wrong
    assert "t0ken" not in wrong
    chat.status = 200
    assert told(district) == []
    assert len(chat.texts) == 1
    assert len(box.messages) == 1


class Killed(BaseException):
    """The end of a process, where nothing is caught."""


@pytest.mark.parametrize("where", ["before the state", "after the state", "before the server"])
def test_a_run_that_is_killed_sends_neither_twice_nor_never(
    district: District,
    box: mailbox.Mailbox,
    chat: Chat,
    where: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    district.put("lexia/l_20250902.csv", "")
    district.take()

    def dies(*_: Any, **__: Any) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        if where == "before the state":
            patched.setattr(outbox, "queue", dies)
        elif where == "after the state":
            patched.setattr(telling, "send", dies)
        else:
            patched.setattr(telling, "Mail", dies)
        with pytest.raises(Killed):
            told(district)
    for _ in range(2):
        assert told(district) == []
    assert (len(box.messages), len(chat.texts)) == (1, 1)


def much_later(district: District, outcome_at: str = "2025-01-01T00:00:00+00:00") -> None:
    """Nobody has settled what was claimed."""
    with closing(Ledger(district.settings.ledger)) as ledger:
        ledger.run("UPDATE message SET outcome_at = ? WHERE outcome LIKE 'claimed%'", (outcome_at,))


def test_where_the_line_breaks_behind_a_message_it_is_sent_once_more_and_no_third_time(
    district: District, box: mailbox.Mailbox
) -> None:
    district.put("lexia/l_20250902.csv", "")
    district.take()
    box.breaks = True
    assert len(told(district)) == 1
    # It may be in somebody's hands still.
    assert told(district) == []
    assert len(box.messages) == 1
    # A claim of a time that has not come, by a clock that was set back since.
    much_later(district, "2125-01-01T00:00:00+00:00")
    assert len(told(district)) == 1
    box.breaks = False
    for _ in range(2):
        much_later(district)
        assert told(district) == []
    assert len(box.messages) == 2


@pytest.mark.slow
@pytest.mark.parametrize(("stops", "copies"), [("RCPT", 1), ("DATA", 2)])
def test_a_process_killed_while_it_hands_a_message_over_loses_none_and_sends_one_more_at_most(
    district: District, box: mailbox.Mailbox, chat: Chat, stops: str, copies: int
) -> None:
    district.put("lexia/l_20250902.csv", "")
    district.take()
    box.stops = stops
    program = (
        "import sys; from pathlib import Path; from pipelines import telling; "
        "from warehouse import settings; telling.tell(settings.load(Path(sys.argv[1])), print)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(district.settings.file)],
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
    ) as run:
        assert box.stopped.wait(60)
        run.kill()
    assert run.returncode == -signal.SIGKILL
    box.stops = ""
    for later in (False, True, True):
        if later:
            much_later(district)
        assert told(district) == []
    assert len(box.messages) == copies
    assert {m["Subject"] for m in box.messages} == {"Homeroom, North: 1 to look at"}
    assert len(chat.texts) == 1
    assert [a["reason"] for a in district.status()["attention"]] == ["empty_file"]


def test_two_ends_of_runs_at_once_send_one_message(
    district: District, box: mailbox.Mailbox, chat: Chat
) -> None:
    district.put("lexia/l_20250902.csv", "")
    district.take()
    ends = [threading.Thread(target=told, args=(district,)) for _ in range(4)]
    for end in ends:
        end.start()
    for end in ends:
        end.join()
    told(district)
    assert (len(box.messages), len(chat.texts)) == (1, 1)


def test_only_another_state_is_a_change() -> None:
    empty, cut = Problem("refused: empty_file", "a", "b"), Problem("refused: cut_file", "a", "b")
    more = Problem("refused: empty_file", "another count", "b")
    assert standing.changes({}, {}) == {}
    assert standing.changes({}, {"x": empty}) == {"x": empty}
    assert standing.changes({"x": empty}, {"x": more}) == {}
    assert standing.changes({"x": empty}, {"x": cut}) == {"x": cut}
    assert standing.changes({"x": empty, "y": cut}, {"y": cut}) == {"x": None}


def test_waiting_accounts_jump_from_twice_as_many() -> None:
    assert [standing.jumped(b, n) for b, n in ((None, 99), (5, 19), (5, 20), (0, 9), (0, 10))] == [
        False, False, True, False, True,
    ]  # fmt: skip


def test_many_rows_turned_away_are_told(district: District, box: mailbox.Mailbox) -> None:
    rows = [f"{n} u{n} G{n} F{n} {n}" for n in range(20)]
    bad = [f"{n} u{n} G{n} F{n} x" for n in range(20, 25)]
    district.put("lexia/l_20250902.csv", lexia(*rows, *bad))
    district.take()
    told(district)
    assert "lexia/detailed_student, rows: many turned away" in box.messages[0].get_content()
    assert "5 of the newest 25 rows" in box.messages[0].get_content()


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("[messages]\n", "messages"),
        ('[messages]\nto = ["a@x.org"]\n', "messages.server"),
        ('[messages]\nserver = "m.x"\nsender = "h@x.org"\n', "messages.to"),
        ('[messages]\nserver = "m.x"\nsender = "h@x.org"\nto = ["a b"]\n', "messages.to"),
        ('[messages]\nwebhook = "https://chat.example/t0ken"\n', "messages.webhook"),
        ('[messages]\nwebhook = "c"\nquarantine_percent = 0\n', "messages.quarantine_percent"),
        ('[messages]\nwebhok = "c"\n', "messages.webhok"),
    ],
)
def test_settings_that_cannot_be_are_refused_with_their_key(
    tmp_path: Path, text: str, key: str
) -> None:
    with pytest.raises(ConfigError) as error:
        District(tmp_path, ("khan",), extra=text)
    assert error.value.culprit.endswith(key)
    assert "t0ken" not in str(error.value)


def test_messages_are_off_until_they_are_written(tmp_path: Path) -> None:
    district = District(tmp_path, ("khan",))
    assert district.settings.messages is None
    district.put("khan/o_20250902.csv", "")
    district.take()
    assert told(district) == []
    with closing(Ledger(district.settings.ledger)) as ledger:
        assert outbox.told(ledger) == {}
    alone = '[messages]\nwebhook = "chat"\n'
    (tmp_path / "homeroom.toml").write_text((tmp_path / "homeroom.toml").read_text() + alone)
    assert settings.load(tmp_path / "homeroom.toml").messages == MessageSettings(webhook="chat")


@pytest.mark.slow
def test_a_run_of_the_command_line_tells_at_its_end_and_a_test_message_can_be_sent(
    district: District, box: mailbox.Mailbox, chat: Chat
) -> None:
    said = homeroom("messages", "test", folder=district.folder)
    assert "2 of 2 test messages sent." in said.stdout, said.stderr
    assert box.messages[0]["Subject"] == "Homeroom, North: a test"
    district.put_all("oneroster", roster(["001 Ann Ash c1"]))
    district.put("khan/o_20250901.csv", overview("ann@x.org 10 Ann_Ash"))
    district.put("lexia/l_20250902.csv", "")
    assert homeroom("run", folder=district.folder).returncode == 1
    assert homeroom("run", folder=district.folder).returncode == 0
    assert [m["Subject"] for m in box.messages[1:]] == ["Homeroom, North: 1 to look at"]
    chat.status = 500
    refused = homeroom("messages", "test", folder=district.folder)
    assert refused.returncode == 2
    assert "the webhook answered 500" in refused.stderr
    chat.status = 200
    homeroom("run", folder=district.folder)
    assert len(chat.texts) == 2
