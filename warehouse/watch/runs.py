"""What was run and when: builds, and versions that a person made live again. Kept in the ledger.

Counts, names of files and of checks; nothing of a child.
"""

from __future__ import annotations

from dataclasses import dataclass

from warehouse import publish
from warehouse.ledger import Ledger, now
from warehouse.lock import only_run
from warehouse.settings import Settings


@dataclass(frozen=True)
class Run:
    """One run. `what`: build or version. `files`: read by it. `published`: what went live by it.

    `by`: who did it, where a person chose. `problem`: why nothing went live; NULL where nothing
    was wrong. Instants are ISO 8601, UTC.
    """

    what: str
    began_at: str
    ended_at: str
    by: str | None = None
    files: int = 0
    published: str | None = None
    problem: str | None = None


def keep(ledger: Ledger, run: Run) -> None:
    """Add a run."""
    ledger.run(
        "INSERT INTO run (what, began_at, ended_at, by, files, published, problem) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        (run.what, run.began_at, run.ended_at, run.by, run.files, run.published, run.problem),
    )


def last(ledger: Ledger, most: int = 20) -> list[Run]:
    """The last runs, the newest first."""
    rows = ledger.rows(
        "SELECT what, began_at, ended_at, by, files, published, problem FROM run "
        "ORDER BY id DESC LIMIT ?",
        (most,),
    )
    return [Run(*row) for row in rows]


def use_version(settings: Settings, file: str, *, by: str) -> publish.Pointer:
    """Make an earlier version live again and keep who did. Raises HomeroomError."""
    began = now()
    with only_run(settings.home):
        made = publish.use(settings.warehouse, file)
        ledger = Ledger(settings.ledger)
        try:
            keep(ledger, Run("version", began, now(), by=by, published=made.file))
        finally:
            ledger.close()
    return made
