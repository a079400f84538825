"""How the measures of assignments (views.assignment_timing) and of when a student's work happens
(views.student_procrastination) are told."""

from __future__ import annotations

from warehouse.explain.recipe import Need, Recipe, Recipes, Rows, Step

_ITEM = Rows(
    "The assignment",
    """SELECT title, assigned_at AS assigned, started_at AS started, due_at AS due,
        submitted_at AS handed_in, state = 'excused' AS excused
    FROM views.assignment_timing
    WHERE student_id = $student AND platform = $platform AND assignment_id = $item""",
    one=True,
)
_SCORE = Rows(
    "What was handed in",
    """SELECT submitted_at AS handed_in, score AS points, score_percent AS told_percent
    FROM facts.submission
    WHERE student_id = $student AND platform = $platform AND assignment_id = $item
    ORDER BY submitted_at NULLS LAST, score_percent DESC NULLS LAST, account_key LIMIT 1""",
)
_OTHERS = Rows(
    "How it stands for the other students for whom it is closed",
    """SELECT stands.state AS stands, stands.is_late, count(item.student_id) AS others
    FROM (VALUES ('on_time', FALSE), ('late', TRUE), ('missing', FALSE)) AS stands (state, is_late)
    LEFT JOIN views.assignment_timing AS item
        ON item.platform = $platform AND item.assignment_id = $item
        AND item.student_id <> $student AND item.closed AND item.state = stands.state
    GROUP BY stands.state, stands.is_late ORDER BY stands.is_late, stands.state""",
)
_HANDED_IN = Need("no_feed", "count(handed_in)", "1", says="no file tells when it was handed in")
_DUE_KNOWN = Need("no_feed", "count(due)", "1", says="no due time is known")
_LEAD = Step("lead_hours", "due - handed_in")
_PERCENT = Step("score_percent", "sum(told_percent)")

ASSIGNMENT: Recipes = {
    "start_delay": Recipe(
        (_ITEM,),
        (
            Step("hours_passed", "started - assigned"),
            Step("hours_given", "due - assigned"),
            Step("start_delay", "max(0, min(1, hours_passed / hours_given))"),
        ),
        (
            Need("no_feed", "count(started)", "1", says="no file tells when work began"),
            Need("no_feed", "count(due > assigned)", "1", says="opening or due time is not known"),
        ),
    ),
    "lead_hours": Recipe((_ITEM,), (_LEAD,), (_HANDED_IN, _DUE_KNOWN)),
    "last_24h": Recipe(
        (_ITEM,),
        (_LEAD, Step("last_24h", "lead_hours >= 0 and lead_hours < 24")),
        (_HANDED_IN, _DUE_KNOWN),
    ),
    "score_percent": Recipe((_SCORE,), (_PERCENT,)),
    "below_threshold": Recipe(
        (_ITEM, _SCORE),
        (_PERCENT, Step("below_threshold", "score_percent < below_percent")),
        (Need("excused", "0", "count(excused)", says="it does not count for this student"),),
    ),
    "class_late_rate_others": Recipe(
        (_OTHERS,),
        (Step("class_late_rate_others", "sum(others * is_late) / sum(others)"),),
        (Need("too_few", "sum(others)", "1", "others"),),
    ),
    "others_counted": Recipe((_OTHERS,), (Step("others_counted", "total(others)"),)),
}

