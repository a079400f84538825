"""The verdict: one outcome per account, linked or waiting with a reason.

Belongs here: which evidence is believed, when a score is enough, and one account to one student.
A doubt is never decided here; it goes to a person, whose decision comes before everything else.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from warehouse.filling import fill
from warehouse.identity import groups, scoring
from warehouse.identity.rates import FOUND
from warehouse.notes.decisions import Decision

#: Why an account waits, or is nobody's.
WAITING = (
    "no_match",
    "probable",
    "evidence_disagrees",
    "name_disagrees",
    "ids_doubted",
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

#: What people decided.
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
    AND NOT (c.given_agrees AND c.family_agrees AND NOT o.given_agrees AND NOT o.family_agrees)),
namesake AS (
  -- Somebody else is called just so: a sister's number, a brother's address.
  SELECT DISTINCT c.platform, c.account_key
  FROM chosen c JOIN account a USING (platform, account_key)
  JOIN bearer o ON o.family = a.family AND list_contains(a.forms, o.given)
  WHERE c.place = 1 AND NOT (c.given_agrees AND c.family_agrees) AND o.student_id <> c.student_id)
SELECT c.platform, c.account_key, c.student_id, c.evidence, c.strength,
  CASE WHEN c.evidence = 'name_in_class' AND (c.students > 1 OR t.student_id IS NOT NULL)
         THEN 'two_students'
       WHEN c.students > 1 AND c.named <> 1 THEN 'two_students'
       WHEN a.account_key IS NOT NULL THEN 'evidence_disagrees'
       -- No name to go by, and a number that is nobody's.
       WHEN c.is_nameless AND c.strength > 2 AND o.sis_id IS NOT NULL THEN 'evidence_disagrees'
       WHEN n.account_key IS NOT NULL THEN 'name_disagrees'
       WHEN c.evidence = 'name_in_class' OR c.given_agrees AND c.family_agrees THEN NULL
       WHEN d.evidence IS NOT NULL AND (c.is_nameless OR NOT d.if_nameless) THEN 'ids_doubted'
       -- The school's own number stands with either name; all else needs both, or none told.
       WHEN NOT (CASE
         WHEN c.evidence IN ('sis_id', 'sourced_id')
           THEN c.is_nameless OR c.given_agrees OR c.family_agrees
         WHEN c.evidence = 'zeros_restored'
           THEN c.is_nameless AND (SELECT count(DISTINCT length(value)) = 1 FROM known
                                   WHERE kind = 'sis_id' AND is_current)
         WHEN c.evidence = 'former_username' THEN FALSE
         ELSE c.is_nameless END) THEN 'name_disagrees'
  END AS doubt
FROM chosen c
JOIN account o USING (platform, account_key)
LEFT JOIN against a USING (platform, account_key)
LEFT JOIN namesake n USING (platform, account_key)
LEFT JOIN doubted d ON d.platform = c.platform AND d.evidence = c.evidence
LEFT JOIN too_alike t ON t.class_id = o.class_id AND t.student_id = c.student_id
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
-- Where a platform's ids are the roster's, one that is not there tells of somebody else.
stranger AS (
  SELECT DISTINCT platform, account_key
  FROM account a JOIN identity.match_rate r USING (platform)
  WHERE r.rate > {found} AND CASE r.account_column WHEN 'sis_id' THEN a.sis_id
    WHEN 'email' THEN a.email ELSE a.username END IS NOT NULL)
SELECT r.platform, r.account_key, r.student_id, r.score,
  CASE WHEN r.score >= {enough} AND r.runner_up <= {runner_up}
        AND r.family_agrees AND r.given_agrees
        AND (r.class_agrees OR r.school_agrees) AND NOT coalesce(r.class_differs, FALSE)
        AND NOT coalesce(r.school_differs AND NOT r.class_agrees, FALSE)
        AND NOT coalesce(r.grade_differs, FALSE)
        AND NOT r.another_name AND x.account_key IS NULL
       THEN NULL ELSE 'probable' END AS doubt
FROM ranked r LEFT JOIN stranger x USING (platform, account_key)
WHERE r.place = 1
"""

#: One row per account. Uses table grouped.
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
claim AS (
  -- Outside its class, a name in class claims nothing. A number and the same number without its
  -- zeros are one account written twice; accounts that a person called one do not vie.
  SELECT o.*, CASE WHEN account_kind = 'name_in_class' THEN class_key END AS within_class,
         coalesce(g.root, o.account_key) AS root,
         evidence = 'decision' OR evidence = 'zeros_restored' AND account_kind = 'sis_id' AS stands
  FROM one o LEFT JOIN grouped g USING (platform, account_key)),
rival AS (
  SELECT a.platform, a.account_key
  FROM claim a JOIN claim b ON a.platform = b.platform AND a.account_kind = b.account_kind
   AND a.within_class IS NOT DISTINCT FROM b.within_class AND a.student_id = b.student_id
   AND a.root <> b.root AND a.strength >= b.strength
  WHERE a.doubt IS NULL AND b.doubt IS NULL AND NOT a.stands
    AND (NOT b.stands OR b.evidence = 'decision')
  UNION
  -- Told apart by a person, and yet one student's by what they say of themselves.
  SELECT d.platform, CASE WHEN a.strength >= b.strength THEN a.account_key ELSE b.account_key END
  FROM (SELECT platform, account_key AS one, other_account_key AS other FROM decision
        WHERE kind = 'split'
        UNION SELECT platform, other_account_key, account_key FROM decision
        WHERE kind = 'split') d
  JOIN claim a ON a.platform = d.platform AND a.account_key = d.one
  JOIN claim b ON b.platform = d.platform AND b.account_key = d.other
              AND b.student_id = a.student_id
  WHERE a.doubt IS NULL AND b.doubt IS NULL)
SELECT platform, account_key, account_kind, class_key, student_id AS proposed_id, evidence, score,
       decided_by, decided_on, strength,
  CASE WHEN doubt IS NOT NULL THEN doubt
       WHEN r.account_key IS NOT NULL AND evidence <> 'decision' THEN 'two_accounts'
  END AS waits_for
FROM claim c LEFT JOIN rival r USING (platform, account_key)
"""


def decide(db: duckdb.DuckDBPyConnection, decisions: Sequence[Decision]) -> None:
    """Make temporary table verdict: every account with its student or what it waits for.

    Grain: account. `proposed_id` is the student; it is linked where `waits_for` is NULL.
    `decisions` are the standing ones.
    """
    db.execute(_DECISION)
    fill(
        db, "decision",
        [
            (
                d.kind, d.platform, d.account_key, d.student_id, d.other_account_key,
                d.decided_by, d.decided_at[:10],
            )
            for d in decisions
        ],
    )  # fmt: skip
    # Who came back under a new id of the roster is the student who was meant.
    db.execute(
        """UPDATE decision SET student_id = s.student_id FROM student_same s
           WHERE s.old_id = decision.student_id"""
    )
    db.execute(_BELIEVED)
    db.execute(_WAITING)
    scoring.score(db)
    db.execute(_SCORED.format(enough=ENOUGH, runner_up=RUNNER_UP, found=FOUND))
    groups.gather(db)
    db.execute(_VERDICT)
    groups.follow(db)
