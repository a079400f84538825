"""Past school years again: a partition's files are read once more as they were received.

The views are tables of everything the lake holds, made together, so a partition stands for what is
read again; the warehouse is then built whole, and other years come out as they were.
"""

from pathlib import Path

import dagster as dg

from pipelines.steps import DISTRICT, step, tell
from warehouse import nightly
from warehouse import settings as config
from warehouse.intake import read_again
from warehouse.settings import Settings

#: Of data before it no district keeps exports.
_FIRST = "2010-07-01"
NAME, JOB = "files_read_again", "read_again"


def school_years(zone: str = "UTC") -> dg.TimeWindowPartitionsDefinition:
    """School years by their first day, 1 July; the running one too."""
    return dg.TimeWindowPartitionsDefinition(
        start=_FIRST, fmt="%Y-%m-%d", cron_schedule="0 0 1 7 *", timezone=zone, end_offset=1
    )


def year_of(key: str) -> read_again.Span:
    """The days of a partition."""
    return read_again.year_from(int(key[:4]))


def again(
    context: dg.AssetExecutionContext, district: Settings, key: str
) -> dg.MaterializeResult[None]:
    """Read a school year's files again and publish. Raises dg.Failure, dg.RetryRequested."""
    with step(context, district):
        with nightly.opened(district) as ledger:
            files = read_again.set_pending(district, ledger, year_of(key))
        report = nightly.run(district)
        if report.refusal is not None:
            raise report.refusal
    tell(context, district)
    return dg.MaterializeResult(metadata={"files": files, "live": report.published is not None})


def by_school_year(zone: str, name: str, file: Path | None) -> dg.Definitions:
    """The asset and its job, for one district."""

    @dg.asset(
        name=NAME,
        partitions_def=school_years(zone),
        group_name="landing",
        kinds={"duckdb"},
        description="A school year's files, read again as they were received; nothing is fetched. "
        "The warehouse is built from all years.",
    )
    def files_read_again(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
        return again(context, config.load(config.find(file)), context.partition_key)

    job = dg.define_asset_job(JOB, [files_read_again], run_tags={DISTRICT: name})
    return dg.Definitions(assets=[files_read_again], jobs=[job])
