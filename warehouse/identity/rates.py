"""Match rates: how many of a platform's ids are found in the roster, before anything is joined.

A wrong id column shows at once, and where a rate has fallen suddenly the platform's links stay as
they were, instead of a school being unlinked.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import duckdb

from warehouse.intake.casting import quote

#: A platform or a school with fewer accounts tells too little to be held, or to be doubted.
FEWEST = 20
#: The part of a platform's accounts that may lose their link, or of its rate, between two nights.
MOST_LOST = 0.2
#: The part of one school's accounts that may.
MOST_OF_A_SCHOOL = 0.5
#: Of the ids that are found, so many must have a name that fits; of all ids, so many be found.
FITTING, FOUND = 0.8, 0.5


#: Of the published warehouse: ids of a platform of which few are found, or whose names fit badly.
POOR = f"""
SELECT platform, account_column AS id, sum(accounts)::BIGINT AS accounts,
       max(rate) AS rate, min(named_alike / nullif(named, 0)) AS names_fit
FROM (SELECT * FROM ops.identity_match_rate
      QUALIFY row_number() OVER (PARTITION BY platform, account_column
                                 ORDER BY rate DESC, roster_column) = 1)
GROUP BY platform, account_column
HAVING sum(accounts) >= {FEWEST}
   AND (max(rate) < {FOUND} OR min(named_alike / nullif(named, 0)) < {FITTING})
ORDER BY ALL
"""


@dataclass(frozen=True)
class Night:
    """A platform's accounts in two nights.

    `accounts`, `linked`: of the last published warehouse. `kept`: of those linked then and sent
    still, how many have the same student now; `sent`: how many there are. `rate`: the part of all
    accounts that would be linked now. `school_lost`: the largest part that one school would lose.
    Accounts whose class is not known are not counted.
    """

    platform: str
    accounts: int
    linked: int
    sent: int
    kept: int
    rate: float
    school_lost: float = 0

    @property
    def rate_before(self) -> float:
        """The part of all accounts that was linked."""
        return self.linked / max(self.accounts, 1)


def fallen(nights: Iterable[Night]) -> list[Night]:
    """The platforms whose links are to stay as they were. Pure."""
    return [
        n
        for n in nights
        if n.accounts >= FEWEST
        and (
            n.sent - n.kept > MOST_LOST * max(n.sent, FEWEST)
            or n.rate < n.rate_before - MOST_LOST
            or n.school_lost > MOST_OF_A_SCHOOL
        )
    ]


_MEASURE = """
CREATE OR REPLACE TABLE scratch.identity.match_rate AS
WITH told AS (
  SELECT platform, account_key, is_nameless, account_column, roster_column, value
  FROM (SELECT *, whole IS NULL AS is_nameless FROM account), LATERAL (VALUES
    ('sis_id', 'sis_id', sis_id), ('sis_id', 'sis_id, zeros restored', sis_id),
    ('sis_id', 'sourced_id', sis_id), ('email', 'email', email), ('username', 'username', username)
  ) AS pairs(account_column, roster_column, value)
  WHERE value IS NOT NULL),
hit AS (
  SELECT t.platform, t.account_key, t.roster_column,
         bool_or(p.given_agrees OR p.family_agrees) AS fits
  FROM told t JOIN pair p USING (platform, account_key)
  LEFT JOIN known k
    ON k.kind = t.roster_column AND k.value = t.value AND k.student_id = p.student_id
  WHERE k.value IS NOT NULL OR t.roster_column = 'sis_id, zeros restored'
    AND p.evidence IN ('sis_id', 'former_sis_id', 'zeros_restored')
  GROUP BY ALL)
SELECT t.platform, t.account_column, t.roster_column, count(*) AS accounts,
       count(h.platform) AS matched, count(h.platform) / count(*) AS rate,
       count(h.platform) FILTER (WHERE NOT t.is_nameless) AS named,
       count(h.platform) FILTER (WHERE NOT t.is_nameless AND h.fits) AS named_alike
