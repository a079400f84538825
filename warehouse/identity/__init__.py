"""Who is who: platform accounts become students, platform classes become classes of the roster.

A wrong link shows one child's data under another's name, so precision comes first: what people
decided, then exact evidence that nothing contradicts, then a score without a rival. The rest waits
with its reason. Facts of waiting accounts stay in the lake and flow on once it is known whose they
are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb

from warehouse.identity import classes, evidence, names, rates, verdict
from warehouse.identity.rates import Night
from warehouse.identity.verdict import NOBODY, WAITING
from warehouse.notes.decisions import Decision

__all__ = ["NOBODY", "READS", "REF", "WAITING", "link"]

#: The lake's tables that linking reads.
READS = (
    "assignment",
    "daily_activity",
    "account",
    "coverage",
    "event",
    "platform_class",
    "class_member",
    "person",
)
#: How an account is spoken of without its key, which may be a child's e-mail address.
REF = "left(sha256(platform || '|' || account_key), 12)"

_TABLES = f"""
CREATE OR REPLACE TABLE scratch.identity.account_link AS
SELECT v.platform, v.account_key, v.proposed_id AS student_id, v.evidence, v.score, v.decided_by,
       coalesce(v.decided_on, f.first_day) AS valid_from
FROM verdict v
LEFT JOIN (SELECT platform, account_key, min(exported_on) AS first_day FROM lake.account
           GROUP BY ALL) f USING (platform, account_key)
WHERE v.waits_for IS NULL AND v.proposed_id IS NOT NULL;

CREATE OR REPLACE TABLE scratch.identity.account_state AS
SELECT v.platform, v.account_key, {REF} AS account_ref, v.account_kind,
       CASE WHEN v.waits_for IS NULL THEN v.evidence END AS evidence, v.waits_for,
       coalesce(s.school_id, a.school_id) AS school_id
FROM verdict v
LEFT JOIN roster.student s ON s.student_id = v.proposed_id AND v.waits_for IS NULL
LEFT JOIN (SELECT a.platform, a.account_key, coalesce(c.school_id, n.school_id) AS school_id
           FROM account a
           LEFT JOIN roster.class_section c USING (class_id)
           LEFT JOIN (SELECT place(name) AS school, min(school_id) AS school_id
                      FROM roster.school GROUP BY ALL HAVING count(*) = 1) n USING (school)) a
  USING (platform, account_key);

CREATE OR REPLACE TABLE scratch.identity.candidate AS
SELECT DISTINCT {REF} AS account_ref, platform, account_key, student_id, evidence, score
FROM (SELECT platform, account_key, student_id, evidence, CAST(NULL AS DOUBLE) AS score FROM pair
      UNION ALL
      SELECT platform, account_key, student_id, 'score', score FROM candidate)
SEMI JOIN (SELECT * FROM verdict WHERE waits_for <> 'nobody') USING (platform, account_key)
"""


def link(
    db: duckdb.DuckDBPyConnection,
    mapped: Mapping[tuple[str, str], str],
    decisions: Sequence[Decision] = (),
    live: Path | None = None,
) -> list[Night]:
    """Fill schema `identity`: class_link, match_rate, account_link, account_state, candidate.

    Reads work.newest_account, lake.* and the roster tables, all in `db`. `mapped`: the district's
    own (platform, words) to class_id. `decisions`: the standing ones. `live`: the published
    warehouse, whose links stay where a match rate fell. Gives the platforms that are held. The
    same input in any order gives the same tables.
    """
    classes.link(db, mapped)
    names.define(db)
    evidence.gather(db)
    rates.measure(db)
    verdict.decide(db, decisions)
    held = rates.hold(db, live)
    for sql in _TABLES.split(";"):
        db.execute(sql)
    return held
