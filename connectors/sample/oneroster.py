"""OneRoster 1.1: bulk zips with a manifest, several deliveries over the year."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np

from connectors.sample.calendar import FIRST_MONDAY, LAST_DAY_OF_YEAR, SchoolCalendar, export_time
from connectors.sample.oddities import OddityList
from connectors.sample.people import (
    ARRIVAL_WEEK,
    DISTRICT_ID,
    DISTRICT_NAME,
    TRANSFER_WEEK,
    People,
    grade_name,
)
from connectors.sample.text import Array, body, choose, concat, iso_date, number, pick, take, text
from connectors.sample.write import Outbox

HEADERS = {
    "academicSessions": "sourcedId,status,dateLastModified,title,type,startDate,endDate,"
    "parentSourcedId,schoolYear",
    "orgs": "sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId",
    "courses": "sourcedId,status,dateLastModified,schoolYearSourcedId,title,courseCode,grades,"
    "orgSourcedId,subjects,subjectCodes",
    "classes": "sourcedId,status,dateLastModified,title,grades,courseSourcedId,classCode,classType,"
    "location,schoolSourcedId,termSourcedIds,subjects,subjectCodes,periods",
    "users": "sourcedId,status,dateLastModified,enabledUser,orgSourcedIds,role,username,userIds,"
    "givenName,familyName,middleName,identifier,email,sms,phone,agentSourcedIds,grades,password",
    "enrollments": "sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,"
    "userSourcedId,role,primary,beginDate,endDate",
}
_ABSENT = "demographics resources classResources courseResources categories lineItems results"
_YEAR, _FALL, _SPRING = "2025-2026", "2025-2026-fall", "2025-2026-spring"
_COURSES = ("Homeroom", "Mathematics", "Reading")


class RosterOffice:
    """Writes the bulk zip of a day."""

    def __init__(
        self, outbox: Outbox, people: People, calendar: SchoolCalendar, oddities: OddityList
    ) -> None:
        self._outbox, self._people = outbox, people
        self._calendar, self._oddities = calendar, oddities
        self._stints = people.stints(calendar)
        self._begin, self._end = people.begin_day(), people.end_day(calendar)

    def deliver_all(self, *, planted: bool) -> None:
        """Before school, after the arrivals, after the moves; and one that lost a school."""
        self._deliver(FIRST_MONDAY - timedelta(days=3))
        monday = FIRST_MONDAY + timedelta(weeks=ARRIVAL_WEEK, days=1)
        moved = FIRST_MONDAY + timedelta(weeks=TRANSFER_WEEK, days=1)
        if monday <= self._calendar.last_day:
            self._deliver(monday)
        if moved <= self._calendar.last_day:
            if planted:
                self._deliver_shrunken(moved - timedelta(weeks=2))
            self._deliver(moved)

    def _deliver(self, when: date) -> None:
        self._send(when, self._on_roster(when))

    def _deliver_shrunken(self, when: date) -> None:
        """An export that ran while a school's data was being moved: its students are missing."""
        school = self._people.school_of_class[self._people.first_class]
        there = self._on_roster(when) & (school % 2 == 0)
        self._send(when, there)
        self._oddities.add(
            _name(when), "shrunken_roster", "refused", "roster_shrank", rows=int(there.sum())
        )

    def _send(self, when: date, there: Array) -> None:
        files = self._files(when, there)
        self._outbox.put_zip(_name(when), files, when, export_time(when, "05:00"))

    def _on_roster(self, when: date) -> Array:
        day = max(0, self._calendar.day_of(when))
        there: Array = (self._begin <= day) & (day < self._end)
        return there

    def _files(self, when: date, there: Array) -> Iterator[tuple[str, bytes]]:
        yield "manifest.csv", _manifest()
        pages = {
            "academicSessions": _sessions(),
            "orgs": self._orgs(),
            "courses": _courses(),
            "classes": self._classes(),
            "users": self._users(when, there),
            "enrollments": self._enrollments(when, there),
        }
        for name, rows in pages.items():
            yield f"{name}.csv", f"{HEADERS[name]}\n".encode() + rows

    def _orgs(self) -> bytes:
        lines = [f"{DISTRICT_ID},,,{DISTRICT_NAME},district,{DISTRICT_ID},"]
        lines += [
            f"{s.school_id},,,{s.name},school,{s.identifier},{DISTRICT_ID}"
            for s in self._people.schools
        ]
        return _lines(lines)

    def _classes(self) -> bytes:
        people = self._people
        return _lines(
            f"{c.class_id},,,{c.title},{'' if c.grade < 0 else grade_name(c.grade)},"
            f"CRS-{_COURSES.index(c.subject) + 1},{c.class_id[2:]},{c.class_type},,"
            f'{people.schools[c.school].school_id},"{_FALL},{_SPRING}",{c.subject},,1'
            for c in people.classes
        )

    def _users(self, when: date, there: Array) -> bytes:
        people = self._people
        who = np.flatnonzero(there)
        class_ = people.class_on(max(0, self._calendar.day_of(when)))[who]
        ids = take(text(people.student_ids), who)
        students = body(
            concat(ids, ",,,true"),
            choose([s.school_id for s in people.schools], people.school_of_class[class_]),
            "student",
            take(text(people.usernames), who),
            concat("{Local:", number(who + 1), "}"),
            take(text(people.given), who),
            take(text(people.family), who),
            "",
            take(text(people.sis_ids), who),
            take(text(people.emails), who),
            ",,",
            choose([grade_name(g) for g in range(13)], people.grade[who]),
            "",
        )
        adults = _lines(
            f"{a.staff_id},,,true,{people.schools[a.school].school_id},{a.role},{a.username},"
            f"{{Local:9{a.staff_id[2:]}}},{a.given},{a.family},,9{a.staff_id[2:]},"
            f"{a.username}@sample-district.example.org,,,,,"
            for a in people.adults
        )
        return students + adults

    def _enrollments(self, when: date, there: Array) -> bytes:
        """Every stay that has begun; one that has ended keeps its row, with the last day."""
        people, stints = self._people, self._stints
        day = max(0, self._calendar.day_of(when))
        rows = np.flatnonzero(there[stints.student] & (stints.begin <= day))
        grouped = np.flatnonzero(there & (people.reading_group >= 0))
        student = np.concatenate([stints.student[rows], grouped])
        class_ = np.concatenate([stints.class_[rows], people.reading_group[grouped]])
        begin = np.concatenate([stints.begin[rows], self._begin[grouped]])
        end = np.concatenate([stints.end[rows], self._end[grouped]])
        left = end <= day
        last = np.datetime64(FIRST_MONDAY) + np.where(left, end - 1, 0)
        class_ids = choose([c.class_id for c in people.classes], class_)
        schools = choose([s.school_id for s in people.schools], people.school_of_class[class_])
        student_ids = take(text(people.student_ids), student)
        students = body(
            concat("E-", student_ids, "-", class_ids, ",,"),
            class_ids,
            schools,
            student_ids,
            "student",
            "",
            iso_date(np.datetime64(FIRST_MONDAY) + begin),
            pick(left, iso_date(last), ""),
        )
        teachers = _lines(
            f"E-{people.adults[c.teacher].staff_id}-{c.class_id},,,{c.class_id},"
            f"{people.schools[c.school].school_id},{people.adults[c.teacher].staff_id},"
            f"teacher,true,{FIRST_MONDAY},"
            for c in people.classes
        )
        return students + teachers


