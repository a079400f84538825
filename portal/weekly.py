"""The page for the weekly meeting of analysts: trends per school and platform, coverage, who is
who, quality. Groups only: no child, and no cell of 1 to 9 students.

Belongs here: what the page tells and its HTML. Not here: PDF and files
(pipelines/commands/report.py).
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from connectors.errors import HomeroomError
from portal.pictures import week_bars
from portal.rendering import render
from transforms import suppression
from warehouse.reader import Reader
from warehouse.watch.freshness import expected

WEEKS = 8
#: Rows of plots that fit on one page beside the tables.
_ROWS = 10
ALL = "All schools"
# A school's cell could be had from the district's and the other schools': one hidden takes the
# next smallest with it, as in every split.
_TRENDS = f"""
WITH school AS (
    SELECT school_id, name, row_number() OVER (ORDER BY students DESC, name, school_id) AS place,
           count(*) OVER () AS schools
    FROM (SELECT s.school_id, coalesce(s.name, s.school_id) AS name, count(t.student_id) AS students
          FROM roster.school s LEFT JOIN roster.student t ON t.school_id = s.school_id AND t.active
          GROUP BY ALL)),
week AS (
    SELECT w.platform, w.week_start, w.minutes, w.status IN ('ok', 'zero') AS counts,
           CASE WHEN school.name IS NULL THEN 'No school told'
                WHEN place <= $schools THEN school.name
                ELSE (schools - $schools) || ' further schools' END AS school,
           CASE WHEN place <= $schools THEN place ELSE 1000 END AS place
    FROM views.student_platform_week w JOIN roster.student t USING (student_id)
    LEFT JOIN school ON school.school_id = t.school_id
    WHERE w.week_start BETWEEN $first AND $last),
gathered AS (
    SELECT platform, week_start, school, min(place) AS place,
           count(*) FILTER (WHERE counts AND minutes > 0) AS active, count(*) FILTER (WHERE counts)
             AS told,
           median(minutes) FILTER (WHERE counts) AS middle,
           count(minutes) FILTER (WHERE counts) AS n
    FROM week GROUP BY ALL
    UNION ALL
    SELECT platform, week_start, '{ALL}', 0, count(*) FILTER (WHERE counts AND minutes > 0),
           count(*) FILTER (WHERE counts), median(minutes) FILTER (WHERE counts),
           count(minutes) FILTER (WHERE counts)
    FROM week GROUP BY ALL),
beside AS (
    SELECT *, list(active) OVER (PARTITION BY platform, week_start, place = 0) AS cells
    FROM gathered)
SELECT platform, school, place, week_start,
       CASE WHEN told > 0 THEN {suppression.shown("active", "cells")} END AS active,
       {suppression.of_enough("middle", "n")} AS minutes
FROM beside ORDER BY platform, place, school, week_start
"""
_COVERAGE = """
SELECT platform, week_start,
       1 - sum(school_days_missing) / nullif(sum(school_days), 0)::DOUBLE AS share
FROM views.student_platform_week
WHERE week_start BETWEEN $first AND $last AND status NOT IN ('not_rostered', 'excluded')
GROUP BY ALL ORDER BY ALL
"""
# Shares of accounts, in whole percent and from 100 accounts on: no single one can be had from it.
_LINKED = """
SELECT platform,
       CASE WHEN sum(accounts) >= 100 THEN sum(linked) / sum(accounts)::DOUBLE END AS share
FROM ops.identity_coverage GROUP BY platform ORDER BY platform
"""
_FEEDS = """
SELECT platform, feed, list_sort(list(DISTINCT exported_on)
         FILTER (WHERE exported_on <= $through AND status <> 'refused')) AS days,
       count(*) FILTER (WHERE exported_on BETWEEN $last AND $through) AS files,
       count(*) FILTER (WHERE status = 'refused' AND exported_on BETWEEN $last AND $through)
         AS refused,
       coalesce(sum(rows_in) FILTER (WHERE exported_on BETWEEN $last AND $through), 0)::BIGINT
         AS rows,
       coalesce(sum(rows_quarantined) FILTER (WHERE exported_on BETWEEN $last AND $through), 0)
         ::BIGINT AS turned_away
FROM ops.file WHERE feed IS NOT NULL GROUP BY ALL ORDER BY ALL
"""
_SCHOOL_DAYS = """
SELECT date FROM roster.calendar_day
WHERE school_id IS NULL AND is_school_day AND date <= $through ORDER BY date
"""
#: A picture carries its own colours, so that a printer that reads no page's stylesheet has them.
_STYLE = (
    "text { font: 9px system-ui, 'DejaVu Sans', sans-serif; fill: #1f2327 } "
    ".under, .mark { fill: #565d64 } .under { font-size: 7.5px } "
    "line { stroke: #80868c; stroke-width: 1 } "
    ".bar { fill: #1c5878; stroke: #1c5878; stroke-width: 1 } "
    ".open { fill: #e3e8eb; stroke: #6d7b84 }"
)


@dataclass(frozen=True)
class Trend:
    """One row of plots: a platform at a school, a value per week, None where not told or few."""

    platform: str
    school: str
    active: tuple[int | None, ...]
    minutes: tuple[float | None, ...]


def monday(day: date) -> date:
    """The Monday of a day's week. Pure."""
    return day - timedelta(days=day.weekday())


