"""Where a row went: a line of a file, or a student's lines of a week, followed to the view.

Answers a coordinator who asks why a row is missing. What is told is what the ledger, the identities
and the published warehouse know; the landed copy is read once more for what only it knows. Nothing
is changed, and no value of a file is told.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from connectors.errors import HomeroomError
from warehouse import publish
from warehouse.intake.archives import prepared_again
from warehouse.ledger import Ledger
from warehouse.settings import Settings
from warehouse.trace import fates, lines
from warehouse.trace.arrivals import Arrival
from warehouse.trace.fates import Fate
from warehouse.trace.lines import Read

__all__ = ["Arrival", "Fate", "Read", "Trace", "of_file", "working"]


@dataclass(frozen=True)
class Trace:
    """One arrival, and what became of the lines that were asked for.

    `read`: None where the landed copy was not read again, because nothing of it is live or can be.
    `fates`: of the kept lines; a line may become rows of several tables. `is_published`: whether
    the live warehouse was made with this file.
    """

    arrival: Arrival
    read: Read | None = None
    fates: tuple[Fate, ...] = ()
    is_published: bool = True


def of_file(
    settings: Settings, ledger: Ledger, arrival: Arrival, asked: Sequence[int], work: Path
) -> Trace:
    """Follow some lines of an arrival. `work`: an empty folder. Raises HomeroomError where the file
    has no such line."""
    if arrival.status not in ("loaded", "waiting", "refused"):
        return Trace(arrival)
    platform = settings.registry.get(arrival.platform)
    (file,) = ledger.files("id = ?", (arrival.id,))
    prepared = prepared_again(settings.landing, file, work) if platform else None
    if platform is None or prepared is None:
        return Trace(arrival)
    live = publish.live_file(settings.warehouse)
    with closing(lines.opened(settings.time_zone, work)) as db:
        read = lines.read(db, settings.time_zone, platform, file, prepared, asked, work)
        if asked and read.last and max(asked) > read.last:
            raise HomeroomError(
                f"the file ends with line {read.last}",
                culprit=f"--line {max(asked)}",
                fix="lines are counted from the header, which is 1",
            )
        if live is None or not read.tables:
            return Trace(arrival, read, is_published=live is not None)
        found, is_published = fates.of_tables(db, live, file, read.tables)
    return Trace(arrival, read, found, is_published)


@contextmanager
def working(settings: Settings) -> Iterator[Path]:
    """An empty folder below the district's scratch. Hold the run's lock."""
    work = settings.work / "trace"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)
