"""Which rows of which table an adult may ask about, decided by the table's columns. Pure.

A table of the views gives the rows of the adult's students where it tells of students, and of the
adult's classes where it tells of classes. Any other table gives nothing, unless listed here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

#: About nobody: every row is everybody's.
OPEN = frozenset({"measure_dictionary"})
#: About adults and their rights, though students stand in them.
CLOSED = frozenset({"student_access", "class_access"})

_MINE = {
    "mine.student": "SELECT student_id, coalesce(preferred_name, given_name) AS given_name, "
    "family_name, grade_level FROM live.roster.student AS told WHERE {student}",
    "mine.class_section": "SELECT class_id, title, subject FROM live.roster.class_section AS told "
    "WHERE {class_}",
}
_STUDENT = "told.student_id IN (SELECT id FROM may.student)"
_CLASS = "told.class_id IN (SELECT id FROM may.class_section)"


def rows_of(table: str, columns: Iterable[str]) -> str | None:
    """The condition for a row `told` of a table of the views to be the adult's; None: no row is."""
    names = set(columns)
    if table in OPEN:
        return "TRUE"
    if table in CLOSED:
        return None
    if "student_id" in names:
        # A row about a whole class names no student.
        whole = f" OR (told.student_id IS NULL AND {_CLASS})" if "class_id" in names else ""
        return _STUDENT + whole
    return _CLASS if "class_id" in names else None


def fills(views: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """SELECT by name of every table that may be asked: from `live`, for whom `may` names.

    `views`: the columns of every table of the views, by name without schema.
    """
    found = {
        f"views.{table}": f"SELECT * FROM live.views.{table} AS told WHERE {condition}"
        for table, columns in sorted(views.items())
        if (condition := rows_of(table, columns)) is not None
    }
    return found | {
        name: sql.format(student=_STUDENT, class_=_CLASS) for name, sql in _MINE.items()
    }
