"""Whether a district is well, in one word and one line, for a monitor that looks from outside.

Not here: what is told to people by mail or chat (telling), the whole state (status.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from warehouse import publish
from warehouse.ledger import Ledger
from warehouse.settings import Settings
from warehouse.watch import runs, standing
from warehouse.watch.standing import Problem

#: What clocks may differ by.
_CLOCKS = timedelta(hours=1)


@dataclass(frozen=True)
class Verdict:
    """`line`: counts, names of feeds and checks; nothing of a child, no name of a file."""

    well: bool
    line: str


def judged(
    ended: datetime | None,
    published: str | None,
    problems: Mapping[str, Problem],
    now: datetime,
    within: timedelta,
) -> Verdict:
    """What the last run's end and the problems amount to. Pure."""
    if published is None:
        return Verdict(False, "nothing has been published yet")
    found = [f"{key}: {problem.state}" for key, problem in sorted(problems.items())]
    if ended is None or now - ended > within:
        last = ended.isoformat(timespec="minutes") if ended else "never"
        found.insert(
            0, f"no run has ended for {within / timedelta(hours=1):g} hours (last: {last})"
        )
    elif ended - now > _CLOCKS:
        # Otherwise a district would be well until that time, whether it runs or not.
        found.insert(0, f"the last run ended at {ended.isoformat(timespec='minutes')}, which has "
                     "not come: the clock was moved")  # fmt: skip
    if found:
        return Verdict(False, "; ".join(found))
    return Verdict(True, f"published {published}, nothing wants a look")


def look(settings: Settings, within: timedelta) -> Verdict:
    """Judge a district now. Changes nothing."""
    now = datetime.now(UTC)
    pointer = publish.read_pointer(settings.warehouse)
    if pointer is None:
        return judged(None, None, {}, now, within)
    with closing(Ledger(settings.ledger)) as ledger:
        built = (run for run in runs.last(ledger) if run.what == "build")
        last = next(built, None)
        today = now.astimezone(ZoneInfo(settings.time_zone)).date()
        problems = standing.problems(settings, ledger, today)
    ended = datetime.fromisoformat(last.ended_at) if last else None
    return judged(ended, pointer.published_at, problems, now, within)
