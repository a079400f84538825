"""How the measures of conversations with a student are told: views.student_check_in, and those of a
week in views.weekly_summary. Days only; what was said is in facts.check_in."""

from __future__ import annotations

from warehouse.explain.recipe import Need, Recipe, Recipes, Rows, Step

_LATEST = Rows(
    "The latest check-in by anyone",
    "SELECT max(date) AS talked_on FROM facts.check_in WHERE student_id = $student",
    one=True,
)
_SINCE = Step("days_since_check_in", "max(0, (as_of - talked_on) / 24)")
_TALKED = Need("not_enough_history", "count(talked_on)", "1", says="nobody has noted a check-in")


def _noted(where: str) -> Rows:
    return Rows(
        "The check-ins noted",
        f"""SELECT date AS talked_on, source FROM facts.check_in
        WHERE student_id = $student AND {where} ORDER BY date, source""",
    )


RECIPES: Recipes = {
    "days_since_check_in": Recipe((_LATEST,), (_SINCE,), (_TALKED,)),
    "check_in_due": Recipe(
        (_LATEST,),
        (
            _SINCE,
            Step("check_in_due", "count(talked_on) == 0 or days_since_check_in >= check_in_days"),
        ),
    ),
    "check_ins": Recipe((_noted("TRUE"),), (Step("check_ins", "count(talked_on)"),)),
}
#: Of a week of views.weekly_summary.
CHECKINS = Recipe(
    (_noted("date BETWEEN $week AND CAST($week AS DATE) + 6"),),
    (Step("checkins", "count(talked_on)"),),
)
