"""How a student's cards (views.card) are told whose rule is no column of a view. The value of a card
is computed, and its rule must hold; the others are columns, and told as such."""

from __future__ import annotations

from warehouse.explain import progress, skills, summary, week_rows
from warehouse.explain.recipe import Need, Recipe, Recipes, Rows, Step

_DUE = Rows(
    "The assignments due in the week and in the three before, excused ones apart",
    """SELECT title, due_on AS due_day, state AS stands,
        coalesce(state = 'on_time', FALSE) AS is_on_time, due_on >= $week AS of_the_week
    FROM views.assignment_timing
    WHERE student_id = $student AND platform = $platform AND coalesce(state, '') <> 'excused'
        AND due_on BETWEEN CAST($week AS DATE) - 21 AND CAST($week AS DATE) + 6
    ORDER BY due_on, assignment_id""",
)
_AIM = Rows(
    "The week",
    """SELECT week_start AS week, minutes AS week_minutes, target_minutes AS week_target
    FROM views.student_platform_week
    WHERE student_id = $student AND platform = $platform AND week_start = $week
        AND status IN ('ok', 'zero')""",
    one=True,
)

#: The rule names the column; a card's value is what is explained.
RECIPES: Recipes = {
    "all_on_time": Recipe(
        (_DUE,),
        (Step("all_on_time", "count(is_on_time)"),),
        (
            Need("too_few", "count(due_day)", "3", "items"),
            Need("zero", "count(of_the_week)", "1", says="nothing was due in the week"),
            Need("zero", "count(is_on_time)", "count(due_day)", "items on time"),
        ),
    ),
    "target_reached": Recipe(
        (_AIM, week_rows.PREVIOUS),
        (Step("target_reached", "week_minutes"),),
        (
            Need("target_na", "count(week_target > 0)", "1", says="no target is told"),
            Need("zero", "week_minutes", "week_target", "minutes"),
            Need(
                "zero",
                "0",
                "count(minutes_before >= week_target)",
                says="the week before had as many minutes",
            ),
        ),
    ),
    "screen_time": Recipe(
        (summary.PLATFORMS,),
        (Step("screen_minutes", "sum(told_minutes)"), Step("screen_time", "screen_minutes")),
        (
            summary.ALL_TOLD,
            Need("zero", "0", "count(reference >= sum(told_minutes))", says="within the ceiling"),
        ),
    ),
    "grew_more_than_projected": Recipe(
        (progress.growth_of("$platform", "$item"),),
        (progress.BEYOND, Step("grew_more_than_projected", "observed")),
        (
            Need(
                "zero",
                f"count(observed - projected - growth_error > {progress.BEYOND_LEAST})",
                "1",
                says="not above the projection by more than the error",
            ),
        ),
    ),
    **skills.OF_CARDS,
}
