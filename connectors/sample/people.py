"""The sample's schools, classes, adults and students, and who is where on which day.

Students, classes, schools and adults are told by their position. A class list is in the order of
positions, so that neighbours share a class.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from connectors.sample.calendar import SchoolCalendar
from connectors.sample.names import ascii_lower
from connectors.sample.text import Array

DISTRICT_NAME = "Sample District (synthetic)"
DISTRICT_ID = "255900"
MAIL_DOMAIN = "students.sample-district.example.org"
#: The first day (Monday of a week) on which each kind of move takes effect.
ARRIVAL_WEEK, TRANSFER_WEEK, WITHDRAWAL_WEEK = 2, 6, 6


@dataclass(frozen=True)
class School:
    """One school: id of the roster, state number, names, and the grades it teaches."""

    school_id: str
    identifier: str
    name: str
    short: str
    low: int
    high: int


@dataclass
class ClassSection:
    """One class; `grade` is -1 for a group across grades."""

    class_id: str
    title: str
    school: int
    grade: int
    subject: str
    class_type: str
    teacher: int

    @property
    def uses_khan(self) -> bool:
        """Grades 3 to 12 work on Khan Academy in this class."""
        return self.grade >= 3


@dataclass(frozen=True)
class Adult:
    """One teacher or administrator."""

    staff_id: str
    given: str
    family: str
    role: str
    school: int

    @property
    def username(self) -> str:
        """Sign-in name."""
        return f"{ascii_lower(self.given)}.{ascii_lower(self.family)}.{int(self.staff_id[2:])}"


@dataclass(frozen=True)
class Stints:
    """Who is in which class and when: days `begin <= day < end`; one row a student and class."""

    student: Array
    class_: Array
    begin: Array
    end: Array


@dataclass
class People:
    """Everybody. Lists and arrays over students are in the order of their positions."""

    schools: list[School]
    classes: list[ClassSection]
    adults: list[Adult]
    grade: Array
    first_class: Array
    reading_group: Array
    given: list[str]
    family: list[str]
    arrivals: list[int] = field(default_factory=list)
    withdrawals: list[int] = field(default_factory=list)
    transfers: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.count = len(self.grade)
        numbers = range(self.count)
        self.student_ids = [f"S-{n + 1:06d}" for n in numbers]
        self.sis_ids = [f"{4217 + 9 * n:06d}" for n in numbers]
        self.usernames = [
            f"{ascii_lower(g)[0]}{ascii_lower(f)}{n + 1}"
            for n, g, f in zip(numbers, self.given, self.family, strict=True)
        ]
        self.emails = [f"{name}@{MAIL_DOMAIN}" for name in self.usernames]
        self.full_names = [f"{g} {f}" for g, f in zip(self.given, self.family, strict=True)]
        self.school_of_class = np.array([c.school for c in self.classes])

    def begin_day(self) -> Array:
        """First day of each student in the district."""
        begin = np.zeros(self.count, np.int64)
        begin[self.arrivals] = 7 * ARRIVAL_WEEK
        return begin

    def end_day(self, calendar: SchoolCalendar) -> Array:
        """First day on which each student is gone; beyond the data for those who stay."""
        end = np.full(self.count, calendar.day_count + 60, np.int64)
        end[self.withdrawals] = 7 * WITHDRAWAL_WEEK
        return end

    def class_on(self, day: int) -> Array:
        """Position of each student's class that day, whoever is enrolled."""
        if day < 7 * TRANSFER_WEEK:
            return self.first_class
        classes = self.first_class.copy()
        for student, target in self.transfers.items():
            classes[student] = target
        return classes

    def stints(self, calendar: SchoolCalendar) -> Stints:
        """Every stay of a student in a homeroom or mathematics class, students in order."""
        begin, end = self.begin_day(), self.end_day(calendar)
        moved = np.array(sorted(self.transfers), np.int64)
        students = np.concatenate([np.arange(self.count), moved])
        targets = np.array([self.transfers[int(n)] for n in moved], np.int64)
        classes = np.concatenate([self.first_class, targets])
        left = end.copy()
        left[moved] = 7 * TRANSFER_WEEK
        begins = np.concatenate([begin, np.full(len(moved), 7 * TRANSFER_WEEK)])
        return Stints(students, classes, begins, np.concatenate([left, end[moved]]))

    def teacher_name(self, class_: int) -> str:
        """The class's teacher as the platforms write adults."""
        adult = self.adults[self.classes[class_].teacher]
        return f"{adult.given} {adult.family}"

    def find_class(self, school: int, grade: int) -> int:
        """Position of the first class of a grade at a school."""
        return next(
            n for n, c in enumerate(self.classes) if c.school == school and c.grade == grade
        )

    def members(self, class_: int) -> Array:
        """Positions of the students who began the year in a class."""
        return np.flatnonzero(self.first_class == class_)


def grade_name(grade: int) -> str:
    """A grade as OneRoster writes it: `KG`, `01` ... `12`."""
    return "KG" if grade == 0 else f"{grade:02d}"


def same_name_pair(people: People) -> tuple[int, int]:
    """The two students of one name: second and third of the first third-grade class."""
    members = people.members(people.find_class(0, 3))
    return int(members[1]), int(members[2])


def same_title_pair(people: People) -> tuple[int, int]:
    """The two classes of one title, at the first two schools."""
    return people.find_class(0, 4), people.find_class(1, 8)
