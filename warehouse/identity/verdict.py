"""The verdict: one outcome per account, linked or waiting with a reason.

Belongs here: which evidence is believed, when a score is enough, and one account to one student.
A doubt is never decided here; it goes to a person, whose decision comes before everything else.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from warehouse.identity import scoring
from warehouse.notes import Decision

#: Why an account waits, or is nobody's.
WAITING = (
    "no_match",
    "probable",
    "evidence_disagrees",
    "name_disagrees",
    "two_students",
    "two_accounts",
    "no_class",
    "decided_student_gone",
    "match_rate_fell",
)
#: The account is no student's, as a person decided.
NOBODY = "nobody"
#: A score is enough from here on, where no other student comes near.
ENOUGH, RUNNER_UP = 0.95, 0.2

#: What people decided, with accounts that are one as groups: `root` is the same for all of one.
_DECISION = """
CREATE OR REPLACE TEMP TABLE decision (
  kind VARCHAR, platform VARCHAR, account_key VARCHAR, student_id VARCHAR,
  other_account_key VARCHAR, decided_by VARCHAR, decided_on DATE)
"""

#: Ids, addresses and names in class, without what a person has rejected.
_BELIEVED = """
CREATE OR REPLACE TEMP TABLE believed AS
WITH allowed AS (
  SELECT p.*, min(strength) OVER (PARTITION BY platform, account_key) AS best
  FROM pair p ANTI JOIN (SELECT * FROM decision WHERE kind = 'reject') r
    USING (platform, account_key, student_id)),
-- Two students share an address or an id: the one whose both names it is, if it is only one.
first AS (
  SELECT *, count(*) OVER (PARTITION BY platform, account_key) AS students,
         count(*) FILTER (WHERE given_agrees AND family_agrees)
           OVER (PARTITION BY platform, account_key) AS named
  FROM allowed WHERE strength = best),
chosen AS (
  SELECT *, row_number() OVER (PARTITION BY platform, account_key
                               ORDER BY (given_agrees AND family_agrees) DESC, student_id) AS place
  FROM first),
against AS (
  -- Other evidence for another student; a name that is wholly right outweighs one wholly wrong.
  SELECT DISTINCT c.platform, c.account_key
  FROM chosen c JOIN allowed o
    ON o.platform = c.platform AND o.account_key = c.account_key AND o.strength > o.best
   AND o.student_id <> c.student_id
  WHERE c.place = 1
    AND NOT (c.given_agrees AND c.family_agrees AND NOT o.given_agrees AND NOT o.family_agrees))
SELECT c.platform, c.account_key, c.student_id, c.evidence, c.strength,
  CASE WHEN c.evidence = 'name_in_class' AND c.students > 1 THEN 'two_students'
       WHEN c.students > 1 AND c.named <> 1 THEN 'two_students'
       WHEN a.account_key IS NOT NULL THEN 'evidence_disagrees'
       WHEN NOT (CASE
         -- The school's own number stands with either name; an address needs the family's.
         WHEN c.evidence IN ('sis_id', 'sourced_id')
           THEN c.is_nameless OR c.given_agrees OR c.family_agrees
         WHEN c.evidence = 'former_sis_id'
           THEN c.is_nameless OR (c.given_agrees AND c.family_agrees)
         WHEN c.evidence = 'zeros_restored'
           THEN (c.is_nameless AND (SELECT count(DISTINCT length(value)) = 1 FROM known
                                    WHERE kind = 'sis_id' AND is_current))
             OR (c.given_agrees AND c.family_agrees)
         WHEN c.evidence IN ('email', 'former_email', 'username')
           THEN c.is_nameless OR c.family_agrees
         WHEN c.evidence = 'former_username' THEN c.given_agrees AND c.family_agrees
         ELSE TRUE END) THEN 'name_disagrees'
  END AS doubt
