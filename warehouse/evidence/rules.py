"""Rules to be judged: as the district has set them, and as they would be with other thresholds.

Belongs here: which cards a rule makes and which weeks it could judge, as SELECTs over the published
views. What came of them is told in `findings.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from transforms.thresholds import Values, said
from warehouse.reader import Reader

OBSERVED = "status IN ('ok', 'zero')"
#: Weeks after the card's within which the next hand-in is due; single tasks lie further apart.
SOON, LATER = 2, 8


@dataclass(frozen=True)
class Rule:
    """A rule as it is, or as it would be: its cards, and the weeks it could judge, as SELECTs.

    `cards`: student_id, week_start and subject (what tells two cards of a week apart). `judged`:
    student_id, week_start. `setting`: the threshold that is tried; empty = as the district has it.
    `weeks_ahead`: how far the next hand-in may lie.
    """

    rule_id: str
    setting: str
    cards: str
    judged: str
    weeks_ahead: int = SOON


def _weeks(condition: str) -> str:
    return (
        f"SELECT DISTINCT student_id, week_start FROM views.student_platform_week WHERE {condition}"
    )


#: Which weeks of a student a rule could have judged; every observed one elsewhere.
_JUDGED: Mapping[str, str] = {
    "quieter_than_usual": _weeks("judged_share IS NOT NULL"),
    "busier_than_usual": _weeks("judged_share IS NOT NULL"),
    "target_reached": _weeks(f"{OBSERVED} AND target_minutes > 0"),
    # Four weeks with pacing, this one the last.
    "work_lands_at_end": """SELECT DISTINCT student_id, week_start FROM (
            SELECT student_id, week_start, count(*) OVER (
                PARTITION BY student_id, platform ORDER BY week_start) AS weeks
            FROM views.student_platform_week WHERE pacing IS NOT NULL) WHERE weeks >= 4""",
    "below_threshold": """SELECT DISTINCT student_id,
            CAST(date_trunc('week', coalesce(due_on, CAST(submitted_at AS DATE))) AS DATE)
                AS week_start
        FROM views.assignment_timing
        WHERE below_threshold IS NOT NULL AND coalesce(due_on, submitted_at) IS NOT NULL""",
    # Three tasks due within four weeks, one of them in this week.
    "all_on_time": """SELECT student_id, week_start FROM (
            SELECT student_id, week_start, sum(due) OVER (
                PARTITION BY student_id, platform ORDER BY week_start
                RANGE BETWEEN INTERVAL 21 DAY PRECEDING AND CURRENT ROW) AS due
            FROM (SELECT student_id, platform, count(*) AS due,
                         CAST(date_trunc('week', due_on) AS DATE) AS week_start
                  FROM views.assignment_timing
                  WHERE due_on IS NOT NULL AND state IS DISTINCT FROM 'excused'
                  GROUP BY student_id, platform, CAST(date_trunc('week', due_on) AS DATE)))
        WHERE due >= 3 GROUP BY ALL""",
}
_OF_TASKS = ("below_threshold", "all_on_time")


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
        _JUDGED.get(rule_id, _weeks(OBSERVED)),
        LATER if rule_id in _OF_TASKS else SOON,
    )


def quieter(share: float, least: float) -> Rule:
    """Quieter than usual as it would be with these thresholds."""
    return _usage("quieter_than_usual", "<=", share, least, f"quieter_share {said(share)}")


def busier(share: float, least: float) -> Rule:
    """Busier than usual as it would be with these thresholds."""
    return _usage("busier_than_usual", ">=", share, least, f"busier_share {said(share)}")


def what_if(values: Values) -> tuple[Rule, ...]:
    """Thresholds to choose from, one changed at a time; `values`: what the district has set."""
    share, least, busy = (
        values[name] or 0.0 for name in ("quieter_share", "usual_minutes_least", "busier_share")
    )
    shares = sorted({1 / 2, 1 / 3, 1 / 5, 1 / 10, share}, reverse=True)
    leasts = sorted({10.0, 20.0, 40.0, least} - {0.0})
    busies = sorted({1.25, 1.5, 2.0, busy})
    return (
        *(quieter(s, least) for s in shares),
        *(
            _usage("quieter_than_usual", "<=", share, n, f"usual_minutes_least {said(n)}")
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
