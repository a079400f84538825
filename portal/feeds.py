"""Feeds and their freshness, as the published warehouse tells.

When the next file is due: warehouse/watch/freshness.py.
"""

from __future__ import annotations

from portal.live import Row, Version
from warehouse.watch.freshness import expected


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
