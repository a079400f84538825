"""The district's own spreadsheets: calendar, attendance, mentors, check-ins, interests."""

from __future__ import annotations

import numpy as np

from connectors.sample import damage
from connectors.sample.behaviour import expected_on
from connectors.sample.calendar import (
    OWN_DAY_OFF,
    OWN_DAY_OFF_NOTE,
    SCHOOL_WITH_OWN_DAY_OFF,
    SchoolCalendar,
    export_time,
)
from connectors.sample.dice import dice
from connectors.sample.oddities import OddityList
from connectors.sample.people import People
from connectors.sample.text import Array, body, choose, iso_date, pick, take, text
from connectors.sample.write import GrowingFile, Outbox

_LIKES = (
    "drawing dragons|my little brother|soccer|robots|baking with grandma|the piñata at my party"
    "|reading under the table|minecraft|horses|jokes|the piano|skateboarding|space|my dog Biscuit"
    "|jumping rope|building bridges|comics|swimming"
).split("|")
#: Who has said what: one student in so many.
_SAID_EVERY = 5
_TOPICS = "reading|a friend|the new seat|numbers|the weekend".split("|")
_LEARNED = (
    "likes the stories about animals|finds the tablet slow at home|asked for a quieter place"
    "|is proud of the last lesson|would like to work with a friend"
).split("|")
_NEXT_STEPS = "a new seat|a book to take home|ten minutes together|another login card|".split("|")
#: Every third student is seen in a week; one student in so many never is.
_SEEN_EVERY, _NEVER_SEEN = 3, 6


class DistrictOffice:
    """Writes the five files; attendance grows day by day."""

    def __init__(
        self, outbox: Outbox, people: People, calendar: SchoolCalendar, absent: Array
    ) -> None:
        self._outbox, self._people, self._calendar = outbox, people, calendar
        self._absent = absent
        self._sis = text(people.sis_ids)
        self._last = export_time(calendar.last_day, "17:00")

    def calendar_file(self) -> None:
        """Every weekday of the school year, and the one school's own day off."""
        lines = ["date,is_school_day,note,school_id"]
        lines += [
            f"{when},{str(is_open).lower()},{note},"
            for when, is_open, note in self._calendar.year()
        ]
        own = self._people.schools[SCHOOL_WITH_OWN_DAY_OFF].school_id
        lines.append(f"{OWN_DAY_OFF},false,{OWN_DAY_OFF_NOTE},{own}")
        data = "".join(f"{line}\n" for line in lines).encode()
        when = export_time(self._calendar.date_of(-3), "12:00")
        self._outbox.put("exports/district/calendar.csv", data, when)

    def attendance(self) -> None:
        """The absences, in the order of days, as most registers are exported: who is not in the
        list was present."""
        people, calendar = self._people, self._calendar
        begin, end = people.begin_day(), people.end_day(calendar)
        header, name = "student_id,date,present", "exports/district/attendance.csv"
        with GrowingFile(self._outbox, name, header, self._last) as file:
            for day in calendar.all_school_days():
                there = (begin <= day) & (day < end) & expected_on(people, calendar, day)
                who = np.flatnonzero(there & self._absent[day])
                file.add(body(take(self._sis, who), str(calendar.date_of(day)), "false"))

    def _mentors(self) -> list[str]:
        """Each student's adult: a teacher or administrator of the school, by turns."""
        people = self._people
        of_school: dict[int, list[str]] = {}
        for adult in people.adults:
            of_school.setdefault(adult.school, []).append(adult.staff_id)
        schools = people.school_of_class[people.first_class]
        return [
            of_school[int(school)][n % len(of_school[int(school)])]
            for n, school in enumerate(schools)
        ]

    def mentors(self, oddities: OddityList, *, planted: bool) -> None:
        """Each student's adult."""
        people, adults = self._people, self._mentors()
        rows = body(self._sis, text(adults), str(self._calendar.date_of(0)), "")
        page = b"student_id,staff_id,begin_date,end_date\n" + rows
        name = "exports/district/mentors.csv"
        if planted:
            page = damage.spreadsheet_german(page)
            oddities.add(name, "semicolons_crlf", "loaded", rows=people.count)
        self._outbox.put(name, page, self._last)

    def check_ins(self, seed: int) -> None:
        """Conversations: every week some of the students with their adult."""
        random, people, calendar = dice(seed, "check-ins"), self._people, self._calendar
        begin, end = people.begin_day(), people.end_day(calendar)
        adults = text(self._mentors())
        header = "student_id,staff_id,date,topic,note,next_step,owner_id,due_date"
        name = "exports/district/check_ins.csv"
        number = np.arange(people.count)
        with GrowingFile(self._outbox, name, header, self._last) as file:
            for day in calendar.all_school_days():
                there = (begin <= day) & (day < end) & ~self._absent[day]
                turn = (number + day) % (7 * _SEEN_EVERY) == 0
                who = np.flatnonzero(there & turn & (number % _NEVER_SEEN != 0))
                step = random.integers(0, len(_NEXT_STEPS), len(who))
                owes = step < len(_NEXT_STEPS) - 1
                file.add(
                    body(
                        take(self._sis, who),
                        take(adults, who),
                        str(calendar.date_of(day)),
                        choose(_TOPICS, random.integers(0, len(_TOPICS), len(who))),
                        choose(_LEARNED, random.integers(0, len(_LEARNED), len(who))),
                        choose(_NEXT_STEPS, step),
                        pick(owes, take(adults, who), ""),
                        pick(owes, str(calendar.date_of(day + 14)), ""),
                    )
                )

    def interests(self, seed: int) -> None:
        """What some students said, in their own words."""
        random = dice(seed, "interests")
        who = np.arange(2, self._people.count, _SAID_EVERY)
        day = random.integers(0, self._calendar.day_count, len(who))
        said = random.integers(0, len(_LIKES), len(who))
        dates = iso_date(np.datetime64(self._calendar.date_of(0)) + day)
        page = b"student_id,date,said\n" + body(take(self._sis, who), dates, choose(_LIKES, said))
        self._outbox.put("exports/district/interests.csv", page, self._last)
