"""How the measures of a student on a platform as of now (views.student_engagement) are told: those
of the latest week that counts as that week's, and those of several weeks here."""

from __future__ import annotations

from warehouse.explain.habit import HABIT
from warehouse.explain.recipe import Need, Recipe, Recipes, Rows, Step

#: Measures of the latest week that counts, and the measure of that week that they are.
OF_THE_WEEK = {
    "minutes": "minutes",
    "target_minutes": "target_minutes",
    "dosage": "dosage",
    "usual_minutes": "judged_usual",
    "share_of_usual": "judged_share",
    "previous_share_of_usual": "previous_share",
    "quieter_than_usual": "quieter_than_usual",
    "busier_than_usual": "busier_than_usual",
    "change_z": "judged_change_z",
    "previous_change_z": "previous_change_z",
}

_WEEKS = Rows(
    "The weeks that count",
    """SELECT week_start AS week, minutes AS week_minutes, target_minutes AS week_target
    FROM views.student_platform_week
    WHERE student_id = $student AND platform = $platform AND status IN ('ok', 'zero')
    ORDER BY week_start""",
)
_HAS_TARGET = "week_minutes >= 0 and week_target > 0"

_UNITS = Rows(
    "The latest 8 weeks that count, with what the class did in them",
    """WITH own AS (
        SELECT week_start, units_completed, minutes
        FROM views.student_platform_week
        WHERE student_id = $student AND platform = $platform AND eligible_rank <= 8
            AND units_completed IS NOT NULL AND minutes IS NOT NULL
    ), class AS (
        SELECT own.week_start, class.class_id
        FROM own
        JOIN views.student_platform_class AS class
            ON class.student_id = $student AND class.platform = $platform
            AND own.week_start BETWEEN class.first_week AND class.last_week
    ), mates AS (
        SELECT class.week_start, sum(mate.units_completed) AS units, sum(mate.minutes) AS minutes
        FROM class
        JOIN views.student_platform_class AS beside
            ON beside.class_id = class.class_id AND beside.platform = $platform
            AND class.week_start BETWEEN beside.first_week AND beside.last_week
        JOIN views.student_platform_week AS mate
            ON mate.student_id = beside.student_id AND mate.platform = $platform
            AND mate.week_start = class.week_start
        WHERE mate.status IN ('ok', 'zero') AND mate.units_completed IS NOT NULL
            AND mate.minutes IS NOT NULL
        GROUP BY class.week_start
    )
    SELECT own.week_start AS week, own.units_completed AS week_units, own.minutes AS week_minutes,
        mates.units AS class_units, mates.minutes AS class_minutes
    FROM own LEFT JOIN mates ON mates.week_start = own.week_start
    ORDER BY own.week_start""",
)
_UNIT_SUM = Step("units", "sum(week_units)")
_HOURS = Step("hours", "sum(week_minutes) / 60")

