"""What a rule's cards came to: how often they appear, and what became of the next hand-in.

For each rule: its cards per 60 students and week, and whether the next hand-in of a student with a
card went worse than that of a student whom the rule could judge and who had none. The next hand-in
is the first one due within the two weeks (for cards about single tasks: eight) after the card's
week; it is worse where it was never handed in (missed), or late. Groups of fewer than 10 students
are not told. The benchmark and `homeroom evidence` both take their figures from here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from warehouse import intervals
from warehouse.evidence.rules import OBSERVED, Rule
from warehouse.intervals import Share
from warehouse.reader import Reader

#: Students whose cards are counted together, as a class and a half has them.
PER = 60
#: The least students of a group that is told.
LEAST = 10
_NEXT = "evidence_next"


@dataclass(frozen=True)
class Group:
    """Student-weeks with a next hand-in: of how many students, and what became of it.

    None where fewer than 10 students are in it.
    """

    students: int
    missed: Share
    not_on_time: Share


@dataclass(frozen=True)
class Finding:
    """What one rule came to.

    `student_weeks`: observed weeks of all students; `judged_weeks`: those the rule could judge.
    `cards`, `new_cards`: None where 1 to 9 students had any; new = the student had no such
    card in the observed week before.
    """

    rule_id: str
    setting: str
    student_weeks: int
    judged_weeks: int
    cards: int | None
    new_cards: int | None
    flagged: Group | None
    others: Group | None

    def per_week(self, cards: int | None) -> float | None:
        """Cards per 60 students and week."""
        return None if cards is None or not self.student_weeks else PER * cards / self.student_weeks


def findings(live: Reader, rules: Iterable[Rule], kinds: Sequence[str] = ()) -> list[Finding]:
    """What the rules came to. `kinds`: which assignments count as hand-ins; empty = all."""
    live.query(_next_hand_in(kinds)).fetchall()
    return [_finding(rule, live.rows(_sql(rule))) for rule in rules]


def _next_hand_in(kinds: Sequence[str]) -> str:
    """Each observed week of a student beside the first hand-in due after it."""
    return f"""CREATE OR REPLACE TEMP TABLE {_NEXT} AS
        WITH hand_in AS (
            -- Of several due on one day, the first.
            SELECT student_id, due_on,
                   min_by(state, coalesce(CAST(due_at AS VARCHAR), '') || ' ' || assignment_id)
                       AS state
            FROM views.assignment_timing
            WHERE due_on IS NOT NULL AND {closed_items(kinds)}
            GROUP BY student_id, due_on
        ), week AS (
            SELECT DISTINCT student_id, week_start FROM views.student_platform_week
            WHERE {OBSERVED}
            UNION SELECT student_id, week_start FROM views.card
        )
        SELECT week.student_id, week.week_start,
               row_number() OVER (PARTITION BY week.student_id ORDER BY week.week_start) AS number,
               hand_in.state, hand_in.due_on - week.week_start AS days_ahead
        FROM week
        ASOF LEFT JOIN hand_in
            ON hand_in.student_id = week.student_id AND hand_in.due_on >= week.week_start + 7"""


def closed_items(kinds: Sequence[str]) -> str:
    """Condition on views.assignment_timing: closed, state known, of these kinds; all if none."""
    named = ", ".join("'" + kind.replace("'", "''") + "'" for kind in kinds)
    return "closed AND state IN ('on_time', 'late', 'missing')" + (
        f" AND kind IN ({named})" if kinds else ""
    )


def _sql(rule: Rule) -> str:
    """One row for the cards, and one for each group of student-weeks (flagged or not)."""
    moments = ", ".join(
        f"sum({k}) AS {k}, sum({k} * {k}) AS {k}_squared, sum({k} * cases) AS {k}_product"
        for k in ("missed", "not_on_time")
    )
    return f"""
        WITH card AS ({rule.cards}),
        judged AS ({rule.judged} UNION SELECT student_id, week_start FROM card),
        numbered AS (
            SELECT card.*, week.number FROM card
            JOIN {_NEXT} AS week USING (student_id, week_start)
        ),
        counted AS (
            SELECT count(*) AS cards, count(DISTINCT one.student_id) AS card_students,
                   count(CASE WHEN before.student_id IS NULL THEN 1 END) AS new_cards
            FROM numbered AS one
            LEFT JOIN (SELECT DISTINCT student_id, subject, number FROM numbered) AS before
                ON before.student_id = one.student_id AND before.subject = one.subject
                AND before.number = one.number - 1
        ),
        student AS (
            SELECT judged.student_id, flagged.student_id IS NOT NULL AS flagged,
                   CAST(count(*) AS DOUBLE) AS cases,
                   CAST(count(CASE WHEN state = 'missing' THEN 1 END) AS DOUBLE) AS missed,
                   CAST(count(CASE WHEN state <> 'on_time' THEN 1 END) AS DOUBLE) AS not_on_time
            FROM judged
            JOIN {_NEXT} AS week USING (student_id, week_start)
            LEFT JOIN (SELECT DISTINCT student_id, week_start FROM card) AS flagged
                USING (student_id, week_start)
            WHERE week.days_ahead <= 6 + 7 * {rule.weeks_ahead}
            GROUP BY ALL
        ),
        grouped AS (
            SELECT flagged, count(*) AS students, sum(cases) AS cases,
                   sum(cases * cases) AS cases_squared, {moments}
            FROM student GROUP BY flagged
        )
        SELECT counted.*,
               (SELECT count(*) FROM {_NEXT}) AS student_weeks,
               (SELECT count(*) FROM judged) AS judged_weeks, grouped.*
        FROM counted LEFT JOIN grouped ON TRUE"""


def _finding(rule: Rule, rows: Sequence[Mapping[str, Any]]) -> Finding:
    groups = {row["flagged"]: _group(row) for row in rows if row["flagged"] is not None}
    first = rows[0]
    told = first["card_students"] == 0 or first["card_students"] >= LEAST
    return Finding(
        rule.rule_id,
        rule.setting,
        first["student_weeks"],
        first["judged_weeks"],
        first["cards"] if told else None,
        first["new_cards"] if told else None,
        groups.get(True),
        groups.get(False),
    )


def _group(row: Mapping[str, Any]) -> Group | None:
    if row["students"] < LEAST:
        return None
    shares = (
        intervals.clustered(
            row[name],
            row["cases"],
            row[f"{name}_squared"],
            row[f"{name}_product"],
            row["cases_squared"],
        )
        for name in ("missed", "not_on_time")
    )
    return Group(row["students"], *shares)
