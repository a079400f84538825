"""Which arrival of the ledger is meant by a file's name, and why a file is not among them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from connectors.sources import passed_over
from warehouse.build import ARRIVAL
from warehouse.intake.naming import dates_in
from warehouse.ledger import Ledger
from warehouse.settings import Settings

_COLUMNS = (
    "id, platform, feed, name, sha256, landed_at, exported_on, dated_by, status, reason, culprit, "
    "rows_in, rows_kept, rows_quarantined, rows_duplicate, "
    "coalesce(rows_withheld, 0) + coalesce(rows_held, 0) AS left_out, "
    "(SELECT o.name FROM file o WHERE o.id = f.superseded_by) AS instead"
)


@dataclass(frozen=True)
class Arrival:
    """One file, or member of an archive, as the ledger knows it; statuses as readers see them.

    `instead`: the file that is live in its place, or that has its bytes. `left_out`: rows of
    forgotten students that did not land.
    """

    id: int
    platform: str
    feed: str | None
    name: str
    sha256: str
    landed_at: str
    exported_on: str | None
    dated_by: str | None
    status: str
    reason: str | None
    culprit: str | None
    rows_in: int | None
    rows_kept: int | None
    rows_quarantined: int | None
    rows_duplicate: int | None
    left_out: int
    instead: str | None


def called(ledger: Ledger, asked: str) -> list[Arrival]:
    """Every arrival that a name may mean, the newest first: the whole name, else its last part,
    else a piece of it."""
    for where, value in (
        ("name = ?", asked),
        ("substr(name, -length(?1) - 1) = '/' || ?1", asked),
        ("instr(lower(name), lower(?)) > 0", asked),
    ):
        if found := _select(ledger, where, (value,)):
            return found
    return []


def about(ledger: Ledger, platform: str, first: date, covering: Sequence[str]) -> list[Arrival]:
    """Files of a platform that tell of the week from `first` on, by name: those made in it, those
    whose name spells days of it, and those with a hash of `covering`."""
    last = first + timedelta(days=6)

    def tells(one: Arrival) -> bool:
        days = dates_in(one.name)
        if one.sha256 in covering:
            return True
        if days:
            return min(days) <= last and max(days) >= first
        return one.exported_on is not None and str(first) <= one.exported_on <= str(last)

    found = _select(ledger, "platform = ?", (platform,))
    return sorted((one for one in found if tells(one)), key=lambda one: (one.name, one.id))


def absent(settings: Settings, asked: str) -> str:
    """Why a file that the ledger does not know was not taken."""
    for folder in (s.location for s in settings.sources if isinstance(s.location, Path)):
        for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
            if path.is_file() and path.name == Path(asked).name:
                if passed_over(path.relative_to(folder)):
                    return "it lies in a source folder under the name of an unfinished file"
                return "it lies in a source folder and was not taken yet: homeroom run"
    places = ", ".join(str(s.location) for s in settings.sources)
    return f"no file of that name came, and none lies in a source folder ({places})"


def _select(ledger: Ledger, where: str, values: Sequence[object]) -> list[Arrival]:
    rows = ledger.rows(
        f"""SELECT {_COLUMNS} FROM (SELECT {ARRIVAL} FROM file WHERE is_archive = 0
              OR status <> 'loaded') f
            WHERE {where} ORDER BY id DESC""",
        values,
    )
    return [Arrival(*row) for row in rows]
