"""Who may do what, and why: the one function that every page, button, export and query asks.

Rights are data of the published warehouse (views.student_access, views.class_access) and of
[portal]; whoever stands in neither may nothing. Not here: who somebody is.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from portal.live import Version
from warehouse.settings.portal import PortalSettings


class Right(StrEnum):
    """What can be asked for. `student` and `class_` are asked for one, by its id."""

    public = "public"
    signed_in = "signed_in"
    student = "student"
    class_ = "class"
    operations = "operations"
    every_student = "every_student"


#: A right that is for one of something: the parameter of the path that names it.
NAMED_BY = {Right.student: "student_id", Right.class_: "class_id"}


@dataclass(frozen=True)
class Access:
    """All that an adult may, with the reasons: student_id to reasons, class_id to reasons.

    `name`: empty for an adult who is not on the roster. `everyone`: sees each student.
    """

    staff_id: str
    name: str = ""
    students: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    classes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    coordinator: bool = False
    everyone: bool = False


@dataclass(frozen=True)
class Answer:
    """Yes or no, and why."""

    allowed: bool
    reason: str


def why(access: Access | None, right: Right, what: str | None = None) -> Answer:
    """Whether an adult (None: nobody has signed in) has a right, and the reason. Pure."""
    if right is Right.public:
        return Answer(True, "public")
    if access is None:
        return Answer(False, "not_signed_in")
    if right is Right.signed_in:
        return Answer(True, "signed_in")
    if right is Right.operations:
        return Answer(access.coordinator, "coordinator" if access.coordinator else "no_coordinator")
    if right is Right.every_student:
        return Answer(access.everyone, "coordinator" if access.everyone else "no_every_student")
    held = access.students if right is Right.student else access.classes
    if what is not None and (reasons := held.get(what)):
        return Answer(True, ", ".join(reasons))
    return Answer(False, f"no_{right}")


def access_of(version: Version, staff_id: str, settings: PortalSettings) -> Access:
    """What the live warehouse and the settings grant an adult. Kept as long as the version is."""
    coordinator = staff_id in settings.coordinators
    everyone = coordinator and settings.granted_children
    held: dict[str, dict[str, tuple[str, ...]]] = {"student": {}, "class": {}, "name": {}}
    shared: dict[tuple[str, ...], tuple[str, ...]] = version.keep(_REASONS, dict)
    rows = version.rows(_EVERYTHING if everyone else _OWN, {"staff_id": staff_id})
    for what, one, reason in sorted({(r["held"], r["id"], r["reason"]) for r in rows}):
        reasons = (*held[what].get(one, ()), reason)
        # Adults share students and reasons; one copy of each is kept.
        held[what][sys.intern(one)] = shared.setdefault(reasons, reasons)
    name = next(iter(held["name"]), "")
    found = version.kept[_KEPT, staff_id] = Access(
        staff_id, name, held["student"], held["class"], coordinator, everyone
    )
    return found


def kept(version: Version, staff_id: str) -> Access | None:
    """What was computed from this version already."""
    found: Access | None = version.kept.get((_KEPT, staff_id))
    return found


_KEPT, _REASONS = "access", "reasons"
_OWN = """SELECT 'student' AS held, student_id AS id, reason FROM views.student_access
WHERE staff_id = $staff_id
UNION ALL SELECT 'class', class_id, reason FROM views.class_access WHERE staff_id = $staff_id
UNION ALL SELECT 'name', concat_ws(' ', given_name, family_name), '' FROM roster.staff
WHERE staff_id = $staff_id"""
_EVERYTHING = f"""{_OWN} UNION ALL SELECT 'student', student_id, 'coordinator' FROM roster.student
WHERE active UNION ALL SELECT 'class', class_id, 'coordinator' FROM roster.class_section"""