def schools_shown(platforms: int) -> int:
    """How many schools have plots of their own, so that a page holds them. Pure."""
    return max(1, _ROWS // max(1, platforms) - 2)


def trends(rows: Sequence[dict[str, Any]], weeks: Sequence[date]) -> list[Trend]:
    """The rows of plots, in the order of the rows. Pure."""
    found: dict[tuple[str, str], dict[date, dict[str, Any]]] = {}
    for row in rows:
        found.setdefault((row["platform"], row["school"]), {})[row["week_start"]] = row
    return [
        Trend(
            platform,
            school,
            tuple(told.get(week, {}).get("active") for week in weeks),
            tuple(told.get(week, {}).get("minutes") for week in weeks),
        )
        for (platform, school), told in found.items()
    ]


def late(days: Sequence[date], school_days: Sequence[date], through: date) -> date | None:
    """When a feed was due by its usual rhythm, where it was due by `through` and is not here. It is
    due on school days only, and one that comes less often than weekly is not waited for. Pure."""
    due = expected(days)
    if due is None or (due - days[-1]).days > 10:
        return None
    return next((day for day in school_days if due <= day <= through), None)


def page(reader: Reader, day: date, district: str, titles: dict[str, str]) -> str:
    """The HTML of a week. The same data give the same bytes. Raises HomeroomError for a week of
    which nothing is known."""
    last = monday(day)
    weeks = [last - timedelta(weeks=n) for n in reversed(range(WEEKS))]
    span = {"first": weeks[0], "last": last}
    platforms = [
        row["platform"]
        for row in reader.rows(
            "SELECT DISTINCT platform FROM views.student_platform_week WHERE week_start = $last "
            "ORDER BY platform",
            {"last": last},
        )
    ]
    if not platforms:
        raise HomeroomError(
            "nothing is known of this week",
            culprit=f"the week of {last}",
            fix="name a day of a week that the warehouse tells of",
        )
    asked = span | {"schools": schools_shown(len(platforms))}
    found = trends(reader.rows(_TRENDS, asked), weeks)
    through = last + timedelta(days=6)
    feeds = reader.rows(_FEEDS, {"last": last, "through": through})
    school_days = [row["date"] for row in reader.rows(_SCHOOL_DAYS, {"through": through})]
    covered = {
        (row["platform"], row["week_start"]): row["share"] for row in reader.rows(_COVERAGE, span)
    }
    return render(
        "weekly_report.html",
        {
            "district": district,
            "week": last,
            "through": through,
            "weeks": weeks,
            "platforms": platforms,
            "titles": titles,
            "plots": [_plots(trend, found, weeks, titles) for trend in found],
            "covered": covered,
            "linked": {row["platform"]: row["share"] for row in reader.rows(_LINKED)},
            "feeds": [
                feed | {"due": late(feed["days"] or [], school_days, through)} for feed in feeds
            ],
            "broken": reader.rows(
                "SELECT name, broken FROM ops.check_result WHERE broken > 0 ORDER BY name"
            ),
        },
    )


def _plots(
    trend: Trend, all_: Sequence[Trend], weeks: Sequence[date], titles: dict[str, str]
) -> dict[str, Any]:
    name = titles.get(trend.platform, trend.platform)
    peers = [t for t in all_ if (t.school == ALL) == (trend.school == ALL)]
    return {
        "trend": trend,
        "active": _image(
            weeks,
            trend.active,
            max((v for t in peers for v in t.active if v is not None), default=1),
            f"Students active on {name}, {trend.school}",
        ),
        "minutes": _image(
            weeks,
            trend.minutes,
            max((v for t in all_ for v in t.minutes if v is not None), default=1),
            f"Median minutes on {name}, {trend.school}",
        ),
    }


def _image(
    weeks: Sequence[date], values: Sequence[float | None], top: float, title: str
) -> dict[str, str]:
    """A plot as an image inside the page, and the same in words."""
    says = _says(title, weeks, values)
    drawn = str(week_bars(weeks, values, top, says))
    head, rest = drawn.removeprefix("<svg").split(">", 1)
    told = f'<svg xmlns="http://www.w3.org/2000/svg"{head}><style>{_STYLE}</style>{rest}'
    coded = base64.b64encode(told.encode()).decode()
    return {"title": title, "says": says, "source": f"data:image/svg+xml;base64,{coded}"}


def _says(title: str, weeks: Sequence[date], values: Sequence[float | None]) -> str:
    told = [
        f"week of {week.day}/{week.month}: {'not shown' if value is None else f'{value:,.0f}'}"
        for week, value in zip(weeks, values, strict=True)
    ]
    return f"{title}. {'; '.join(told)}."
