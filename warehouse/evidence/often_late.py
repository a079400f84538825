"""Whether having been late more often than others' items expect says anything of the next item."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from warehouse import intervals
from warehouse.evidence.findings import LEAST, closed_items
from warehouse.intervals import Share
from warehouse.reader import Reader


@dataclass(frozen=True)
class LateGroup:
    """Students by how far they had been late beyond what others' items expect, before an item.

    `low` to below `high`; None = open. `late`: of the next closed items; `others_late`: of the
    other students with the same items. None under 10 students.
    """

    low: float | None
    high: float | None
    students: int | None
    late: Share | None
    others_late: float | None


_BOUNDS = (-0.5, 0.5, 1.0, 2.0)


def often_late(live: Reader, kinds: Sequence[str] = ()) -> list[LateGroup]:
    """From the fourth closed item on: how often it was late, by late - expected before it."""
    place = " + ".join(f"CASE WHEN beyond >= {bound} THEN 1 ELSE 0 END" for bound in _BOUNDS)
    rows = live.rows(f"""
        WITH item AS (
            SELECT student_id, CAST(state = 'late' AS INTEGER) AS late, class_late_rate_others,
                   sum(CAST(state = 'late' AS INTEGER) - class_late_rate_others) OVER before
                       AS beyond,
                   count(*) OVER before AS items_before
            FROM views.assignment_timing
            WHERE class_late_rate_others IS NOT NULL AND {closed_items(kinds)}
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
    groups = []
    for number, (low, high) in enumerate(pairwise((None, *_BOUNDS, None))):
        row = by_place.get(number)
        if row is None or row["students"] < LEAST:
            groups.append(LateGroup(low, high, None, None, None))
            continue
        share = intervals.clustered(
            row["late"], row["cases"], row["late_squared"], row["product"], row["cases_squared"]
        )
        groups.append(LateGroup(low, high, row["students"], share, row["others_late"]))
    return groups
