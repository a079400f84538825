"""NWEA MAP Growth: one zip of CSVs a term, each export replacing the term's last."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from connectors.sample import damage
from connectors.sample.behaviour import Traits
from connectors.sample.calendar import FIRST_MONDAY, SchoolCalendar, export_time
from connectors.sample.dice import dice
from connectors.sample.nwea_columns import (
    ACCOMMODATIONS,
    ASSESSMENT_RESULTS,
    CLASS_ASSIGNMENTS,
    PROGRAM_ASSIGNMENTS,
    STUDENTS_BY_SCHOOL,
)
from connectors.sample.nwea_rows import result_rows
from connectors.sample.nwea_scores import SUBJECTS, Term, grade_in, sit
from connectors.sample.oddities import OddityList
from connectors.sample.people import DISTRICT_ID, DISTRICT_NAME, People
from connectors.sample.text import Array, Column, body, choose, concat, number, take, text, us_date
from connectors.sample.write import Outbox

#: Fall tests begin in the fourth week; the winter's in the 22nd, or as the data ends.
_FALL_WEEK, _WINTER_WEEK = 3, 21
#: Rows of the fall's final export whose ids a spreadsheet has rewritten.
_WITH_POINT, _WITH_EXPONENT, _WITHOUT_ZEROS = 4, 6, 8
#: A test of the early fall export that was declared invalid later: its row vanishes.
_INVALIDATED_ROW = 2


def stripped_student(people: People, traits: Traits, seed: int) -> int:
    """The student whose id lost its zeros in one row of the fall."""
    return int(_tested(_fall(), people, traits, seed)[_WITHOUT_ZEROS])


class AssessmentOffice:
    """Writes every term's exports; `terms` are those exported so far."""

    def __init__(
        self,
        outbox: Outbox,
        people: People,
        traits: Traits,
        calendar: SchoolCalendar,
        seed: int,
        oddities: OddityList,
    ) -> None:
        self._outbox, self._people, self._traits = outbox, people, traits
        self._calendar, self._seed, self._oddities = calendar, seed, oddities
        self._begin, self._end = people.begin_day(), people.end_day(calendar)
        self.terms: list[Term] = []

    def deliver_all(self, *, planted: bool) -> None:
        """Last spring, this fall (twice where oddities are planted) and this winter."""
        self._deliver(Term("Spring", 2025, date(2025, 4, 28)), date(2025, 6, 6))
        fall = _fall()
        if planted:
            self._deliver_early(fall, fall.opens + timedelta(days=18))
        final = fall.opens + timedelta(days=25)
        if final <= self._calendar.last_day:
            self._deliver(fall, final, damaged=planted)
        week = max(0, min(_WINTER_WEEK, self._calendar.weeks - 2))
        winter = Term("Winter", 2026, self._calendar.date_of(7 * week))
        made = winter.opens + timedelta(days=11)
        if final < winter.opens and made <= self._calendar.last_day:
            self._deliver(winter, made)

    def _deliver(self, term: Term, made: date, *, damaged: bool = False) -> None:
        page = self._page(term, made)
        self.terms.append(term)
        if damaged:
            # The invalidated test is gone, and a spreadsheet has been at the ids.
            page = _without_row(page, _INVALIDATED_ROW)
            page = self._rewritten(_name(term, made), page)
        self._send(term, made, page)

    def _deliver_early(self, term: Term, made: date) -> None:
        page = self._page(term, made, share=0.8)
        self._send(term, made, page)
        rows = damage.count_rows(page)
        self._oddities.add(_name(term, made), "earlier_export", "superseded", rows=rows)
        self._oddities.add(
            _name(term, made),
            "invalidated_test",
            "superseded",
            rows=1,
            note="gone in the final one",
        )

    def _rewritten(self, name: str, page: bytes) -> bytes:
        # One row above has gone, hence the minus one.
        page = damage.with_cell(page, _WITH_POINT - 1, "StudentID", lambda v: f"{int(v)}.0")
        page = damage.with_cell(page, _WITH_EXPONENT - 1, "StudentID", lambda v: f"{int(v):.2E}")
        page = damage.with_cell(page, _WITHOUT_ZEROS - 1, "StudentID", lambda v: str(int(v)))
        self._oddities.add(name, "spreadsheet_id", "loaded", "damaged_id", rows=2)
        self._oddities.add(name, "id_without_zeros", "waiting", rows=1, note="account unresolved")
        return page

    def _page(self, term: Term, made: date, *, share: float = 1.0) -> bytes:
        """AssessmentResults.csv; with a share below 1, only the first students and no retests."""
        people = self._people
        there = np.flatnonzero(self._there(made))
        there = there[: int(len(there) * share)]
        whole = share == 1.0
        rows = b"".join(
            result_rows(term, people, self._traits, subject, there, self._seed, retests=whole)
            for subject in SUBJECTS
        )
        return ",".join(ASSESSMENT_RESULTS).encode() + b"\n" + rows

    def _there(self, made: date) -> Array:
        day = max(0, self._calendar.day_of(made))
        there: Array = (self._begin <= day) & (day < self._end)
        return there

    def _send(self, term: Term, made: date, page: bytes) -> None:
        there = np.flatnonzero(self._there(made) & _in_grades(term, self._people))
        members = [
            ("AssessmentResults.csv", page),
            ("StudentsBySchool.csv", self._students(term, there)),
            ("ClassAssignments.csv", self._classes(term, there, made)),
            ("ProgramAssignments.csv", self._programs(term, there)),
            ("AccommodationAssignment.csv", self._accommodations(term, there)),
        ]
        self._outbox.put_zip(_name(term, made), members, made, export_time(made, "20:00"))

    def _school(self, term: Term, who: Array) -> list[Column | str]:
        people = self._people
        school = people.school_of_class[people.first_class[who]]
        return [
            term.name,
            DISTRICT_NAME,
            DISTRICT_ID,
            choose([s.name for s in people.schools], school),
            choose([s.identifier for s in people.schools], school),
        ]

    def _ids(self, who: Array) -> list[Column]:
        return [take(text(self._people.sis_ids), who), concat("ST", number(7_000_000 + who))]

    def _students(self, term: Term, who: Array) -> bytes:
        people, random = self._people, dice(self._seed, "nwea people")
        grade = grade_in(term, people)[who]
        age = 365 * (5 + people.grade) + random.integers(0, 365, people.count)
        born = np.datetime64(FIRST_MONDAY) - age
        sex = random.integers(0, 2, people.count)
        rows = body(
            *self._school(term, who),
            take(text(people.family), who),
            take(text(people.given), who),
            "",
            *self._ids(who),
            us_date(born[who]),
            "Not Specified or Other",
            "Not Specified or Other",
            choose(["F", "M"], sex[who]),
            number(grade),
            number(grade),
        )
        return ",".join(STUDENTS_BY_SCHOOL).encode() + b"\n" + rows

    def _classes(self, term: Term, who: Array, made: date) -> bytes:
        people = self._people
        class_ = people.class_on(max(0, self._calendar.day_of(made)))[who]
        teachers = [people.adults[c.teacher].staff_id for c in people.classes]
        names = [people.teacher_name(n) for n in range(len(people.classes))]
        rows = body(
            *self._school(term, who),
            *self._ids(who),
            choose([c.title for c in people.classes], class_),
            choose(names, class_),
            choose(teachers, class_),
            "",
        )
        return ",".join(CLASS_ASSIGNMENTS).encode() + b"\n" + rows

    def _programs(self, term: Term, who: Array) -> bytes:
        some = who[who % 12 == 5]
        rows = body(term.name, *self._ids(some), "After-school tutoring", "Other")
        return ",".join(PROGRAM_ASSIGNMENTS).encode() + b"\n" + rows

    def _accommodations(self, term: Term, who: Array) -> bytes:
        some = who[who % 15 == 8]
        rows = body(term.name, *self._ids(some), "", "Presentation", "Text-to-speech")
        return ",".join(ACCOMMODATIONS).encode() + b"\n" + rows


def _fall() -> Term:
    return Term("Fall", 2026, FIRST_MONDAY + timedelta(weeks=_FALL_WEEK))


def _in_grades(term: Term, people: People) -> Array:
    grade = grade_in(term, people)
    inside: Array = (grade >= 2) & (grade <= 8)
    return inside


def _tested(term: Term, people: People, traits: Traits, seed: int) -> Array:
    return np.flatnonzero(sit(term, people, traits, SUBJECTS[0], seed).rit > 0)


def _name(term: Term, made: date) -> str:
    return f"exports/nwea/{term.name.replace(' ', '_')}_comprehensive_{made:%Y%m%d}.zip"


def _without_row(page: bytes, row: int) -> bytes:
    lines = page.split(b"\n")
    return b"\n".join([*lines[: row + 1], *lines[row + 2 :]])
