"""What a student's pages show, read by student with a few narrow queries.

Belongs here: which rows, and what belongs together. Not here: words and pictures (the templates),
who may see them (the route).
"""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from portal.errors import Refused
from portal.live import Row
from portal.pictures import Week, Window, day_bars, dot_strip, growth, windows
from portal.student.check_ins import Told, told_of
from portal.visit import Visit

#: So many weeks and assignments are shown.
WEEKS, ITEMS = 8, 8


@dataclass(frozen=True)
class Platform:
    """One platform: its weeks, oldest first, its rows of use and timing where there are any, the
    placed minutes of Monday to Friday (None where no week tells them)."""

    platform: str
    title: str
    weeks: list[Row]
    used: Row
    timing: Row | None
    days: list[float] | None
    weekend: float

    @property
    def strip(self) -> Markup:
        """The weeks as a picture."""
        return dot_strip(
            [
                Week(w["week_start"], w["status"], w["minutes"], w["usual_minutes"],
                     w["usual_scale"], w["target_minutes"])
                for w in self.weeks
            ],
            f"Minutes on {self.title} in the last {len(self.weeks)} weeks; a table has them too",
        )  # fmt: skip

    @property
    def has_account(self) -> bool:
        """False where the student has had no account in any of these weeks."""
        return any(w["status"] != "not_rostered" for w in self.weeks)

    @property
    def bars(self) -> Markup | None:
        """Monday to Friday as a picture."""
        label = f"Minutes on {self.title} by day of the week; the table has the numbers"
        return day_bars(self.days, label) if self.days else None


@dataclass(frozen=True)
class Student:
    """All that the page of one student shows."""

    who: Row
    classes: list[Row]
    strengths: list[Row]
    platforms: list[Platform]
    items: list[Row]
    subjects: list[Row]
    check_ins: list[Told]
    interests: list[Row]

    @property
    def windows(self) -> Markup | None:
        """The assignments whose times are known, as a picture; None where none are."""
        told = [
            Window(i["due_at"], i["assigned_at"], i["started_at"], i["submitted_at"])
            for i in self.items
            if i["due_at"] and (i["started_at"] or i["submitted_at"])
        ]
        label = "When assignments were begun and handed in, in days around the due day"
        return windows(told, label) if told else None


def read(visit: Visit, student_id: str) -> Student:
    """Everything about one student of the roster. Raises Refused where there is none."""
    id_ = {"id": student_id}
    found = visit.rows(_WHO, id_)
    if not found:
        raise Refused("not_found")
    return Student(
        found[0],
        visit.rows(_CLASSES, id_),
        _newest(visit.rows(_STRENGTHS, id_)),
        _platforms(visit, id_),
        visit.rows(_ITEMS, id_ | {"most": ITEMS}),
        [row | {"picture": _growth(row)} for row in visit.rows(_SUBJECTS, id_)],
        told_of(visit, student_id),
        visit.rows(_INTERESTS, id_),
    )


def _platforms(visit: Visit, id_: dict[str, str]) -> list[Platform]:
    weeks = visit.rows(_WEEKS, id_ | {"most": WEEKS})
    used = {row["platform"]: row for row in visit.rows(_USED, id_)}
    timing = {row["platform"]: row for row in visit.rows(_TIMING, id_)}
    days = visit.rows(_DAYS, id_)
    made = []
    for platform in sorted({row["platform"] for row in weeks}):
        told = {row["weekday"]: row["minutes"] for row in days if row["platform"] == platform}
        own = [row for row in weeks if row["platform"] == platform]
        made.append(
            Platform(
                platform,
                own[0]["title"],
                own,
                used.get(platform, {}),
                timing.get(platform),
                [told.get(day, 0.0) for day in range(1, 6)] if told else None,
                told.get(6, 0.0) + told.get(7, 0.0),
            )
        )
    return made


def _newest(rows: list[Row]) -> list[Row]:
    """Each strength once: a card about an event stands on the boards of several weeks."""
    return list({row["sentence"]: row for row in rows}.values())


def _growth(row: Row) -> Markup | None:
    told = row["observed_growth"], row["observed_growth_se"], row["projected_growth"]
    if None in told:
        return None
    return growth(*told, f"Growth in {row['subject']} with its error, and the projected growth")


