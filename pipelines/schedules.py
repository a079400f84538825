"""When runs happen: before school on school days, by the district's clock; and when files come."""

from __future__ import annotations

import os
from contextlib import closing
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import dagster as dg
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition

from connectors.errors import HomeroomError
from pipelines.steps import DISTRICT
from warehouse import settings as config
from warehouse.intake.arrivals import Look, Seen, look
from warehouse.ledger import Ledger
from warehouse.settings import Settings
from warehouse.watch.school_days import SchoolDays, school_days

Job = UnresolvedAssetJobDefinition
#: Exports of the day before are there by then, and the pages are ready before the first bell. Every
#: day: which are school days, the calendar says.
BEFORE_SCHOOL = "0 5 * * *"
#: Seconds between two looks at the sources.
SECONDS = int(os.environ.get("HOMEROOM_LOOK_SECONDS", "60"))


def day_off(school: SchoolDays, day: date) -> str:
    """Why there is no run on a day; empty where there is one. Pure."""
    if school.is_open(day):
        return ""
    told = "the calendar says so" if day in school.told else "it is a weekend"
    return f"No school on {day:%A} {day}: {told}. The next school day's run takes what has come."


def school_mornings(job: Job, zone: str, file: Path | None) -> dg.ScheduleDefinition:
    """Every school day at five; a day without new files costs seconds."""

    @dg.schedule(
        name="school_mornings",
        job=job,
        cron_schedule=BEFORE_SCHOOL,
        execution_timezone=zone,
        default_status=dg.DefaultScheduleStatus.STOPPED,
        description="School days at 5:00 in the district's time, before the first bell.",
    )
    def tick(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        district = config.load(config.find(file))
        return asked(district, context.scheduled_execution_time)

    return tick


def asked(
    district: Settings, at: datetime, partition: str | None = None
) -> dg.RunRequest | dg.SkipReason:
    """A district's run for the day that it has at an instant, or why there is none."""
    day = at.astimezone(ZoneInfo(district.time_zone)).date()
    with closing(opened(district)) as ledger:
        reason = day_off(school_days(district, ledger), day)
    if reason:
        return dg.SkipReason(reason)
    key = f"{partition} {day}" if partition else f"{day}"
    return dg.RunRequest(
        run_key=key, partition_key=partition, tags={DISTRICT: partition or district.name}
    )


def new_files(job: Job, file: Path | None, partition: str | None = None) -> dg.SensorDefinition:
    """Asks for a run when files with new content have come to a district's sources."""
    name = "new_files" if partition is None else f"new_files_{as_name(partition)}"

    @dg.sensor(
        name=name,
        job=job,
        minimum_interval_seconds=SECONDS,
        default_status=dg.DefaultSensorStatus.STOPPED,
        description="A run when files with new content have come; the same bytes ask for none.",
    )
    def tick(context: dg.SensorEvaluationContext) -> dg.SensorResult:
        district = config.load(config.find(file))
        before = Seen.read(context.cursor)
        with closing(opened(district)) as ledger:
            found = look(district, ledger, before)
        return result(found, partition, partition or district.name)

    return tick


def result(found: Look, partition: str | None, tag: str) -> dg.SensorResult:
    """A run for what is new. Its key stands for the content, so the same is asked for once."""
    if not found.seen.new:
        return dg.SensorResult(skip_reason=nothing_new(found), cursor=str(found.seen))
    request = dg.RunRequest(
        run_key=f"{tag} {found.seen.new}", partition_key=partition, tags={DISTRICT: tag}
    )
    return dg.SensorResult(run_requests=[request], cursor=str(found.seen))


def nothing_new(found: Look) -> str:
    """Why no run is asked for, in counts. Pure."""
    words = ["Nothing new has come."]
    if found.changed:
        words = [f"{found.changed} files were touched or sent again; their content is known."]
    if found.growing:
        words.append(f"{found.growing} files are still being written.")
    if found.away:
        # No culprit: it may be a file's name.
        words.append("Could not look: " + "; ".join(sorted({e.says for e in found.away})) + ".")
    return " ".join(words)


def opened(district: Settings) -> Ledger:
    """The ledger to look into. Raises HomeroomError where its folder cannot be made."""
    try:
        district.home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise HomeroomError(
            "the district's folder cannot be made", culprit=str(district.home), fix="check rights"
        ) from error
    return Ledger(district.ledger)


def as_name(text: str) -> str:
    """A text as a piece of a name that Dagster takes. Pure."""
    return "".join(c if c.isascii() and c.isalnum() else "_" for c in text)
