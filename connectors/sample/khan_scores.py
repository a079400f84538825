"""Khan Academy: a teacher's assignment scores, one cumulative CSV a class.

The file knows students by name only. An empty score at the due date with a best score beside it
is late work; two empty ones are work never handed in.
"""

from __future__ import annotations

import numpy as np

from connectors.sample import damage
from connectors.sample.assignments import AssignmentBook
from connectors.sample.behaviour import Traits
from connectors.sample.calendar import SchoolCalendar, export_time
from connectors.sample.khan import TEST_NAME
from connectors.sample.names import normalised
from connectors.sample.oddities import OddityList
from connectors.sample.people import People, same_name_pair, same_title_pair
from connectors.sample.text import Array, body, number, pick, take, text
from connectors.sample.write import Outbox

HEADER = (
    "Student Name,Assignment Name,Assignment Type,Due Date,Score At Due Date,Score Best Ever,"
    "Points Possible,Number Of Attempts"
)
#: A title that the roster knows nothing of.
STRANGE_TITLE = "Period 3 Number Ninjas"
#: Besides the special ones, one class in so many was exported twice.
_EXPORTED_TWICE_EVERY = 13


class KhanTeachers:
    """Writes every class's file at the end of the data, and some classes' a second, earlier one."""

    def __init__(
        self,
        outbox: Outbox,
        people: People,
        traits: Traits,
        calendar: SchoolCalendar,
        book: AssignmentBook,
        oddities: OddityList,
        *,
        planted: bool,
    ) -> None:
        self._outbox, self._people, self._calendar = outbox, people, calendar
        self._book, self._oddities, self._planted = book, oddities, planted
        self._names = text(people.full_names)
        stints = people.stints(calendar)
        own = np.flatnonzero(traits.on_khan[stints.student])
        order = own[np.lexsort((stints.student[own], stints.class_[own]))]
        self._student, self._class = stints.student[order], stints.class_[order]
        self._begin, self._end = stints.begin[order], stints.end[order]
        self._without_year = people.find_class(1, 6)
        self._untitled = people.find_class(1, 7)
        self._special_rows = people.find_class(0, 5)

    def classes(self) -> list[int]:
        """Classes that have a file: of two classes of one title, only the first was exported."""
        silent = same_title_pair(self._people)[1] if self._planted else -1
        return [n for n, c in enumerate(self._people.classes) if c.uses_khan and n != silent]

    def write(self, class_: int) -> None:
        """Write the class's exports, the earlier one first."""
        last = self._calendar.day_count - 1
        if class_ % _EXPORTED_TWICE_EVERY == 7:
            # A morning in the middle: what was handed in the day before is the newest it knows.
            middle = 7 * (self._calendar.weeks // 2) + 1
            rows = self._send(class_, middle, "07:00")
            name = self._name(class_, middle)
            self._oddities.add(name, "earlier_export", "superseded", rows=rows)
        self._send(class_, last, "20:00")

    def _send(self, class_: int, day: int, clock: str) -> int:
        final = day == self._calendar.day_count - 1
        rows = self._rows(class_, day, final=final)
        name = self._name(class_, day)
        page = f"{HEADER}\n".encode() + rows
        if final and self._planted:
            name, page = self._with_oddities(class_, name, page)
        self._outbox.put(name, damage.marked(page), export_time(self._calendar.date_of(day), clock))
        return damage.count_rows(page)

    def _name(self, class_: int, day: int) -> str:
        stem = normalised(self._people.classes[class_].title)
        return self._path(stem, day)

    def _path(self, stem: str, day: int) -> str:
        return f"exports/khan/assignment_scores/{stem}_{self._calendar.date_of(day):%Y%m%d}.csv"

    def _rows(self, class_: int, day: int, *, final: bool) -> bytes:
        """The class's lines as of a day, assignments in order, students in order within each."""
        first, past = np.searchsorted(self._class, [class_, class_ + 1])
        parts = []
        for week in range(self._calendar.weeks):
            monday = 7 * week
            if monday > day or self._calendar.is_short_week(week):
                continue
            here = (self._begin[first:past] <= monday) & (monday < self._end[first:past])
            students = self._student[first:past][here]
            if len(students):
                parts.append(self._assignment(week, class_, students, day, final=final))
        return b"".join(parts)

    def _assignment(
        self, week: int, class_: int, students: Array, day: int, *, final: bool
    ) -> bytes:
        book = self._book
        due = int(book.due_day(week, np.array([class_]))[0])
        handed = book.handed_in[week, students]
        known = (handed >= 0) & (final | (handed < day))
        at_due = book.at_due[week, students]
        # Before the due date has passed, the best so far stands in both columns.
        at_due = np.where(due >= day, book.best[week, students], at_due)
        when = self._calendar.date_of(due)
        short = self._planted and class_ == self._without_year
        spelled = f"{when:%b} {when.day}" if short else f'"{when:%b} {when.day}, {when.year}"'
        return body(
            take(self._names, students),
            book.title(week, class_),
            "Exercise",
            spelled,
            pick(known & (at_due >= 0), number(at_due), ""),
            pick(known, number(book.best[week, students]), ""),
            str(int(book.points(week, np.array([class_]))[0])),
            pick(known, number(book.attempts[week, students]), "0"),
        )

    def _with_oddities(self, class_: int, name: str, page: bytes) -> tuple[str, bytes]:
        """The final file of a class with what is planned for it."""
        rows, last = damage.count_rows(page), self._calendar.day_count - 1
        if class_ == same_title_pair(self._people)[0]:
            self._oddities.add(name, "same_title", "waiting", "no_single_class", rows=rows)
        elif class_ == self._untitled:
            name = self._path(normalised(STRANGE_TITLE), last)
            self._oddities.add(name, "strange_title", "waiting", "no_single_class", rows=rows)
        elif class_ == self._without_year:
            self._oddities.add(name, "due_without_year", "loaded", rows=rows)
        elif class_ == self._people.find_class(0, 3):
            self._note_same_name(name, page)
        elif class_ == self._special_rows:
            page = self._with_special_rows(name, page)
        return name, page

    def _note_same_name(self, name: str, page: bytes) -> None:
        """Count the rows of the two students of one name: told apart nowhere, equal at times."""
        shared = self._people.full_names[same_name_pair(self._people)[0]]
        lines = [row for row in page.decode().splitlines() if row.startswith(f"{shared},")]
        twice = sum(lines.count(row) == 2 for row in lines) // 2
        self._oddities.add(
            name, "same_name", "loaded", "conflicting_key", rows=len(lines) - 2 * twice
        )
        self._oddities.add(
            name, "same_name_equal_rows", "loaded", rows=twice, note="one of two is a duplicate"
        )

    def _with_special_rows(self, name: str, page: bytes) -> bytes:
        """Rows without a name, stubs, and the teacher's own try-out."""
        first = page.decode().splitlines()[1].split(",", 1)[1]
        nameless = [f"null,{first}", f",{first}"]
        stubs = [TEST_NAME, "Unit 1,Exercise"]
        self._oddities.add(name, "no_name", "loaded", "missing_value", rows=len(nameless))
        self._oddities.add(name, "stub_row", "loaded", "stub_row", rows=len(stubs))
        self._oddities.add(name, "test_account", "waiting", rows=1, note=TEST_NAME)
        more = [*nameless, *stubs, f"{TEST_NAME},{first}"]
        return page + "".join(f"{row}\n" for row in more).encode()
