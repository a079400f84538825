"""Checks on a warehouse that is about to be published: one SQL pass, counts only, never values.

A blocking check that fails keeps the live warehouse where it is; the others are shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from transforms.suppression import LEAST
from warehouse.intake.casting import quote

#: Every word that a status may be.
STATUSES = (
    "ok", "zero", "not_rostered", "no_feed", "partial_week", "break_week", "absent", "target_na",
    "not_enough_history", "too_few", "excluded",
)  # fmt: skip


@dataclass(frozen=True)
class Check:
    """A name, what it promises, and SQL that counts the rows that break it."""

    name: str
    promise: str
    sql: str
    blocking: bool = True


@dataclass(frozen=True)
class Result:
    """A check's outcome: how many rows break the promise."""

    check: Check
    broken: int

    @property
    def passed(self) -> bool:
        """Whether no row breaks the promise."""
        return self.broken == 0


#: What one row of a published view is about; the views' suites read it too.
KEYS: Mapping[str, str] = {
    "views.student_platform_week": "student_id, platform, week_start",
    "views.assignment_timing": "student_id, platform, assignment_id",
    "views.student_engagement": "student_id, platform",
    "views.student_procrastination": "student_id, platform",
    "views.weekly_summary": "student_id, week_start",
    "views.student_progress": "student_id, subject",
    "views.student_skill": "student_id, platform, skill_id",
    "views.class_week": "class_id, platform, week_start",
    "views.licence_use": "school_id, platform, week_start",
    "views.card": "student_id, week_start, rule_id, platform, item_id",
    "views.collaboration_board": "block, card_id",
    "views.student_check_in": "student_id",
}


def _unique(table: str, key: str) -> Check:
    return Check(
        f"{table} has one row per {key.replace(', ', ' and ')}",
        "the grain holds",
        f"SELECT count(*) FROM (SELECT 1 FROM {table} GROUP BY {key} HAVING count(*) > 1)",
    )


def _students(table: str) -> Check:
    return Check(
        f"every student of {table} is in the roster",
        "no fact is shown under a child that the roster does not know",
        f"SELECT count(*) FROM {table} t WHERE student_id IS NOT NULL AND NOT EXISTS "
        "(SELECT 1 FROM roster.student s WHERE s.student_id = t.student_id)",
    )


#: Counts of students in views.class_week, and in views.licence_use.
CELLS = ("students", "with_data", "with_target", "target_met", "quieter", "busier")
_LICENCE_CELLS = ("licensed", "used", "unused", "unknown")
_AUDIT_CELLS = ("n", "n_others", "flagged")


def _small(cells: tuple[str, ...]) -> str:
    return " OR ".join(f"{cell} BETWEEN 1 AND {LEAST - 1}" for cell in cells)


