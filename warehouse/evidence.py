"""What a rule's cards are worth on a district's own past: how often they come, and what came next.

Belongs here: the SQL over the published views, and the figures it gives. Reads a published
warehouse and nothing else, so that the benchmark and `homeroom evidence` say the same.

For each rule: its cards per 60 students and week, and whether the next hand-in of a student with a
card went worse than that of a student whom the rule could judge and who had none. The next hand-in
is the first one due within the two weeks after the card's week. It is worse where it was never
handed in (missed), or late. Groups of fewer than 10 students are not told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from warehouse import intervals
from warehouse.intervals import Share
from warehouse.reader import Reader

#: Students whose cards are counted together, as a class and a half has them.
PER = 60
#: The least students of a group that is told.
LEAST = 10
_NEXT = "evidence_next"

#: Which weeks of a student on a platform a rule could have judged; every observed one elsewhere.
_JUDGED: Mapping[str, str] = {
    "quieter_than_usual": "judged_share IS NOT NULL",
    "busier_than_usual": "judged_share IS NOT NULL",
    "work_lands_at_end": "pacing IS NOT NULL",
    "target_reached": "status IN ('ok', 'zero') AND target_minutes > 0",
}
_OBSERVED = "status IN ('ok', 'zero')"


@dataclass(frozen=True)
class Rule:
    """A rule as it is, or as it would be: its cards, and the weeks it could judge, as SELECTs.

    `cards`: student_id, week_start and subject (what tells two cards of a week apart). `judged`:
    student_id, week_start. `setting`: the threshold that is tried; empty = as the district has it.
    """

    rule_id: str
    setting: str
    cards: str
    judged: str


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

    `student_weeks`: observed weeks of students, from the first to the last week the rule judged
    any. `cards`, `new_cards`: None where 1 to 9 students had any; new = the student had no such
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


def rules_of(live: Reader) -> tuple[Rule, ...]:
    """The rules that made any card, as the district has set them."""
    told = live.rows("SELECT DISTINCT rule_id FROM views.card ORDER BY rule_id")
    return tuple(_as_set(row["rule_id"]) for row in told)


def _as_set(rule_id: str) -> Rule:
    return Rule(
        rule_id,
        "",
        f"""SELECT student_id, week_start,
                   coalesce(platform, '') || ' ' || coalesce(item_id, '') AS subject
            FROM views.card WHERE rule_id = '{rule_id}'""",
        _weeks(_JUDGED.get(rule_id, _OBSERVED)),
    )


def quieter(share: float, least: float) -> Rule:
    """Quieter than usual as it would be with these thresholds."""
    return _usage("quieter_than_usual", "<=", share, least, f"quieter_share {share:.3g}")


def busier(share: float, least: float) -> Rule:
    """Busier than usual as it would be with these thresholds."""
    return _usage("busier_than_usual", ">=", share, least, f"busier_share {share:.3g}")


def what_if(values: Mapping[str, float]) -> tuple[Rule, ...]:
    """Thresholds to choose from, one changed at a time; `values`: what the district has set."""
    share, least, busy = (
        values[name] for name in ("quieter_share", "usual_minutes_least", "busier_share")
    )
    shares = sorted({1 / 2, 1 / 3, 1 / 5, 1 / 10, share}, reverse=True)
    leasts = sorted({10.0, 20.0, 40.0, least} - {0.0})
    busies = sorted({1.25, 1.5, 2.0, busy})
    return (
        *(quieter(s, least) for s in shares),
        *(
            _usage("quieter_than_usual", "<=", share, n, f"usual_minutes_least {n:.3g}")
            for n in leasts
        ),
        *(busier(b, least) for b in busies),
    )


def _usage(rule_id: str, compares: str, share: float, least: float, setting: str) -> Rule:
    # As views.student_platform_week judges, from the columns it publishes.
    judged = f"judged_usual >= {least!r} AND judged_usual > 0 AND previous_minutes IS NOT NULL"
    return Rule(
        rule_id,
        setting,
        f"""SELECT student_id, week_start, platform AS subject FROM views.student_platform_week
            WHERE {judged} AND minutes / judged_usual {compares} {share!r}
                AND previous_minutes / judged_usual {compares} {share!r}""",
        _weeks(judged),
    )


def _weeks(condition: str) -> str:
    return f"SELECT DISTINCT student_id, week_start FROM views.student_platform_week WHERE {condition}"


def findings(live: Reader, rules: Iterable[Rule], kinds: Sequence[str] = ()) -> list[Finding]:
    """What the rules came to. `kinds`: which assignments count as hand-ins; empty = all."""
    live.query(_next_hand_in(kinds)).fetchall()
    return [_finding(rule, live.rows(_sql(rule))) for rule in rules]


def _next_hand_in(kinds: Sequence[str]) -> str:
    """Each observed week of a student beside the first hand-in due in the two weeks after it."""
    named = ", ".join("'" + kind.replace("'", "''") + "'" for kind in kinds)
    return f"""CREATE OR REPLACE TEMP TABLE {_NEXT} AS
        WITH hand_in AS (
            SELECT student_id, due_on, 
                   min_by(state, coalesce(CAST(due_at AS VARCHAR), '') || ' ' || assignment_id) AS state
            FROM views.assignment_timing
            WHERE closed AND state IN ('on_time', 'late', 'missing') AND due_on IS NOT NULL
                {f"AND kind IN ({named})" if kinds else ""}
            GROUP BY student_id, due_on
        ), week AS (
            SELECT DISTINCT student_id, week_start FROM views.student_platform_week
            WHERE {_OBSERVED}
            UNION SELECT student_id, week_start FROM views.card
        )
        SELECT week.student_id, week.week_start,
               row_number() OVER (PARTITION BY week.student_id ORDER BY week.week_start) AS number,
               CASE WHEN hand_in.due_on <= week.week_start + 20 THEN hand_in.state END AS state
        FROM week
        ASOF LEFT JOIN hand_in
            ON hand_in.student_id = week.student_id AND hand_in.due_on >= week.week_start + 7"""


def _sql(rule: Rule) -> str:
    """One row for the cards, and one for each group of student-weeks (flagged or not)."""
    moments = ", ".join(
        f"sum({k}) AS {k}, sum({k} * {k}) AS {k}_squared, sum({k} * cases) AS {k}_product"
        for k in ("missed", "not_on_time")
    )
    return f"""
        WITH card AS ({rule.cards}),
        judged AS ({rule.judged} UNION SELECT student_id, week_start FROM card),
        span AS (SELECT min(week_start) AS first_week, max(week_start) AS last_week FROM judged),
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
            WHERE week.state IS NOT NULL
            GROUP BY ALL
        ),
        grouped AS (
            SELECT flagged, count(*) AS students, sum(cases) AS cases,
                   sum(cases * cases) AS cases_squared, {moments}
            FROM student GROUP BY flagged
        )
        SELECT counted.*,
               (SELECT count(*) FROM {_NEXT}, span
                WHERE week_start BETWEEN first_week AND last_week) AS student_weeks,
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


