"""Filters for those who write no SQL: what was chosen, and the question it stands for. Pure.

Children stand A to Z, with what is known of them in the board's own sentences, and are ordered by
no measure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from warehouse.intake.casting import quote

#: What can be looked for: rules of the board by the dictionary's name of them, strengths first.
FACTS = (
    "target_reached",
    "busier_than_usual",
    "all_on_time",
    "skill_mastered",
    "grew_more_than_projected",
    "quieter_than_usual",
    "work_lands_at_end",
    "below_threshold",
    "not_handed_in",
    "stuck_skill",
    "score_may_understate",
    "screen_time",
    "check_in_due",
)
#: No rule of the board: told by the assignments and by today's check-ins.
_HANDED_IN, _CHECK_IN = "not_handed_in", "check_in_due"


@dataclass(frozen=True)
class Wanted:
    """What was chosen. Empty: any class, any platform. `facts`: of FACTS, one is enough."""

    week: date
    facts: tuple[str, ...]
    class_id: str = ""
    platform: str = ""


def question(wanted: Wanted) -> str:
    """The SELECT: a row per student, their facts one a line. `wanted.facts` must not be empty."""
    parts = []
    rules = [f for f in wanted.facts if f not in (_HANDED_IN, _CHECK_IN)]
    if rules:
        where = [
            f"rule_id IN ({', '.join(map(quote, rules))})",
            f"week_start = DATE '{wanted.week}'",
            *_chosen(wanted, "class_id", "platform"),
        ]
        parts.append(_part("sentence", "collaboration_board", where))
    if _HANDED_IN in wanted.facts:
        last = wanted.week + timedelta(days=6)
        where = [
            "state = 'missing'",
            f"due_on BETWEEN DATE '{wanted.week}' AND DATE '{last}'",
            *_chosen(wanted, "class_id", "platform"),
        ]
        said = "'\"' || title || '\", due ' || strftime(due_on, '%-d %B') || ', not handed in.'"
        parts.append(_part(said, "assignment_timing", where))
    if _CHECK_IN in wanted.facts:
        where = ["block = 'not_seen_lately'", *_chosen(wanted, "class_id")]
        parts.append(_part("sentence", "collaboration_board", where))
    union = "\n    UNION\n".join(parts)
    return (
        f"WITH fact AS (\n{union}\n)\n"
        "SELECT student_id, family_name, given_name,\n"
        "    string_agg(sentence, chr(10) ORDER BY sentence) AS facts\n"
        "FROM fact JOIN mine.student USING (student_id)\n"
        "GROUP BY ALL\n"
        "ORDER BY family_name, given_name, student_id"
    )


def _chosen(wanted: Wanted, *columns: str) -> list[str]:
    return [
        f"{column} = {quote(value)}" for column in columns if (value := getattr(wanted, column))
    ]


def _part(sentence: str, table: str, where: Sequence[str]) -> str:
    conditions = "\n      AND ".join(where)
    return (
        f"    SELECT student_id, {sentence} AS sentence\n    FROM {table}\n    WHERE {conditions}"
    )
