"""The check-ins of one student: those of the portal as written this minute, and those of the
district's own file as published."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from portal.visit import Visit
from warehouse.notes import check_ins
from warehouse.notes.check_ins import CheckIn
from warehouse.notes.database import Notes


class Asked(Protocol):
    """What a student is read from: a visit to the portal, or a command's own connections."""

    @property
    def notes(self) -> Notes:
        """The database of what people write."""

    def rows(self, sql: str, values: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """Ask the live warehouse."""


@dataclass(frozen=True)
class Told:
    """One conversation, adults by name. `check_in_id`: of the portal's; None for the file's."""

    date: str
    adult: str
    topic: str | None
    note: str | None
    next_step: str | None
    owner: str | None
    due_date: str | None
    check_in_id: str | None = None


def told_of(visit: Visit, student_id: str) -> list[Told]:
    """Every check-in that stands, the newest first."""
    written = check_ins.standing(check_ins.every(visit.notes, [student_id]))
    filed = visit.rows(_FILED, {"id": student_id})
    names = adults(visit, [s for w in written for s in (w.staff_id, w.owner_id) if s])
    told = [_told(w, names) for w in written] + [Told(**row) for row in filed]
    return sorted(told, key=lambda t: (t.date, t.check_in_id or ""), reverse=True)


def adults(asked: Asked, staff_ids: Sequence[str]) -> dict[str, str]:
    """Names of adults by id; who is no longer on the roster is not in it."""
    rows = asked.rows(
        "SELECT staff_id, concat_ws(' ', given_name, family_name) AS name FROM roster.staff "
        "WHERE list_contains($ids, staff_id)",
        {"ids": sorted(set(staff_ids))},
    )
    return {row["staff_id"]: row["name"] for row in rows}


def _told(w: CheckIn, names: dict[str, str]) -> Told:
    owner = names.get(w.owner_id, w.owner_id) if w.owner_id else None
    adult = names.get(w.staff_id, w.staff_id)
    return Told(w.date, adult, w.topic, w.note, w.next_step, owner, w.due_date, w.check_in_id)


_FILED = """SELECT CAST(told.date AS VARCHAR) AS date,
    coalesce(concat_ws(' ', adult.given_name, adult.family_name), '') AS adult, told.topic,
    told.note, told.next_step, concat_ws(' ', keeper.given_name, keeper.family_name) AS owner,
    CAST(told.due_date AS VARCHAR) AS due_date
FROM facts.check_in AS told
LEFT JOIN roster.staff AS adult USING (staff_id)
LEFT JOIN roster.staff AS keeper ON keeper.staff_id = told.owner
WHERE told.student_id = $id AND told.source = 'file'"""