CHECKS: tuple[Check, ...] = (
    Check(
        "something survived",
        "a table that files brought rows for is not empty",
        "SELECT count(*) FROM (SELECT of_table FROM ops.row_flow WHERE step = 'facts' "
        "GROUP BY of_table HAVING NOT bool_or(outcome IN "
        "('linked', 'waiting', 'in_facts', 'lake_only')) AND sum(rows) FILTER "
        "(WHERE outcome IN ('told_again', 'overruled', 'unexplained')) >= 100)",
    ),
    Check(
        "most rows of every feed are read",
        "at most half of the rows of a feed's live files are turned away, from 100 rows on",
        "SELECT count(*) FROM (SELECT platform, feed FROM ops.file WHERE status = 'loaded' "
        "GROUP BY ALL HAVING sum(rows_in) >= 100 AND sum(rows_quarantined) > 0.5 * sum(rows_in))",
    ),
    Check(
        "rows reconcile from file to view",
        "what came to each step is what left it, and no row is unexplained",
        "SELECT count(*) FROM (SELECT 1 FROM ops.row_flow "
        "GROUP BY platform, feed, source_file, step, of_table, came "
        "HAVING sum(rows) <> came OR min(rows) < 0 OR bool_or(outcome = 'unexplained'))",
        blocking=False,
    ),
    Check(
        "every file's rows are accounted for",
        "rows in = kept + quarantined + exact duplicates",
        "SELECT count(*) FROM ops.file "
        "WHERE rows_in <> rows_kept + rows_quarantined + rows_duplicate",
    ),
    Check(
        "one account belongs to one student",
        "no platform account is linked twice",
        "SELECT count(*) FROM (SELECT 1 FROM facts.account WHERE student_id IS NOT NULL "
        "GROUP BY platform, account_key HAVING count(DISTINCT student_id) > 1)",
    ),
    _unique("roster.student", "student_id"),
    _unique("facts.account", "platform, account_key"),
    *(_unique(view, key) for view, key in KEYS.items()),
    _students("views.student_progress"),
    _students("views.student_skill"),
    _unique("ops.fairness_audit", "window_start, window_end, group_name, group_value, rule_id"),
    _unique("views.collaboration_board", "class_id, week_start, block, position"),
    Check(
        "every card's rule is in the dictionary",
        "each card can be read up on",
        "SELECT count(*) FROM views.collaboration_board WHERE rule_version IS NULL "
        "AND block <> 'everyone'",
    ),
    _students("facts.account"),
    _students("views.student_platform_week"),
    _students("views.assignment_timing"),
    _students("views.card"),
    _students("views.collaboration_board"),
    _students("facts.check_in"),
    Check(
        "every card of the board has its sentence",
        "nothing is shown without its number and dates",
        "SELECT count(*) FROM views.collaboration_board WHERE sentence IS NULL",
    ),
    Check(
        "only weeks that count have cards about minutes",
        "a week that is not complete says nothing of a student",
        "SELECT count(*) FROM views.card c JOIN views.student_platform_week w "
        "USING (student_id, platform, week_start) WHERE w.status NOT IN ('ok', 'zero') "
        "AND c.rule_id IN ('quieter_than_usual', 'busier_than_usual', 'target_reached', "
        "'work_lands_at_end')",
    ),
    Check(
        "minutes are a number only where they were observed",
        "not known is never shown as zero",
        "SELECT count(*) FROM views.student_platform_week WHERE status IN "
        "('not_rostered', 'no_feed') AND minutes IS NOT NULL",
    ),
    Check(
        "every status is one of the documented ones",
        "no reader meets an unknown word",
        f"SELECT count(*) FROM views.student_platform_week WHERE status NOT IN {STATUSES}",
    ),
    Check(
        "no class, school or audited group shows a cell of 1 to 9 students",
        "what leaves a team tells nothing of few children",
        f"SELECT (SELECT count(*) FROM views.class_week WHERE {_small(CELLS)}) "
        f"+ (SELECT count(*) FROM views.licence_use WHERE {_small(_LICENCE_CELLS)}) "
        f"+ (SELECT count(*) FROM ops.fairness_audit WHERE {_small(_AUDIT_CELLS)})",
    ),
    Check(
        "the weekly summary repeats the weeks",
        "minutes of the summary are the minutes of the weeks",
        "SELECT count(*) FROM views.student_platform_week w LEFT JOIN views.weekly_summary s "
        "USING (student_id, week_start) WHERE s.student_id IS NULL",
    ),
    Check(
        "a week has no more minutes than a week can hold",
        "minutes are possible",
        "SELECT count(*) FROM views.student_platform_week WHERE minutes > 10080 OR minutes < 0",
    ),
    Check(
        "most accounts are linked to a student",
        "at least half of the accounts of each platform have a student",
        "SELECT count(*) FROM (SELECT platform FROM facts.account GROUP BY platform "
        "HAVING count(student_id) < 0.5 * count(*))",
        blocking=False,
    ),
)


def run(db: duckdb.DuckDBPyConnection) -> list[Result]:
    """Every check, in one pass."""
    sql = " UNION ALL ".join(f"SELECT {n}, ({c.sql})" for n, c in enumerate(CHECKS))
    counts = dict(db.execute(sql).fetchall())
    return [Result(check, int(counts[n])) for n, check in enumerate(CHECKS)]


def recorded(live: Path) -> list[Result]:
    """The results that a published file carries from when it was checked."""
    with duckdb.connect() as db:
        db.execute(f"ATTACH {quote(str(live))} AS live (READ_ONLY)")
        broken = dict(db.execute("SELECT name, broken FROM live.ops.check_result").fetchall())
    return [Result(check, broken[check.name]) for check in CHECKS if check.name in broken]
