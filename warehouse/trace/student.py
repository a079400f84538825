"""A student's rows of one platform and week: which files hold them, and what became of each.

Lines are found as forgetting finds them, so that a row of somebody of the same name is never taken
for the student's. Not here: following a line (the package itself).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from connectors.errors import FileRefused
from warehouse import trace
from warehouse.explain.told import Ask
from warehouse.forgetting import occurring
from warehouse.forgetting.finding import WITHHELD, Finder
from warehouse.forgetting.whom import gather
from warehouse.identity import REF
from warehouse.intake.archives import prepared_again
from warehouse.ledger import Ledger
from warehouse.settings import Settings
from warehouse.trace import arrivals
from warehouse.trace.arrivals import Arrival


@dataclass(frozen=True)
class Lines:
    """A file about the week: the student's lines in it, those that only a name tells, and where
    the student's went. Both None: the landed copy cannot be read."""

    trace: trace.Trace
    sure: tuple[int, ...] | None = None
    maybe: tuple[int, ...] | None = None


@dataclass(frozen=True)
class Week:
    """`linked`, `waiting`: accounts of the platform that are, or may be, the student's, as rows of
    the live warehouse. `shown`: the student's row of views.student_platform_week."""

    week: date
    linked: Sequence[dict[str, Any]]
    waiting: Sequence[dict[str, Any]]
    shown: dict[str, Any] | None
    files: Sequence[Lines]


def latest_week(ask: Ask, platform: str) -> date | None:
    """Monday of the latest week that is shown of a platform."""
    found = ask(
        "SELECT max(week_start) AS week FROM views.student_platform_week WHERE platform = $of",
        {"of": platform},
    )
    week: date | None = found[0]["week"]
    return week


def of_student(
    settings: Settings, ledger: Ledger, ask: Ask, student_id: str, platform: str, week: date
) -> Week:
    """Everything of a student's week on a platform. `week`: its Monday. Hold the run's lock."""
    values = {"id": student_id, "of": platform, "week": week}
    shown = ask(
        "SELECT status, observed_minutes IS NOT NULL AS is_timed FROM views.student_platform_week "
        "WHERE student_id = $id AND platform = $of AND week_start = $week",
        values,
    )
    marks = occurring.marks_of(gather(settings, ledger, student_id))
    found = []
    for one in about(ledger, ask, platform, week):
        with trace.working(settings) as work:
            sure, maybe = _lines(Finder(settings, marks, work), settings, ledger, one, work)
        with trace.working(settings) as work:
            went = trace.of_file(settings, ledger, one, sure or (), work)
        found.append(Lines(went, sure, maybe))
    return Week(
        week=week,
        linked=ask(
            f"""SELECT {REF} AS account_ref, method FROM roster.identity_map
                WHERE student_id = $id AND platform = $of ORDER BY ALL""",
            {"id": student_id, "of": platform},
        ),
        waiting=ask(
            """SELECT DISTINCT r.account_ref, r.waits_for FROM ops.identity_candidate c
               JOIN ops.identity_review r USING (platform, account_ref)
               WHERE c.student_id = $id AND c.platform = $of ORDER BY ALL""",
            {"id": student_id, "of": platform},
        ),
        shown=shown[0] if shown else None,
        files=found,
    )


def about(ledger: Ledger, ask: Ask, platform: str, week: date) -> list[Arrival]:
    """Files of a platform that tell of a week, or whose names say so; each content once."""
    covering = ask(
        """SELECT DISTINCT source_file FROM facts.coverage
           WHERE platform = $of AND covers_from <= $last AND covers_to >= $first""",
        {"of": platform, "first": week, "last": week + timedelta(days=6)},
    )
    return arrivals.about(ledger, platform, week, [row["source_file"] for row in covering])


def accounts(ask: Ask, platform: str, asked: str) -> list[dict[str, Any]]:
    """Accounts of a platform that an id, address, user name or reference means: its reference, its
    student, and why it waits."""
    return ask(
        f"""WITH a AS (SELECT *, {REF} AS account_ref FROM facts.account WHERE platform = $of)
            SELECT account_ref, a.student_id, r.waits_for
            FROM a LEFT JOIN ops.identity_review AS r USING (platform, account_ref)
            WHERE lower(trim($asked)) IN (
                lower(account_key), lower(sis_id), lower(email), lower(username))
              OR length($asked) >= 6 AND starts_with(account_ref, $asked)
            ORDER BY ALL""",
        {"of": platform, "asked": asked},
    )


def _lines(
    finder: Finder, settings: Settings, ledger: Ledger, one: Arrival, work: Path
) -> tuple[tuple[int, ...] | None, tuple[int, ...] | None]:
    """The lines of a file that are surely the student's, and those that may be."""
    try:
        (file,) = ledger.files("id = ?", (one.id,))
        prepared = prepared_again(settings.landing, file, work)
        if prepared is None or one.status not in ("loaded", "waiting", "refused"):
            return None, None
        records = finder.of_rows(one.platform, one.name, prepared).records
    except FileRefused:
        # Cut off, say: the ledger tells of the file as a whole.
        return None, None
    finally:
        finder.close()
    sure = tuple(sorted(n for n, verdict in records.items() if verdict == WITHHELD))
    return sure, tuple(sorted(set(records) - set(sure)))
