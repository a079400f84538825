"""The whole run in one place: land, read, build, check, publish. `pipelines/` drives its steps.

Every step may be killed: what is pending stays pending, a half-built file is thrown away, and
the live warehouse changes only by the pointer's swap.
"""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from connectors.errors import HomeroomError
from transforms import catalog
from warehouse import backup, build, publish
from warehouse.forgetting.journal import JOURNAL
from warehouse.identity.rates import Night
from warehouse.intake.landing import Landed, land
from warehouse.intake.reading import Intake
from warehouse.intake.settling import Taken
from warehouse.lake import lakehouse
from warehouse.ledger import Ledger, disk_told, now
from warehouse.lock import BRIEFLY, only_run
from warehouse.notes import database, source
from warehouse.quality import checks
from warehouse.quality import report as quality
from warehouse.quality.apart import Apart
from warehouse.quality.checks import Result
from warehouse.settings import Settings
from warehouse.watch import runs, standing
from warehouse.watch.runs import Run

#: progress(stage, done, of)
Progress = Callable[[str, float, float], None]


@dataclass
class Report:
    """What one run did."""

    landed: Landed = field(default_factory=Landed)
    taken: Taken = field(default_factory=Taken)
    looking: Apart | None = None
    published: Path | None = None
    made: list[build.Made] = field(default_factory=list)
    held: list[Night] = field(default_factory=list)
    checks: list[Result] = field(default_factory=list)
    refusal: HomeroomError | None = None
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def failed(self) -> bool:
        """Whether some source could not be read or the build did not go live."""
        return bool(self.landed.problems or self.refusal)


def run(
    settings: Settings,
    progress: Progress = lambda stage, done, of: None,
    *,
    accept_smaller: bool = False,
    rebuild: bool = False,
    accept_links: bool = False,
    wait: timedelta = timedelta(),
) -> Report:
    """Every pending file to a published warehouse. Raises HomeroomError where it cannot start.

    `accept_smaller`: a roster may shrink. `accept_links`: accounts may lose their students.
    `wait`: for another run to end.
    """
    report = Report()
    with opened(settings, wait) as ledger:
        try:
            with _kept(ledger, report):
                take(settings, ledger, report, progress, accept_smaller=accept_smaller)
            put_live(settings, ledger, report, progress, rebuild=rebuild, accept_links=accept_links)
            if report.published and report.looking is None:
                report.looking = Apart(settings)
                report.looking.hand_over(report.taken)
        finally:
            if report.looking is not None:
                with _Timed(report, "batch checks"):
                    report.looking.finish(ledger, report.published)
            if report.published:
                quality.write(settings, ledger, report.published)
    return report


@contextmanager
def opened(settings: Settings, wait: timedelta = timedelta()) -> Iterator[Ledger]:
    """The district's ledger, held by this run alone. `wait`: for another run to end."""
    with only_run(settings.home, wait_seconds=max(wait.total_seconds(), BRIEFLY)):
        if (settings.home / backup.RESTORING).exists():
            raise backup.half_restored(settings)
        ledger = Ledger(settings.ledger)
        try:
            with _kept(ledger, Report()):
                _notes_are_there(settings, ledger)
            if (settings.home / JOURNAL).exists():
                # Somebody's forgetting was stopped in the middle: nothing comes before its end.
                from warehouse.forgetting import command

                command.finish(settings, ledger)
            yield ledger
        except Exception as error:
            # A full disk is told by what failed first.
            with suppress(HomeroomError, sqlite3.Error):
                ledger.keep(standing.RUN, standing.problem_of(error))
            raise
        finally:
            _keep_place(settings, ledger)
            ledger.close()


def take(
    settings: Settings,
    ledger: Ledger,
    report: Report,
    progress: Progress = lambda stage, done, of: None,
    *,
    only: str | None = None,
    accept_smaller: bool = False,
    expect: Callable[[Settings, Ledger, Taken], None] | None = None,
) -> None:
    """From the sources to the lake, for every platform or `only` one; fills `report`.

    `expect` looks at what came; where it is not given, a process of its own does, and
    `report.looking` is to be waited for.
    """
    with _Timed(report, "landing"):
        report.landed = land(settings, ledger, lambda d, o: progress("landing", d, o), only)
    intake = Intake(settings, ledger, accept_smaller=accept_smaller, only=only)
    apart = Apart(settings) if expect is None and intake.waits() else None
    try:
        with _Timed(report, "reading"):
            report.taken = intake.run(lambda d, o: progress("reading", d, o))
            report.taken.files += report.landed.refused
    except BaseException:
        if apart is not None:
            apart.stop()
        raise
    if apart is not None:
        apart.hand_over(report.taken)
        report.looking = apart
    elif expect is not None:
        with _Timed(report, "batch checks"):
            expect(settings, ledger, report.taken)


