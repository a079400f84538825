"""How the measures of a student's skill (views.student_skill) and the cards about skills are told,
from the platform's own flags. Not here: platforms that tell only single answers, which the published
warehouse does not keep; `refuse_answers` says so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.errors import HomeroomError
from warehouse.explain.recipe import Need, Recipe, Recipes, Rows, Step
from warehouse.explain.told import Ask


def _flags(day: str) -> Rows:
    return Rows(
        "What the platform tells of the skill on the day",
        f"""WITH told AS (
            SELECT date, attempts,
                state IS DISTINCT FROM 'not_started'
                    AND coalesce(passed, state = 'complete', FALSE) AS is_mastered,
                state IS DISTINCT FROM 'not_started' AND coalesce(needs_instruction, FALSE)
                    AS is_flagged
            FROM facts.skill_state
            WHERE student_id = $student AND platform = $platform AND skill_id = $item
                AND date = {day}
                AND (state IS NOT NULL OR needs_instruction IS NOT NULL OR passed IS NOT NULL)
        )
        SELECT date AS told_on, max(attempts) AS told_attempts,
            coalesce(bool_or(is_mastered), FALSE) AS mastered,
            coalesce(bool_or(is_flagged AND NOT is_mastered), FALSE) AS flagged
        FROM told GROUP BY date""",
        one=True,
    )


_LATEST = _flags("$last_worked")
_OF_THE_CARD = _flags("$window_end")

RECIPES: Recipes = {
    "attempts": Recipe((_LATEST,), (Step("attempts", "told_attempts"),)),
    "attempts_to_state": Recipe(
        (_LATEST,),
        (Step("attempts_to_state", "told_attempts"),),
        (Need("target_na", "0", "count(told_on)", says="the platform flags the skill itself"),),
    ),
    "skill_state": Recipe(
        (_LATEST,),
        (
            Step(
                "skill_state",
                "'mastered' if mastered else ('needs_instruction' if flagged else 'indeterminate')",
            ),
        ),
    ),
}
OF_CARDS: Recipes = {
    "stuck_skill": Recipe(
        (_OF_THE_CARD,),
        (Step("stuck_skill", "told_attempts"),),
        (Need("zero", "count(flagged) - count(mastered)", "1", says="not flagged on that day"),),
    ),
    "skill_mastered": Recipe(
        (_OF_THE_CARD,),
        (Step("skill_mastered", "told_attempts"),),
        (Need("zero", "count(mastered)", "1", says="not mastered on that day"),),
    ),
}


def refuse_answers(ask: Ask, row: Mapping[str, Any], skill_id: str) -> None:
    """Raises HomeroomError where single answers tell of the skill."""
    told = ask(
        "SELECT basis FROM views.student_skill WHERE student_id = $student "
        "AND platform = $platform AND skill_id = $skill",
        {"student": row["student_id"], "platform": row["platform"], "skill": skill_id},
    )
    if told and told[0]["basis"] == "attempts":
        raise HomeroomError(
            "is told by single answers, and the published warehouse keeps only their sums by day",
            culprit="skill",
            fix="docs/measures.md tells how answers make a state; the platform shows the answers",
        )