_WEEKS = Rows(
    "The latest weeks with pacing, at most 4",
    """WITH own AS (
        SELECT week_start, mean_day, pacing, last_day_share
        FROM views.student_platform_week
        WHERE student_id = $student AND platform = $platform AND pacing IS NOT NULL
        ORDER BY week_start DESC LIMIT 4
    ), class AS (
        SELECT own.week_start, class.class_id
        FROM own
        JOIN views.student_platform_class AS class
            ON class.student_id = $student AND class.platform = $platform
            AND own.week_start BETWEEN class.first_week AND class.last_week
    ), mates AS (
        SELECT class.week_start, sum(mate.pacing) AS pacing, count(*) AS mates
        FROM class
        JOIN views.student_platform_class AS beside
            ON beside.class_id = class.class_id AND beside.platform = $platform
            AND beside.student_id <> $student
            AND class.week_start BETWEEN beside.first_week AND beside.last_week
        JOIN views.student_platform_week AS mate
            ON mate.student_id = beside.student_id AND mate.platform = $platform
            AND mate.week_start = class.week_start AND mate.pacing IS NOT NULL
        GROUP BY class.week_start
    )
    SELECT own.week_start AS week, own.mean_day AS week_mean_day, own.pacing AS week_pacing,
        own.last_day_share AS week_last_day, mates.mates, mates.pacing AS mates_pacing
    FROM own LEFT JOIN mates ON mates.week_start = own.week_start
    ORDER BY own.week_start""",
)
_COUNTED = "closed AND coalesce(state IN ('on_time', 'late', 'missing'), FALSE)"
_ITEMS = Rows(
    "The assignments",
    f"""SELECT title, due_on AS due_day, state AS stands, start_delay AS delay,
        {_COUNTED} AND state = 'on_time' AS is_on_time,
        {_COUNTED} AND state = 'late' AS is_late,
        {_COUNTED} AND state = 'missing' AS is_missing,
        CASE WHEN {_COUNTED} THEN class_late_rate_others END AS others_late
    FROM views.assignment_timing
    WHERE student_id = $student AND platform = $platform
    ORDER BY due_at, due_on, assignment_id""",
)
_RECENT = Rows(
    "The latest 8 closed assignments that others have too",
    f"""SELECT title, due_on AS due_day, state AS stands, state = 'late' AS is_late,
        class_late_rate_others AS others_late
    FROM views.assignment_timing
    WHERE student_id = $student AND platform = $platform AND {_COUNTED}
        AND class_late_rate_others IS NOT NULL
    ORDER BY due_at DESC NULLS LAST, due_on DESC NULLS LAST, assignment_id DESC LIMIT 8""",
)
_SOME_WEEKS = Need("too_few", "count(week)", "1", "weeks")
_PACING = Step("pacing", "mean(week_pacing)")
_CLASS = Step("class_pacing", "sum(mates_pacing) / sum(mates)")
_CLOSED = Step("closed_count", "count(is_on_time or is_late or is_missing)")
_LATE = Step("late_count", "count(is_late)")


def _weeks(*steps: Step, needs: tuple[Need, ...] = ()) -> Recipe:
    return Recipe((_WEEKS,), steps, needs, status="pacing_status")


def _items(*steps: Step, needs: tuple[Need, ...] = ()) -> Recipe:
    return Recipe((_ITEMS,), steps, needs, status="due_status")


def _wilson(name: str, sign: str) -> Recipe:
    return _items(
        _LATE,
        _CLOSED,
        Step("share", "late_count / closed_count"),
        Step("z", "1.959963984540054"),
        Step(
            "reach",
            "z * sqrt(share * (1 - share) / closed_count"
            " + z * z / (4 * closed_count * closed_count))",
        ),
        Step(
            name,
            f"(share + z * z / (2 * closed_count) {sign} reach) / (1 + z * z / closed_count)",
        ),
        needs=(
            Need("too_few", _CLOSED.expression, "3", "closed items"),
            Need("not_needed", "9", _CLOSED.expression, says="from 10 items on k of n says enough"),
        ),
    )


PROCRASTINATION: Recipes = {
    "weeks_counted": _weeks(Step("weeks_counted", "count(week)")),
    "mean_day": _weeks(Step("mean_day", "mean(week_mean_day)"), needs=(_SOME_WEEKS,)),
    "pacing": _weeks(_PACING, needs=(_SOME_WEEKS,)),
    "last_day_share": _weeks(Step("last_day_share", "mean(week_last_day)"), needs=(_SOME_WEEKS,)),
    "class_pacing": _weeks(
        _CLASS, needs=(_SOME_WEEKS, Need("too_few", "total(mates)", "1", "classmates' weeks"))
    ),
    "class_pacing_weeks": _weeks(Step("class_pacing_weeks", "total(mates)")),
    "work_lands_at_end": _weeks(
        _PACING,
        _CLASS,
        Step("work_lands_at_end", "pacing <= end_pacing and class_pacing > class_end_pacing"),
        needs=(Need("not_enough_history", "count(week)", "4", "weeks"),),
    ),
    "start_delay_median": _items(
        Step("start_delay_median", "median(delay)"),
        needs=(Need("too_few", "count(delay)", "4", "items"),),
    ),
    "started_count": _items(Step("started_count", "count(delay)")),
    "on_time_count": _items(Step("on_time_count", "count(is_on_time)")),
    "late_count": _items(_LATE),
    "missing_count": _items(Step("missing_count", "count(is_missing)")),
    "closed_count": _items(_CLOSED),
    "late_low": _wilson("late_low", "-"),
    "late_high": _wilson("late_high", "+"),
    "compared_count": _items(Step("compared_count", "count(others_late)")),
    "compared_late": _items(Step("compared_late", "count(is_late and others_late >= 0)")),
    "expected_late": _items(
        Step("expected_late", "sum(others_late)"),
        needs=(Need("too_few", "count(others_late)", "3", "items"),),
    ),
    "often_late": Recipe(
        (_RECENT,),
        (
            Step("late", "count(is_late)"),
            Step("expected", "sum(others_late)"),
            Step("often_late", "late - expected >= often_late_by"),
        ),
        (Need("too_few", "count(others_late)", "3", "items"),),
        status="due_status",
    ),
}
