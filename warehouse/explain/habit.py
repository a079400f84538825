"""How the weekday habit of a student on a platform (views.student_engagement) is told: each pair of
weeks with the days that both share."""

from __future__ import annotations

from warehouse.explain.recipe import Need, Recipe, Rows, Step

_ACTIVE = """week AS (
    SELECT week_start, active_days
    FROM views.student_platform_week
    WHERE student_id = $student AND platform = $platform AND eligible_rank <= 8
        AND active_days IS NOT NULL
), present AS (
    SELECT week.week_start, day.date
    FROM week
    JOIN roster.student AS student ON student.student_id = $student
    LEFT JOIN roster.school AS school ON school.school_id = student.school_id
    JOIN roster.calendar_day AS day
        ON coalesce(day.school_id, '') = coalesce(school.school_id, '')
        AND day.is_school_day AND day.date BETWEEN week.week_start AND week.week_start + 6
    LEFT JOIN roster.attendance AS absence
        ON absence.student_id = $student AND absence.date = day.date AND NOT absence.present
    WHERE absence.date IS NULL
), active AS (
    SELECT present.week_start, dayofweek(present.date) AS weekday
    FROM present
    JOIN facts.daily_activity AS daily
        ON daily.student_id = $student AND daily.platform = $platform
        AND daily.date = present.date
    GROUP BY present.week_start, present.date
    HAVING sum(CASE WHEN daily.earliest_date = daily.date THEN daily.minutes END) >= $active_minutes
        OR bool_or(daily.minutes IS NULL AND coalesce(daily.events > 0
            OR daily.items_attempted > 0 OR daily.units_completed > 0, FALSE))
)"""
_WEEKS = Rows(
    "The latest 8 weeks that count, those whose days are known",
    f"""WITH {_ACTIVE}
    SELECT week.week_start AS week, count(active.weekday) AS week_days
    FROM week LEFT JOIN active ON active.week_start = week.week_start
    GROUP BY week.week_start ORDER BY week.week_start""",
)
_PAIRS = Rows(
    "Each pair of these weeks: the days with work that both share, and the larger number of them",
    f"""WITH {_ACTIVE}, listed AS (
        SELECT week.week_start,
            coalesce(list(active.weekday) FILTER (WHERE active.weekday IS NOT NULL), []) AS days
        FROM week LEFT JOIN active ON active.week_start = week.week_start
        GROUP BY week.week_start
    )
    SELECT one.week_start AS week_one, other.week_start AS week_other,
        len(list_intersect(one.days, other.days)) AS shared,
        greatest(len(one.days), len(other.days)) AS larger
    FROM listed AS one JOIN listed AS other ON one.week_start < other.week_start
    ORDER BY one.week_start, other.week_start""",
)

HABIT = Recipe(
    (_WEEKS, _PAIRS),
    (Step("alike", "shared / larger"), Step("weekday_habit", "mean(alike)")),
    (
        Need("not_enough_history", "count(week)", "4", "weeks with known days"),
        Need("too_few", "total(week_days)", "1", "days with work"),
    ),
)
