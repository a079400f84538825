"""The values of an unknown column beside those of a known one, compared in DuckDB.

Only counts and shares come out; the values stay in a scratch database in memory. Not here: what
they speak for (drift.py).
"""

from __future__ import annotations

from collections.abc import Mapping

import duckdb

from connectors.prepared import Prepared
from warehouse.intake.casting import DETECTED, quote
from warehouse.intake.rawtext import rows_of
from warehouse.layouts.drift import Evidence

#: Rows that are looked at, and distinct values of each column.
_ROWS, _DISTINCT = 50_000, 5_000
_DATES = (*DETECTED, "%b %d, %Y", "%B %d, %Y", "%m/%d/%Y %H:%M", "%m/%d/%Y %I:%M %p")
_DAY = (
    f"coalesce(try_strptime(v, [{', '.join(quote(f) for f in _DATES)}]), "
    "CASE WHEN regexp_matches(v, '^[0-9]{4}-[0-9]{2}-[0-9]{2}') THEN "
    "TRY_CAST(left(v, 19) AS TIMESTAMP) END)"
)
_NUMBER = "TRY_CAST(replace(v, ',', '') AS DOUBLE)"
_KIND = """CASE WHEN mails > 0.5 THEN 'addresses' WHEN truths > 0.9 THEN 'truth values'
    WHEN days > 0.8 THEN 'dates' WHEN numbers > 0.9 THEN 'numbers' ELSE 'texts' END"""


def compare(
    new: Prepared, unknown: Mapping[str, int], old: Prepared, known: Mapping[str, int]
) -> dict[tuple[str, str], Evidence] | None:
    """Evidence for every pair of an unknown header and a known column, by their positions.

    None where one of the files cannot be read plainly.
    """
    if not unknown or not known:
        return {}
    with duckdb.connect(config={"threads": 2, "memory_limit": "512MB"}) as db:
        try:
            _sample(db, "side_new", new, list(unknown.values()))
            _sample(db, "side_old", old, list(known.values()))
        except duckdb.Error:
            return None
        news, olds = _profiles(db, "side_new"), _profiles(db, "side_old")
        shared = {
            (a, b): n
            for a, b, n in db.execute(
                """SELECT a.col, b.col, count(*) FROM side_new a JOIN side_old b USING (v)
                   GROUP BY ALL"""
            ).fetchall()
        }
    found = {}
    for header, at in unknown.items():
        for column, place in known.items():
            one, other = news.get(f"c{at}"), olds.get(f"c{place}")
            both = shared.get((f"c{at}", f"c{place}"), 0)
            found[header, column] = _evidence(one, other, both)
    return found


#: Kind, distinct values, and the bounds of nearly all of them.
_Profile = tuple[str, int, float | None, float | None]


def _sample(db: duckdb.DuckDBPyConnection, name: str, file: Prepared, places: list[int]) -> None:
    cells = ", ".join(f"lower(trim(c{p})) AS c{p}" for p in places)
    db.execute(
        f"""CREATE TEMP TABLE {name} AS
            SELECT col, v FROM (
              SELECT DISTINCT col, v FROM (
                UNPIVOT (SELECT {cells} FROM {rows_of([file])} LIMIT {_ROWS})
                ON COLUMNS(*) INTO NAME col VALUE v)
              WHERE v NOT IN ('', 'null', 'n/a', '-'))
            QUALIFY row_number() OVER (PARTITION BY col ORDER BY hash(v)) <= {_DISTINCT}"""
    )


def _profiles(db: duckdb.DuckDBPyConnection, name: str) -> dict[str, _Profile]:
    return {
        col: (kind, distinct, *(bounds or (None, None)))
        for col, kind, distinct, bounds in db.execute(
            f"""SELECT col, {_KIND}, distinct_values,
                       CASE {_KIND} WHEN 'dates' THEN day_bounds WHEN 'numbers' THEN bounds END
                FROM (
                  SELECT col, count(*) AS distinct_values,
                         count(n) / count(*) AS numbers, count(d) / count(*) AS days,
                         count(*) FILTER (WHERE contains(v, '@')) / count(*) AS mails,
                         count(*) FILTER (WHERE v IN ('true', 'false', 'yes', 'no', 'y', 'n',
                           't', 'f')) / count(*) AS truths,
                         quantile_cont(n, [0.05, 0.95]) AS bounds,
                         quantile_cont(epoch(d), [0.05, 0.95]) AS day_bounds
                  FROM (SELECT col, v, {_NUMBER} AS n, {_DAY} AS d FROM {name}) GROUP BY col)"""
        ).fetchall()
    }


def _evidence(one: _Profile | None, other: _Profile | None, both: int) -> Evidence:
    kinds = (one[0] if one else "empty", other[0] if other else "empty")
    if one is None or other is None:
        return Evidence(*kinds)
    smaller = min(one[1], other[1])
    return Evidence(*kinds, both / smaller, smaller, _overlap(one, other))


def _overlap(one: _Profile, other: _Profile) -> float:
    """What part of the wider range the two have in common."""
    if None in (*one[2:], *other[2:]):
        return 0.0
    (_, _, low, high), (_, _, floor, roof) = one, other
    assert low is not None and high is not None  # noqa: PT018
    assert floor is not None and roof is not None  # noqa: PT018
    widest = max(high, roof) - min(low, floor)
    if widest == 0:
        return 1.0
    return max(0.0, (min(high, roof) - max(low, floor)) / widest)
