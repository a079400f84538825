"""Reading files again that were read before: those of a week, of a school year, or all.

From the landing area, as they were received: no source is asked, and what the lake has of files no
longer there stays. Superseded files of a span are not read: they are by themselves if they
become live. Not here: files whose declaration has changed (redeclared.py), reading (intake.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import duckdb

from warehouse.ledger import Ledger
from warehouse.settings import Settings

#: A school year begins on this day of July; tests of the summer belong to the year that begins.
_YEAR_BEGINS = (7, 1)


@dataclass(frozen=True)
class Span:
    """Days, both ends counted."""

    first: date
    last: date


def week_of(day: date) -> Span:
    """Monday to Sunday."""
    monday = day - timedelta(days=day.weekday())
    return Span(monday, monday + timedelta(days=6))


def year_from(year: int) -> Span:
    """The school year that begins in a year."""
    return Span(date(year, *_YEAR_BEGINS), date(year + 1, *_YEAR_BEGINS) - timedelta(days=1))


def set_pending(settings: Settings, ledger: Ledger, span: Span | None) -> int:
    """Have the next reading take files again that tell of a day in `span` or were made in it; all
    without a span. Gives their number."""
    told = _telling_of(settings, ledger, span) if span else []
    marks = ", ".join(map(str, told)) or "NULL"
    chosen = f"(exported_on BETWEEN ? AND ? OR id IN ({marks}))" if span else "TRUE"
    days = (span.first.isoformat(), span.last.isoformat()) if span else ()
    # Of replaced files only what the lake still keeps of them, such as persons of older rosters.
    kept = "FALSE" if span else "status = 'superseded' AND id IN (SELECT file_id FROM part)"
    with ledger.transaction():
        # What retention or a forgotten student has taken from the landing area stays as it is.
        where = f"""is_archive = 0 AND landed <> '' AND {chosen} AND (status = 'loaded' OR {kept}
            OR (status = 'ignored'
                AND coalesce(reason, '') NOT IN ('kept_no_longer', 'withheld'))
            OR (status = 'refused'
                AND reason NOT IN ('unreadable', 'roster_shrank', 'stale_twin')))"""
        count = ledger.rows(f"SELECT count(*) FROM file WHERE {where}", days)[0][0]
        ledger.run(
            f"UPDATE file SET status = 'pending', reason = NULL, culprit = NULL WHERE {where}", days
        )
    return int(count)


def _telling_of(settings: Settings, ledger: Ledger, span: Span) -> list[int]:
    """Arrivals that say that they cover a day of the span."""
    parts = [(settings.lake / path, n) for path, n, _ in ledger.parts("coverage", history=False)]
    # A part that was lost is what reading again may mend.
    paths = list({str(path) for path, _ in parts if path.is_file()})
    if not paths:
        return []
    with duckdb.connect() as db:
        rows = db.execute(
            """SELECT DISTINCT arrival FROM read_parquet($paths, hive_partitioning = false)
               WHERE covers_to >= $first AND covers_from <= $last
                 AND list_contains($arrivals, arrival)""",
            {
                "paths": paths,
                "first": span.first,
                "last": span.last,
                "arrivals": [n for _, n in parts],
            },
        ).fetchall()
    return [arrival for (arrival,) in rows]
