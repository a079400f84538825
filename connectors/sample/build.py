"""Builds the sample district week by week: behaviour first, then what each platform tells of it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from connectors.sample.accounts import lexia_guests, write_accounts
from connectors.sample.assignments import AssignmentBook
from connectors.sample.behaviour import Diligence, draw_absences, draw_traits
from connectors.sample.calendar import (
    FIRST_MONDAY,
    MOST_WEEKS,
    TIME_ZONE,
    SchoolCalendar,
    export_time,
)
from connectors.sample.district import DistrictOffice
from connectors.sample.founding import build_people
from connectors.sample.khan import KhanOffice
from connectors.sample.khan_scores import KhanTeachers
from connectors.sample.lexia import LexiaDesk
from connectors.sample.lexia_delivery import LexiaDelivery
from connectors.sample.nwea import AssessmentOffice
from connectors.sample.oddities import FEWEST_STUDENTS, FEWEST_WEEKS, OddityList
from connectors.sample.oneroster import RosterOffice
from connectors.sample.people import DISTRICT_NAME
from connectors.sample.truth import TruthDesk
from connectors.sample.write import Outbox

PLATFORMS = ("oneroster", "lexia", "khan", "nwea", "district")
#: Khan's overall file is sent on the Friday of this week, before anybody withdraws, and at the end.
_FIRST_OVERALL_WEEK = 4
#: Shares of the work, for the progress report: the weeks in the middle take nearly all of it.
_BEFORE, _WEEKS_DONE = 0.05, 0.85


@dataclass(frozen=True)
class SampleSummary:
    """What was written. `lexia_rows`: rows of plain Lexia exports, without re-sends."""

    folder: Path
    students: int
    schools: int
    classes: int
    weeks: int
    first_day: date
    last_day: date
    files: int
    size: int
    lexia_rows: int
    oddities: int


def write_district(
    folder: Path,
    *,
    students: int = 240,
    weeks: int = 14,
    seed: int = 7,
    progress: Callable[[str, float], None] | None = None,
    oddities: bool = True,
) -> SampleSummary:
    """Write a synthetic district's exports, configuration and truth into an empty folder.

    The same arguments give the same bytes. `progress` is told a stage and the share done, 0 to 1.
    Memory grows with students x days, a few bytes each, never with the files. Raises ValueError
    where the district is too small or the year too short or long, FileExistsError where the
    folder holds anything.
    """
    _check(folder, students, weeks)
    report = progress or (lambda stage, share: None)
    report("people", 0.0)
    outbox, noted = Outbox(folder), OddityList()
    people = build_people(students, seed, oddities=oddities)
    calendar = SchoolCalendar(weeks, len(people.schools))
    traits = draw_traits(people, weeks, seed)
    absent = draw_absences(people, traits, calendar, seed)
    book = AssignmentBook(people, traits, calendar, absent, seed)
    diligence = Diligence(people, traits, calendar, absent, seed)

    report("rosters and tests", 0.02)
    RosterOffice(outbox, people, calendar, noted).deliver_all(planted=oddities)
    tests = AssessmentOffice(outbox, people, traits, calendar, seed, noted)
    tests.deliver_all(planted=oddities)

    khan = KhanOffice(outbox, people, traits, calendar, seed, noted, planted=oddities)
    guests = lexia_guests(people) if oddities else []
    desk = LexiaDesk(people, traits, calendar, seed, guests)
    lexia = LexiaDelivery(outbox, calendar, desk, noted, planted=oddities)
    truth = TruthDesk(outbox, people, calendar)
    with ExitStack() as open_tables:
        minutes = open_tables.enter_context(truth.minutes_table())
        assignments = open_tables.enter_context(truth.assignments_table())
        for week in range(weeks):
            report(f"week {week + 1} of {weeks}", _BEFORE + _WEEKS_DONE * week / weeks)
            handed = book.set_week(week)
            if handed is not None:
                truth.add_assignments(assignments, week, handed, book)
            days = calendar.week_days(week)
            reading = diligence.lexia(week)
            truth.add_minutes(minutes, "lexia", week, reading)
            for row, day in enumerate(days):
                desk.work(day, reading[row])
                lexia.deliver(day)
            numbers = diligence.khan(week, book.minutes[days.start : days.stop])
            truth.add_minutes(minutes, "khan", week, numbers)
            khan.overview(week, numbers)

    report("classes", _BEFORE + _WEEKS_DONE)
    for until in (calendar.date_of(7 * _FIRST_OVERALL_WEEK + 4), calendar.last_day):
        khan.overall(until)
    teachers = KhanTeachers(outbox, people, traits, calendar, book, noted, planted=oddities)
    for class_ in teachers.classes():
        teachers.write(class_)
    if oddities:
        khan.plant_strangers()
        _note_guests(noted)

    report("district's own files", 0.96)
    office = DistrictOffice(outbox, people, calendar, absent)
    office.calendar_file()
    office.attendance()
    office.mentors(noted, planted=oddities)
    office.check_ins(seed)
    office.interests(seed)

    report("truth", 0.98)
    truth.students(traits)
    truth.school_days()
    truth.absences(absent)
    write_accounts(outbox, people, traits, calendar, tests.terms, seed, planted=oddities)
    last = export_time(calendar.last_day, "21:00")
    outbox.put("truth/oddities.csv", noted.as_csv(), last)
    outbox.put("homeroom.toml", _configuration().encode(), last)
    outbox.put("README.txt", _readme(students, weeks, seed, calendar.last_day).encode(), last)
    report("done", 1.0)
    return SampleSummary(
        folder=folder,
        students=people.count,
        schools=len(people.schools),
        classes=len(people.classes),
        weeks=weeks,
        first_day=FIRST_MONDAY,
        last_day=calendar.last_day,
        files=outbox.files,
        size=outbox.size,
        lexia_rows=lexia.rows,
        oddities=len(noted.items),
    )


def _check(folder: Path, students: int, weeks: int) -> None:
    if students < FEWEST_STUDENTS:
        raise ValueError(f"students: {students} are too few, the sample needs {FEWEST_STUDENTS}")
    if not FEWEST_WEEKS <= weeks <= MOST_WEEKS:
        raise ValueError(f"weeks: {weeks} is not between {FEWEST_WEEKS} and {MOST_WEEKS}")
    if folder.exists() and any(folder.iterdir()):
        raise FileExistsError(f"{folder}: not empty; the sample district needs a folder of its own")


def _note_guests(noted: OddityList) -> None:
    every = "exports/lexia/*.csv"
    noted.add(every, "unknown_account", "waiting", note="user name summer.visitor1, in every file")
    noted.add(
        every,
        "user_name_handed_on",
        "waiting",
        note="Lexia id 2990002: an older student's user name, another's name; never to be linked",
    )


def _configuration() -> str:
    sources = "".join(
        f'\n[[source]]\nplatform = "{name}"\nlocation = "exports/{name}"\n' for name in PLATFORMS
    )
    return (
        "# Synthetic data: every person and number is invented.\n"
        f'[district]\nname = "{DISTRICT_NAME}"\ntime_zone = "{TIME_ZONE}"\nhome = "data"\n{sources}'
    )


def _readme(students: int, weeks: int, seed: int, last_day: date) -> str:
    return f"""{DISTRICT_NAME}

Everything in this folder is invented by a program: no person, school, account, score or minute is
real, and any likeness is chance. {students} students, {weeks} school weeks from {FIRST_MONDAY} to
{last_day} ({TIME_ZONE}), seed {seed}.

homeroom.toml   configuration: where the exports lie
exports/        what the platforms would have sent, with faults planted on purpose
truth/          what really happened, which no platform tells: for tests and benchmarks only.
                oddities.csv lists every planted fault and what should become of it.
"""