FROM chosen c LEFT JOIN against a USING (platform, account_key)
WHERE c.place = 1
"""

#: Accounts that nothing points to, and that a name might.
_WAITING = """
CREATE OR REPLACE TEMP TABLE waiting AS
SELECT a.platform, a.account_key
FROM account a
ANTI JOIN believed b USING (platform, account_key)
ANTI JOIN (SELECT * FROM decision WHERE kind IN ('accept', 'nobody')) d
  USING (platform, account_key)
WHERE a.account_kind <> 'name_in_class' OR a.class_id IS NOT NULL
"""

_SCORED = """
CREATE OR REPLACE TEMP TABLE scored AS
WITH allowed AS (
  SELECT c.* FROM candidate c
  ANTI JOIN (SELECT * FROM decision WHERE kind = 'reject') r
    USING (platform, account_key, student_id)),
ranked AS (
  SELECT *, row_number() OVER keyed AS place,
         coalesce(lead(score) OVER keyed, 0) AS runner_up
  FROM allowed
  WINDOW keyed AS (PARTITION BY platform, account_key ORDER BY score DESC, student_id)),
-- Where a platform's ids are the roster's, an id that is not there tells of somebody else.
rate AS (
  SELECT a.platform, avg(CASE WHEN k.value IS NULL THEN 0.0 ELSE 1.0 END) AS told
  FROM account a
  LEFT JOIN (SELECT DISTINCT value FROM known WHERE kind IN ('sis_id', 'sourced_id')) k
    ON k.value = a.sis_id
  WHERE a.sis_id IS NOT NULL GROUP BY a.platform)
SELECT r.platform, r.account_key, r.student_id, r.score,
  CASE WHEN r.score >= {enough} AND r.runner_up <= {runner_up}
        AND r.family_agrees AND r.given_agrees
        AND (r.class_agrees OR r.school_agrees) AND NOT coalesce(r.class_differs, FALSE)
        AND NOT coalesce(r.school_differs AND NOT r.class_agrees, FALSE)
        AND NOT coalesce(r.grade_differs, FALSE)
        AND NOT (a.sis_id IS NOT NULL AND coalesce(rate.told, 0) > 0.5)
       THEN NULL ELSE 'probable' END AS doubt
FROM ranked r JOIN account a USING (platform, account_key) LEFT JOIN rate USING (platform)
WHERE r.place = 1
"""

_VERDICT = """
CREATE OR REPLACE TEMP TABLE verdict AS
WITH decided AS (
  SELECT d.*, s.student_id IS NULL AS is_gone
  FROM decision d LEFT JOIN roster.student s USING (student_id)
  WHERE d.kind IN ('accept', 'nobody')),
one AS (
  SELECT a.platform, a.account_key, a.account_kind, a.class_key, a.sis_id,
    CASE WHEN d.kind = 'accept' AND NOT d.is_gone THEN d.student_id
         WHEN d.kind IS NULL THEN coalesce(b.student_id, s.student_id) END AS student_id,
    CASE WHEN d.kind IS NOT NULL THEN 'decision'
         WHEN b.student_id IS NOT NULL THEN b.evidence
         WHEN s.student_id IS NOT NULL THEN 'score' END AS evidence,
    CASE WHEN d.kind IS NOT NULL THEN 0 WHEN b.student_id IS NOT NULL THEN b.strength
         ELSE 9 END AS strength,
    CASE WHEN d.kind IS NULL AND b.student_id IS NULL THEN s.score END AS score,
    d.decided_by, d.decided_on,
    CASE WHEN d.kind = 'nobody' THEN 'nobody'
         WHEN d.kind = 'accept' AND d.is_gone THEN 'decided_student_gone'
         WHEN d.kind = 'accept' THEN NULL
         WHEN b.student_id IS NOT NULL THEN b.doubt
         WHEN s.student_id IS NOT NULL THEN s.doubt
         WHEN a.account_kind = 'name_in_class' AND a.class_id IS NULL THEN 'no_class'
         ELSE 'no_match' END AS doubt
  FROM account a
  LEFT JOIN decided d USING (platform, account_key)
  LEFT JOIN believed b USING (platform, account_key)
  LEFT JOIN scored s USING (platform, account_key)),