def failed_feeds(settings: Settings, report: Report) -> list[str]:
    """Feeds of which this run took files and could use none."""
    ledger = Ledger(settings.ledger)
    try:
        marks = ", ".join(map(str, report.taken.files)) or "NULL"
        rows = ledger.rows(f"SELECT platform, feed, status FROM file WHERE id IN ({marks})")
    finally:
        ledger.close()
    return without_success(rows)


def without_success(rows: list[tuple[str, str | None, str]]) -> list[str]:
    """Of (platform, feed, status), the feeds that had something refused and nothing usable.

    A file refused before its feed was known counts for its platform. Pure.
    """
    good = {(p, f) for p, f, status in rows if status != "refused"}
    fine = {p for p, _ in good}
    bad = {(p, f) for p, f, status in rows if status == "refused"}
    return sorted(
        f"{p}/{f}" if f else p
        for p, f in bad
        if ((p, f) not in good if f is not None else p not in fine)
    )


def put_live(
    settings: Settings,
    ledger: Ledger,
    report: Report,
    progress: Progress = lambda stage, done, of: None,
    *,
    rebuild: bool = False,
    accept_links: bool = False,
) -> None:
    """From the lake to a published warehouse, unless the live one has the same inputs already.

    Before it, what is older than the district keeps it goes.
    """
    with _kept(ledger, report, always=True), disk_told(settings.home):
        if settings.retention:
            from warehouse import retention

            retention.apply(settings, ledger)
        _build(settings, ledger, report, progress, rebuild=rebuild, accept_links=accept_links)
        refused = report.refusal and standing.problem_of(report.refusal)
        if report.refusal and refused:
            # Names of checks, which may be told.
            refused["says"] += f": {report.refusal.culprit}"
        ledger.keep(standing.RUN, refused)


@contextmanager
def _kept(ledger: Ledger, report: Report, *, always: bool = False) -> Iterator[None]:
    """Keep what became of a block among the runs: where it fails, or `always`."""
    began, problem = now(), "it was stopped"
    ended = False
    try:
        yield
        ended, problem = True, str(report.refusal) if report.refusal else ""
    except Exception as error:
        # Of other errors the kind alone: their words may quote a value.
        problem = str(error) if isinstance(error, HomeroomError) else type(error).__name__
        raise
    finally:
        if always or not ended:
            published = report.published.name if report.published else None
            read = len(report.taken.files)
            run = Run("build", began, now(), None, read, published, problem or None)
            # A full disk is told by what failed first.
            with suppress(HomeroomError):
                runs.keep(ledger, run)


def _build(
    settings: Settings,
    ledger: Ledger,
    report: Report,
    progress: Progress,
    *,
    rebuild: bool,
    accept_links: bool,
) -> None:
    transforms = catalog.load(
        settings.platforms, settings.thresholds, settings.titles, settings.ceilings
    )
    key = build.inputs_key(settings, ledger, transforms)
    pointer = publish.read_pointer(settings.warehouse)
    live = publish.live_file(settings.warehouse)
    if (
        live is not None
        and pointer is not None
        and pointer.inputs == key
        and not (rebuild or accept_links)
    ):
        report.checks = checks.recorded(live)
        return
    path = publish.building_path(settings.warehouse)
    scratch = settings.work / "build"
    try:
        db = build.open_target(path, scratch)
        with _Timed(report, "transforms"):
            lakehouse.attach(db, ledger, settings.lake)
            source.attach(db, build.written(settings))
            report.made, report.held = build.build(
                db,
                settings,
                transforms,
                lambda d, o: progress("building", d, o),
                None if accept_links else live,
            )
        with _Timed(report, "publishing"):
            build.write_ops(db, settings, ledger, transforms)
            report.checks = build.finish(db)
            report.refusal = publish.refusal(report.checks)
            if report.refusal is None:
                report.published = publish.publish(db, path, settings.warehouse, key)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _notes_are_there(settings: Settings, ledger: Ledger) -> None:
    """Raises HomeroomError where the notes of the last run have gone: opening would make new ones,
    take in files of students who were forgotten, and publish without what people decided."""
    if database.gone(settings.notes) and ledger.note("notes_kept_in") == _place(settings):
        raise database.lost(settings.notes)


def _keep_place(settings: Settings, ledger: Ledger) -> None:
    """For the next run to know that there were notes. What else fails is told by what failed."""
    with suppress(HomeroomError, sqlite3.Error):
        if not database.gone(settings.notes):
            ledger.keep("notes_kept_in", _place(settings))


def _place(settings: Settings) -> str:
    """Where the notes are, as a hash: an address may hold a password. A home that moves with its
    notes stays the same place."""
    return hashlib.sha256((settings.notes_url or "home").encode()).hexdigest()


class _Timed:
    """Adds the seconds of a block to a report."""

    def __init__(self, report: Report, stage: str) -> None:
        self._report, self._stage, self._start = report, stage, time.perf_counter()

    def __enter__(self) -> None:
        self._start = time.perf_counter()

    def __exit__(self, *exc: object) -> None:
        spent = time.perf_counter() - self._start
        self._report.seconds[self._stage] = self._report.seconds.get(self._stage, 0) + spent
