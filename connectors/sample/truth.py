"""What only the generator knows: written as Parquet below truth/, for tests and benchmarks.

Instants are UTC, days are local, minutes are whole; a student x platform x day without a row in
minutes.parquet worked zero minutes.
"""

from __future__ import annotations

import numpy as np

from connectors.sample.assignments import STATES, AssignmentBook, Handed
from connectors.sample.behaviour import HAND_IN, SPELLS, STYLES, Traits
from connectors.sample.calendar import SchoolCalendar, export_time
from connectors.sample.people import People, grade_name
from connectors.sample.text import Array, choose, take, text, whole_or_null
from connectors.sample.write import GrowingTable, Outbox

MINUTES = {"student_id": "text", "platform": "text", "date": "day", "minutes": "whole"}
ASSIGNMENTS = {
    "student_id": "text",
    "class_id": "text",
    "title": "text",
    "assigned_at": "instant",
    "due_at": "instant",
    "started_at": "instant",
    "submitted_at": "instant",
    "state": "text",
    "score": "whole",
    "score_at_due": "whole",
    "points_possible": "whole",
}
STUDENTS = {
    "student_id": "text",
    "sis_id": "text",
    "school_id": "text",
    "class_id": "text",
    "grade": "text",
    "active": "truth",
    "name": "text",
    "username": "text",
    "email": "text",
    "behaviour": "text",
    "spell": "text",
    "spell_begins": "day",
    "spell_weeks": "whole",
    "hand_in": "text",
    "rapid_guesser": "truth",
    "lexia_target": "whole",
    "on_lexia": "truth",
    "on_khan": "truth",
    "move": "text",
}


class TruthDesk:
    """Writes the tables of truth/; minutes and assignments grow week by week."""

    def __init__(self, outbox: Outbox, people: People, calendar: SchoolCalendar) -> None:
        self._outbox, self._people, self._calendar = outbox, people, calendar
        self._ids = text(people.student_ids)
        self._class_ids = [c.class_id for c in people.classes]
        self._when = export_time(calendar.last_day, "21:00")
        self._first = np.datetime64(calendar.date_of(0))

    def minutes_table(self) -> GrowingTable:
        """truth/minutes.parquet, opened."""
        return GrowingTable(self._outbox, "truth/minutes.parquet", MINUTES, self._when)

    def assignments_table(self) -> GrowingTable:
        """truth/assignments.parquet, opened."""
        return GrowingTable(self._outbox, "truth/assignments.parquet", ASSIGNMENTS, self._when)

    def add_minutes(self, table: GrowingTable, platform: str, week: int, minutes: Array) -> None:
        """Add a week; `minutes`: day of the week x student. Zeros are left out."""
        day, student = np.nonzero(minutes)
        table.add(
            student_id=take(self._ids, student),
            platform=choose([platform], np.zeros(len(day), np.int64)),
            date=self._first + 7 * week + day,
            minutes=minutes[day, student],
        )

    def add_assignments(
        self, table: GrowingTable, week: int, handed: Handed, book: AssignmentBook
    ) -> None:
        """Add a week's assignments. The due instant is the last second of the local due day."""
        utc, class_ = self._calendar.utc, handed.class_
        titles = [book.title(week, c) for c in range(len(self._class_ids))]
        at_due = book.at_due[week, handed.student]
        table.add(
            student_id=take(self._ids, handed.student),
            class_id=choose(self._class_ids, class_),
            title=choose(titles, class_),
            assigned_at=utc(handed.assigned),
            due_at=utc(handed.due) + np.timedelta64(59, "s"),
            started_at=utc(handed.started),
            submitted_at=utc(handed.submitted),
            state=choose(STATES, handed.state),
            score=whole_or_null(handed.score),
            score_at_due=whole_or_null(at_due),
            points_possible=book.points(week, class_),
        )

    def students(self, traits: Traits) -> None:
        """truth/students.parquet: everybody who was there at any time, as of the last day."""
        people, calendar = self._people, self._calendar
        last = calendar.day_count - 1
        class_ = people.class_on(last)
        school = people.school_of_class[class_]
        target = np.where(traits.lexia_target > 0, traits.lexia_target, -1)
        move = np.full(people.count, "", dtype=object)
        for name, who in (
            ("arrival", people.arrivals),
            ("transfer", sorted(people.transfers)),
            ("withdrawal", people.withdrawals),
        ):
            move[who] = name
        with GrowingTable(self._outbox, "truth/students.parquet", STUDENTS, self._when) as table:
            table.add(
                student_id=self._ids,
                sis_id=people.sis_ids,
                school_id=choose([s.school_id for s in people.schools], school),
                class_id=choose(self._class_ids, class_),
                grade=choose([grade_name(g) for g in range(13)], people.grade),
                active=(people.begin_day() <= last) & (last < people.end_day(calendar)),
                name=people.full_names,
                username=people.usernames,
                email=people.emails,
                behaviour=choose(STYLES, traits.style),
                spell=choose(SPELLS, traits.spell),
                spell_begins=self._first + 7 * traits.spell_begin,
                spell_weeks=traits.spell_weeks,
                hand_in=choose(HAND_IN, traits.hand_in),
                rapid_guesser=traits.guesses_rapidly,
                lexia_target=whole_or_null(target),
                on_lexia=traits.on_lexia,
                on_khan=traits.on_khan,
                move=move.tolist(),
            )

    def school_days(self) -> None:
        """truth/school_days.parquet: school x day on which the school was open."""
        calendar, ids = self._calendar, [s.school_id for s in self._people.schools]
        columns = {"school_id": "text", "date": "day"}
        name = "truth/school_days.parquet"
        with GrowingTable(self._outbox, name, columns, self._when) as table:
            for day in calendar.all_school_days():
                is_open = np.flatnonzero(calendar.open_schools(day))
                dates = np.full(len(is_open), self._first + day)
                table.add(school_id=choose(ids, is_open), date=dates)

    def absences(self, absent: Array) -> None:
        """truth/absences.parquet: student x day of absence; `absent`: day x student."""
        columns = {"student_id": "text", "date": "day"}
        name = "truth/absences.parquet"
        with GrowingTable(self._outbox, name, columns, self._when) as table:
            for day in self._calendar.all_school_days():
                who = np.flatnonzero(absent[day])
                dates = np.full(len(who), self._first + day)
                table.add(student_id=take(self._ids, who), date=dates)
