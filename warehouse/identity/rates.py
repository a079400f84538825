"""Match rates: how many of a platform's ids are found in the roster, before anything is joined.

A wrong id column shows at once, and where a rate has fallen suddenly the platform's links stay as
they were, instead of a school being unlinked.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import duckdb

from warehouse.casting import quote

#: A platform with fewer accounts tells too little to be held.
FEWEST = 20
#: The part of a platform's accounts that may lose their link, or of its rate, between two nights.
MOST_LOST = 0.2


@dataclass(frozen=True)
class Night:
    """A platform's accounts in two nights.

    `accounts`, `linked`: of the last published warehouse. `kept`: of those linked then and sent
    still, how many have the same student now; `sent`: how many there are. `rate`: the part of all
    accounts that would be linked now.
    """

    platform: str
    accounts: int
    linked: int
    sent: int
    kept: int
    rate: float

    @property
    def rate_before(self) -> float:
        """The part of all accounts that was linked."""
        return self.linked / self.accounts


def fallen(nights: Iterable[Night]) -> list[Night]:
    """The platforms whose links are to stay as they were. Pure."""
    return [
        n
        for n in nights
        if n.accounts >= FEWEST
        and (
            n.sent - n.kept > MOST_LOST * max(n.sent, FEWEST) or n.rate < n.rate_before - MOST_LOST
        )
    ]


def measure(db: duckdb.DuckDBPyConnection) -> None:
    """Make identity.match_rate: platform x id pair, with accounts that tell it, matched, rate."""
    db.execute(
        """CREATE OR REPLACE TABLE scratch.identity.match_rate AS
           SELECT a.platform, a.account_column, a.roster_column, count(*) AS accounts,
                  count(k.value) AS matched, CAST(count(k.value) AS DOUBLE) / count(*) AS rate
           FROM (SELECT platform, 'sis_id' AS account_column, 'sis_id' AS roster_column,
                        sis_id AS value FROM account
                 UNION ALL SELECT platform, 'sis_id', 'sourced_id', sis_id FROM account
                 UNION ALL SELECT platform, 'email', 'email', email FROM account
                 UNION ALL SELECT platform, 'username', 'username', username FROM account) a
           LEFT JOIN (SELECT DISTINCT kind, value FROM known) k
             ON k.kind = a.roster_column AND k.value = a.value
           WHERE a.value IS NOT NULL
           GROUP BY ALL ORDER BY ALL"""
    )


def hold(db: duckdb.DuckDBPyConnection, live: Path | None) -> list[Night]:
    """Keep the links of platforms whose rate fell: changes table verdict, and tells which.

    `live`: the published warehouse whose links are kept, if there is one.
    """
    if live is None:
        return []
    db.execute(f"ATTACH {quote(str(live))} AS live (READ_ONLY)")
    db.execute(
        """CREATE OR REPLACE TEMP TABLE earlier AS
           SELECT platform, account_key, student_id FROM live.facts.account"""
    )
    db.execute("DETACH live")
    nights = [
        Night(*row)
        for row in db.execute(
            """SELECT e.platform, count(*), count(e.student_id),
                      count(*) FILTER (WHERE e.student_id IS NOT NULL AND v.platform IS NOT NULL
                                       AND s.student_id IS NOT NULL),
                      count(*) FILTER (WHERE v.proposed_id = e.student_id
                                       AND v.waits_for IS NULL),
                      any_value(r.rate)
               FROM earlier e
               LEFT JOIN verdict v USING (platform, account_key)
               LEFT JOIN roster.student s ON s.student_id = e.student_id
               JOIN (SELECT platform, avg(CASE WHEN waits_for IS NULL THEN 1.0 ELSE 0.0 END) AS rate
                     FROM verdict GROUP BY platform) r USING (platform)
               GROUP BY e.platform ORDER BY e.platform"""
        ).fetchall()
    ]
    held = fallen(nights)
    for night in held:
        db.execute(
            """UPDATE verdict SET
                 proposed_id = e.student_id,
                 evidence = CASE WHEN e.student_id IS NOT NULL THEN 'held' END,
                 waits_for = CASE WHEN e.student_id IS NULL THEN 'match_rate_fell' END
               FROM (SELECT v.platform, v.account_key, x.student_id
                     FROM verdict v
                     LEFT JOIN (SELECT x.* FROM earlier x JOIN roster.student USING (student_id)) x
                       USING (platform, account_key)) e
               WHERE verdict.platform = ? AND e.platform = verdict.platform
                 AND e.account_key = verdict.account_key
                 AND verdict.evidence IS DISTINCT FROM 'decision'
                 AND verdict.waits_for IS DISTINCT FROM 'nobody'""",
            [night.platform],
        )
    return held
