"""On which days a district has school, past and to come, as its newest calendar tells.

The rule is that of `roster.calendar_day`; that table ends with the week of the newest activity, and
schedules ask for days after it. So this reads the lake.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

import duckdb

from warehouse.ledger import Ledger
from warehouse.settings import Settings

_DAY = timedelta(days=1)
#: A school's own row, else the row for every school, else Monday to Friday; some school has school.
_OPEN = """
WITH told AS (
    SELECT school_id, date, is_school_day, row_number() OVER (
        PARTITION BY school_id, date
        ORDER BY exported_on DESC NULLS LAST, source_file DESC NULLS LAST) AS newest
    FROM read_parquet($calendars, hive_partitioning = false)
    WHERE list_contains($arrivals, arrival) AND is_school_day IS NOT NULL),
     day AS (SELECT DISTINCT date FROM told)
SELECT day.date, bool_or(coalesce(own.is_school_day, everyone.is_school_day, isodow(day.date) < 6))
FROM day CROSS JOIN (SELECT unnest($schools) AS school_id) AS school
LEFT JOIN told AS own
    ON own.school_id = school.school_id AND own.date = day.date AND own.newest = 1
LEFT JOIN told AS everyone
    ON everyone.school_id IS NULL AND everyone.date = day.date AND everyone.newest = 1
GROUP BY day.date"""


@dataclass(frozen=True)
class SchoolDays:
    """`told`: whether some school has school, for each day that a calendar tells.

    Other days are school days from Monday to Friday, as everywhere in the warehouse.
    """

    told: Mapping[date, bool] = field(default_factory=dict)

    def is_open(self, day: date) -> bool:
        """Whether some school of the district has school on a day."""
        return self.told.get(day, day.isoweekday() < 6)

    @property
    def last(self) -> date | None:
        """The last day that a calendar tells of; None without one."""
        return max(self.told, default=None)

    def between(self, after: date, through: date) -> int:
        """School days after one day, up to and with another."""
        days = (through - after).days
        return sum(self.is_open(after + n * _DAY) for n in range(1, days + 1))

    def later(self, day: date, many: int) -> date | None:
        """The school day that is so `many` after a day; the day itself for 0. None where a year
        holds fewer."""
        found = day
        for n in range(1, 367):
            if many <= 0:
                return found
            found = day + n * _DAY
            many -= self.is_open(found)
        return None

    def latest(self, day: date) -> date:
        """The last school day up to and with a day; the day itself where a year holds none."""
        back = (day - n * _DAY for n in range(366))
        return next((d for d in back if self.is_open(d)), day)


def school_days(settings: Settings, ledger: Ledger) -> SchoolDays:
    """The district's school days, from the calendars that are live in the lake."""
    parts = ledger.parts("calendar_day", history=False)
    if not parts:
        return SchoolDays()
    with duckdb.connect() as db:
        calendars = [str(settings.lake / path) for path, _, _ in parts]
        arrivals = [arrival for _, arrival, _ in parts]
        rows = db.execute(
            _OPEN,
            {
                "calendars": list(dict.fromkeys(calendars)),
                "arrivals": arrivals,
                "schools": _schools(db, settings, ledger) or [None],
            },
        ).fetchall()
    return SchoolDays(dict(rows))


def _schools(db: duckdb.DuckDBPyConnection, settings: Settings, ledger: Ledger) -> list[str]:
    parts = ledger.parts("org", history=False)
    if not parts:
        return []
    found = db.execute(
        "SELECT DISTINCT org_id FROM read_parquet($paths, hive_partitioning = false) "
        "WHERE list_contains($arrivals, arrival) AND lower(trim(org_type)) = 'school'",
        {
            "paths": list({str(settings.lake / path) for path, _, _ in parts}),
            "arrivals": [arrival for _, arrival, _ in parts],
        },
    ).fetchall()
    return [school for (school,) in found]
