"""Which view shows a linked fact, and why one does not: the last step of ops.row_flow as SQL.

Not here: the steps before it (steps.py).
"""

from __future__ import annotations

from dataclasses import dataclass

#: The weeks that a student is shown with, one row per student and platform.
WEEKS = (
    "SELECT student_id, platform, list(week_start) AS weeks FROM views.student_platform_week "
    "GROUP BY ALL"
)


@dataclass(frozen=True)
class Shown:
    """The linked rows of a fact: shown in `view`, or why not. `shown`, `besides`: SQL over `l` (the
    fact's row) and what is joined by `joined`, in which `{weeks}` stands for a table of WEEKS."""

    fact: str
    view: str
    shown: str
    besides: str
    joined: str = ""

    @property
    def outcome(self) -> str:
        """SQL that tells what became of a row."""
        return f"CASE WHEN {self.shown} THEN 'in_views' {self.besides} ELSE 'unexplained' END"

    def sql(self) -> str:
        """What became of the linked rows of each file. Why one is not shown is asked of those
        alone: it costs several times as much."""
        joined = self.joined.format(weeks="scratch.work.flow_weeks")
        return f"""
    WITH linked AS (
        SELECT l.*, {self.shown} AS is_shown FROM facts.{self.fact} AS l {joined}
        WHERE student_id IS NOT NULL),
    counted AS MATERIALIZED (
        SELECT platform, source_file, count(*) AS rows, count(*) FILTER (WHERE is_shown) AS shown
        FROM linked GROUP BY ALL),
    why AS (
        SELECT platform, source_file, CASE {self.besides} ELSE 'unexplained' END AS outcome,
               count(*) AS rows
        FROM linked AS l SEMI JOIN (FROM counted WHERE rows <> shown) USING (platform, source_file)
        WHERE is_shown IS NOT TRUE GROUP BY ALL),
    told AS (SELECT platform, source_file, 'in_views' AS outcome, shown AS rows FROM counted
             UNION ALL FROM why)
    SELECT told.platform, live.feed, told.source_file, 'views', '{self.fact}', counted.rows,
           outcome, told.rows
    FROM told JOIN counted USING (platform, source_file)
    LEFT JOIN (SELECT DISTINCT platform, feed, source_file FROM scratch.work.flow_live) AS live
      USING (platform, source_file)"""


def _week(fact: str, day: str) -> Shown:
    return Shown(
        fact,
        "student_platform_week",
        f"list_contains(w.weeks, CAST(date_trunc('week', l.{day}) AS DATE))",
        "WHEN NOT EXISTS (FROM roster.student s JOIN roster.enrollment e "
        "ON e.person_id = s.student_id WHERE s.active AND s.student_id = l.student_id "
        f"AND coalesce(e.begin_date <= l.{day} + 6, TRUE) "
        f"AND coalesce(e.end_date >= l.{day} - 6, TRUE)) THEN 'not_expected'",
        "LEFT JOIN {weeks} AS w USING (student_id, platform)",
    )


#: By fact.
SHOWN = {
    one.fact: one
    for one in (
        _week("usage_week", "week_start"),
        _week("daily_activity", "date"),
        Shown(
            "submission",
            "assignment_timing",
            "EXISTS (FROM views.assignment_timing v WHERE v.student_id = l.student_id "
            "AND v.platform = l.platform AND v.assignment_id = l.assignment_id)",
            "WHEN NOT EXISTS (FROM facts.assignment a WHERE a.platform = l.platform "
            "AND a.assignment_id = l.assignment_id) THEN 'no_assignment' "
            "WHEN EXISTS (FROM facts.assignment a WHERE a.platform = l.platform "
            "AND a.assignment_id = l.assignment_id AND a.withdrawn) THEN 'withdrawn'",
        ),
        Shown(
            "skill_state",
            "student_skill",
            "EXISTS (FROM views.student_skill v WHERE v.student_id = l.student_id "
            "AND v.platform = l.platform AND v.skill_id = l.skill_id)",
            "WHEN l.state IS NULL THEN 'without_state'",
        ),
        Shown(
            "assessment_result",
            "student_progress",
            "EXISTS (FROM views.student_progress v WHERE v.student_id = l.student_id)",
            "WHEN l.subject IS NULL THEN 'without_subject'",
        ),
    )
}