claimed AS (
  -- A number and the same number without its zeros are one account written twice.
  SELECT *, CASE WHEN doubt IS NULL AND evidence NOT IN ('decision', 'zeros_restored')
                 THEN row_number() OVER keyed END AS place,
         count(*) FILTER (WHERE doubt IS NULL AND evidence <> 'decision'
                          AND evidence <> 'zeros_restored')
           OVER (keyed ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS claims,
         min(strength) FILTER (WHERE doubt IS NULL) OVER
           (keyed ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS best
  FROM one
  WINDOW keyed AS (PARTITION BY platform, account_kind, class_key, student_id
                   ORDER BY strength, account_key)),
tied AS (
  SELECT *, count(*) FILTER (WHERE doubt IS NULL AND strength = best
                             AND evidence <> 'zeros_restored')
    OVER (PARTITION BY platform, account_kind, class_key, student_id) AS at_best
  FROM claimed)
SELECT platform, account_key, account_kind, class_key, student_id AS proposed_id, evidence, score,
       decided_by, decided_on, strength,
  CASE WHEN doubt IS NOT NULL THEN doubt
       WHEN evidence IN ('decision', 'zeros_restored') OR claims <= 1 AND best = strength THEN NULL
       WHEN strength > best OR at_best > 1 THEN 'two_accounts' END AS waits_for
FROM tied
"""

#: An account that is one with another goes where that one goes, whatever it claims itself.
_MERGED = """
CREATE OR REPLACE TEMP TABLE merged AS
WITH RECURSIVE linked AS (
  SELECT platform, account_key AS one, other_account_key AS other FROM decision WHERE kind = 'merge'
  UNION SELECT platform, other_account_key, account_key FROM decision WHERE kind = 'merge'),
reach AS (
  SELECT platform, one, other FROM linked
  UNION SELECT r.platform, r.one, l.other FROM reach r
        JOIN linked l ON l.platform = r.platform AND l.one = r.other)
SELECT r.platform, r.one AS account_key, min(v.proposed_id) AS student_id,
       min(d.decided_by) AS decided_by, max(d.decided_on) AS decided_on
FROM reach r
JOIN verdict v ON v.platform = r.platform AND v.account_key = r.other AND v.waits_for IS NULL
JOIN decision d ON d.kind = 'merge' AND d.platform = r.platform
  AND r.one IN (d.account_key, d.other_account_key)
GROUP BY ALL HAVING count(DISTINCT v.proposed_id) = 1
"""


def decide(db: duckdb.DuckDBPyConnection, decisions: Sequence[Decision]) -> None:
    """Make temporary table verdict: every account with its student or what it waits for.

    Grain: account. `proposed_id` is the student; it is linked where `waits_for` is NULL.
    `decisions` are the standing ones.
    """
    db.execute(_DECISION)
    if decisions:
        db.executemany(
            "INSERT INTO decision VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    d.kind, d.platform, d.account_key, d.student_id, d.other_account_key,
                    d.decided_by, d.decided_at[:10],
                )
                for d in decisions
            ],
        )  # fmt: skip
    db.execute(_BELIEVED)
    db.execute(_WAITING)
    scoring.score(db)
    db.execute(_SCORED.format(enough=ENOUGH, runner_up=RUNNER_UP))
    db.execute(_VERDICT)
    db.execute(_MERGED)
    db.execute(
        """UPDATE verdict SET proposed_id = m.student_id, evidence = 'decision', waits_for = NULL,
                  decided_by = m.decided_by, decided_on = m.decided_on
           FROM merged m WHERE verdict.platform = m.platform
             AND verdict.account_key = m.account_key
             AND verdict.waits_for IS NOT NULL AND verdict.waits_for <> 'nobody'"""
    )
