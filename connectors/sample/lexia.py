"""Lexia Core5 Detailed Student: one CSV a school day, a row per student and activity.

The figures of the day and the week repeat on every row of a student, as Lexia writes them.
"""

from __future__ import annotations

import numpy as np

from connectors.sample.behaviour import Traits
from connectors.sample.calendar import SchoolCalendar, local_times
from connectors.sample.dice import dice
from connectors.sample.lexia_progress import UNITS, Progress
from connectors.sample.people import DISTRICT_ID, DISTRICT_NAME, TRANSFER_WEEK, People
from connectors.sample.text import (
    Array,
    Column,
    body,
    choose,
    concat,
    iso_date,
    joined,
    moment,
    number,
    pick,
    quoted,
    take,
    text,
)

_WHO = (
    "district_id District_name school_id school_name classes class_names staff Lexia_ID username "
    "fname lname grade_label Predictor_date Predictor risk_level"
).split()
_WHAT = (
    "activity_id activity_name reading_focus struggling_indicator accuracy rate percent_completed "
    "current_unit max_unit status_flag_complete advanced activity_start_time activity_end_time "
    "activity_time attempts_at_standard attempts_at_practice attempts_at_instruction levelname "
    "grade_level_material units_to_benchmark"
).split()
_HOW_MUCH = (
    "today_mins today_units week_time weekly_usage_target meeting_target_usage week_units "
    "weekly_units_target certificate_delivered skillbuilder_delivered lessons_delivered"
).split()
_MORE = (
    "date_of_birth gender race hispanic_latino meal_status IDEA esl_ell title_I studentrefid "
    "schoolrefid classrefid"
).split()
HEADER = ",".join([*_WHO, *_WHAT, *_HOW_MUCH, *_MORE])
#: Names that 2015-2018 exports had for four of the columns.
OLD_NAMES = {
    "activity_end_time": "activity_timestamp",
    "activity_time": "duration_minutes",
    "units_to_benchmark": "units_to_target",
    "weekly_usage_target": "weekly_target",
}

_GRADES = "Kindergarten|1st Grade|2nd Grade|3rd Grade|4th Grade|5th Grade".split("|")
_MATERIAL = [grade.replace(" Grade", "") for grade in _GRADES]
_ACTIVITIES = (
    "Rhyming|Blending sounds|Letter names|Short vowels|Sight words|Blends|Long vowels|Syllables"
    "|Compound words|Vocabulary|Sentence structure|Word families|Prefixes|Suffixes|Main idea"
    "|Figurative language|Root words|Passage fluency"
).split("|")
_FOCUS = "Phonological Awareness|Phonics|Fluency|Vocabulary|Comprehension".split("|")
#: Students who sign in to Lexia under another name than the roster's: one in so many.
_OTHER_LOGIN_EVERY = 37


def lexia_ids(people: People) -> list[str]:
    """Lexia's own number of every student, whether on Lexia or not."""
    return [str(3_000_000 + 7 * n) for n in range(people.count)]


def lexia_logins(people: People) -> list[str]:
    """The user name at Lexia: the roster's for nearly everybody."""
    return [
        f"lexia.{people.usernames[n]}" if n % _OTHER_LOGIN_EVERY == 11 else people.usernames[n]
        for n in range(people.count)
    ]


