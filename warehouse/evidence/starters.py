"""How many of a board's conversation starters are there again the week after, against chance."""

from __future__ import annotations

from dataclasses import dataclass

from warehouse import intervals
from warehouse.evidence.findings import LEAST
from warehouse.intervals import Share
from warehouse.reader import Reader


@dataclass(frozen=True)
class Starters:
    """`stayed`: starters (student, class and week) who are starters the next week too.

    `rule_id`: of this rule in both weeks; empty = of any. `chance`: the share that would stay if
    the next week's were drawn from the class by lot. `boards`: class-weeks with starters and a
    board the week after.
    """

    rule_id: str
    students: int
    boards: int
    stayed: Share
    chance: float


def starters(live: Reader, class_type: str = "") -> list[Starters]:
    """Of all starters together, then of each rule, on the boards of classes of this type.

    `class_type` empty: of every class. Left out: fewer than 10 students, no two boards running.
    """
    rules = live.rows(
        "SELECT DISTINCT rule_id FROM views.collaboration_board "
        "WHERE block = 'starter' ORDER BY rule_id"
    )
    told = (_starters(live, class_type, rule) for rule in ("", *(r["rule_id"] for r in rules)))
    return [one for one in told if one is not None]


def _starters(live: Reader, class_type: str, rule_id: str) -> Starters | None:
    kept = f"AND section.class_type = '{class_type}'" if class_type else ""
    of_rule = f"AND rule_id = '{rule_id}'" if rule_id else ""
    row = live.rows(f"""
        WITH board AS (
            SELECT board.class_id, board.week_start, board.student_id, board.block, board.rule_id
            FROM views.collaboration_board AS board
            JOIN roster.class_section AS section
                ON section.class_id = board.class_id {kept}
        ),
        last AS (SELECT class_id, max(week_start) AS last_week FROM board GROUP BY class_id),
        starter AS (
            SELECT DISTINCT class_id, week_start, student_id FROM board
            WHERE block = 'starter' {of_rule}
        ),
        pair AS (
            SELECT one.class_id, one.week_start + 7 AS week_start, one.student_id,
                   next.student_id IS NOT NULL AS stayed
            FROM starter AS one
            JOIN last ON last.class_id = one.class_id AND one.week_start + 7 <= last.last_week
            LEFT JOIN starter AS next
                ON next.class_id = one.class_id AND next.student_id = one.student_id
                AND next.week_start = one.week_start + 7
        ),
        week AS (
            SELECT class_id, week_start, CAST(count(*) AS DOUBLE) AS cases,
                   CAST(count(CASE WHEN stayed THEN 1 END) AS DOUBLE) AS hits
            FROM pair GROUP BY class_id, week_start
        ),
        lot AS (
            -- The part of the class that is on the next week's board.
            SELECT week.class_id, week.week_start,
                   (SELECT count(*) FROM starter
                    WHERE starter.class_id = week.class_id
                        AND starter.week_start = week.week_start)
                   / CAST(count(DISTINCT enrollment.person_id) AS DOUBLE) AS part
            FROM week
            JOIN roster.enrollment AS enrollment
                ON enrollment.class_id = week.class_id
                AND enrollment.role = 'student'
                AND coalesce(enrollment.begin_date <= week.week_start + 4, TRUE)
                AND coalesce(enrollment.end_date >= week.week_start + 4, TRUE)
            GROUP BY week.class_id, week.week_start
        ),
        class AS (
            SELECT class_id, count(*) AS boards, sum(hits) AS hits, sum(cases) AS cases,
                   sum(cases * part) AS drawn
            FROM week JOIN lot USING (class_id, week_start) GROUP BY class_id
        )
        SELECT (SELECT count(DISTINCT student_id) FROM pair) AS students, sum(boards) AS boards,
               sum(hits) AS hits, sum(cases) AS cases, sum(hits * hits) AS hits_squared,
               sum(hits * cases) AS product, sum(cases * cases) AS cases_squared,
               sum(drawn) / sum(cases) AS chance
        FROM class""")[0]
    if row["students"] < LEAST or not row["cases"]:
        return None
    stayed = intervals.clustered(
        row["hits"], row["cases"], row["hits_squared"], row["product"], row["cases_squared"]
    )
    return Starters(rule_id, row["students"], int(row["boards"]), stayed, row["chance"])
