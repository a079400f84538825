"""A district drawn to be hard to tell apart: siblings, twins, namesakes, short forms, slips.

Belongs here: people, their accounts, and whose they are. Not here: linking and judging.
"""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass, field

from connectors.sample.names import FAMILY, GIVEN
from warehouse.identity.names import SHORT_FORMS

_SYLLABLES = "an bel cor dan el far gal har in jor kal lem mar nor ost per quin ros sal tor".split()
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True)
class Student:
    """One student of the roster."""

    student_id: str
    sis_id: str
    given: str
    family: str
    grade: int
    school: int
    class_: int

    @property
    def username(self) -> str:
        """Sign-in name; unique."""
        return f"{self.given[0]}{self.family}{self.student_id[1:]}".lower()


@dataclass(frozen=True)
class Account:
    """One account, and whose it is (None: nobody's). `hard`: what was done to it."""

    platform: str
    account_key: str
    account_kind: str
    sis_id: str | None
    email: str | None
    username: str | None
    given: str | None
    family: str | None
    full: str | None
    grade: str | None
    school: str | None
    class_key: str | None
    student_id: str | None
    hard: str


@dataclass
class District:
    """Everybody, and every account."""

    students: list[Student] = field(default_factory=list)
    accounts: list[Account] = field(default_factory=list)


