"""Accounts that people called one, or told apart.

Belongs here: what follows from merge and split. Not here: every other evidence (verdict.py).
"""

from __future__ import annotations

import duckdb

#: Accounts that people called one, as groups: `root` is the same for all of a group. A group in
#: which two are told apart is none.
_GROUPS = """
CREATE OR REPLACE TEMP TABLE grouped AS
WITH RECURSIVE linked AS (
  SELECT platform, account_key AS one, other_account_key AS other FROM decision WHERE kind = 'merge'
  UNION SELECT platform, other_account_key, account_key FROM decision WHERE kind = 'merge'),
reach AS (
  SELECT platform, one, other FROM linked
  UNION SELECT r.platform, r.one, l.other FROM reach r
        JOIN linked l ON l.platform = r.platform AND l.one = r.other),
root AS (SELECT platform, one AS account_key, min(other) AS root FROM reach GROUP BY ALL),
apart AS (
  SELECT DISTINCT a.platform, a.root
  FROM decision d
  JOIN root a ON a.platform = d.platform AND a.account_key = d.account_key
  JOIN root b ON b.platform = d.platform AND b.account_key = d.other_account_key
             AND b.root = a.root
  WHERE d.kind = 'split')
SELECT r.platform, r.account_key, r.root, min(d.decided_by) AS decided_by,
       max(d.decided_on) AS decided_on
FROM root r JOIN decision d ON d.kind = 'merge' AND d.platform = r.platform
  AND r.account_key IN (d.account_key, d.other_account_key)
ANTI JOIN apart ON apart.platform = r.platform AND apart.root = r.root
GROUP BY ALL
"""

#: An account that is one with another goes where that one goes. Where they point to several
#: students, what a person accepted for one of them counts, or else all of them wait.
_MERGED = """
CREATE OR REPLACE TEMP TABLE merged AS
WITH target AS (
  SELECT g.platform, g.root,
         count(DISTINCT v.proposed_id) FILTER (WHERE v.waits_for IS NULL) AS students,
         min(v.proposed_id) FILTER (WHERE v.waits_for IS NULL) AS student_id,
         count(DISTINCT v.proposed_id) FILTER (WHERE v.strength = 0 AND v.waits_for IS NULL)
           AS accepted,
         min(v.proposed_id) FILTER (WHERE v.strength = 0 AND v.waits_for IS NULL) AS accepted_id,
         bool_or(v.waits_for = 'nobody') AS is_nobody
  FROM grouped g JOIN verdict v USING (platform, account_key) GROUP BY ALL)
SELECT g.platform, g.account_key, g.decided_by, g.decided_on,
       CASE WHEN t.accepted = 1 THEN t.accepted_id WHEN t.students = 1 THEN t.student_id
       END AS student_id,
       CASE WHEN t.accepted = 1 THEN NULL
            WHEN coalesce(t.is_nobody, FALSE) THEN 'nobody'
            WHEN t.accepted > 1 OR t.students > 1 THEN 'evidence_disagrees' END AS waits_for
FROM grouped g JOIN target t USING (platform, root)
WHERE t.students > 0 OR coalesce(t.is_nobody, FALSE)
"""

_FOLLOW = """
UPDATE verdict SET
  proposed_id = CASE WHEN m.waits_for IS NULL AND r.kind IS NULL THEN m.student_id END,
  evidence = 'decision', score = NULL, decided_by = m.decided_by, decided_on = m.decided_on,
  waits_for = CASE WHEN r.kind IS NOT NULL THEN 'evidence_disagrees' ELSE m.waits_for END
FROM merged m LEFT JOIN (SELECT * FROM decision WHERE kind = 'reject') r
  ON r.platform = m.platform AND r.account_key = m.account_key AND r.student_id = m.student_id
WHERE verdict.platform = m.platform AND verdict.account_key = m.account_key
  AND verdict.strength > 0 AND (verdict.waits_for IS NOT NULL
    OR verdict.proposed_id IS DISTINCT FROM m.student_id OR m.waits_for IS NOT NULL)
"""


def gather(db: duckdb.DuckDBPyConnection) -> None:
    """Make temporary table grouped: platform, account_key, root, and who merged it. Grain: account.

    Reads table decision.
    """
    db.execute(_GROUPS)


def follow(db: duckdb.DuckDBPyConnection) -> None:
    """Let every account of a group go where the group goes: changes table verdict."""
    db.execute(_MERGED)
    db.execute(_FOLLOW)
