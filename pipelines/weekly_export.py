"""The weekly export as an asset, and when it is made. What it holds is not decided here."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import dagster as dg

from pipelines.resources import District
from pipelines.views import PUBLISHED
from warehouse.exports import delivery

EXPORT = dg.AssetKey(["exports", "week"])
#: Monday, when the morning's run has ended: the week before is complete.
_MONDAYS = "0 7 * * 1"


@dg.asset(
    key=EXPORT,
    deps=[PUBLISHED],
    group_name="exports",
    description="The week before this one as CSV, Parquet and a workbook, delivered where [export] "
    "says.",
)
def weekly_export(district: District) -> dg.MaterializeResult[Any]:
    """Export last week; counts and names of files, nothing of a child."""
    settings = district.load()
    today = datetime.now(ZoneInfo(settings.time_zone)).date()
    manifest, sent = delivery.last_week(settings, today)
    return dg.MaterializeResult(
        metadata={
            "week": manifest["week_start"],
            "pseudonymous": manifest["pseudonymous"],
            "files": len(manifest["files"]),
            "sent": sent,
            "folder": dg.MetadataValue.path(str(settings.exports)),
        }
    )


def weekly_exports(zone: str) -> dg.ScheduleDefinition:
    """Every Monday at seven, in the district's own time; off until somebody switches it on."""
    return dg.ScheduleDefinition(
        name="weekly_exports",
        target=dg.AssetSelection.assets(EXPORT),
        cron_schedule=_MONDAYS,
        execution_timezone=zone,
        default_status=dg.DefaultScheduleStatus.STOPPED,
        description="Mondays at 7:00, of the week before.",
    )
