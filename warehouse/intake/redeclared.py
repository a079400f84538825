"""What a changed declaration asks for: files that it would read otherwise now are read again.

The ledger remembers a fingerprint of every feed. Not here: reading (intake.py). A superseded file
stays as it is: it is read again by itself if it becomes live.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping

from connectors.contract import Feed, Platform
from warehouse.ledger import Ledger

_NOTE = "declared"


def fingerprints(platforms: Iterable[Platform]) -> dict[str, dict[str, str]]:
    """Platform -> feed -> a hash of all that decides how its files are read.

    Under "" stands what the platform passes over. Pure; words for the documentation do not count.
    """
    return {
        p.name: {"": _hash(p.ignores), **{f.name: _hash(_reading(f)) for f in p.feeds}}
        for p in platforms
    }


def _reading(feed: Feed) -> tuple[object, ...]:
    return (
        feed.columns, feed.outputs, feed.scope, feed.key, feed.scope_column, feed.stems,
        feed.folders, feed.wide, feed.dated_by, feed.stub_rows,
    )  # fmt: skip


def _hash(value: object) -> str:
    return hashlib.sha256(repr(value).encode()).hexdigest()[:16]


def read_again(ledger: Ledger, platforms: Mapping[str, Platform], only: str) -> None:
    """Set files pending whose platform is declared otherwise than when they were read.

    `only`: one platform's name, or %. In one transaction with the new fingerprints.
    """
    now = {n: v for n, v in fingerprints(platforms.values()).items() if only in ("%", n)}
    before: dict[str, dict[str, str]] = ledger.note(_NOTE) or {}
    changed = {name for name in now if before.get(name) != now[name]}
    if not changed:
        return
    with ledger.transaction():
        for name in changed:
            feeds = _changed(before.get(name), now[name])
            marks = ", ".join("?" for _ in feeds) or "NULL"
            ledger.run(
                f"""UPDATE file SET status = 'pending', reason = NULL, culprit = NULL
                    WHERE platform = ? AND is_archive = 0 AND landed <> '' AND (
                      (status = 'ignored' AND reason NOT IN ('kept_no_longer', 'withheld'))
                      OR (status = 'refused'
                          AND reason NOT IN ('unreadable', 'roster_shrank', 'stale_twin'))
                      OR (feed IN ({marks})
                          AND (status = 'loaded' OR reason = 'stale_twin')))""",
                (name, *feeds),
            )
        ledger.keep(_NOTE, before | now)


def _changed(before: Mapping[str, str] | None, now: Mapping[str, str]) -> list[str]:
    """Feeds that are read otherwise, or are gone. Of a platform met for the first time, none."""
    if before is None:
        return []
    return [f for f in {**before, **now} if f and before.get(f) != now.get(f)]
