"""Messages to coordinators: a changed state becomes a message once, and a message leaves once.

State and messages are kept in one transaction of the ledger, so that a run killed before or after
it tells each change once. A message is claimed before it is handed over. After a crash between
the two nobody can tell whether it left; it is handed over once more, and no third time: one that
comes twice does less harm than one that is missing (unlike those to teachers, who see the same on
the board: warehouse/notes/messages.py). One that did not leave is tried again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta

from warehouse.ledger import Ledger, now
from warehouse.settings import Settings
from warehouse.settings.messages import MessageSettings
from warehouse.watch import standing
from warehouse.watch.standing import Problem, Problems

MAIL, CHAT = "mail", "chat"
#: A claim so old, or of a time that has not come, is one that nobody will settle.
_HELD = timedelta(minutes=10)
_OPEN = "(outcome = 'due' OR outcome = 'claimed' AND outcome_at NOT BETWEEN ? AND ?)"
_STANDING, _USUAL = "standing", "usually_waiting"


@dataclass(frozen=True)
class Message:
    """One message by one way: mail to `address`, or chat (no address)."""

    id: int
    way: str
    address: str
    subject: str
    body: str


def note_changes(settings: Settings, ledger: Ledger, today: date) -> int:
    """Compare how the district stands with what was told; queue messages. Gives their number."""
    assert settings.messages is not None
    usual: dict[str, int] = ledger.note(_USUAL) or {}
    many, usual = standing.waiting(settings, usual)
    found = {**standing.problems(settings, ledger, today), **many}
    with ledger.transaction():
        changed = standing.changes(told(ledger), found)
        ledger.keep(_STANDING, {key: asdict(problem) for key, problem in found.items()})
        ledger.keep(_USUAL, usual)
        ways = ways_of(settings.messages) if changed else []
        subject, body = text(settings.name, changed, found)
        queue(ledger, ways, subject, body)
    return len(ways)


def queue(
    ledger: Ledger, ways: Iterable[tuple[str, str]], subject: str, body: str
) -> list[Message]:
    """A message by each of these ways, due to be sent."""
    # A name with a line break would be no header.
    subject = " ".join(subject.split())
    made = []
    with ledger.transaction():
        for way, address in ways:
            number = ledger.run(
                "INSERT INTO message (made_at, way, address, subject, body, outcome, outcome_at) "
                "VALUES (?, ?, ?, ?, ?, 'due', ?)",
                (now(), way, address, subject, body, now()),
            )
            made.append(Message(number, way, address, subject, body))
    return made


def drop(ledger: Ledger, messages: Iterable[Message]) -> None:
    """Send these no more: a test that failed is not tried again by the next run."""
    with ledger.transaction():
        for message in messages:
            ledger.run("DELETE FROM message WHERE id = ? AND outcome = 'due'", (message.id,))


def told(ledger: Ledger) -> dict[str, Problem]:
    """The problems that messages have been made of."""
    kept: dict[str, dict[str, str]] = ledger.note(_STANDING) or {}
    return {key: Problem(**value) for key, value in kept.items()}


def ways_of(settings: MessageSettings) -> list[tuple[str, str]]:
    """(way, address) of every receiver. Pure."""
    chat = [(CHAT, "")] if settings.webhook else []
    return [(MAIL, address) for address in settings.to] + chat


def text(
    district: str, changed: Mapping[str, Problem | None], standing_now: Problems
) -> tuple[str, str]:
    """Subject and body of one message: what changed, why, what to do. Pure."""
    bad = {key: p for key, p in changed.items() if p is not None}
    good = [key for key, p in changed.items() if p is None]
    lines: list[str] = []
    for key, p in sorted(bad.items()):
        lines += [f"{key}: {p.state}", f"  Why: {p.says}.", f"  What to do: {p.fix}.", ""]
    lines += [f"{key}: fine again" for key in sorted(good)]
    lines += [""] * bool(good)
    still = len(standing_now) - len(bad)
    if still:
        lines.append(f"{still} more told of before: homeroom status.")
    lines.append("You are told again when one of these changes, not at every run.")
    counts = [f"{len(bad)} to look at"] * bool(bad) + [f"{len(good)} fine again"] * bool(good)
    return f"Homeroom, {district}: {', '.join(counts)}", "\n".join(lines) + "\n"


def due(ledger: Ledger) -> list[Message]:
    """Messages that have not left, or of which nobody knows, the oldest first."""
    rows = ledger.rows(
        f"SELECT id, way, address, subject, body FROM message WHERE {_OPEN} ORDER BY id", _held()
    )
    return [Message(*row) for row in rows]


def claim(ledger: Ledger, message: Message) -> bool:
    """Take a message for sending; false where another process has."""
    with ledger.transaction():
        free = ledger.rows(
            f"SELECT outcome FROM message WHERE id = ? AND {_OPEN}", (message.id, *_held())
        )
        if free:
            _settle(ledger, message, "claimed" if free == [("due",)] else "claimed again")
    return bool(free)


def settle(ledger: Ledger, message: Message, *, left: bool) -> None:
    """What became of a claimed message: it left, or is due again."""
    _settle(ledger, message, "sent" if left else "due")


def _held() -> tuple[str, str]:
    """From when to when a claim is of somebody at work, whose clock may be a little ahead."""
    at = datetime.now(UTC)
    return (at - _HELD).isoformat(timespec="seconds"), (at + _HELD).isoformat(timespec="seconds")


def _settle(ledger: Ledger, message: Message, outcome: str) -> None:
    ledger.run(
        "UPDATE message SET outcome = ?, outcome_at = ? WHERE id = ?", (outcome, now(), message.id)
    )


def as_chat(message: Message) -> bytes:
    """The JSON that chat programs take. Pure."""
    return json.dumps({"text": f"{message.subject}\n\n{message.body}"}).encode()
