"""The rows that go into a student's week on a platform, as SELECTs over the published tables.

Belongs here: days, files and the weeks before. What is made of them stands in weeks.py."""

from __future__ import annotations

from warehouse.explain.recipe import Rows

#: The calendar of the student's school in the week, and who was there.
_DAYS = """calendar AS (
    SELECT day.date, day.is_school_day AS school_day, attendance.date IS NULL AS present
    FROM roster.student AS student
    LEFT JOIN roster.school AS school ON school.school_id = student.school_id
    JOIN roster.calendar_day AS day
        ON coalesce(day.school_id, '') = coalesce(school.school_id, '')
        AND day.date BETWEEN $week AND CAST($week AS DATE) + 6
    LEFT JOIN roster.attendance AS attendance
        ON attendance.student_id = student.student_id AND attendance.date = day.date
        AND NOT attendance.present
    WHERE student.student_id = $student
)"""
_DAILY = """daily AS (
    SELECT earliest_date, date, minutes, units_completed, items_attempted, items_correct, events
    FROM facts.daily_activity
    WHERE student_id = $student AND platform = $platform
        AND date BETWEEN $week AND CAST($week AS DATE) + 6
), weekly AS (
    SELECT through, minutes, units_completed
    FROM facts.usage_week
    WHERE student_id = $student AND platform = $platform AND week_start = $week
), nothing AS (
    -- In a week that counts, no row at all means that nothing was done.
    SELECT (SELECT count(*) FROM daily) = 0 AND NOT EXISTS (
        SELECT 1 FROM weekly WHERE minutes IS NOT NULL OR units_completed IS NOT NULL
    ) AS done
)"""


def amount(column: str, name: str) -> Rows:
    """Minutes or units, from the week's total where there is one, else from the days."""
    return Rows(
        "What the files tell of the week",
        f"""WITH {_DAILY}
        SELECT 'facts.usage_week' AS told_by, through AS date, {column} AS {name} FROM weekly
        UNION ALL
        SELECT 'facts.daily_activity', date, {column} FROM daily
        WHERE NOT EXISTS (SELECT 1 FROM weekly WHERE {column} IS NOT NULL)
        UNION ALL
        SELECT 'facts.coverage: no row means nothing was done', NULL, 0.0 FROM nothing
        WHERE done AND (
            EXISTS (SELECT 1 FROM facts.daily_activity
                WHERE platform = $platform AND {column} IS NOT NULL)
            OR EXISTS (SELECT 1 FROM facts.usage_week
                WHERE platform = $platform AND {column} IS NOT NULL)
        )
        ORDER BY ALL""",
    )


def of_days(column: str, name: str) -> Rows:
    """What the files tell of each day."""
    return Rows(
        "What the files tell of the days",
        f"""WITH {_DAILY} SELECT date, {column} AS {name} FROM daily ORDER BY ALL""",
    )


EVENTS = Rows(
    "What the files tell of the days",
    f"""WITH {_DAILY}
    SELECT date, events AS day_events FROM daily
    UNION ALL
    SELECT NULL, 0 FROM nothing WHERE done AND EXISTS (
        SELECT 1 FROM facts.daily_activity WHERE platform = $platform)
    ORDER BY ALL""",
)
ACTIVE = Rows(
    "The days of the week",
    f"""WITH {_DAYS}, {_DAILY}, work AS (
        SELECT
            date,
            sum(CASE WHEN earliest_date = date THEN minutes END) AS day_minutes,
            bool_or(minutes IS NULL
                AND coalesce(events > 0 OR items_attempted > 0 OR units_completed > 0, FALSE)
            ) AS untimed_work
        FROM daily GROUP BY date
    )
    SELECT calendar.date, school_day, present, day_minutes,
        coalesce(untimed_work, FALSE) AS untimed_work
    FROM calendar LEFT JOIN work ON work.date = calendar.date
    ORDER BY calendar.date""",
)
#: Whether the files place the week's work on days.
PLACED = Rows(
    "Whether the files place the work on days",
    f"""WITH {_DAYS}, {_DAILY}
    SELECT
        CASE
            WHEN nothing.done THEN EXISTS (
                SELECT 1 FROM facts.daily_activity WHERE platform = $platform)
            ELSE (SELECT count(*) FROM daily) > 0
                AND NOT coalesce((SELECT sum(minutes) >= $active_minutes FROM daily
                    WHERE earliest_date < date), FALSE)
                AND NOT ((SELECT count(*) FROM weekly) > 0
                    AND (SELECT count(minutes) + count(events) FROM daily) = 0)
        END AS days_known,
        coalesce((SELECT sum(minutes) FROM daily
            WHERE earliest_date < date AND date IN (SELECT date FROM calendar WHERE school_day)), 0)
            AS unplaced_minutes
    FROM nothing""",
    one=True,
)
CALENDAR = Rows(
    "The days of the week",
    f"WITH {_DAYS} SELECT date, school_day, present FROM calendar ORDER BY 1",
)


def before(skip: int) -> Rows:
    """The baseline of the week, or, past one, of the week before that counts."""
    return Rows(
        "The latest 8 weeks before that count"
        if not skip
        else "The latest 8 weeks that count, before the week before",
        f"""SELECT week_start AS week, minutes AS week_minutes, units_completed AS week_units
        FROM views.student_platform_week
        WHERE student_id = $student AND platform = $platform AND status IN ('ok', 'zero')
            AND week_start < $week
        ORDER BY week_start DESC LIMIT 8 OFFSET {skip}""",
    )


PREVIOUS = Rows(
    "The week before that counts",
    """SELECT week_start AS week_before, minutes AS minutes_before
    FROM views.student_platform_week
    WHERE student_id = $student AND platform = $platform AND status IN ('ok', 'zero')
        AND week_start < $week
    ORDER BY week_start DESC LIMIT 1""",
)
MOMENTS = Rows(
    "The minutes on school days, each school day with its number",
    f"""WITH {_DAYS}, {_DAILY}, school AS (SELECT date FROM calendar WHERE school_day), placed AS (
        SELECT
            daily.earliest_date,
            daily.date,
            daily.minutes AS day_minutes,
            (SELECT count(*) FROM school WHERE date <= daily.earliest_date) AS first_day,
            (SELECT count(*) FROM school WHERE date <= daily.date) AS last_day
        FROM daily JOIN school ON school.date = daily.date
        WHERE daily.earliest_date = daily.date OR daily.minutes > 0
    )
    SELECT *,
        CASE WHEN first_day = (SELECT count(*) FROM school) THEN day_minutes ELSE 0 END
            AS surely_last,
        CASE WHEN last_day = (SELECT count(*) FROM school) THEN day_minutes ELSE 0 END
            AS perhaps_last
    FROM placed ORDER BY date, earliest_date""",
)
SHARES = Rows(
    "The minutes of the school days",
    f"""WITH {_DAYS}, {_DAILY}
    SELECT daily.date, sum(minutes) AS day_minutes
    FROM daily JOIN calendar ON calendar.date = daily.date AND school_day
    WHERE earliest_date = daily.date
    GROUP BY daily.date HAVING sum(minutes) > 0 ORDER BY daily.date""",
)
