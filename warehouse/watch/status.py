"""How a district stands: freshness, files by status, quarantine by reason, identity coverage.

Reads the ledger and the live warehouse; writes nothing. Counts and file names only.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from connectors.errors import FILE_REASONS, ROW_REASONS
from warehouse import lock, publish
from warehouse.build import ARRIVAL
from warehouse.identity import rates
from warehouse.layouts import drift_book
from warehouse.ledger import Ledger
from warehouse.reader import Reader
from warehouse.settings import Settings
from warehouse.watch import runs, standing

#: Files in these states want somebody's eye.
_OPEN = ("refused", "waiting")
#: A file that was mended: another came under its name since, was read, and stands in its place at
#: every source that had it.
_MENDED = """EXISTS (SELECT 1 FROM file n WHERE n.platform = f.platform AND n.name = f.name
      AND n.id > f.id AND n.status IN ('loaded', 'superseded', 'duplicate'))
    AND NOT EXISTS (SELECT 1 FROM sighting s JOIN file t ON t.id = coalesce(
      CAST(nullif(f.delivery, '') AS INTEGER), f.id)
      WHERE s.platform = t.platform AND s.name = t.name
        AND s.sha256 = coalesce(t.sent_sha256, t.sha256))"""
#: The newest delta of feeds of which no whole file is live.
_NO_WHOLE = """SELECT platform, feed, name, 'loaded', 'no_whole', NULL, rows_in FROM (
    SELECT platform, feed, name, rows_in, id,
           max(id) OVER (PARTITION BY platform, feed) AS newest,
           min(scope LIKE 'delta=%') OVER (PARTITION BY platform, feed) AS all_deltas
    FROM file WHERE status = 'loaded' AND feed IS NOT NULL AND is_archive = 0)
    WHERE all_deltas = 1 AND id = newest"""


def gather(settings: Settings) -> dict[str, Any]:
    """The whole state as plain values, ready for JSON."""
    ledger = Ledger(settings.ledger)
    try:
        live = publish.live_file(settings.warehouse)
        pointer = publish.read_pointer(settings.warehouse)
        noted, at_work = lock.holder(settings.home)
        last = next(iter(runs.last(ledger, 1)), None)
        state: dict[str, Any] = {
            "running_since": noted.since if noted and at_work else None,
            "ended_from_outside": noted.since if noted and not at_work else None,
            "last_run": asdict(last) if last else None,
            "source_problems": [
                {"platform": platform, "says": says}
                for platform, says, _ in ledger.note(standing.SOURCES) or []
            ],
            "district": settings.name,
            "config": str(settings.file),
            "warehouse": str(live) if live else None,
            "published_at": pointer.published_at if pointer else None,
            "platforms": _platforms(settings, ledger),
            "files": _files(ledger),
            "changes": _changes(ledger),
            "attention": attention(ledger),
            "unread_columns": drift_book.unread(settings, ledger),
            "left_out": _left_out(ledger),
            "missing": [
                {"platform": platform, "feed": feed, "due": due.isoformat()}
                for (platform, feed), due in standing.missing(
                    settings, ledger, datetime.now(ZoneInfo(settings.time_zone)).date()
                ).items()
            ],
            "quarantine": [],
            "identity": [],
            "identity_waiting": [],
            "match_rates": [],
            "checks": [],
            "expectations": ledger.note("expectations") or {},
            "expectations_failed": ledger.note("expectations_failed"),
        }
    finally:
        ledger.close()
    if live is not None:
        state.update(_warehouse(settings.warehouse))
    return state


def _platforms(settings: Settings, ledger: Ledger) -> list[dict[str, Any]]:
    known = {
        row[0]: row[1:]
        for row in ledger.rows(
            """SELECT platform, max(exported_on), max(landed_at), count(*),
                      sum(coalesce(rows_kept, 0)) FILTER (WHERE status = 'loaded')
               FROM file WHERE is_archive = 0 GROUP BY platform"""
        )
    }
    rows = []
    for name in dict.fromkeys(s.platform for s in settings.sources):
        newest, landed, files, kept = known.get(name, (None, None, 0, 0))
        rows.append(
            {
                "platform": name,
                "title": settings.registry[name].title,
                "newest_export": newest,
                "last_landed_at": landed,
                "files": files,
                "rows": kept or 0,
            }
        )
    return rows


def _files(ledger: Ledger) -> list[dict[str, Any]]:
    return [
        {
            "platform": p,
            "status": s,
            "files": n,
            "rows_in": i,
            "kept": k,
            "quarantined": q,
            "duplicate": d,
        }
        for p, s, n, i, k, q, d in ledger.rows(
            f"""SELECT platform, status, count(*), sum(coalesce(rows_in, 0)),
                       sum(coalesce(rows_kept, 0)), sum(coalesce(rows_quarantined, 0)),
                       sum(coalesce(rows_duplicate, 0))
                FROM (SELECT {ARRIVAL} FROM file WHERE is_archive = 0 OR status <> 'loaded')
                GROUP BY platform, status ORDER BY platform, status"""
        )
    ]


def _changes(ledger: Ledger) -> list[dict[str, Any]]:
    """What live files changed against the ones they replaced, per feed; only where they did."""
    return [
        {"platform": p, "feed": f, "files": n, "gained": g, "lost": lost, "changed": c}
        for p, f, n, g, lost, c in ledger.rows(
            """SELECT platform, feed, count(*), sum(rows_gained), sum(rows_lost), sum(rows_changed)
               FROM file WHERE status = 'loaded' AND rows_gained + rows_lost + rows_changed > 0
               GROUP BY platform, feed ORDER BY platform, feed"""
        )
    ]


def _left_out(ledger: Ledger) -> list[dict[str, Any]]:
    """Files of which rows did not land, because they are a forgotten student's or may be one's."""
    return [
        {"platform": p, "file": name, "withheld": withheld, "held": held}
        for p, name, withheld, held in ledger.rows(
            """SELECT platform, name, coalesce(rows_withheld, 0), coalesce(rows_held, 0)
               FROM file WHERE delivery = '' AND (rows_withheld > 0 OR rows_held > 0)
               ORDER BY platform, name"""
        )
    ]


def attention(ledger: Ledger, ids: list[int] | None = None) -> list[dict[str, Any]]:
    """Files that were turned away, wait, or are not read: feed, file, culprit, reason, fix."""
    chosen = "" if ids is None else f" AND id IN ({', '.join(map(str, ids)) or 'NULL'})"
    rows = ledger.rows(
        f"""SELECT platform, feed, name, status, reason, culprit, rows_in
            FROM (SELECT {ARRIVAL} FROM file f WHERE NOT ({_MENDED}))
            WHERE (status IN ({", ".join(repr(s) for s in _OPEN)})
                   OR reason = 'said_absent' AND rows_in > 0){chosen}
            UNION ALL {_NO_WHOLE}{chosen} ORDER BY 1, 3"""
    )
    return [
        {
            "platform": platform,
            "feed": feed,
            "file": name,
            "status": status,
            "reason": reason,
            "culprit": culprit or None,
            "rows": rows_in,
            "says": FILE_REASONS[reason].says if reason in FILE_REASONS else reason,
            "fix": FILE_REASONS[reason].fix if reason in FILE_REASONS else None,
        }
        for platform, feed, name, status, reason, culprit, rows_in in rows
    ]


def attention_in(settings: Settings, ids: list[int]) -> list[dict[str, Any]]:
    """The same for some files only: those of one run."""
    ledger = Ledger(settings.ledger)
    try:
        return attention(ledger, ids)
    finally:
        ledger.close()


def _warehouse(folder: Path) -> dict[str, Any]:
    with Reader(folder) as reader:
        quarantine = reader.rows(
            """SELECT platform, feed, reason, count(*) AS rows, count(DISTINCT source_file) AS files
               FROM ops.quarantine GROUP BY ALL ORDER BY ALL"""
        )
        for row in quarantine:
            row["says"], row["fix"] = (
                ROW_REASONS[row["reason"]].says,
                ROW_REASONS[row["reason"]].fix,
            )
        return {
            "quarantine": quarantine,
            "identity": reader.rows(
                """SELECT c.platform, sum(accounts)::BIGINT AS accounts,
                          sum(linked)::BIGINT AS linked, sum(waiting)::BIGINT AS waiting,
                          sum(rejected)::BIGINT AS nobody, sum(held)::BIGINT AS held,
                          (SELECT string_agg(waits_for || ' ' || n, ', ' ORDER BY waits_for)
                           FROM (SELECT waits_for, count(*) AS n FROM ops.identity_review r
                                 WHERE r.platform = c.platform GROUP BY waits_for)) AS reasons
                   FROM ops.identity_coverage c GROUP BY c.platform ORDER BY c.platform"""
            ),
            "identity_waiting": reader.rows("FROM ops.identity_waiting ORDER BY ALL"),
            "match_rates": reader.rows(rates.POOR),
            "checks": reader.rows(
                "SELECT name, blocking, broken FROM ops.check_result ORDER BY name"
            ),
            "latest_week": reader.rows(
                "SELECT max(week_start) AS week FROM views.student_platform_week"
            )[0]["week"],
            "students": reader.rows("SELECT count(*) AS n FROM roster.student WHERE active")[0][
                "n"
            ],
        }
