"""Decisions on who is who: what they are, which of them hold, and their way in and out as CSV."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import sqlalchemy as sa

from connectors.errors import HomeroomError
from warehouse.notes.database import METADATA, Notes, mark_undone, now

#: accept: the account is that student's. reject: it is not. nobody: it is no student's (a test
#: account, a teacher). merge: it is the same person's as another account of the platform. split:
#: it is not.
KINDS = ("accept", "reject", "nobody", "merge", "split")

_DECISION = sa.Table(
    "identity_decision",
    METADATA,
    sa.Column("decision_id", sa.String, primary_key=True),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("platform", sa.String, nullable=False),
    sa.Column("account_key", sa.String, nullable=False),
    sa.Column("student_id", sa.String),
    sa.Column("other_account_key", sa.String),
    sa.Column("decided_at", sa.String, nullable=False),
    sa.Column("decided_by", sa.String, nullable=False),
    sa.Column("why", sa.String, nullable=False),
    sa.Column("undone_at", sa.String),
    sa.Column("undone_by", sa.String),
    sa.CheckConstraint(sa.column("kind").in_(KINDS), name="known_kind"),
)


@dataclass(frozen=True)
class Decision:
    """One decision on one account. Instants are ISO 8601, UTC.

    `student_id`: of accept and reject. `other_account_key`: of merge and split.
    """

    decision_id: str
    kind: str
    platform: str
    account_key: str
    student_id: str | None
    other_account_key: str | None
    decided_at: str
    decided_by: str
    why: str
    undone_at: str | None = None
    undone_by: str | None = None


COLUMNS = tuple(f.name for f in fields(Decision))


def new(
    kind: str,
    platform: str,
    account_key: str,
    *,
    by: str,
    why: str,
    student_id: str | None = None,
    other_account_key: str | None = None,
) -> Decision:
    """A decision made now, with an id of its own."""
    return Decision(
        uuid4().hex, kind, platform, account_key, student_id, other_account_key, now(), by, why
    )


def standing(decisions: Iterable[Decision]) -> list[Decision]:
    """The decisions that hold: not undone, and not overruled by a later one on the same question.

    Questions of an account: whose it is (accept, nobody: the latest holds), whose it is not
    (reject: each, unless that student was accepted later), and whether it and another are one
    (merge, split: the latest for each pair). Pure; the order of the input does not matter.
    """
    latest: dict[tuple[str, ...], Decision] = {}
    for d in sorted(decisions, key=lambda d: (d.decided_at, d.decision_id)):
        if d.undone_at is None:
            latest[_question(d)] = d
    whose = {
        (d.platform, d.account_key): d for d in latest.values() if d.kind in ("accept", "nobody")
    }

    def holds(d: Decision) -> bool:
        other = whose.get((d.platform, d.account_key))
        if other is None or other.student_id != d.student_id:
            return True
        # The same student accepted and rejected: the later word counts.
        return d is other or d.kind not in ("accept", "reject") or d.decided_at > other.decided_at

    kept = [d for d in latest.values() if holds(d)]
    rejected = {(d.platform, d.account_key, d.student_id) for d in kept if d.kind == "reject"}
    return [
        d
        for d in kept
        if d.kind != "accept" or (d.platform, d.account_key, d.student_id) not in rejected
    ]


def _question(d: Decision) -> tuple[str, ...]:
    if d.kind in ("accept", "nobody"):
        return ("whose", d.platform, d.account_key)
    if d.kind == "reject":
        return ("not", d.platform, d.account_key, d.student_id or "")
    pair = sorted((d.account_key, d.other_account_key or ""))
    return ("same", d.platform, *pair)


def every(notes: Notes) -> list[Decision]:
    """Every decision ever made, undone ones too, in the order in which they were made."""
    with notes.reading() as db:
        rows = db.execute(
            sa.select(_DECISION).order_by(_DECISION.c.decided_at, _DECISION.c.decision_id)
        )
        return [Decision(**row._mapping) for row in rows]


def add(notes: Notes, decisions: Sequence[Decision]) -> int:
    """Keep decisions; those that are there already stay as they are. How many were new."""
    with notes.writing() as db:
        known = set(db.execute(sa.select(_DECISION.c.decision_id)).scalars())
        fresh = [asdict(d) for d in decisions if d.decision_id not in known]
        if fresh:
            db.execute(sa.insert(_DECISION), fresh)
        for d in decisions:
            if d.decision_id in known and d.undone_at is not None:
                mark_undone(db, _DECISION, d.decision_id, d.undone_by or "", d.undone_at)
    return len(fresh)


def undo(notes: Notes, decision_id: str, *, by: str) -> bool:
    """Say that a decision no longer holds; false where there is none that does."""
    with notes.writing() as db:
        return mark_undone(db, _DECISION, decision_id, by, now())


def write_csv(path: Path, decisions: Iterable[Decision]) -> int:
    """Write decisions as CSV; how many."""
    count = 0
    with path.open("w", encoding="utf-8", newline="") as sink:
        writer = csv.DictWriter(sink, COLUMNS, lineterminator="\n")
        writer.writeheader()
        for count, d in enumerate(decisions, 1):  # noqa: B007 - the last count is the answer
            writer.writerow(asdict(d))
    return count


def read_csv(path: Path) -> list[Decision]:
    """Decisions of a CSV that `write_csv` wrote, or of one written by hand.

    A row without an id or an instant is taken as decided now. Raises HomeroomError naming the line.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as source:
            return [_decision(path, n, row) for n, row in enumerate(csv.DictReader(source), 2)]
    except (OSError, UnicodeDecodeError, csv.Error):
        raise HomeroomError(
            "cannot be read as CSV", culprit=str(path), fix="write it as UTF-8, with a header"
        ) from None