_WORK = """platform AS (
    SELECT
        platform,
        max(CASE WHEN status NOT IN ('no_feed', 'not_rostered') THEN data_through END)
            AS told_through,
        coalesce(
            max(CASE WHEN status NOT IN ('no_feed', 'not_rostered') THEN week_start END)
            = max(CASE WHEN status <> 'no_feed' THEN week_start END), FALSE
        ) AS on_it_now
    FROM views.student_platform_week WHERE student_id = $student GROUP BY platform
), daily AS (
    SELECT platform, date_trunc('week', date) AS week_start, date,
        sum(CASE WHEN earliest_date = date THEN minutes END) >= $active_minutes
        OR bool_or(minutes > 0 AND earliest_date < date)
        OR bool_or(minutes IS NULL
            AND (events > 0 OR items_attempted > 0 OR units_completed > 0)) AS work
    FROM facts.daily_activity WHERE student_id = $student GROUP BY platform, date
), work AS (
    SELECT platform, date FROM daily WHERE work
    UNION ALL
    SELECT platform, least(coalesce(through, week_start + 6), week_start + 6)
    FROM facts.usage_week
    WHERE student_id = $student AND (minutes > 0 OR units_completed > 0)
        AND (platform, week_start) NOT IN (SELECT platform, week_start FROM daily)
), told AS (
    SELECT platform.platform, max(work.date) AS last_work, told_through, on_it_now
    FROM platform
    LEFT JOIN work ON work.platform = platform.platform AND work.date <= $week_end
    GROUP BY platform.platform, told_through, on_it_now
)"""
_QUIET = Recipe(
    (
        Rows(
            "The last work on each platform, and how far its files tell",
            f"WITH {_WORK} SELECT * FROM told ORDER BY platform",
        ),
        Rows(
            "The school days present since then, as far as the files of all platforms tell",
            f"""WITH {_WORK}
            SELECT day.date AS quiet_day
            FROM roster.student AS student
            LEFT JOIN roster.school AS school ON school.school_id = student.school_id
            JOIN roster.calendar_day AS day
                ON coalesce(day.school_id, '') = coalesce(school.school_id, '')
                AND day.is_school_day AND day.date <= $week_end
            LEFT JOIN roster.attendance AS absence
                ON absence.student_id = student.student_id AND absence.date = day.date
                AND NOT absence.present
            WHERE student.student_id = $student AND absence.date IS NULL
                AND day.date <= (SELECT min(told_through) FROM told WHERE on_it_now)
                AND day.date > coalesce((SELECT max(last_work) FROM told), DATE '0001-01-01')
                AND CAST(date_trunc('week', day.date) AS DATE) IN (
                    SELECT week_start FROM views.student_platform_week
                    WHERE student_id = $student AND status NOT IN ('no_feed', 'not_rostered'))
            ORDER BY day.date""",
        ),
    ),
    (Step("quiet_school_days", "count(quiet_day)"),),
    (Need("not_rostered", "count(on_it_now)", "1", says="on no platform now"),),
)


def quiet(week_end: str) -> Recipe:
    """School days without work as of a week's end, given as SQL."""
    rows = [Rows(r.title, r.sql.replace("$week_end", week_end)) for r in _QUIET.rows]
    return Recipe(rows, _QUIET.steps, _QUIET.needs)


_BASELINE = Rows(
    "The latest 8 weeks that count, before the two latest",
    """SELECT week_start AS week, minutes AS week_minutes
    FROM views.student_platform_week
    WHERE student_id = $student AND platform = $platform AND status IN ('ok', 'zero')
    ORDER BY week_start DESC LIMIT 8 OFFSET 2""",
)

RECIPES: Recipes = {
    "baseline_weeks": Recipe((_BASELINE,), (Step("baseline_weeks", "count(week_minutes)"),)),
    "weeks_eligible": Recipe((_WEEKS,), (Step("weeks_eligible", "count(week)"),)),
    "weeks_with_target": Recipe((_WEEKS,), (Step("weeks_with_target", f"count({_HAS_TARGET})"),)),
    "weeks_target_met": Recipe(
        (_WEEKS,),
        (Step("weeks_target_met", "count(week_minutes >= week_target and week_target > 0)"),),
    ),
    "quiet_school_days": quiet("CAST(date_trunc('week', CAST($as_of AS DATE)) AS DATE) + 6"),
    "weekday_habit": HABIT,
    "units": Recipe((_UNITS,), (_UNIT_SUM,)),
    "hours": Recipe((_UNITS,), (_HOURS,)),
    "units_per_hour": Recipe(
        (_UNITS,),
        (
            _UNIT_SUM,
            _HOURS,
            Step("class_rate", "sum(class_units) / (sum(class_minutes) / 60)"),
            Step("units_per_hour", "(units + 2 * class_rate) / (hours + 2)"),
        ),
        (
            Need("too_few", "total(week_minutes)", "30", "minutes"),
            Need("too_few", "total(class_minutes) > 0", "1", says="no class with minutes is known"),
        ),
    ),
}
