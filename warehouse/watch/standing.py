"""What does not stand well in a district, by feed and check, and what of it has changed.

Belongs here: the states, in words for a coordinator. Counts, names of platforms, feeds and checks:
no name of a file (it may be a child's), no value. Not here: keeping and sending (outbox.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from connectors.errors import FILE_REASONS, HomeroomError
from warehouse import publish
from warehouse.ledger import Ledger
from warehouse.reader import Reader
from warehouse.settings import Settings
from warehouse.settings.messages import QUARANTINE_PERCENT
from warehouse.watch import freshness
from warehouse.watch.school_days import school_days

#: Notes of the ledger: sources that could not be read, and why the last run did not end or publish.
SOURCES, RUN = "source_problems", "run_problem"
#: Waiting accounts are told of from twice as many and so many more than when all was well.
_MORE = 10
_LOOK = "homeroom status names the files"


@dataclass(frozen=True)
class Problem:
    """`state` in a word or two: another one is a change. `says` why, `fix` what to do."""

    state: str
    says: str
    fix: str


#: By what it is about: a feed as platform/feed, or words such as "warehouse".
Problems = Mapping[str, Problem]


def changes(before: Problems, now: Problems) -> dict[str, Problem | None]:
    """What has another state than before; None where it is fine again. Pure."""
    same = {key for key in now if key in before and before[key].state == now[key].state}
    gone: dict[str, Problem | None] = {key: None for key in before if key not in now}
    return gone | {key: problem for key, problem in now.items() if key not in same}


def problem_of(error: Exception) -> dict[str, str]:
    """An error as a note. Of others than ours the kind alone: their words may quote a value; of
    ours no culprit: it may be a file's name."""
    if isinstance(error, HomeroomError):
        return {"says": error.says, "fix": error.fix}
    return {"says": f"it stopped ({type(error).__name__})", "fix": "run it again by hand"}


def problems(settings: Settings, ledger: Ledger, today: date) -> dict[str, Problem]:
    """Everything that does not stand well now, but for `waiting`."""
    chosen = settings.messages
    most = chosen.quarantine_percent if chosen else QUARANTINE_PERCENT
    active = {s.platform for s in settings.sources}
    found = _sources(ledger, active) | _refused(ledger, active) | _turned_away(ledger, active, most)
    found |= {
        f"{platform}/{feed}, freshness": Problem(
            "missing",
            f"nothing new has come; by the usual rhythm it was due on {due}",
            "look whether the export still runs, and send what is missing",
        )
        for (platform, feed), due in missing(settings, ledger, today).items()
    }
    run = ledger.note(RUN)
    if run:
        found["run"] = Problem("failed", run["says"], run["fix"])
    return found | _checks(settings)


def missing(settings: Settings, ledger: Ledger, today: date) -> dict[tuple[str, str], date]:
    """Feeds whose next export should have come, with the day by which."""
    school = school_days(settings, ledger)
    active = {s.platform for s in settings.sources}
    judged = {
        key: freshness.missing_since(days, school, today)
        for key, days in freshness.feeds(ledger).items()
        if key[0] in active
    }
    return {key: due for key, due in judged.items() if due}


def waiting(settings: Settings, before: Mapping[str, int]) -> tuple[Problems, dict[str, int]]:
    """Platforms of which far more accounts wait than when all was well, and what is usual now."""
    usual, found = dict(before), {}
    for platform, count in _waiting(settings).items():
        if jumped(before.get(platform), count):
            found[f"{platform}, who is who"] = Problem(
                "many wait",
                f"{count} accounts wait for a student; it was {before[platform]} before",
                "homeroom review list; a changed id column is the usual culprit",
            )
        else:
            usual[platform] = count
    return found, usual


def jumped(before: int | None, now: int) -> bool:
    """Whether so many more accounts wait that somebody should know. Pure."""
    return before is not None and now >= 2 * before + _MORE


def _sources(ledger: Ledger, active: set[str]) -> dict[str, Problem]:
    kept: dict[str, dict[str, str]] = {p: told for p, _, told in ledger.note(SOURCES) or []}
    return {
        f"{platform}, source": Problem("failed", told["says"], told["fix"])
        for platform, told in kept.items()
        if platform in active
    }


def _refused(ledger: Ledger, active: set[str]) -> dict[str, Problem]:
    """Feeds whose newest file was turned away; of a file of no feed, the platform's newest one."""
    rows = ledger.rows(
        """SELECT platform, feed, reason FROM (
             SELECT platform, feed, reason, status,
                    row_number() OVER (PARTITION BY platform, feed ORDER BY id DESC) AS of_feed,
                    row_number() OVER (PARTITION BY platform ORDER BY id DESC) AS of_platform
             FROM file WHERE is_archive = 0 AND status <> 'pending')
           WHERE status = 'refused'
             AND (CASE WHEN feed IS NULL THEN of_platform ELSE of_feed END) = 1
           ORDER BY platform, feed"""
    )
    return {
        f"{platform}/{feed or 'unknown'}, newest file": Problem(
            f"refused: {reason}",
            f"it was turned away: {FILE_REASONS[reason].says}",
            f"{FILE_REASONS[reason].fix}; {_LOOK}",
        )
        for platform, feed, reason in rows
        if platform in active
    }


def _turned_away(ledger: Ledger, active: set[str], most: int) -> dict[str, Problem]:
    rows = ledger.rows(
        """SELECT platform, feed, sum(rows_quarantined), sum(rows_in) FROM file AS f
           WHERE status = 'loaded' AND is_archive = 0 AND feed IS NOT NULL
             AND exported_on IS (SELECT max(exported_on) FROM file AS g
                 WHERE g.platform = f.platform AND g.feed = f.feed AND g.status = 'loaded'
                   AND g.is_archive = 0)
           GROUP BY platform, feed ORDER BY platform, feed"""
    )
    return {
        f"{platform}/{feed}, rows": Problem(
            "many turned away",
            f"{bad} of the newest {rows_in} rows were turned away",
            "homeroom status says why, and what mends it",
        )
        for platform, feed, bad, rows_in in rows
        if platform in active and rows_in and 100 * bad >= most * rows_in
    }


def _checks(settings: Settings) -> dict[str, Problem]:
    rows: list[dict[str, Any]] = []
    if publish.live_file(settings.warehouse) is not None:
        with Reader(settings.warehouse) as live:
            rows = live.rows("SELECT name, broken FROM ops.check_result WHERE broken > 0")
            held = live.rows("SELECT DISTINCT platform FROM ops.identity_coverage WHERE held > 0")
    else:
        held = []
    return {
        f"check: {row['name']}": Problem(
            "broken", f"{row['broken']} rows break it", "homeroom status; the warehouse is live"
        )
        for row in rows
    } | {
        f"{row['platform']}, match rate": Problem(
            "held",
            "its match rate fell, so its links stay as they were",
            "look at its newest export and at the roster; if all is right: "
            "homeroom run --accept-lost-links",
        )
        for row in held
    }


def _waiting(settings: Settings) -> dict[str, int]:
    if publish.live_file(settings.warehouse) is None:
        return {}
    with Reader(settings.warehouse) as live:
        return {
            row["platform"]: int(row["n"])
            for row in live.rows(
                "SELECT platform, sum(waiting)::BIGINT AS n FROM ops.identity_coverage GROUP BY ALL"
            )
        }
