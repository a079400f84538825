"""The names of adults and students, and which adults a child or a class has.

Not here: who may see whom; that is decided in portal.rights.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from portal.live import Row, Version
from portal.rights import Access

#: Asks the live warehouse: a statement and the values of its $names.
Rows = Callable[[str, Mapping[str, Any]], list[Row]]

_ADULTS = (
    "SELECT staff_id, concat_ws(' ', given_name, family_name) AS name "
    "FROM roster.staff WHERE staff_id IN ({}) ORDER BY family_name, given_name, staff_id"
)
_OF_STUDENT = _ADULTS.format(
    "SELECT staff_id FROM views.student_access WHERE list_contains($ids, student_id)"
)
_OF_CLASSES = """
SELECT DISTINCT
    access.class_id, staff_id, concat_ws(' ', given_name, family_name) AS name, family_name,
    given_name
FROM views.class_access AS access
JOIN roster.staff AS staff USING (staff_id)
ORDER BY family_name, given_name, staff_id
"""
_NAMED = _ADULTS.format("SELECT unnest($ids)")
_MEMBERS = """
SELECT enrollment.person_id AS student_id
FROM roster.enrollment AS enrollment
CROSS JOIN (SELECT max(as_of) AS as_of FROM views.student_check_in) AS as_of
WHERE
    enrollment.class_id = $id
    AND enrollment.role = 'student'
    AND coalesce(enrollment.begin_date <= as_of.as_of, TRUE)
    AND coalesce(enrollment.end_date >= as_of.as_of, TRUE)
"""
_STUDENTS = (
    "SELECT student_id, concat_ws(' ', coalesce(preferred_name, given_name), family_name) AS name "
    "FROM roster.student WHERE list_contains($ids, student_id) "
    "ORDER BY family_name, given_name, student_id"
)


def adults_of_student(rows: Rows, student_id: str, me: Access) -> dict[str, str]:
    """Names of the adults who may see a student and of the one who asks, by staff_id."""
    return _with_me(_by_id(rows(_OF_STUDENT, {"ids": [student_id]}), "staff_id"), me)


def adults_of_class(version: Version, class_id: str, me: Access) -> dict[str, str]:
    """Names of the adults who may open a class and of the one who asks, by staff_id."""
    return _with_me(adults_by_class(version).get(class_id, {}), me)


def adults_by_class(version: Version) -> dict[str, dict[str, str]]:
    """Names of the adults who may open each class, by class_id and staff_id."""

    def made() -> dict[str, dict[str, str]]:
        found: dict[str, dict[str, str]] = {}
        for row in version.rows(_OF_CLASSES):
            found.setdefault(row["class_id"], {})[row["staff_id"]] = row["name"] or row["staff_id"]
        return found

    return version.keep(_OF_CLASSES, made)


def staff_names(rows: Rows, staff_ids: Iterable[str | None]) -> dict[str, str]:
    """Names by staff_id; who has left the roster has none."""
    return _by_id(rows(_NAMED, {"ids": _ids(staff_ids)}), "staff_id")


def student_names(rows: Rows, student_ids: Iterable[str | None]) -> dict[str, str]:
    """Names by student_id, A to Z by family name."""
    return _by_id(rows(_STUDENTS, {"ids": _ids(student_ids)}), "student_id")


def students_of_class(rows: Rows, class_id: str) -> dict[str, str]:
    """The students who are in a class now: names by student_id, A to Z by family name."""
    found = rows(_MEMBERS, {"id": class_id})
    return student_names(rows, (row["student_id"] for row in found))


def _ids(ids: Iterable[str | None]) -> list[str]:
    return sorted({i for i in ids if i})


def _by_id(found: Iterable[Row], key: str) -> dict[str, str]:
    return {row[key]: row["name"] or row[key] for row in found}


def _with_me(names: dict[str, str], me: Access) -> dict[str, str]:
    return {**names, me.staff_id: me.name or me.staff_id}
