"""Who is signed in: sessions on the server, so that signing out ends one for good.

The browser holds a random word; the file holds only its hash. What a session is good for (which
student) is never in it: rights are asked anew at every request.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import sqlite3
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from starlette.responses import Response

from warehouse import write_ahead
from warehouse.migrations import migrate

IDLE, ABSOLUTE, PENDING = 60 * 60, 12 * 60 * 60, 15 * 60
#: Seen is written this often at most, in seconds.
_SEEN_EVERY = 60


@dataclass(frozen=True)
class Session:
    """One browser's session. `staff_id`: None while a sign-in is under way; `pending` is its state.

    Instants are seconds since 1970.
    """

    word: str
    staff_id: str | None
    since: float
    seen: float
    pending: dict[str, Any] = field(default_factory=dict)

    @property
    def csrf(self) -> str:
        """What a form of this session must send along."""
        return hmac.new(self.word.encode(), b"csrf", hashlib.sha256).hexdigest()


def alive(session: Session, now: float) -> bool:
    """Whether a session still holds. Pure."""
    if session.staff_id is None:
        return now - session.since < PENDING
    return now - session.seen < IDLE and now - session.since < ABSOLUTE


def _first(db: sqlite3.Connection) -> None:
    db.execute(
        "CREATE TABLE IF NOT EXISTS session (hash TEXT PRIMARY KEY, staff_id TEXT, "
        "since REAL NOT NULL, seen REAL NOT NULL, pending TEXT NOT NULL)"
    )


class Sessions:
    """The sessions' file, shared by the workers of one machine. Safe to share between threads."""

    def __init__(self, path: Path, *, https: bool, clock: Callable[[], float] = time.time) -> None:
        #: The prefix lets no other host or path set the cookie; browsers take it by https only.
        self.cookie = "__Host-homeroom" if https else "homeroom"
        self._https = https
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        self._clock, self._lock = clock, threading.Lock()
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10)
        write_ahead.switch(self._db, 10)
        # A session lost with the power costs a sign-in.
        self._db.execute("PRAGMA synchronous = NORMAL")
        migrate(self._db, (_first,), "the file of sessions", path)

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._db.close()

    def find(self, word: str | None) -> Session | None:
        """The session of a browser's word, if it still holds."""
        if not word:
            return None
        found = self._do("SELECT staff_id, since, seen, pending FROM session WHERE hash = ?", word)
        if not found:
            return None
        staff_id, since, seen, pending = found[0]
        session, now = Session(word, staff_id, since, seen, json.loads(pending)), self._clock()
        if not alive(session, now):
            self.end(session)
            return None
        if now - seen > _SEEN_EVERY:
            self._do("UPDATE session SET seen = ?2 WHERE hash = ?1", word, now)
        return session

    def start(self, staff_id: str | None = None, pending: dict[str, Any] | None = None) -> Session:
        """A new session under a new word."""
        now = self._clock()
        made = Session(secrets.token_urlsafe(32), staff_id, now, now, pending or {})
        self._do("DELETE FROM session WHERE since < ?2 OR hash = ?1", made.word, now - ABSOLUTE)
        self._do(
            "INSERT INTO session VALUES (?1, ?2, ?3, ?3, ?4)",
            made.word,
            staff_id,
            now,
            json.dumps(made.pending),
        )
        return made

    def end(self, session: Session) -> None:
        """Sign out."""
        self._do("DELETE FROM session WHERE hash = ?", session.word)

    def end_all(self, staff_id: str) -> None:
        """Sign an adult out everywhere."""
        with self._lock:
            self._db.execute("DELETE FROM session WHERE staff_id = ?", (staff_id,))

    def hand_out(self, session: Session, response: Response) -> Response:
        """Give the browser its word, with an answer."""
        response.set_cookie(
            self.cookie, session.word, path="/", secure=self._https, httponly=True, samesite="lax"
        )
        return response

    def take_back(self, response: Response) -> Response:
        """Let the browser forget its word."""
        response.delete_cookie(
            self.cookie, path="/", secure=self._https, httponly=True, samesite="lax"
        )
        return response

    def _do(self, sql: str, word: str, *values: Any) -> list[Any]:
        with self._lock:
            key = hashlib.sha256(word.encode()).hexdigest()
            return self._db.execute(sql, (key, *values)).fetchall()