def flat(finding: Finding) -> dict[str, Any]:
    """A finding as one row for CSV and JSON; shares and ratios with their intervals."""
    row: dict[str, Any] = {
        "rule_id": finding.rule_id,
        "setting": finding.setting,
        "student_weeks": finding.student_weeks,
        "judged_weeks": finding.judged_weeks,
        "cards": finding.cards,
        "cards_per_60_and_week": finding.per_week(finding.cards),
        "new_cards_per_60_and_week": finding.per_week(finding.new_cards),
    }
    for what in ("missed", "not_on_time"):
        pair = []
        for name, group in (("flagged", finding.flagged), ("others", finding.others)):
            share: Share | None = getattr(group, what) if group else None
            low, high = (intervals.wilson(share) if share else None) or (None, None)
            row[f"{name}_students"] = group.students if group else None
            row[f"{name}_hand_ins"] = int(share.cases) if share else None
            row[f"{name}_{what}"] = int(share.hits) if share else None
            row[f"{name}_{what}_share"] = share.value if share else None
            row[f"{name}_{what}_low"], row[f"{name}_{what}_high"] = low, high
            pair.append(share)
        one, other = pair
        times = intervals.ratio(one, other) if one and other else None
        for key, value in zip(("ratio", "low", "high"), times or (None,) * 3, strict=True):
            row[f"{what}_{key}" if key == "ratio" else f"{what}_ratio_{key}"] = value
    return row


@dataclass(frozen=True)
class LateGroup:
    """Students by how far they had been late beyond what others' items expect, before an item.

    `low` to below `high`; None = open. Shares of the next closed item; None under 10 students.
    """

    low: float | None
    high: float | None
    items: int | None
    late: Share | None
    others_late: float | None


_BOUNDS = (-0.5, 0.5, 1.0, 2.0)


def often_late(live: Reader, kinds: Sequence[str] = ()) -> list[LateGroup]:
    """From the fourth closed item on: how often the next one was late, by late - expected so far."""
    named = ", ".join("'" + kind.replace("'", "''") + "'" for kind in kinds)
    place = " + ".join(f"CASE WHEN beyond >= {bound} THEN 1 ELSE 0 END" for bound in _BOUNDS)
    rows = live.rows(f"""
        WITH item AS (
            SELECT student_id, CAST(state = 'late' AS INTEGER) AS late, class_late_rate_others,
                   sum(CAST(state = 'late' AS INTEGER) - class_late_rate_others) OVER before
                       AS beyond,
                   count(*) OVER before AS items_before
            FROM views.assignment_timing
            WHERE closed AND state IN ('on_time', 'late', 'missing')
                AND class_late_rate_others IS NOT NULL
                {f"AND kind IN ({named})" if kinds else ""}
            WINDOW before AS (
                PARTITION BY student_id, platform ORDER BY due_at, due_on, assignment_id
                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
        ), student AS (
            SELECT {place} AS place, student_id, CAST(count(*) AS DOUBLE) AS cases,
                   CAST(sum(late) AS DOUBLE) AS late, sum(class_late_rate_others) AS expected
            FROM item WHERE items_before >= 3 GROUP BY ALL
        )
        SELECT place, count(*) AS students, sum(cases) AS cases, sum(late) AS late,
               sum(late * late) AS late_squared, sum(late * cases) AS product,
               sum(cases * cases) AS cases_squared, sum(expected) / sum(cases) AS others_late
        FROM student GROUP BY place""")
    by_place = {row["place"]: row for row in rows}
    edges = (None, *_BOUNDS, None)
    groups = []
    for place, (low, high) in enumerate(zip(edges, edges[1:], strict=False)):
        row = by_place.get(place)
        if row is None or row["students"] < LEAST:
            groups.append(LateGroup(low, high, None, None, None))
            continue
        share = intervals.clustered(
            row["late"], row["cases"], row["late_squared"], row["product"], row["cases_squared"]
        )
        groups.append(LateGroup(low, high, int(row["cases"]), share, row["others_late"]))
    return groups


