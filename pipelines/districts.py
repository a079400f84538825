"""Many districts side by side: one partition each, one run each, on whatever launches the runs.

`dagster dev -m pipelines.districts` shows them. HOMEROOM_DISTRICTS names the folder that holds a
folder with a homeroom.toml per district. Not here: what a run does (warehouse/nightly.py).
"""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import dagster as dg

from connectors.errors import HomeroomError
from pipelines import backfills
from pipelines.schedules import BEFORE_SCHOOL, Job, as_name, asked, new_files
from pipelines.steps import step, tell
from warehouse import nightly, settings

FOLDER = "HOMEROOM_DISTRICTS"
_YEARS = "school_year"


@dg.definitions
def defs() -> dg.Definitions:
    """One asset, partitioned by district; a schedule per time zone, a sensor per district; and past
    school years again, by district and year."""
    folder = Path(os.environ[FOLDER])
    names = sorted(path.parent.name for path in folder.glob(f"*/{settings.DEFAULT}"))
    districts = dg.StaticPartitionsDefinition(names)

    def file_of(name: str) -> Path:
        return folder / name / settings.DEFAULT

    @dg.asset(partitions_def=districts, kinds={"duckdb"})
    def district_warehouse(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
        """Every platform's new files of one district, to its published warehouse."""
        district = settings.load(file_of(context.partition_key))
        with step(context, district):
            report = nightly.run(district)
            if failed := failure(report):
                raise failed
        tell(context, district)
        return dg.MaterializeResult(
            metadata={"new_files": report.landed.new, "live": report.published is not None}
        )

    both = dg.MultiPartitionsDefinition({"district": districts, _YEARS: backfills.school_years()})

    @dg.asset(partitions_def=both, kinds={"duckdb"})
    def district_files_read_again(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
        """A school year's files of one district, read again as they were received."""
        assert isinstance(context.partition_key, dg.MultiPartitionKey)
        chosen = context.partition_key.keys_by_dimension
        return backfills.again(context, settings.load(file_of(chosen["district"])), chosen[_YEARS])

    job = dg.define_asset_job("district_morning", [district_warehouse])
    again = dg.define_asset_job("district_read_again", [district_files_read_again])
    return dg.Definitions(
        assets=[district_warehouse, district_files_read_again],
        jobs=[job, again],
        schedules=[
            _mornings(job, zone, [(n, file_of(n)) for n in mine])
            for zone, mine in zones(folder, names).items()
        ],
        sensors=[new_files(job, file_of(name), name) for name in names],
        # A district is one step: what spreads them is the run launcher of dagster.yaml.
        executor=dg.in_process_executor,
    )


def failure(report: nightly.Report) -> HomeroomError | None:
    """What failed in a run, as one error; worth a retry where all of it is."""
    problems = [error for _, error in report.landed.problems]
    problems += [report.refusal] if report.refusal else []
    if not problems:
        return None
    return HomeroomError("; ".join(str(p) for p in problems), retry=all(p.retry for p in problems))


def zones(folder: Path, names: Sequence[str]) -> dict[str, list[str]]:
    """Districts by time zone; under UTC those whose settings are at fault: their tick says why."""
    found: dict[str, list[str]] = {}
    for name in names:
        try:
            zone = settings.load(folder / name / settings.DEFAULT).time_zone
        except HomeroomError:
            zone = "UTC"
        found.setdefault(zone, []).append(name)
    return found


def _mornings(job: Job, zone: str, districts: Sequence[tuple[str, Path]]) -> dg.ScheduleDefinition:
    @dg.schedule(
        name=f"district_mornings_{as_name(zone)}",
        job=job,
        cron_schedule=BEFORE_SCHOOL,
        execution_timezone=zone,
        description=f"School days at 5:00 in {zone}: one run for each district that has school.",
    )
    def tick(
        context: dg.ScheduleEvaluationContext,
    ) -> Iterator[dg.RunRequest | dg.SkipReason]:
        off: list[str] = []
        for name, file in districts:
            try:
                found = asked(settings.load(file), context.scheduled_execution_time, name)
            except HomeroomError as error:
                # The others run; this one's own run says what is wrong.
                context.log.warning(f"{name}: {error}")
                found = dg.RunRequest(partition_key=name)
            if isinstance(found, dg.RunRequest):
                yield found
            else:
                off.append(f"{name}: {found.skip_message}")
        if len(off) == len(districts):
            yield dg.SkipReason(" ".join(off))

    return tick
