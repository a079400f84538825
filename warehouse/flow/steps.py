"""The four steps of ops.row_flow as SQL: file, lake, facts, views. One SELECT per step and table.

Each gives (platform, feed, source_file, step, of_table, came, outcome, rows). A table of the lake
that is not listed here stays in the lake. Files all of whose rows arrived as they are cost no join:
only where fewer arrived is it asked, row by row, why.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from warehouse.flow.shown import SHOWN
from warehouse.lake.tables import LAKE

#: Rows of each file that the lake shows as live, counted from the lake itself.
LIVE = " UNION ALL ".join(
    f"SELECT platform, feed, source_file, '{table}' AS of_table, count(*) AS rows "
    f"FROM lake.{table} WHERE is_current GROUP BY ALL"
    for table in LAKE
)
# A refused file's rows count with it, whether or not a line of it was looked at.
_FILE = """
WITH told AS (
    SELECT platform, sha256, count(*) AS rows FROM ops.quarantine AS q
    JOIN (SELECT DISTINCT platform AS p, sha256 FROM ops.file WHERE status IN ('loaded', 'waiting'))
      ON p = q.platform AND sha256 = q.source_file
    GROUP BY ALL),
file AS (
    SELECT f.platform, f.feed, f.sha256, count(*) AS files, sum(f.rows_in)::BIGINT AS came,
           coalesce(sum(f.rows_kept) FILTER (WHERE f.status IN ('loaded', 'waiting')), 0) AS kept,
           coalesce(sum(f.rows_kept) FILTER (WHERE f.status = 'superseded'), 0) AS replaced,
           coalesce(sum(f.rows_quarantined) FILTER (WHERE f.status = 'superseded'), 0) AS old_away,
           coalesce(sum(f.rows_quarantined) FILTER (WHERE f.status = 'refused'), 0) AS refused,
           coalesce(sum(f.rows_duplicate), 0) AS repeated
    FROM ops.file AS f WHERE f.rows_in IS NOT NULL GROUP BY ALL)
SELECT platform, feed, sha256, 'file', NULL, came, unnest(
           ['kept', 'replaced', 'turned_away', 'file_refused', 'repeated', 'unexplained']),
       unnest([kept, replaced, away, refused, repeated,
               came - kept - replaced - away - refused - repeated])::BIGINT
FROM (SELECT f.*, old_away + coalesce(told.rows, 0) AS away
      FROM file AS f LEFT JOIN told USING (platform, sha256))
"""
_LAKE = """
WITH counted AS (
    SELECT p.platform, p.feed, p.source_file, p.of_table, sum(p.rows)::BIGINT AS came,
           coalesce(any_value(l.rows), 0) AS live,
           EXISTS (FROM lake.ranked r WHERE r.table_name = p.of_table) AS has_changes
    FROM scratch.work.flow_part AS p
    LEFT JOIN scratch.work.flow_live AS l USING (platform, feed, source_file, of_table)
    GROUP BY ALL)
SELECT platform, feed, source_file, 'lake', of_table, came,
       unnest(['live', CASE WHEN has_changes THEN 'changed_since' ELSE 'unexplained' END]),
       unnest([live, came - live])
