"""How the measures of a student's week over all platforms (views.weekly_summary) are told. Those of
one platform are that platform's week's."""

from __future__ import annotations

from warehouse.explain.check_ins import CHECKINS
from warehouse.explain.engagement import quiet
from warehouse.explain.recipe import Need, Recipe, Recipes, Rows, Step

#: A platform's columns, and the measure of its week that they are.
OF_THE_PLATFORM = {"minutes": "minutes", "dosage": "dosage", "units": "units_completed"}

PLATFORMS = Rows(
    "The week on each platform",
    """SELECT platform, status AS stands, minutes AS told_minutes,
        CASE WHEN dosage IS NOT NULL THEN target_minutes END AS told_target, units_change_z AS z
    FROM views.student_platform_week
    WHERE student_id = $student AND week_start = $week AND status <> 'not_rostered'
    ORDER BY platform""",
)
#: Every platform the student is on tells of the week.
ALL_TOLD = Need("no_feed", "count(told_minutes)", "count(platform)", "platforms")
_COUNTED = "closed AND coalesce(state IN ('on_time', 'late', 'missing'), FALSE)"
_DUE = Rows(
    "The closed assignments that were due in the week",
    f"""SELECT title, due_on AS due_day, state AS stands, state = 'on_time' AS is_on_time,
        state = 'late' AS is_late, state = 'missing' AS is_missing
    FROM views.assignment_timing
    WHERE student_id = $student AND {_COUNTED}
        AND due_on BETWEEN $week AND CAST($week AS DATE) + 6
    ORDER BY due_on, assignment_id""",
)


def _week(name: str, expression: str, *needs: Need) -> Recipe:
    return Recipe((PLATFORMS,), (Step(name, expression),), needs)


def _due(name: str, expression: str) -> Recipe:
    return Recipe((_DUE,), (Step(name, expression),))


RECIPES: Recipes = {
    "targets_met": _week("targets_met", "count(told_minutes >= told_target)"),
    "targets_with_data": _week("targets_with_data", "count(told_target)"),
    "change_z_combined": _week(
        "change_z_combined", "median(z)", Need("not_enough_history", "count(z)", "1", "platforms")
    ),
    "change_z_platforms": _week("change_z_platforms", "count(z)"),
    "quiet_school_days": quiet("CAST($week AS DATE) + 6"),
    "assignments_closed": _due("assignments_closed", "count(stands)"),
    "assignments_on_time": _due("assignments_on_time", "count(is_on_time)"),
    "assignments_late": _due("assignments_late", "count(is_late)"),
    "assignments_missing": _due("assignments_missing", "count(is_missing)"),
    "screen_minutes": _week(
        "screen_minutes",
        "sum(told_minutes)",
        ALL_TOLD,
    ),
    "checkins": CHECKINS,
}