def draw(count: int, *, hard: bool, seed: int = 11) -> District:
    """A district of so many students. The same arguments give the same district.

    Hard: 30 % of the names are written as a short form or with a slip, 20 % of the ids, addresses
    and user names are missing, 1 % of the accounts are strangers'.
    """
    dice = random.Random(seed)
    district = District(_students(count, dice))
    forms = _forms()
    for student in district.students:
        district.accounts += _accounts(student, dice, forms, hard=hard)
    for number in range(count // 100 if hard else 0):
        district.accounts += _stranger(number, district.students, dice)
    return district


def _students(count: int, dice: random.Random) -> list[Student]:
    givens = [*GIVEN, *(line.split()[0].title() for line in SHORT_FORMS.strip().split("\n"))]
    families = [
        *FAMILY,
        *(f"{a}{b}{c}".title() for a in _SYLLABLES for b in _SYLLABLES for c in _SYLLABLES[:4]),
    ]
    # Some names are common and most are not.
    weights = [1 / (n + 8) for n in range(len(families))]
    students: list[Student] = []
    per_school = 500
    while len(students) < count:
        school = len(students) // per_school
        family = dice.choices(families, weights)[0]
        children = dice.choices((1, 2, 3), (65, 28, 7))[0]
        grade = dice.randrange(13)
        for child in range(min(children, count - len(students))):
            kind = dice.random()
            last = students[-1] if students else None
            if child and last and kind < 0.08:
                # A twin: another given name in the same grade, and mostly in the same class.
                same, class_ = last.grade, last.class_ if dice.random() < 0.7 else dice.randrange(2)
                students.append(
                    _student(len(students), dice.choice(givens), family, same, school, class_)
                )
            elif last and kind > 0.997 and last.school == school:
                # A namesake in the same grade.
                students.append(
                    _student(
                        len(students),
                        last.given,
                        last.family,
                        last.grade,
                        school,
                        dice.randrange(2),
                    )
                )
            else:
                grade = (grade + dice.randrange(1, 4)) % 13 if child else grade
                students.append(
                    _student(
                        len(students), dice.choice(givens), family, grade, school, dice.randrange(2)
                    )
                )
    return students


def _student(number: int, given: str, family: str, grade: int, school: int, class_: int) -> Student:
    return Student(
        f"S{number:06d}", f"{7 * number + 1003:07d}", given, family, grade, school, class_
    )


def class_of(student: Student) -> str:
    """The class's title: school, grade and half."""
    return f"School {student.school} {student.grade}-{'AB'[student.class_]}"


def _forms() -> dict[str, list[str]]:
    forms: dict[str, list[str]] = defaultdict(list)
    for line in SHORT_FORMS.strip().split("\n"):
        first, *others = line.split()
        forms[first] += others
    return forms


def _accounts(
    s: Student, dice: random.Random, forms: dict[str, list[str]], *, hard: bool
) -> list[Account]:
    def told(value: str) -> str | None:
        return None if hard and dice.random() < 0.2 else value

    def named() -> tuple[str, str, str]:
        return _written(s.given, s.family, dice, forms) if hard else (s.given, s.family, "")

    found = []
    given, family, how = named()
    user = told(s.username)
    found.append(
        Account("lexia", f"L{s.student_id}", "lexia_id", None, None, user, given, family, None,
                str(s.grade), f"School {s.school}", None, s.student_id,
                how + ("" if user else " no id"))
    )  # fmt: skip
    given, family, how = named()
    sis, mail = told(s.sis_id), told(f"{s.username}@x.org")
    found.append(
        Account("khan", f"K{s.student_id}", "directory", sis, mail, None, None, None,
                f"{given} {family}", None, f"School {s.school}", None, s.student_id,
                how + ("" if sis or mail else " no id"))
    )  # fmt: skip
    given, family, how = named()
    found.append(
        Account("khan", f"C{s.student_id}", "name_in_class", None, None, None, None, None,
                f"{given} {family}", None, None, class_of(s), s.student_id, how + " in class")
    )  # fmt: skip
    return found


def _written(
    given: str, family: str, dice: random.Random, forms: dict[str, list[str]]
) -> tuple[str, str, str]:
    """A name as somebody typed it, and what they did to it."""
    kind = dice.random()
    if kind < 0.15:
        known = forms.get(given.lower())
        if known and dice.random() < 0.9:
            return dice.choice(known).title(), family, "short form"
        return f"{given[:3]}y", family, "unknown short form"
    if kind < 0.30:
        if dice.random() < 0.5:
            return _slip(given, dice), family, "slip"
        return given, _slip(family, dice), "slip"
    return given, family, ""


def _slip(name: str, dice: random.Random) -> str:
    at = dice.randrange(1, len(name)) if len(name) > 1 else 0
    match dice.randrange(4):
        case 0:
            return name[:at] + dice.choice(_LETTERS) + name[at + 1 :]
        case 1:
            return name[:at] + name[at + 1 :]
        case 2:
            return name[:at] + dice.choice(_LETTERS) + name[at:]
        case _:
            return name[: at - 1] + name[at] + name[at - 1] + name[at + 1 :]


def _stranger(number: int, students: list[Student], dice: random.Random) -> list[Account]:
    """Somebody who is not on the roster; half of them bear the name of a student elsewhere."""
    like, where = dice.choice(students), dice.choice(students)
    given = like.given if dice.random() < 0.5 else dice.choice(students).given
    return [
        Account("lexia", f"X{number}", "lexia_id", None, None, f"guest{number}", given, like.family,
                None, str(where.grade), f"School {where.school}", None, None, "stranger")
    ]  # fmt: skip


def resolvable(district: District) -> set[tuple[str, str]]:
    """Accounts that a careful person with the roster could link: (platform, account key).

    Somebody's, with an id, an address or a user name; or else with a name that, as it is written
    truly, only one student has in what the account tells (its class; or its school).
    """
    by_class: dict[tuple[str, str, str], int] = defaultdict(int)
    by_school: dict[tuple[int, str, str], int] = defaultdict(int)
    for s in district.students:
        by_class[class_of(s), s.given, s.family] += 1
        by_school[s.school, s.given, s.family] += 1
    who = {s.student_id: s for s in district.students}
    found = set()
    for a in district.accounts:
        if a.student_id is None:
            continue
        s = who[a.student_id]
        if (
            a.sis_id
            or a.email
            or a.username
            or (a.class_key and by_class[a.class_key, s.given, s.family] == 1)
            or (a.class_key is None and by_school[s.school, s.given, s.family] == 1)
        ):
            found.add((a.platform, a.account_key))
    return found
