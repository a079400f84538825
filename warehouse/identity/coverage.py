"""What is told of linking: tables of counts and references for people and programs, without names.

Belongs here: ops.identity_*, ops.class_link. Not here: who is who.
"""

from __future__ import annotations

import duckdb

_TABLES = """
CREATE OR REPLACE TABLE ops.identity_review AS
SELECT s.platform, s.account_ref, s.account_kind, s.waits_for, s.school_id,
       count(c.student_id) AS candidates, max(c.score) AS best_score
FROM identity.account_state s
LEFT JOIN (SELECT DISTINCT account_ref, student_id, score FROM identity.candidate) c
  USING (account_ref)
WHERE s.waits_for IS NOT NULL AND s.waits_for <> 'nobody' GROUP BY ALL ORDER BY ALL;
CREATE OR REPLACE TABLE ops.identity_candidate AS
SELECT platform, account_ref, student_id, evidence, score FROM identity.candidate
ORDER BY ALL;
CREATE OR REPLACE TABLE ops.identity_coverage AS
SELECT platform, school_id, count(*) AS accounts,
       count(*) FILTER (WHERE waits_for IS NULL) AS linked,
       count(*) FILTER (WHERE evidence IN ('sis_id', 'sourced_id', 'former_sis_id',
                                           'zeros_restored')) AS by_id,
       count(*) FILTER (WHERE evidence IN ('email', 'former_email')) AS by_email,
       count(*) FILTER (WHERE evidence IN ('username', 'former_username'))
         AS by_username,
       count(*) FILTER (WHERE evidence = 'name_in_class') AS by_name_in_class,
       count(*) FILTER (WHERE evidence = 'score') AS by_score,
       count(*) FILTER (WHERE evidence = 'decision') AS by_decision,
       count(*) FILTER (WHERE evidence = 'held') AS held,
       count(*) FILTER (WHERE waits_for <> 'nobody') AS waiting,
       count(*) FILTER (WHERE waits_for = 'nobody') AS rejected
FROM identity.account_state GROUP BY ALL ORDER BY ALL;
CREATE OR REPLACE TABLE ops.identity_match_rate AS
SELECT * FROM identity.match_rate;
CREATE OR REPLACE TABLE ops.class_link AS SELECT * FROM identity.class_link
"""
_FACTS = """
SELECT table_name FROM duckdb_columns()
WHERE database_name = current_database() AND schema_name = 'facts' AND table_name <> 'account'
  AND column_name IN ('platform', 'account_key', 'student_id')
GROUP BY table_name HAVING count(*) = 3 ORDER BY table_name
"""


def write(db: duckdb.DuckDBPyConnection) -> None:
    """Make ops.identity_* and ops.class_link of schema `identity` and the facts."""
    for sql in _TABLES.split(";"):
        db.execute(sql)
    waiting = " UNION ALL ".join(
        f"SELECT platform, account_key, '{table}' AS fact FROM facts.{table} "
        "WHERE student_id IS NULL"
        for (table,) in db.execute(_FACTS).fetchall()
    )
    db.execute(
        f"""CREATE OR REPLACE TABLE ops.identity_waiting AS
            SELECT platform, coalesce(s.waits_for, 'no_account') AS waits_for, fact,
                   count(DISTINCT account_key) AS accounts, count(*) AS facts
            FROM ({waiting}) LEFT JOIN identity.account_state s USING (platform, account_key)
            GROUP BY ALL ORDER BY ALL"""
    )
