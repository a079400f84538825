"""Which student is meant: an id, the district's number, or a name that only one student has."""

from __future__ import annotations

from dataclasses import dataclass

from warehouse.explain.told import Ask

_COLUMNS = """student_id, coalesce(preferred_name, given_name, '') || ' '
    || coalesce(family_name, '') AS name, grade_level, school_id"""
_NAMES = """[lower(given_name || ' ' || family_name), lower(preferred_name || ' ' || family_name),
    lower(family_name || ', ' || given_name), lower(family_name || ', ' || preferred_name)]"""
#: Names at least this much alike are named when nobody fits.
_NEAR = 0.85


@dataclass(frozen=True)
class Student:
    """A student as a list of candidates shows one."""

    student_id: str
    name: str
    grade_level: str | None
    school_id: str | None


def meant(ask: Ask, asked: str) -> list[Student]:
    """Everybody whom it may mean: one where it is clear, several where a name is shared."""
    by_id = _found(ask, "$asked IN (student_id, sis_id)", asked)
    return by_id or _found(ask, f"list_contains({_NAMES}, lower(trim($asked)))", asked)


def near(ask: Ask, asked: str) -> list[Student]:
    """A few students whose names are much like it."""
    alike = "jaro_winkler_similarity(lower(given_name || ' ' || family_name), lower($asked))"
    return _found(ask, f"{alike} >= {_NEAR} ORDER BY {alike} DESC, student_id LIMIT 5", asked)


def _found(ask: Ask, where: str, asked: str) -> list[Student]:
    rows = ask(f"SELECT {_COLUMNS} FROM roster.student WHERE {where}", {"asked": asked})
    return [Student(**row) for row in rows]