FROM told t LEFT JOIN hit h USING (platform, account_key, roster_column)
GROUP BY ALL ORDER BY ALL
"""


def measure(db: duckdb.DuckDBPyConnection) -> None:
    """Make identity.match_rate and temporary table doubted, before anything is linked.

    match_rate: platform x id pair, with accounts that tell the id, those of them found in the
    roster (`matched`), those of these that have a name, and whose name fits. doubted: platform x
    evidence that is not to be trusted without both names, or not without any (`if_nameless`).
    """
    db.execute(_MEASURE)
    db.execute(
        f"""CREATE OR REPLACE TEMP TABLE doubted AS
            SELECT platform, evidence,
                   NOT (named >= {FEWEST} AND named_alike < {FITTING} * named) AS if_nameless
            FROM identity.match_rate JOIN (VALUES
              ('sis_id', 'sis_id'), ('sis_id', 'former_sis_id'), ('sourced_id', 'sourced_id'),
              ('sis_id, zeros restored', 'zeros_restored'), ('username', 'username'),
              ('username', 'former_username'), ('email', 'email'), ('email', 'former_email')
            ) AS e(roster_column, evidence) USING (roster_column)
            WHERE named >= {FEWEST} AND named_alike < {FITTING} * named
               -- Addresses are one person's in the whole world, numbers only in one district.
               OR accounts >= {FEWEST} AND rate < {FOUND} AND roster_column <> 'email'"""
    )


_EARLIER = """
CREATE OR REPLACE TEMP TABLE earlier AS
SELECT a.platform, a.account_key, a.student_id AS told_id, old.school_id,
       -- Only a student who is still the same child: an id may have been given to another one.
       CASE WHEN letters(old.given_name) = letters(s.given_name)
              OR letters(old.family_name) = letters(s.family_name) THEN s.student_id
       END AS student_id,
       s.student_id IS NOT NULL AS is_known
FROM live.facts.account a
LEFT JOIN live.roster.student old ON old.student_id = a.student_id
LEFT JOIN student_same same ON same.old_id = a.student_id
LEFT JOIN roster.student s ON s.student_id = coalesce(same.student_id, a.student_id)
WHERE a.account_kind <> 'name_in_class' OR a.class_id IS NOT NULL
"""

_NIGHTS = """
WITH both_nights AS (
  SELECT e.platform, e.school_id, e.told_id IS NOT NULL AS linked,
         e.is_known AND v.platform IS NOT NULL AS sent,
         e.student_id IS NOT NULL AND v.proposed_id = e.student_id AND v.waits_for IS NULL AS kept
  FROM earlier e LEFT JOIN verdict v USING (platform, account_key)
  WHERE v.evidence IS DISTINCT FROM 'decision'),
school AS (
  SELECT platform, max(lost) AS lost
  FROM (SELECT platform, school_id, 1 - count_if(sent AND kept) / count_if(sent) AS lost
        FROM both_nights GROUP BY ALL HAVING count_if(sent) >= {fewest})
  GROUP BY ALL),
rate AS (
  SELECT platform, avg(CASE WHEN waits_for IS NULL THEN 1.0 ELSE 0.0 END) AS rate
  FROM verdict WHERE waits_for IS NULL OR waits_for NOT IN ('no_class', 'nobody') GROUP BY ALL)
SELECT b.platform, count(*), count_if(b.linked), count_if(b.sent), count_if(b.sent AND b.kept),
       any_value(r.rate), coalesce(any_value(s.lost), 0)
FROM both_nights b JOIN rate r USING (platform) LEFT JOIN school s USING (platform)
GROUP BY b.platform ORDER BY b.platform
"""

_HOLD = """
UPDATE verdict SET
  proposed_id = e.student_id,
  evidence = CASE WHEN e.student_id IS NOT NULL THEN 'held' END,
  score = NULL,
  waits_for = CASE WHEN e.student_id IS NULL THEN 'match_rate_fell' END
FROM (SELECT v.platform, v.account_key, x.student_id
      FROM verdict v
      LEFT JOIN (SELECT * FROM earlier
                 ANTI JOIN (SELECT * FROM decision WHERE kind = 'reject') r
                   USING (platform, account_key, student_id)) x
        USING (platform, account_key)) e
WHERE verdict.platform = ? AND e.platform = verdict.platform
  AND e.account_key = verdict.account_key
  AND verdict.evidence IS DISTINCT FROM 'decision'
  AND coalesce(verdict.waits_for, '') NOT IN ('nobody', 'no_class')
"""


def hold(db: duckdb.DuckDBPyConnection, live: Path | None) -> list[Night]:
    """Keep the links of platforms whose rate fell: changes table verdict, and tells which.

    `live`: the published warehouse whose links are kept, if there is one. What people decided
    stands whatever the rate.
    """
    if live is None:
        return []
    db.execute(f"ATTACH {quote(str(live))} AS live (READ_ONLY)")
    db.execute(_EARLIER)
    db.execute("DETACH live")
    nights = [Night(*row) for row in db.execute(_NIGHTS.format(fewest=FEWEST)).fetchall()]
    held = fallen(nights)
    for night in held:
        db.execute(_HOLD, [night.platform])
    return held