def _name(when: date) -> str:
    return f"exports/oneroster/oneroster_{when:%Y%m%d}.zip"


def _manifest() -> bytes:
    lines = [
        "propertyName,value",
        "manifest.version,1.0",
        "oneroster.version,1.1",
        "source.systemName,Sample SIS (synthetic)",
        "source.systemCode,sample",
        *(f"file.{name},bulk" for name in HEADERS),
        *(f"file.{name},absent" for name in _ABSENT.split()),
    ]
    return _lines(lines)


def _sessions() -> bytes:
    return _lines(
        [
            f"{_YEAR},,,2025-2026,schoolYear,{FIRST_MONDAY},{LAST_DAY_OF_YEAR},,2026",
            f"{_FALL},,,Fall 2025,semester,{FIRST_MONDAY},2025-12-19,{_YEAR},2026",
            f"{_SPRING},,,Spring 2026,semester,2026-01-05,{LAST_DAY_OF_YEAR},{_YEAR},2026",
        ]
    )


def _courses() -> bytes:
    return _lines(
        f"CRS-{n},,,{_YEAR},{title},{title.upper()[:4]},,{DISTRICT_ID},{title},"
        for n, title in enumerate(_COURSES, start=1)
    )


def _lines(lines: Iterator[str] | list[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()