FROM counted
"""


@dataclass(frozen=True)
class Told:
    """A lake table whose rows become rows of a fact with the same key, one for one, where no other
    row tells the same. `key`: SQL over the fact's and the lake's columns alike. `besides`: outcome
    to SQL over `l` (the lake's row) for rows of which no fact has the key."""

    table: str
    key: tuple[str, ...]
    besides: tuple[tuple[str, str], ...] = ()

    def sql(self) -> str:
        """What became of the live rows of each file."""
        # One number per key: joining millions of keys of several words costs three times as much.
        fact, lake = (
            f"hash({', '.join(f'{side}.{k}' for k in ('platform', *self.key))})"
            for side in ("f", "l")
        )
        why = " ".join(f"WHEN {sql} THEN '{outcome}'" for outcome, sql in self.besides)
        return f"""
        WITH there AS (
            SELECT platform, source_file, count(student_id) AS linked,
                   count(*) - count(student_id) AS waiting
            FROM {_with_student(self.table)} GROUP BY ALL),
        counted AS (
            SELECT l.*, coalesce(t.linked, 0) AS linked, coalesce(t.waiting, 0) AS waiting
            FROM scratch.work.flow_live AS l LEFT JOIN there AS t USING (platform, source_file)
            WHERE l.of_table = '{self.table}'),
        fewer AS (SELECT * FROM counted WHERE rows <> linked + waiting),
        found AS (
            SELECT platform, feed, source_file,
                   CASE WHEN {lake} IN (SELECT {fact} FROM facts.{self.table} AS f)
                        THEN 'told_again'
                        {why} ELSE 'unexplained' END AS outcome, count(*) AS rows
            FROM lake.{self.table} AS l SEMI JOIN fewer USING (platform, feed, source_file)
            WHERE l.is_current GROUP BY ALL)
        SELECT platform, feed, source_file, 'facts', of_table, rows, 'linked', linked FROM counted
        UNION ALL
        SELECT platform, feed, source_file, 'facts', of_table, rows, 'waiting', waiting
        FROM counted
        UNION ALL
        SELECT c.platform, c.feed, c.source_file, 'facts', c.of_table, c.rows, found.outcome,
               found.rows - CASE WHEN found.outcome = 'told_again' THEN c.linked + c.waiting ELSE 0
                            END
        FROM found JOIN fewer AS c USING (platform, feed, source_file)
        """


def _with_student(table: str) -> str:
    """A fact with `student_id`: assignments are nobody's and count as linked."""
    if table in ("assignment", "coverage"):
        return f"(SELECT platform, source_file, '' AS student_id FROM facts.{table})"
    return f"facts.{table}"


_SAME_TEST = (
    "EXISTS (FROM lake.assessment_result o WHERE o.is_current AND o.platform = l.platform "
    "AND o.account_key = l.account_key AND o.result_id <> l.result_id "
    "AND o.term IS NOT DISTINCT FROM l.term AND o.subject IS NOT DISTINCT FROM l.subject "
    "AND o.test_name IS NOT DISTINCT FROM l.test_name "
    "AND o.taken_at IS NOT DISTINCT FROM l.taken_at AND o.score IS NOT DISTINCT FROM l.score)"
)
_NEWER_FILE = (
    "EXISTS (FROM lake.assessment_result o WHERE o.is_current AND o.platform = l.platform "
    "AND o.feed = l.feed AND o.term IS NOT DISTINCT FROM l.term "
    "AND o.source_file <> l.source_file AND coalesce(o.exported_on >= l.exported_on, TRUE))"
)
_NO_RESULT = (
    "NOT EXISTS (FROM facts.assessment_result r WHERE r.platform = l.platform "
    "AND r.result_id = l.result_id AND r.account_key = l.account_key "
    "AND r.source_file = l.source_file AND r.status = 'valid')"
)
#: By table.
TOLD = {t.table: t for t in (
    Told("account", ("account_key",)),
    Told("assignment", ("assignment_id",)),
    Told("submission", ("assignment_id", "account_key")),
    Told("daily_activity", ("account_key", "date", "class_key")),
    Told("usage_week", ("account_key", "week_start")),
    Told("skill_state", ("account_key", "skill_id", "date")),
    Told("coverage", ("source_file", "class_key", "covers_from", "covers_to", '"of"')),
    Told(
        "assessment_result", ("account_key", "result_id"),
        (("told_again", _SAME_TEST), ("overruled", _NEWER_FILE)),
    ),
    Told(
        "assessment_growth", ("account_key", "result_id", "source_file", "from_term", "to_term"),
        (("no_valid_result", _NO_RESULT),),
    ),
)}  # fmt: skip

# A week's counters become one or two spans of days; each keeps its file and account. Numbers are
# grouped, not words: that costs a third.
_SNAPSHOT = """
WITH there AS (
    SELECT platform, source_file, count(*) AS rows, count(*) FILTER (WHERE is_linked) AS linked
    FROM (SELECT hash(platform, source_file) AS file, hash(account_key) AS account,
                 bool_or(student_id IS NOT NULL) AS is_linked
          FROM facts.daily_activity GROUP BY file, account)
    JOIN (SELECT DISTINCT platform, source_file, hash(platform, source_file) AS file
          FROM scratch.work.flow_live WHERE of_table = 'usage_snapshot') USING (file)
    GROUP BY ALL),
counted AS (
    SELECT l.*, coalesce(t.rows, 0) AS there, coalesce(t.linked, 0) AS linked
    FROM scratch.work.flow_live AS l LEFT JOIN there AS t USING (platform, source_file)
    WHERE l.of_table = 'usage_snapshot'),
lacking AS (
    SELECT s.* FROM lake.usage_snapshot AS s
    SEMI JOIN (FROM counted WHERE rows <> there) USING (platform, feed, source_file)
    ANTI JOIN facts.daily_activity AS f ON f.platform = s.platform
      AND f.source_file = s.source_file AND f.account_key = s.account_key
    WHERE s.is_current),
later AS (
    SELECT DISTINCT l.platform, l.account_key, l.source_file
    FROM lacking AS l JOIN lake.usage_snapshot AS o
      ON o.is_current AND o.platform = l.platform AND o.account_key = l.account_key
      AND o.week_start = l.week_start AND o.date >= l.date AND o.week_minutes < l.week_minutes),
why AS (
    SELECT l.platform, l.feed, l.source_file,
           CASE WHEN l.week_minutes IS NULL AND l.week_units IS NULL THEN 'no_figures'
                WHEN later.account_key IS NOT NULL THEN 'glitch' ELSE 'unexplained' END AS outcome,
           count(*) AS rows
    FROM lacking AS l LEFT JOIN later USING (platform, account_key, source_file) GROUP BY ALL)
SELECT platform, feed, source_file, 'facts', of_table, rows, unnest(['linked', 'waiting']),
       unnest([linked, there - linked]) FROM counted
UNION ALL
SELECT c.platform, c.feed, c.source_file, 'facts', c.of_table, c.rows, why.outcome, why.rows
FROM why JOIN counted AS c USING (platform, feed, source_file)
"""
# Events become days, in which several files may stand: counted per platform.
_EVENT = """
WITH told AS (FROM lake.event WHERE is_current),
once AS (
    SELECT t.platform, count(*) AS rows, count(DISTINCT t.event_id) AS events FROM told AS t
    ANTI JOIN (SELECT DISTINCT platform, object_id AS event_id FROM told WHERE action = 'voided')
      USING (platform, event_id)
    WHERE t.action IS DISTINCT FROM 'voided' GROUP BY ALL),
there AS (
    SELECT platform, sum(events) FILTER (WHERE student_id IS NOT NULL) AS linked,
           sum(events) FILTER (WHERE student_id IS NULL) AS waiting
    FROM facts.daily_activity SEMI JOIN
      (SELECT platform, source_file FROM scratch.work.flow_live WHERE of_table = 'event')
      USING (platform, source_file)
    GROUP BY ALL),
counted AS (
    SELECT l.platform, sum(l.rows)::BIGINT AS came, coalesce(any_value(once.rows), 0) AS rows,
           coalesce(any_value(once.events), 0) AS events,
           coalesce(any_value(there.linked), 0)::BIGINT AS linked,
           coalesce(any_value(there.waiting), 0)::BIGINT AS waiting
    FROM scratch.work.flow_live AS l
    LEFT JOIN once USING (platform) LEFT JOIN there USING (platform)
    WHERE l.of_table = 'event' GROUP BY l.platform)
SELECT platform, NULL, NULL, 'facts', 'event', came,
       unnest(['linked', 'waiting', 'told_again', 'taken_back', 'unexplained']),
       unnest([linked, waiting, rows - events, came - rows, events - linked - waiting])
FROM counted
"""
PEOPLE = (
    "(SELECT student_id AS person_id, sis_id FROM roster.student "
    "UNION ALL SELECT staff_id, sis_id FROM roster.staff)"
)
_NUMBER = (
    "CASE WHEN l.student_sis_id IN (SELECT sis_id FROM roster.student WHERE sis_id IS NOT NULL "
    "UNION ALL SELECT student_id FROM roster.student) THEN {told} ELSE 'not_on_roster' END"
)
_DATED = "CASE WHEN l.date > l.exported_on THEN 'planned' ELSE 'in_facts' END"
#: Lake tables of rosters and of the district's own files: what a row `l` became.
ROSTER = {
    "person": "CASE WHEN l.person_id IN (SELECT person_id FROM {people}) THEN 'in_facts' "
    "WHEN l.enabled IS FALSE OR l.role IS NULL "
    "OR lower(trim(l.role)) IN ('parent', 'guardian', 'relative') "
    "THEN 'other_kind' ELSE 'unexplained' END",
    "org": "CASE WHEN l.org_id IN (SELECT school_id FROM roster.school) THEN 'in_facts' "
    "WHEN lower(trim(l.org_type)) IS DISTINCT FROM 'school' THEN 'other_kind' "
    "ELSE 'unexplained' END",
    "class_section": "CASE WHEN l.class_id IN (SELECT class_id FROM roster.class_section) "
    "THEN 'in_facts' ELSE 'unexplained' END",
    "enrollment": "CASE WHEN EXISTS (FROM roster.enrollment e WHERE e.class_id = l.class_id "
    "AND e.person_id = l.person_id AND e.role IS NOT DISTINCT FROM lower(trim(l.role)) "
    "AND e.begin_date IS NOT DISTINCT FROM l.begin_date) THEN 'in_facts' ELSE 'unexplained' END",
    "attendance": _NUMBER.format(told="'in_facts'"),
    "mentor": _NUMBER.format(
        told="CASE WHEN l.staff_id IN (SELECT sis_id FROM roster.staff WHERE sis_id IS NOT NULL "
        "UNION ALL SELECT staff_id FROM roster.staff) THEN 'in_facts' ELSE 'not_on_roster' END"
    ),
    "check_in": _NUMBER.format(told=_DATED),
    "interest": _NUMBER.format(told=_DATED),
    "calendar_day": "CASE WHEN l.date IN (SELECT date FROM roster.calendar_day) THEN 'in_facts' "
    "WHEN l.is_school_day IS NULL THEN 'no_figures' ELSE 'other_kind' END",
}


def every() -> Iterator[str]:
    """Every SELECT, in order."""
    yield _FILE
    yield _LAKE
    for told in TOLD.values():
        yield told.sql()
    yield _SNAPSHOT
    yield _EVENT
    for table, outcome in ROSTER.items():
        yield f"""
        SELECT l.platform, l.feed, l.source_file, 'facts', '{table}', live.rows,
               {outcome.format(people=PEOPLE)}, count(*)
        FROM lake.{table} AS l JOIN scratch.work.flow_live AS live
          ON live.platform = l.platform AND live.feed = l.feed
          AND live.source_file = l.source_file AND live.of_table = '{table}'
        WHERE l.is_current GROUP BY ALL"""
    known = {*TOLD, *ROSTER, "usage_snapshot", "event"}
    rest = ", ".join(f"'{table}'" for table in LAKE if table not in known)
    yield f"""
    SELECT platform, feed, source_file, 'facts', of_table, rows, 'lake_only', rows
    FROM scratch.work.flow_live WHERE of_table IN ({rest})"""
    yield from (one.sql() for one in SHOWN.values())