class LexiaDesk:
    """Writes the export of a day.

    `guests`: accounts that are nobody's on the roster, as (Lexia id, user name, given, family,
    position of the student whose figures they borrow).
    """

    def __init__(
        self,
        people: People,
        traits: Traits,
        calendar: SchoolCalendar,
        seed: int,
        guests: list[tuple[str, str, str, str, int]],
    ) -> None:
        self._people, self._traits, self._seed = people, traits, seed
        own = np.flatnonzero(traits.on_lexia)
        self._student = np.concatenate([own, np.array([g[4] for g in guests], np.int64)])
        self._begin = people.begin_day()[self._student]
        self._end = people.end_day(calendar)[self._student]
        ids, logins = lexia_ids(people), lexia_logins(people)
        self._ids = [ids[n] for n in own] + [g[0] for g in guests]
        self._logins = [logins[n] for n in own] + [g[1] for g in guests]
        self._given = [people.given[n] for n in own] + [g[2] for g in guests]
        self._family = [people.family[n] for n in own] + [g[3] for g in guests]
        self.progress = Progress(len(self._student), seed)
        self._target = traits.lexia_target[self._student]
        self._blocks = self._still_blocks(0)

    def work(self, day: int, minutes: Array) -> None:
        """Let every account work the day's minutes, told per student."""
        if day == 7 * TRANSFER_WEEK:
            self._blocks = self._still_blocks(day)
        self.progress.work(day, minutes[self._student])

    def page(self, day: int, *, unsynced: int = 0) -> bytes:
        """The day's export. The first `unsynced` accounts still lack the day's minutes."""
        progress = self.progress
        there = np.flatnonzero((self._begin <= day) & (day < self._end))
        account, slot = progress.rows(there, day // 7)
        late = account < unsynced
        today = np.where(late, 0, progress.day_minutes[account])
        week = progress.week_minutes[account] - progress.day_minutes[account] + today
        who, more = self._blocks
        rows = body(
            take(who, account),
            self._what(account, slot),
            self._how_much(account, slot, today, week),
            take(more, account),
        )
        return f"{HEADER}\n".encode() + rows

    def _what(self, account: Array, slot: Array) -> Column:
        """The columns of the activity."""
        progress = self.progress
        activity = progress.finished[account] - slot
        unit = np.where(slot == 0, progress.unit[account], UNITS)
        begin, end = progress.begin[slot, account], progress.end[slot, account]
        begun = begin >= 0
        ability = self._traits.ability[self._student[account]]
        # What only colours a row is derived from its own numbers: no draw, hence no order.
        mix = (activity * 7 + account * 3) % 10
        weak = ability + mix / 10 < -0.4
        level = 1 + np.minimum(20, activity // 2 + 3 * self._people.grade[self._student[account]])
        right = np.clip((2 + ability + mix / 5).astype(np.int64), 0, 2)
        return joined(
            concat("A", number(100 + activity)),
            choose(_ACTIVITIES, activity % len(_ACTIVITIES)),
            choose(_FOCUS, activity % len(_FOCUS)),
            pick(weak, "Y", "N"),
            pick(begun, choose(["Low", "Medium", "High"], right), "-"),
            pick(begun & (activity > 3), choose(["Slow", "Typical", "Fast"], mix % 3), "--"),
            number(unit * 100 // UNITS),
            number(unit),
            str(UNITS),
            pick(slot > 0, "Y", "N"),
            "N",
            moment(local_times(begin)),
            moment(local_times(end)),
            number(progress.minutes[slot, account]),
            number(np.where(begun, 1 + mix % 4, 0)),
            number(np.where(weak, mix % 5, 0)),
            number(np.where(weak, mix % 3, 0)),
            concat("Level ", number(level)),
            choose(_MATERIAL, np.minimum(5, level // 4)),
            number(np.maximum(0, 150 - UNITS * activity - unit)),
        )

    def _how_much(self, account: Array, slot: Array, today: Array, week: Array) -> Column:
        """The columns of the student's day and week: equal on every row of a student."""
        progress, target = self.progress, self._target[account]
        aimed = target > 0
        done = progress.finished[account]
        return joined(
            number(today),
            number(progress.day_units[account]),
            number(week),
            # A student who has reached the benchmark has no target; Lexia leaves it open.
            pick(aimed, number(target), pick(account % 2 == 0, "-", "")),
            pick(aimed, pick(week >= target, "Y", "N"), "--"),
            number(progress.week_units[account]),
            pick(aimed, number(np.maximum(1, target // 6)), "-"),
            number(done // 4),
            number(done // 3),
            number(np.where(slot == 0, done % 3, 0)),
        )

    def _still_blocks(self, day: int) -> tuple[Column, Column]:
        """The columns that do not change from day to day, as two blocks of text per account."""
        people, student = self._people, self._student
        random = dice(self._seed, "lexia people")
        n = people.count
        class_ = people.class_on(day)[student]
        group = people.reading_group[student]
        school = people.school_of_class[class_]
        schools, classes = people.schools, people.classes
        grade = people.grade[student]
        risk = np.clip((1.5 - self._traits.ability[student]).astype(np.int64), 0, 2)

        def in_both(values: list[str]) -> Column:
            first = choose(values, class_)
            second = choose(values, np.maximum(group, 0))
            return quoted(pick(group >= 0, concat(first, ",", second), first))

        who = joined(
            DISTRICT_ID,
            DISTRICT_NAME,
            choose([s.school_id for s in schools], school),
            choose([s.name for s in schools], school),
            in_both([c.class_id for c in classes]),
            in_both([c.title for c in classes]),
            in_both([people.teacher_name(c) for c in range(len(classes))]),
            text(self._ids),
            text(self._logins),
            text(self._given),
            text(self._family),
            choose(_GRADES, grade),
            "2025-05-16",
            number(np.clip(50 + 15 * self._traits.ability[student], 1, 99).astype(np.int64)),
            pick(grade > 0, choose(["On Target", "Some Risk", "High Risk"], risk), "--"),
        )
        born = np.datetime64("2020-01-01") - 365 * grade + random.integers(0, 365, n)[student]
        ref = [f"{p * 2654435761 % 2**32:08x}-0000-4000-8000-{p:012x}" for p in range(n)]
        more = joined(
            iso_date(born),
            choose(["F", "M"], random.integers(0, 2, n)[student]),
            "",
            "",
            "-",
            choose(["N", "N", "N", "N", "N", "N", "N", "Y"], random.integers(0, 8, n)[student]),
            choose(["N", "N", "N", "N", "N", "Y"], random.integers(0, 6, n)[student]),
            "N",
            take(text(ref), student),
            choose([f"sch-{n:06d}" for n in range(len(schools))], school),
            choose([f"cls-{n:06d}" for n in range(len(classes))], class_),
        )
        return who, more
