"""When runs happen: before school, Monday to Friday, in the district's own time."""

from __future__ import annotations

import dagster as dg
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition

#: Exports of the day before are there by then, and the pages are ready before the first bell.
_BEFORE_SCHOOL = "0 5 * * 1-5"


def school_mornings(job: UnresolvedAssetJobDefinition, zone: str) -> dg.ScheduleDefinition:
    """Every school-day morning at five; a day without new files costs seconds."""
    return dg.ScheduleDefinition(
        name="school_mornings",
        job=job,
        cron_schedule=_BEFORE_SCHOOL,
        execution_timezone=zone,
        default_status=dg.DefaultScheduleStatus.STOPPED,
        description="Monday to Friday at 5:00, before the first bell.",
    )
