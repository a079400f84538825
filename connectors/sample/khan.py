"""Khan Academy: weekly activity overviews and the administrator's overall file."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from connectors.sample import damage
from connectors.sample.behaviour import Traits
from connectors.sample.calendar import SchoolCalendar, export_time
from connectors.sample.dice import dice
from connectors.sample.oddities import GZIP_WEEK, LONE_RETURN_WEEK, UTF16_WEEK, OddityList
from connectors.sample.people import People
from connectors.sample.text import Array, body, number, take, text
from connectors.sample.write import Outbox, gzipped

OVERVIEW_HEADER = (
    "Student,Username / Email,Total learning minutes,Skills leveled up,Skills w/o progress"
)
OVERALL_HEADER = "Student Name,Student Email,Student SIS ID,Roster Status"
#: A teacher's own try-out account: in Khan's files, on nobody's roster.
TEST_NAME, TEST_LOGIN = "Test Student", "teacher.tryout@sample-district.example.org"
#: Students who sign in to Khan by user name instead of e-mail: one in so many.
_BY_USERNAME_EVERY = 9
_MINUTES_PER_SKILL = 18


def khan_logins(people: People) -> list[str]:
    """E-mail address or user name of every student, as Khan's overview shows it."""
    return [
        people.usernames[n] if n % _BY_USERNAME_EVERY == 4 else people.emails[n]
        for n in range(people.count)
    ]


class KhanOffice:
    """Writes Khan's files for the whole district."""

    def __init__(
        self,
        outbox: Outbox,
        people: People,
        traits: Traits,
        calendar: SchoolCalendar,
        seed: int,
        oddities: OddityList,
        *,
        planted: bool,
    ) -> None:
        self._outbox, self._people, self._calendar = outbox, people, calendar
        self._seed, self._oddities, self._planted = seed, oddities, planted
        self._students = np.flatnonzero(traits.on_khan)
        self._begin, self._end = people.begin_day(), people.end_day(calendar)
        self._names, self._logins = text(people.full_names), text(khan_logins(people))

    def overview(self, week: int, minutes: Array) -> None:
        """Write one week's overview; `minutes`: day of the week x student, true minutes."""
        days = self._calendar.week_days(week)
        first, last = self._calendar.date_of(days[0]), self._calendar.date_of(days[-1])
        listed = self._listed(days[0])
        total = minutes.sum(axis=0)[listed]
        random = dice(self._seed, "khan skills", week)
        skills = random.binomial(np.maximum(0, total // _MINUTES_PER_SKILL), 0.7)
        stuck = random.binomial(np.minimum(3, total // 15), 0.3)
        rows = body(
            take(self._names, listed),
            take(self._logins, listed),
            number(total),
            number(skills),
            number(stuck),
        )
        page = f"{OVERVIEW_HEADER}\n".encode() + rows
        # The newest week is read on its last evening, the others on the Monday after.
        newest = week == self._calendar.weeks - 1
        when = export_time(last, "20:00") if newest else export_time(last + timedelta(1), "06:00")
        self._send_overview(week, first, last, page, when)

    def overall(self, until: date) -> None:
        """Write the administrator's list of accounts as of a day."""
        day = self._calendar.day_of(until)
        students = self._students[self._begin[self._students] <= day]
        people, gone = self._people, self._end[students] <= day
        status = np.where(gone, "No Longer Rostered", "Rostered")
        rows = body(
            take(self._names, students),
            take(text(people.emails), students),
            take(text(people.sis_ids), students),
            text(status.tolist()),
        )
        if self._planted:
            rows += f"{TEST_NAME},{TEST_LOGIN},,Activated\n".encode()
        first = self._calendar.date_of(0)
        name = f"exports/khan/Sample-District_{first:%Y%m%d}_{until:%Y%m%d}.csv"
        page = f"{OVERALL_HEADER}\n".encode() + rows
        self._outbox.put(name, page, export_time(until, "20:00"))

    def plant_strangers(self) -> None:
        """Record what runs through many files, and the empty file of the week before school."""
        monday, sunday = self._calendar.date_of(-7), self._calendar.date_of(-1)
        name = f"exports/khan/activity_overview_{monday:%Y%m%d}_{sunday:%Y%m%d}.csv"
        self._outbox.put(name, b"", export_time(sunday, "20:00"))
        self._oddities.add(name, "empty_file", "refused", "empty_file")
        self._oddities.add(
            "exports/khan/activity_overview_*.csv",
            "test_account",
            "waiting",
            rows=self._calendar.weeks,
            note=f"account {TEST_LOGIN}",
        )

    def _listed(self, day: int) -> Array:
        there = (self._begin <= day) & (day < self._end)
        return self._students[there[self._students]]

    def _send_overview(self, week: int, first: date, last: date, page: bytes, when: float) -> None:
        name = f"exports/khan/activity_overview_{first:%Y%m%d}_{last:%Y%m%d}.csv"
        if not self._planted:
            self._outbox.put(name, page, when)
            return
        page += f"{TEST_NAME},{TEST_LOGIN},{week % 4},0,0\n".encode()
        rows = damage.count_rows(page)
        if week == UTF16_WEEK:
            page = damage.recoded(page, "utf-16-le")
            self._oddities.add(name, "utf16", "loaded", rows=rows)
        elif week == GZIP_WEEK:
            name, page = f"{name}.gz", gzipped(page)
            self._oddities.add(name, "gzip", "loaded", rows=rows)
        elif week == LONE_RETURN_WEEK:
            page = damage.lone_returns(page)
            self._oddities.add(name, "lone_returns", "loaded", rows=rows)
        self._outbox.put(name, page, when)
