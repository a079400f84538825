"""Check-ins as they are at this moment: those of the district's file, and those written here.

What is written here is read from the notes, not from the warehouse, so a new one, an edited one and
one taken back show at once, and not after the next run.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date as Day

from portal.people import Rows, staff_names
from warehouse.notes import check_ins
from warehouse.notes.check_ins import CheckIn
from warehouse.notes.database import Notes

_FILE = """
SELECT
    student_id, staff_id, date, topic, note, next_step, owner, due_date
FROM facts.check_in
WHERE source = 'file' AND list_contains($ids, student_id)
ORDER BY student_id, date, staff_id, topic, note, next_step
"""
_FILED = """
SELECT seen.student_id, max(filed.date) AS last, any_value(seen.as_of) AS as_of
FROM views.student_check_in AS seen
LEFT JOIN facts.check_in AS filed ON filed.student_id = seen.student_id AND filed.source = 'file'
WHERE list_contains($ids, seen.student_id)
GROUP BY seen.student_id
"""


@dataclass(frozen=True)
class Filed:
    """A student's last check-in of the district's file (None = none), and the day of the data."""

    last: Day | None
    as_of: Day


@dataclass(frozen=True)
class Seen:
    """A student's last check-in, as views.student_check_in tells of it, but of this moment.

    `last`, `days`: None = never. `days`: up to the latest day that files tell of.
    """

    last: Day | None
    days: int | None
    due: bool


@dataclass(frozen=True)
class Conversation:
    """One check-in in words. `check_in_id`: None for one of the district's file.

    `adult`, `owner`: names, empty where not known. `written_by`: staff_id of its writer.
    """

    student_id: str
    date: Day
    adult: str
    topic: str | None
    note: str | None
    next_step: str | None
    owner: str
    due_date: Day | None
    check_in_id: str | None = None
    written_by: str | None = None


def last_check_ins(
    rows: Rows, notes: Notes, student_ids: Iterable[str], due_after: float
) -> dict[str, Seen]:
    """When somebody last talked with each of these students, by student_id.

    `due_after`: days after which a check-in is due (`check_in_days`). Students who are not on the
    current roster are left out.
    """
    filed = {
        row["student_id"]: Filed(row["last"], row["as_of"])
        for row in rows(_FILED, {"ids": list(student_ids)})
    }
    return seen_now(filed, notes, due_after)


def seen_now(filed: Mapping[str, Filed], notes: Notes, due_after: float) -> dict[str, Seen]:
    """The same for students of whom the file's part is known, by student_id."""
    last = {student_id: one.last for student_id, one in filed.items()}
    for told in _written(notes, list(filed)):
        day = Day.fromisoformat(told.date)
        last[told.student_id] = max(day, last.get(told.student_id) or day)
    return {i: _seen(last[i], one.as_of, due_after) for i, one in filed.items()}


def conversations(rows: Rows, notes: Notes, student_ids: Iterable[str]) -> list[Conversation]:
    """Every check-in that holds, the latest first."""
    ids = list(student_ids)
    filed, written = rows(_FILE, {"ids": ids}), _written(notes, ids)
    names = staff_names(
        rows,
        [r[k] for r in filed for k in ("staff_id", "owner")]
        + [i for c in written for i in (c.staff_id, c.owner_id)],
    )
    told = [
        Conversation(
            r["student_id"],
            r["date"],
            names.get(r["staff_id"] or "", ""),
            r["topic"],
            r["note"],
            r["next_step"],
            names.get(r["owner"] or "", ""),
            r["due_date"],
        )
        for r in filed
    ]
    told += [
        Conversation(
            c.student_id,
            Day.fromisoformat(c.date),
            names.get(c.staff_id, ""),
            c.topic,
            c.note,
            c.next_step,
            names.get(c.owner_id or "", ""),
            Day.fromisoformat(c.due_date) if c.due_date else None,
            c.check_in_id,
            c.written_by,
        )
        for c in written
    ]
    # Of one day the one that was written last stands first: sorting keeps the order of equals.
    told.reverse()
    return sorted(told, key=lambda c: c.date, reverse=True)


def next_steps(told: Iterable[Conversation], since: Day) -> list[Conversation]:
    """Check-ins whose next step has an owner or a day, by that day, those without one last. Pure.

    `since`: older ones are left out, unless their day is that day or later.
    """
    held = [
        c
        for c in told
        if c.next_step and (c.owner or c.due_date) and (c.due_date or c.date) >= since
    ]
    return sorted(held, key=lambda c: (c.due_date is None, c.due_date or c.date))


def _seen(last: Day | None, as_of: Day, due_after: float) -> Seen:
    days = None if last is None else max((as_of - last).days, 0)
    return Seen(last, days, days is None or days >= due_after)


def _written(notes: Notes, student_ids: list[str]) -> list[CheckIn]:
    return check_ins.standing(check_ins.every(notes, student_ids))
