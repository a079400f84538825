"""Feeds and their freshness, as the published warehouse tells, and when the next file is due."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise
from statistics import median

from portal.live import Row, Version

#: From so many days with an export on, the usual time between them is known.
_LEAST = 4


def feeds(version: Version) -> list[Row]:
    """A row per platform and feed: files, newest export, landed, covered through, next expected."""
    rows = version.rows(
        """WITH covered AS (
               SELECT platform, feed, max(covers_to) AS through FROM facts.coverage GROUP BY ALL)
           SELECT f.platform, f.feed, count(*) AS files, max(f.landed_at) AS landed_at,
                  max(f.exported_on) AS newest, any_value(covered.through) AS through,
                  list_sort(list(DISTINCT f.exported_on)) AS days
           FROM ops.file AS f LEFT JOIN covered USING (platform, feed)
           WHERE f.feed IS NOT NULL AND f.status IN ('loaded', 'superseded', 'duplicate', 'waiting')
           GROUP BY f.platform, f.feed ORDER BY f.platform, f.feed"""
    )
    return [row | {"expected": expected([d for d in row["days"] if d])} for row in rows]


def expected(days: Sequence[date]) -> date | None:
    """When the next export is due, by the usual time between the last ones; None: not known. Pure.

    `days`: days of export, each once, in order.
    """
    if len(days) < _LEAST:
        return None
    last = days[-10:]
    gaps = [(after - before).days for before, after in pairwise(last)]
    return last[-1] + timedelta(days=round(median(gaps)))
