"""How each measure of a student's week on a platform (views.student_platform_week) is told."""

from __future__ import annotations

from warehouse.explain.recipe import Need, Recipe, Recipes, Rows, Step

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


def _amount(column: str, name: str) -> Rows:
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


def _of_days(column: str, name: str) -> Rows:
    return Rows(
        "What the files tell of the days",
        f"""WITH {_DAILY} SELECT date, {column} AS {name} FROM daily ORDER BY ALL""",
    )


_EVENTS = Rows(
    "What the files tell of the days",
    f"""WITH {_DAILY}
    SELECT date, events AS day_events FROM daily
    UNION ALL
    SELECT NULL, 0 FROM nothing WHERE done AND EXISTS (
        SELECT 1 FROM facts.daily_activity WHERE platform = $platform)
    ORDER BY ALL""",
)
_ACTIVE = Rows(
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
_PLACED = Rows(
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
_UNPLACED = "the files do not place the minutes on days closely enough"
_DAYS_KNOWN = Need("no_feed", "days_known", "1", says=_UNPLACED)
_WORK = "(day_minutes >= active_minutes or untimed_work)"
_CALENDAR = Rows(
    "The days of the week",
    f"WITH {_DAYS} SELECT date, school_day, present FROM calendar ORDER BY 1",
)


def _before(skip: int) -> Rows:
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


_PREVIOUS = Rows(
    "The week before that counts",
    """SELECT week_start AS week_before, minutes AS minutes_before
    FROM views.student_platform_week
    WHERE student_id = $student AND platform = $platform AND status IN ('ok', 'zero')
        AND week_start < $week
    ORDER BY week_start DESC LIMIT 1""",
)
_SPREAD = "max(1.4826 * median(abs({of} - {usual})), {least}, 0.1 * abs({usual}))"
_HISTORY = Need("not_enough_history", "count(week_minutes)", "6", "weeks")
_UNIT_HISTORY = Need("not_enough_history", "count(week_units)", "6", "weeks")
_ENOUGH = Need("too_few", "usual_minutes", "usual_minutes_least", "usual minutes")
_JUDGED_ENOUGH = Need("too_few", "judged_usual", "usual_minutes_least", "usual minutes")
_USUAL = Step("usual_minutes", "median(week_minutes)")
_SCALE = Step("usual_scale", _SPREAD.format(of="week_minutes", usual="usual_minutes", least="5"))
_UNITS = Step("usual_units", "median(week_units)")
_UNIT_SCALE = Step(
    "usual_units_scale", _SPREAD.format(of="week_units", usual="usual_units", least="1")
)
_JUDGED = Step("judged_usual", "median(week_minutes)")
_JUDGED_SCALE = Step(
    "judged_scale", _SPREAD.format(of="week_minutes", usual="judged_usual", least="5")
)
_SHARE = Step("judged_share", "minutes / judged_usual")
_BEFORE_SHARE = Step("previous_share", "sum(minutes_before) / judged_usual")


def _usual(*steps: Step, needs: tuple[Need, ...] = (_HISTORY,)) -> Recipe:
    return Recipe((_before(0),), steps, needs, counts=True, status="baseline_status")


def _judged(*steps: Step, needs: tuple[Need, ...] = (_HISTORY,)) -> Recipe:
    return Recipe((_PREVIOUS, _before(1)), steps, needs, counts=True, status="baseline_status")


_MOMENTS = Rows(
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
_SHARES = Rows(
    "The minutes of the school days",
    f"""WITH {_DAYS}, {_DAILY}
    SELECT daily.date, sum(minutes) AS day_minutes
    FROM daily JOIN calendar ON calendar.date = daily.date AND school_day
    WHERE earliest_date = daily.date
    GROUP BY daily.date HAVING sum(minutes) > 0 ORDER BY daily.date""",
)
_PACED = Need("too_few", "total(day_minutes)", "pacing_minutes", "minutes on school days")
_EARLY = Step("early", "sum(day_minutes * first_day) / sum(day_minutes)")
_LATE = Step("late", "sum(day_minutes * last_day) / sum(day_minutes)")
_LOW = Step("pacing_low", "(school_days + 1 - 2 * late) / (school_days - 1)")
_HIGH = Step("pacing_high", "(school_days + 1 - 2 * early) / (school_days - 1)")
_WIDTH = Step("width", "2 * (late - early) / (school_days - 1)")
_SURE = Step("surely", "sum(surely_last) / sum(day_minutes)")
_PERHAPS = Step("perhaps", "sum(perhaps_last) / sum(day_minutes)")


def _paced(*steps: Step, needs: tuple[Need, ...] = ()) -> Recipe:
    return Recipe((_MOMENTS,), steps, (_PACED, *needs), counts=True, status="pacing_status")


_NARROW = Need("no_feed", "0.25", "width", says=_UNPLACED)


def _as_told(column: str) -> Recipe:
    return Recipe(
        (
            Rows(
                "As the platform's file tells it",
                f"""SELECT week_start AS week, {column} AS told FROM views.student_platform_week
                WHERE student_id = $student AND platform = $platform AND week_start = $week""",
            ),
        ),
        (Step(column, "sum(told)"),),
        (Need("target_na", "count(told)", "1", says="no target is told"),),
    )


def _counted(rows: Rows, name: str, expression: str, *needs: Need) -> Recipe:
    return Recipe((rows,), (Step(name, expression),), needs, counts=True)


def _days(name: str, expression: str) -> Recipe:
    step = Step(name, expression)
    return Recipe((_ACTIVE, _PLACED), (step,), (_DAYS_KNOWN,), counts=True)


_ACTIVE_DAYS = Step("active_days", f"count(school_day and present and {_WORK})")
_PRESENT = Step("days_present", "count(school_day and present)")

RECIPES: Recipes = {
    "minutes": _counted(_amount("minutes", "told_minutes"), "minutes", "sum(told_minutes)"),
    "units_completed": _counted(
        _amount("units_completed", "told_units"), "units_completed", "sum(told_units)"
    ),
    "items_attempted": _counted(
        _of_days("items_attempted", "tried"), "items_attempted", "sum(tried)"
    ),
    "items_correct": _counted(_of_days("items_correct", "right"), "items_correct", "sum(right)"),
    "events": _counted(_EVENTS, "events", "sum(day_events)"),
    "school_days": Recipe((_CALENDAR,), (Step("school_days", "count(school_day)"),)),
    "days_present": Recipe((_CALENDAR,), (_PRESENT,)),
    "active_days": _days("active_days", _ACTIVE_DAYS.expression),
    "active_day_rate": Recipe(
        (_ACTIVE, _PLACED),
        (_ACTIVE_DAYS, _PRESENT, Step("active_day_rate", "active_days / days_present")),
        (_DAYS_KNOWN,),
        counts=True,
    ),
    "weekend_active_days": _days("weekend_active_days", f"count((school_day == 0) and {_WORK})"),
    "target_minutes": _as_told("target_minutes"),
    "target_units": _as_told("target_units"),
    "dosage": Recipe(
        (_amount("minutes", "told_minutes"),),
        (Step("minutes", "sum(told_minutes)"), Step("dosage", "minutes / target_minutes")),
        (Need("target_na", "count(target_minutes > 0)", "1", says="no target is told"),),
        counts=True,
        status="dosage_status",
    ),
    "usual_minutes": _usual(_USUAL),
    "baseline_weeks": _usual(Step("baseline_weeks", "count(week_minutes)"), needs=()),
    "usual_scale": _usual(_USUAL, _SCALE),
    "share_of_usual": _usual(
        _USUAL, Step("share_of_usual", "minutes / usual_minutes"), needs=(_HISTORY, _ENOUGH)
    ),
    "change_z": _usual(_USUAL, _SCALE, Step("change_z", "(minutes - usual_minutes) / usual_scale")),
    "usual_units": _usual(_UNITS, needs=(_UNIT_HISTORY,)),
    "usual_units_scale": _usual(_UNITS, _UNIT_SCALE, needs=(_UNIT_HISTORY,)),
    "units_change_z": _usual(
        _UNITS,
        _UNIT_SCALE,
        Step("units_change_z", "(units_completed - usual_units) / usual_units_scale"),
        needs=(_UNIT_HISTORY,),
    ),
    "previous_minutes": _counted(_PREVIOUS, "previous_minutes", "sum(minutes_before)"),
    "judged_usual": _judged(_JUDGED),
    "judged_weeks": _judged(
        Step("judged_weeks", "count(week_minutes)"),
        needs=(Need("not_enough_history", "count(week_before)", "1", "weeks"),),
    ),
    "judged_scale": _judged(_JUDGED, _JUDGED_SCALE),
    "judged_share": _judged(_JUDGED, _SHARE, needs=(_HISTORY, _JUDGED_ENOUGH)),
    "previous_share": _judged(_JUDGED, _BEFORE_SHARE, needs=(_HISTORY, _JUDGED_ENOUGH)),
    "quieter_than_usual": _judged(
        _JUDGED,
        _SHARE,
        _BEFORE_SHARE,
        Step(
            "quieter_than_usual",
            "judged_usual >= usual_minutes_least and judged_share <= quieter_share"
            " and previous_share <= quieter_share",
        ),
    ),
    "busier_than_usual": _judged(
        _JUDGED,
        _SHARE,
        _BEFORE_SHARE,
        Step(
            "busier_than_usual",
            "judged_usual >= usual_minutes_least and judged_share >= busier_share"
            " and previous_share >= busier_share",
        ),
    ),
    "evenness": Recipe(
        (_SHARES, _PLACED),
        (
            Step("all_minutes", "sum(day_minutes)"),
            Step("share", "day_minutes / all_minutes"),
            Step("evenness", "-sum(share * ln(share)) / ln(school_days)"),
        ),
        (
            _DAYS_KNOWN,
            Need("no_feed", "0", "unplaced_minutes", says=_UNPLACED),
            Need("too_few", "total(active_days)", "2", "days with work"),
        ),
        counts=True,
    ),
    "mean_day": _paced(_EARLY, _LATE, _WIDTH, Step("mean_day", "(late + early) / 2"), needs=(_NARROW,)),
    "pacing": _paced(
        _EARLY, _LATE, _LOW, _HIGH, _WIDTH, Step("pacing", "(pacing_low + pacing_high) / 2"),
        needs=(_NARROW,),
    ),
    "pacing_low": _paced(_LATE, _LOW),
    "pacing_high": _paced(_EARLY, _HIGH),
    "last_day_share": _paced(
        _SURE, _PERHAPS, Step("last_day_share", "(surely + perhaps) / 2"),
        needs=(Need("no_feed", "0.25", "perhaps - surely", says=_UNPLACED),),
    ),
}  # fmt: skip

#: What student_engagement tells of a week beyond the week's own columns.
OF_TWO: Recipes = {
    "judged_change_z": _judged(
        _JUDGED, _JUDGED_SCALE, Step("change_z", "(minutes - judged_usual) / judged_scale")
    ),
    "previous_change_z": _judged(
        _JUDGED,
        _JUDGED_SCALE,
        Step("previous_change_z", "(sum(minutes_before) - judged_usual) / judged_scale"),
    ),
}
