"""Sessions: how long they hold, and that the file alone opens nothing."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from starlette.responses import Response

from portal.sessions import ABSOLUTE, IDLE, PENDING, Session, Sessions, alive


@pytest.mark.parametrize(
    ("staff_id", "since", "seen", "holds"),
    [
        ("T1", 0, 0, True),
        ("T1", 0, IDLE - 1, True),
        ("T1", IDLE - 1, IDLE - 1, True),
        ("T1", IDLE, IDLE, False),
        ("T1", ABSOLUTE - 1, 5, True),
        ("T1", ABSOLUTE, 5, False),
        (None, PENDING - 1, PENDING - 1, True),
        (None, PENDING, 0, False),
    ],
)
def test_a_session_ends_when_unused_when_old_and_when_never_finished(
    staff_id: str | None, since: float, seen: float, holds: bool
) -> None:
    # Drawn as ages.
    now = 1_000_000.0
    assert alive(Session("w", staff_id, now - since, now - seen), now) == holds


class Clock:
    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sessions(tmp_path: Path, clock: Clock) -> Iterator[Sessions]:
    with closing(Sessions(tmp_path / "s.sqlite", https=True, clock=clock)) as made:
        yield made


def test_use_keeps_a_session_alive_but_not_for_ever(sessions: Sessions, clock: Clock) -> None:
    word = sessions.start("T1").word
    for _ in range(ABSOLUTE // (IDLE // 2) - 1):
        clock.now += IDLE / 2
        found = sessions.find(word)
        assert found is not None
        assert found.staff_id == "T1"
    clock.now += IDLE / 2
    assert sessions.find(word) is None


def test_an_ended_session_is_gone_for_good(sessions: Sessions, clock: Clock) -> None:
    word = sessions.start("T1").word
    clock.now += IDLE
    assert sessions.find(word) is None
    clock.now -= IDLE
    assert sessions.find(word) is None
    one, two, other = sessions.start("T1"), sessions.start("T1"), sessions.start("T2")
    sessions.end_all("T1")
    assert [sessions.find(s.word) is None for s in (one, two, other)] == [True, True, False]


def test_a_word_that_was_made_up_opens_nothing(sessions: Sessions) -> None:
    sessions.start("T1")
    assert [sessions.find(w) for w in (None, "", "x", "%", "' OR 1=1 --")] == [None] * 5


def test_the_file_holds_no_word_and_is_its_owners(sessions: Sessions, tmp_path: Path) -> None:
    made = sessions.start("T1")
    for path in tmp_path.iterdir():
        assert made.word.encode() not in path.read_bytes()
        assert made.csrf.encode() not in path.read_bytes()
        assert not path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)


def test_the_cookie_is_bound_to_the_host_and_hidden_from_scripts(sessions: Sessions) -> None:
    answer = sessions.hand_out(sessions.start("T1"), Response())
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-homeroom=")
    parts = {p.strip().lower() for p in cookie.split(";")[1:]}
    assert parts == {"httponly", "path=/", "samesite=lax", "secure"}
