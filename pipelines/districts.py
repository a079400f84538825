"""Many districts side by side: one partition each, one run each, on whatever launches the runs.

`dagster dev -m pipelines.districts` shows them. HOMEROOM_DISTRICTS names the folder that holds a
folder with a homeroom.toml per district. Not here: what a run does (warehouse/nightly.py).
"""

import os
from collections.abc import Iterator
from pathlib import Path

import dagster as dg

from warehouse import nightly, settings

FOLDER = "HOMEROOM_DISTRICTS"
#: By it a run coordinator can keep a district's runs from meeting each other.
_TAG = "homeroom/district"


@dg.definitions
def defs() -> dg.Definitions:
    """One asset, partitioned by district, and a schedule that asks for each of them."""
    folder = Path(os.environ[FOLDER])
    names = sorted(path.parent.name for path in folder.glob(f"*/{settings.DEFAULT}"))
    districts = dg.StaticPartitionsDefinition(names)

    @dg.asset(partitions_def=districts, kinds={"duckdb"})
    def district_warehouse(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
        """Every platform's new files of one district, to its published warehouse."""
        report = nightly.run(settings.load(folder / context.partition_key / settings.DEFAULT))
        if report.failed:
            told = "; ".join(str(p) for p in (*report.landed.problems, report.refusal) if p)
            raise dg.Failure(told, allow_retries=False)
        return dg.MaterializeResult(
            metadata={"new_files": report.landed.new, "live": report.published is not None}
        )

    job = dg.define_asset_job("district_morning", [district_warehouse])

    @dg.schedule(job=job, cron_schedule="0 5 * * 1-5")
    def district_mornings(context: dg.ScheduleEvaluationContext) -> Iterator[dg.RunRequest]:
        """Monday to Friday at 5:00: one run for each district."""
        for name in names:
            key = f"{name} {context.scheduled_execution_time:%Y-%m-%d}"
            yield dg.RunRequest(run_key=key, partition_key=name, tags={_TAG: name})

    return dg.Definitions(
        assets=[district_warehouse],
        jobs=[job],
        schedules=[district_mornings],
        # A district is one step: what spreads them is the run launcher of dagster.yaml.
        executor=dg.in_process_executor,
    )
