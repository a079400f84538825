"""The graph that `dagster dev` opens. Nothing is read at import: the district's file is read when
the definitions are loaded."""

from __future__ import annotations

import os
from pathlib import Path

import dagster as dg

from connectors.errors import ConfigError
from connectors.registry import PLATFORMS
from pipelines import backfills
from pipelines.resources import District
from pipelines.schedules import new_files, school_mornings
from pipelines.sources import source_assets
from pipelines.steps import DISTRICT
from pipelines.views import warehouse_assets, written_by_people
from pipelines.weekly_export import EXPORT, weekly_export, weekly_exports
from transforms import catalog
from warehouse import settings

_DEMO = Path("demo/homeroom.toml")


@dg.definitions
def defs() -> dg.Definitions:
    """Assets, checks, job and schedule of the configured district; else of the demo; else bare."""
    district = _district()
    if district is None:
        platforms = tuple(PLATFORMS.values())
        active = tuple(p.name for p in platforms if p.sends_activity)
        zone, path, tags = "UTC", "", {}
    else:
        names = dict.fromkeys(s.platform for s in district.sources)
        platforms = tuple(district.registry[n] for n in names)
        active, zone, path = district.platforms, district.time_zone, str(district.file)
        tags = {DISTRICT: district.name}
    if district is None:
        transforms = catalog.load(active)
    else:
        transforms = catalog.load(active, district.thresholds, district.titles, district.ceilings)
    job = dg.define_asset_job(
        "school_morning",
        dg.AssetSelection.all() - dg.AssetSelection.assets(backfills.NAME, EXPORT),
        description="Every platform's new files to a published warehouse.",
        run_tags=tags,
    )
    file = Path(path) if path else None
    nightly = dg.Definitions(
        assets=[
            *(source_assets(platform) for platform in platforms),
            warehouse_assets(transforms, platforms),
            *written_by_people(),
            weekly_export,
        ],
        jobs=[job],
        schedules=[school_mornings(job, zone, file), weekly_exports(zone)],
        sensors=[new_files(job, file)],
        resources={"district": District(config=path)},
        # A process per step would cost more than most steps do.
        executor=dg.in_process_executor,
    )
    name = district.name if district else ""
    return dg.Definitions.merge(nightly, backfills.by_school_year(zone, name, file))


def _district() -> settings.Settings | None:
    try:
        return settings.load(settings.find())
    except ConfigError:
        if os.environ.get(settings.ENVIRONMENT) or Path(settings.DEFAULT).exists():
            raise
    return settings.load(_DEMO) if _DEMO.exists() else None
