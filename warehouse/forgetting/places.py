"""Places below the home, and cleaning up after something was removed from them.

Belongs here: which files are whose. Not here: what is removed and why (command.py, retention.py).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from connectors.ways.location import Address
from warehouse.exports import requested
from warehouse.forgetting import marks
from warehouse.forgetting.journal import CERTIFICATES, JOURNAL
from warehouse.forgetting.search import files_below
from warehouse.forgetting.written import rewrite_sqlite
from warehouse.intake.settling import Settling, Taken
from warehouse.ledger import Ledger
from warehouse.settings import Settings

#: Files that stay whatever is removed.
KEPT = frozenset({JOURNAL, marks.KEY, "run.lock", requested.LOCK})
_FOLDERS = ("landing", "lake", "warehouse", "work", "drift", CERTIFICATES)


def sources(settings: Settings) -> list[Path]:
    """Folders that are the district's own: nothing is looked for or removed there."""
    return [s.location for s in settings.sources if not isinstance(s.location, Address)]


def below(settings: Settings) -> Iterator[Path]:
    """Every file below the home that is Homeroom's."""
    return files_below(settings.home, sources(settings))


def derived(settings: Settings) -> list[Path]:
    """Files below the home that can be made again: exports, reports and the like."""
    own = [settings.home / name for name in _FOLDERS]
    databases = tuple(
        str(p) for p in (settings.ledger, settings.sessions, settings.home / "notes.sqlite")
    )
    return [
        path
        for path in files_below(settings.home, [*sources(settings), *own])
        if path.name not in KEPT and not str(path).startswith(databases)
    ]


def pseudonymous(settings: Settings) -> set[Path]:
    """Weekly exports in which people stand as pseudonyms, with their manifests."""
    found: set[Path] = set()
    for manifest in settings.exports.glob("manifest_*.json"):
        told = json.loads(manifest.read_text("utf-8"))
        if told["pseudonymous"]:
            found |= {manifest, *(settings.exports / file["file"] for file in told["files"])}
    return found


def sweep(settings: Settings, ledger: Ledger) -> None:
    """Remove the parts of the lake that no file of the ledger needs."""
    Settling(ledger, settings.lake, settings.registry, Taken(), accept_smaller=False).sweep()


def rewrite(settings: Settings) -> None:
    """Write the SQLite files anew, so that nothing removed stands in their free pages."""
    for path in (settings.ledger, settings.sessions, settings.home / "notes.sqlite"):
        rewrite_sqlite(path)


def remove_strays(settings: Settings, ledger: Ledger) -> None:
    """Copies that no row of the ledger names: what a kill left behind."""
    known = {landed for (landed,) in ledger.rows("SELECT DISTINCT landed FROM file")}
    for path in settings.landing.glob("*/*"):
        if path.is_file() and str(path.relative_to(settings.landing)) not in known:
            path.unlink(missing_ok=True)