_WHO = """SELECT student.student_id, coalesce(preferred_name, student.given_name) AS given_name,
    student.family_name, grade_level, school.name AS school, seen.as_of,
    concat_ws(' ', adult.given_name, adult.family_name) AS adult, seen.adult_reason
FROM roster.student AS student
LEFT JOIN roster.school AS school USING (school_id)
LEFT JOIN views.student_check_in AS seen ON seen.student_id = student.student_id
LEFT JOIN roster.staff AS adult ON adult.staff_id = seen.staff_id
WHERE student.student_id = $id"""
_CLASSES = """SELECT DISTINCT section.class_id, section.title, section.subject
FROM roster.enrollment AS enrollment
JOIN roster.class_section AS section USING (class_id)
LEFT JOIN views.student_check_in AS seen ON seen.student_id = enrollment.person_id
WHERE enrollment.person_id = $id AND enrollment.role = 'student'
    AND coalesce(enrollment.begin_date <= seen.as_of, TRUE)
    AND coalesce(enrollment.end_date >= seen.as_of, TRUE)
ORDER BY section.title, section.class_id"""
#: Of the latest four boards; a board is the place where a strength is put into a sentence.
_STRENGTHS = """SELECT DISTINCT week_start, kind, sentence, rule_id, platform, window_end
FROM views.collaboration_board
WHERE student_id = $id AND block = 'celebrate'
    AND week_start > (SELECT max(week_start) FROM views.student_platform_week
        WHERE student_id = $id AND status IN ('ok', 'zero')) - 28
ORDER BY window_end DESC, week_start DESC, sentence"""
_WEEKS = """SELECT week.platform, coalesce(named.title, week.platform) AS title, week_start,
    minutes, units_completed, active_days, days_present, usual_minutes, usual_scale, baseline_weeks,
    share_of_usual, target_minutes, status, data_through
FROM views.student_platform_week AS week
LEFT JOIN roster.platform AS named ON named.platform = week.platform
WHERE student_id = $id
QUALIFY row_number() OVER (PARTITION BY week.platform ORDER BY week_start DESC) <= $most
ORDER BY week.platform, week_start"""
_USED = """SELECT platform, week_start, minutes, usual_minutes, baseline_weeks, weeks_target_met,
    weeks_with_target, quiet_school_days, latest_status, status, data_through
FROM views.student_engagement WHERE student_id = $id"""
_TIMING = """SELECT platform, weeks_counted, mean_day, pacing, class_pacing, last_day_share,
    pacing_status, on_time_count, late_count, missing_count, closed_count, start_delay_median
FROM views.student_procrastination WHERE student_id = $id"""
_DAYS = """WITH paced AS (
    SELECT platform, week_start FROM views.student_platform_week
    WHERE student_id = $id AND pacing IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY platform ORDER BY week_start DESC) <= 4
)
SELECT work.platform, isodow(work.date) AS weekday, sum(work.minutes) AS minutes
FROM facts.daily_activity AS work
JOIN paced ON paced.platform = work.platform
    AND work.date BETWEEN paced.week_start AND paced.week_start + 6
WHERE work.student_id = $id AND work.earliest_date = work.date
GROUP BY ALL HAVING sum(work.minutes) > 0"""
_ITEMS = """SELECT item.platform, coalesce(named.title, item.platform) AS platform_title,
    assignment_id, item.title, assigned_at, due_at, due_on, started_at, submitted_at,
    start_delay, lead_hours, state, score_percent
FROM views.assignment_timing AS item
LEFT JOIN roster.platform AS named ON named.platform = item.platform
WHERE student_id = $id AND closed AND state IN ('on_time', 'late', 'missing')
ORDER BY due_on DESC, due_at DESC, assignment_id LIMIT $most"""
_SUBJECTS = """SELECT progress.*, coalesce(path.title, path_platform) AS path_title,
    coalesce(test.title, test_platform) AS test_title
FROM views.student_progress AS progress
LEFT JOIN roster.platform AS path ON path.platform = progress.path_platform
LEFT JOIN roster.platform AS test ON test.platform = progress.test_platform
WHERE student_id = $id AND status = 'ok' ORDER BY subject"""
_INTERESTS = """SELECT date, said FROM facts.interest WHERE student_id = $id
ORDER BY date DESC NULLS LAST, said"""
