"""What every board needs of a version besides its cards, laid out by class once per version.

A board is asked for often and a version changes once a day, so what is found only by reading whole
tables (who is in a class, with names, accounts, homeroom, adult) is read once, before requests see
the version; so are the cards of the latest boards. Of each class one packed JSON text is held, far
smaller than objects. No page is kept, nothing here is of this moment, and nothing is decided:
whoever asks is judged by portal.rights.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from portal.live import Row, Version
from portal.people import adults_by_class


@dataclass(frozen=True)
class Pupil:
    """A student on the latest board of a class. `homeroom`: its title, None where there is none.

    `last`: last check-in of the district's file; `as_of`: up to which day days are counted.
    """

    student_id: str
    student: str
    family_name: str
    given_name: str
    homeroom: str | None
    staff_id: str | None
    adult: str
    adult_family_name: str
    last: date | None
    as_of: date


def prepare(version: Version) -> None:
    """Read all of it, before requests see the version."""
    weeks(version)
    rules(version)
    classes(version, [])
    calendar(version, [], date.min, date.min)
    _texts(version, _PUPILS)
    _texts(version, _ACCOUNTS)
    _texts(version, _LATEST)
    platforms(version)
    adults_by_class(version)


def weeks(version: Version) -> list[date]:
    """Mondays of the weeks of which boards are kept, the latest first."""
    return version.keep(_WEEKS, lambda: [row["week_start"] for row in version.rows(_WEEKS)])


def rules(version: Version) -> dict[str, Row]:
    """Name and formula of each rule, as the dictionary tells."""
    return version.keep(_RULES, lambda: {r.pop("measure"): r for r in version.rows(_RULES)})


def classes(version: Version, class_ids: Iterable[str]) -> list[Row]:
    """Classes by title: class_id, title, subject, school_id."""
    held = version.keep(_CLASSES, lambda: {r["class_id"]: r for r in version.rows(_CLASSES)})
    found = [held[i] for i in class_ids if i in held]
    return sorted(found, key=lambda row: (row["title"] or "", row["class_id"]))


def calendar(version: Version, school_ids: Iterable[str], first: date, last: date) -> list[Row]:
    """Days with a note of some schools: date, note."""
    held = version.keep(_CALENDAR, lambda: _grouped(version.rows(_CALENDAR), "school_id"))
    days = {
        (row["date"], row["note"])
        for i in school_ids
        for row in held.get(i, ())
        if first <= row["date"] <= last
    }
    return [{"date": day, "note": note} for day, note in sorted(days)]


def pupils(version: Version, class_ids: Iterable[str]) -> dict[str, list[Pupil]]:
    """Who stands on the latest boards of these classes, by class_id."""
    return {i: [_pupil(told) for told in _told(version, _PUPILS, i)] for i in class_ids}


def cards(version: Version, class_id: str, week: date) -> list[Row]:
    """The cards of a class's board in a week, without names; those about today's roster are not
    among them."""
    if week != next(iter(weeks(version)), None):
        return version.rows(_CARDS, {"id": class_id, "week": week})
    found: list[Row] = _told(version, _LATEST, class_id)
    for row in found:
        for column in ("week_start", "data_through", "window_end"):
            row[column] = row[column] and date.fromisoformat(row[column])
    return found


def accounts(version: Version, class_ids: Iterable[str]) -> dict[str, frozenset[str]]:
    """Who is in one of these classes today, and on which platforms each has an account."""
    return {
        told["student_id"]: frozenset(told["platforms"].split())
        for i in class_ids
        for told in _told(version, _ACCOUNTS, i)
    }


def platforms(version: Version) -> list[Row]:
    """Platforms by title, with the days up to which files tell of each class, None for all."""

    def made() -> list[Row]:
        covered: dict[str, dict[str | None, date]] = {}
        for row in version.rows(_COVERED):
            covered.setdefault(row["platform"], {})[row["class_id"]] = row["through"]
        return [r | {"covered": covered.get(r["platform"], {})} for r in version.rows(_TITLES)]

    return version.keep(_TITLES, made)


def _pupil(told: dict[str, Any]) -> Pupil:
    last, as_of = told.pop("last"), told.pop("as_of")
    return Pupil(**told, last=last and date.fromisoformat(last), as_of=date.fromisoformat(as_of))


def _told(version: Version, sql: str, class_id: str) -> list[Any]:
    packed = _texts(version, sql).get(class_id)
    found: list[Any] = json.loads(zlib.decompress(packed)) if packed else []
    return found


def _texts(version: Version, sql: str) -> dict[str, bytes]:
    def made() -> dict[str, bytes]:
        ids = [row["class_id"] for row in version.rows(f"{_CLASSES} ORDER BY class_id")]
        # In parts, so that the memory it takes does not grow with the district.
        found: dict[str, bytes] = {}
        for part in (ids[i : i + _PART] for i in range(0, len(ids), _PART)):
            rows = version.rows(sql, {"first": part[0], "last": part[-1]})
            found |= {row["class_id"]: zlib.compress(row["told"].encode(), 1) for row in rows}
        return found

    return version.keep(sql, made)


def _grouped(rows: Iterable[Row], key: str) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row.pop(key), []).append(row)
    return found


#: Classes that are read at once.
_PART = 500
_WEEKS = "SELECT DISTINCT week_start FROM views.collaboration_board ORDER BY week_start DESC"
_RULES = """SELECT measure, min(name) AS rule, min(formula) AS formula
FROM views.measure_dictionary GROUP BY measure"""
_CLASSES = "SELECT class_id, title, subject, school_id FROM roster.class_section"
_CALENDAR = """SELECT DISTINCT school_id, date, note FROM roster.calendar_day
WHERE note IS NOT NULL AND school_id IS NOT NULL"""
_TODAY = """SELECT enrollment.class_id, enrollment.person_id AS student_id
    FROM roster.enrollment AS enrollment
    CROSS JOIN (SELECT max(as_of) AS as_of FROM views.student_check_in) AS as_of
    WHERE enrollment.role = 'student'
        AND coalesce(enrollment.begin_date <= as_of.as_of, TRUE)
        AND coalesce(enrollment.end_date >= as_of.as_of, TRUE)"""
_CARD = """SELECT class_id, week_start, block, block_order, position, student_id, kind, question,
    platform, sentence, else_it_could_be, rule_id, data_through, window_end,
    substr(card_id, 1 + length(concat_ws('|', class_id, week_start, coalesce(student_id, ''),
        rule_id, coalesce(platform, ''), ''))) AS item
