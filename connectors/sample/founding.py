"""Founds the sample district: invents schools, classes and people, and lets some of them move."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from connectors.sample.dice import dice
from connectors.sample.names import person_names, school_name
from connectors.sample.people import (
    DISTRICT_ID,
    Adult,
    ClassSection,
    People,
    School,
    same_name_pair,
    same_title_pair,
)
from connectors.sample.text import Array

#: Kinds of school in turn: label, lowest and highest grade (0 = kindergarten).
_KINDS = (("Elementary", 0, 5), ("Middle", 5, 8), ("High", 9, 12))
_STUDENTS_PER_SCHOOL = 500
_MOST_IN_A_CLASS = 28
#: Every n-th young student also sits in the school's reading group.
_READING_GROUP_EVERY = 11
_SAME_TITLE = "Math Explorers"


def build_people(students: int, seed: int, *, oddities: bool) -> People:
    """Invent everybody; with `oddities`, two students of one name and two classes of one title."""
    schools = _schools(students)
    classes: list[ClassSection] = []
    adults: list[Adult] = []
    grades: list[Array] = []
    first_class: list[Array] = []
    group_of: list[Array] = []
    adult_names = person_names(int(dice(seed, "adults").integers(10_000)), 2 * students + 1000)

    def adult(role: str, school: int) -> int:
        given, family = next(adult_names)
        adults.append(Adult(f"T-{len(adults) + 1:06d}", given, family, role, school))
        return len(adults) - 1

    def section(title: str, school: int, grade: int, subject: str, kind: str) -> int:
        class_id, teacher = f"C-{len(classes) + 1:06d}", adult("teacher", school)
        classes.append(ClassSection(class_id, title, school, grade, subject, kind, teacher))
        return len(classes) - 1

    for position, (school, size) in enumerate(
        zip(schools, _shares(students, len(schools)), strict=True)
    ):
        adult("administrator", position)
        levels = range(school.low, school.high + 1)
        for grade, count in zip(levels, _shares(size, len(levels)), strict=True):
            sections = _shares(count, max(1, math.ceil(count / _MOST_IN_A_CLASS)))
            for letter, members in zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", sections, strict=False):
                label = "K" if grade == 0 else str(grade)
                young = grade <= 5
                title = f"{school.short} {'' if young else 'Math '}{label}-{letter}"
                subject, kind = ("Homeroom", "homeroom") if young else ("Mathematics", "scheduled")
                number = section(title, position, grade, subject, kind)
                first_class.append(np.full(members, number))
                grades.append(np.full(members, grade))
        if school.low == 0:
            group = section(f"{school.short} Reading Group", position, -1, "Reading", "scheduled")
            places = np.arange(size)
            early = np.concatenate(grades)[-size:] <= 3
            group_of.append(np.where(early & (places % _READING_GROUP_EVERY == 4), group, -1))
        else:
            group_of.append(np.full(size, -1))

    names = list(person_names(int(dice(seed, "students").integers(10_000)), students))
    people = People(
        schools,
        classes,
        adults,
        np.concatenate(grades),
        np.concatenate(first_class),
        np.concatenate(group_of),
        [given for given, _ in names],
        [family for _, family in names],
    )
    _move(people)
    return _made_awkward(people) if oddities else people


def _made_awkward(people: People) -> People:
    one, other = same_name_pair(people)
    given, family = list(people.given), list(people.family)
    given[other], family[other] = given[one], family[one]
    for class_ in same_title_pair(people):
        people.classes[class_].title = _SAME_TITLE
    return replace(people, given=given, family=family)


def _move(people: People) -> None:
    """One withdrawal and one transfer from every elementary school, an arrival at every middle."""
    middles = [n for n, school in enumerate(people.schools) if school.low == 5]
    for position, school in enumerate(people.schools):
        if school.low == 0:
            people.withdrawals.append(int(people.members(people.find_class(position, 3))[-1]))
            mover = int(people.members(people.find_class(position, 5))[-1])
            target = next((n for n in middles if n > position), middles[0])
            people.transfers[mover] = people.find_class(target, 5)
        if school.low == 5:
            people.arrivals.append(int(people.members(people.find_class(position, 6))[0]))


def _schools(students: int) -> list[School]:
    # Two schools at least, so that a student can change from one to another.
    count = max(2, round(students / _STUDENTS_PER_SCHOOL))
    schools = []
    for n in range(count):
        label, low, high = _KINDS[n % len(_KINDS)]
        short = school_name(n)
        number = f"{n + 1:03d}"
        name = f"{short} {label}"
        schools.append(School(f"SCH-{number}", f"{DISTRICT_ID}{number}", name, short, low, high))
    return schools


def _shares(total: int, parts: int) -> list[int]:
    """`total` in `parts` whole shares that differ by one at most."""
    return [total // parts + (n < total % parts) for n in range(parts)]