def _decision(path: Path, line: int, row: dict[str, Any]) -> Decision:
    told = {k: (row.get(k) or "").strip() or None for k in COLUMNS}
    missing = [k for k in ("kind", "platform", "account_key", "decided_by", "why") if not told[k]]
    if told["kind"] in ("accept", "reject") and not told["student_id"]:
        missing.append("student_id")
    if told["kind"] in ("merge", "split") and not told["other_account_key"]:
        missing.append("other_account_key")
    if missing:
        raise HomeroomError(
            f"has no {missing[0]}", culprit=f"{path.name}, line {line}", fix="fill it"
        )
    if told["kind"] not in KINDS:
        raise HomeroomError(
            "is of no known kind",
            culprit=f"{path.name}, line {line}",
            fix=f"write one of {', '.join(KINDS)}",
        )
    fresh = new("", "", "", by="", why="")
    told["decision_id"] = told["decision_id"] or fresh.decision_id
    told["decided_at"] = _instant(path, line, told["decided_at"]) or fresh.decided_at
    told["undone_at"] = _instant(path, line, told["undone_at"])
    # What does not belong to the kind would be half an answer to another question.
    if told["kind"] not in ("accept", "reject"):
        told["student_id"] = None
    if told["kind"] not in ("merge", "split"):
        told["other_account_key"] = None
    return Decision(**told)  # type: ignore[arg-type]


def _instant(path: Path, line: int, text: str | None) -> str | None:
    """An instant as it is kept: ISO 8601, UTC, so that text sorts as time does."""
    if text is None:
        return None
    try:
        told = datetime.fromisoformat(text)
    except ValueError:
        raise HomeroomError(
            "is no date or instant of ISO 8601",
            culprit=f"{path.name}, line {line}",
            fix="write it like 2025-09-30 or 2025-09-30T14:00:00+00:00",
        ) from None
    told = told.replace(tzinfo=UTC) if told.tzinfo is None else told.astimezone(UTC)
    return told.isoformat(timespec="microseconds")