FROM views.collaboration_board
WHERE block NOT IN ('not_seen_lately', 'everyone')"""
_CARDS = f"{_CARD} AND class_id = $id AND week_start = $week"
_LATEST = f"""SELECT class_id, CAST(to_json(list(card)) AS VARCHAR) AS told
FROM ({_CARD} AND class_id BETWEEN $first AND $last
    AND week_start = (SELECT max(week_start) FROM views.collaboration_board)) AS card
GROUP BY class_id"""
_PUPILS = f"""SELECT board.class_id, CAST(to_json(list({{
    'student_id': board.student_id,
    'student': concat_ws(' ', coalesce(student.preferred_name, student.given_name),
        student.family_name),
    'family_name': coalesce(student.family_name, ''),
    'given_name': coalesce(student.given_name, ''),
    'homeroom': home.title,
    'staff_id': board.staff_id,
    'adult': concat_ws(' ', adult.given_name, adult.family_name),
    'adult_family_name': coalesce(adult.family_name, ''),
    'last': filed.last,
    'as_of': seen.as_of}})) AS VARCHAR) AS told
FROM views.collaboration_board AS board
JOIN roster.student AS student ON student.student_id = board.student_id
JOIN views.student_check_in AS seen ON seen.student_id = board.student_id
LEFT JOIN roster.staff AS adult ON adult.staff_id = board.staff_id
LEFT JOIN (SELECT student_id, max(date) AS last FROM facts.check_in WHERE source = 'file'
    GROUP BY student_id) AS filed ON filed.student_id = board.student_id
LEFT JOIN (SELECT today.student_id, min(section.title) AS title
    FROM ({_TODAY}) AS today JOIN roster.class_section AS section USING (class_id)
    WHERE section.class_type = 'homeroom'
    GROUP BY today.student_id) AS home ON home.student_id = board.student_id
WHERE board.block = 'everyone' AND board.class_id BETWEEN $first AND $last
GROUP BY board.class_id"""
_ACCOUNTS = f"""WITH member AS (
    SELECT DISTINCT class_id, student_id FROM ({_TODAY})
    WHERE class_id BETWEEN $first AND $last)
SELECT class_id, CAST(to_json(list({{
    'student_id': student_id, 'platforms': coalesce(platforms, '')}})) AS VARCHAR) AS told
FROM member
LEFT JOIN (SELECT student_id, string_agg(DISTINCT platform, ' ') AS platforms FROM facts.account
    WHERE student_id IN (SELECT student_id FROM member) GROUP BY student_id) USING (student_id)
GROUP BY class_id"""
_COVERED = """SELECT platform, class_id, max(covers_to) AS through FROM facts.coverage
WHERE platform IN (SELECT platform FROM facts.account) GROUP BY platform, class_id"""
_TITLES = "SELECT platform, title FROM roster.platform ORDER BY title, platform"
