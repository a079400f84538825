"""The warehouse's tables and views as assets. They are built together, into one new file, so that
readers never meet a mixture of two nights."""

from collections.abc import Iterator, Sequence
from typing import Any

import dagster as dg

from connectors.contract import Platform
from pipelines.resources import District
from pipelines.sources import feed_key
from pipelines.steps import step, tell
from transforms.table import Transform
from warehouse import nightly, publish
from warehouse.build import Made
from warehouse.identity import rates
from warehouse.notes import source
from warehouse.quality import apart, checks, view_expectations
from warehouse.quality import report as quality
from warehouse.reader import Reader
from warehouse.settings import Settings

LINK = dg.AssetKey(["identity", "account_link"])
CLASSES = dg.AssetKey(["identity", "class_link"])
_RATE, _SUITE = "match_rate", "great_expectations"
PUBLISHED = dg.AssetKey(["warehouse"])


def table_key(table: str) -> dg.AssetKey:
    """The asset of one table of the warehouse."""
    return dg.AssetKey(table.split("."))


def written_by_people() -> list[dg.AssetSpec]:
    """What people write in the portal: read at each build, made outside the graph."""
    return [
        dg.AssetSpec(
            dg.AssetKey(["notes", table]),
            description=f"What people wrote: {table.replace('_', ' ')}s that hold now.",
            group_name="notes",
        )
        for table in source.TABLES
    ]


def warehouse_assets(
    transforms: Sequence[Transform], platforms: Sequence[Platform]
) -> dg.AssetsDefinition:
    """Everything from the lake to the published file, one asset per table."""
    specs = [
        *(_spec(t, platforms) for t in transforms),
        *_identity(platforms),
        dg.AssetSpec(
            PUBLISHED,
            deps=[table_key(t.table) for t in transforms if t.published],
            description="The warehouse file that readers open: checked, then put in place by "
            "swapping a pointer.",
            group_name="publishing",
            kinds={"duckdb"},
            skippable=True,
        ),
    ]
    by_name = {_check_name(c): c for c in checks.CHECKS}

    @dg.multi_asset(
        name="build_warehouse",
        specs=specs,
        check_specs=[
            dg.AssetCheckSpec(
                name, asset=PUBLISHED, description=f"{c.name}: {c.promise}", blocking=c.blocking
            )
            for name, c in by_name.items()
        ]
        + [
            dg.AssetCheckSpec(
                _RATE,
                asset=LINK,
                blocking=False,
                description="No platform's links are held back because its match rate fell, and "
                "the ids of every platform are the roster's.",
            )
        ]
        + [
            dg.AssetCheckSpec(
                _SUITE,
                asset=table_key(view),
                blocking=False,
                description="Great Expectations on the published view, whole or as a seeded "
                "sample of 200,000 rows",
            )
            for view in checks.KEYS
        ],
        can_subset=False,
    )
    def build(
        context: dg.AssetExecutionContext, district: District
    ) -> Iterator[dg.MaterializeResult[Any] | dg.AssetCheckResult]:
        settings = district.load()
        report = nightly.Report()
        with step(context, settings), nightly.opened(settings) as ledger:
            nightly.put_live(settings, ledger, report)
            if report.published:
                apart.check_views(ledger, report.published)
                quality.write(settings, ledger, report.published)
            live = publish.live_file(settings.warehouse)
            unmet = view_expectations.unmet(ledger, live) if live else None
        tell(context, settings)
        if not report.made:
            context.log.info("Nothing new: the live warehouse has these inputs already.")
        for key, metadata in _in_order(report.made):
            yield dg.MaterializeResult(asset_key=key, metadata=metadata)
        if report.made:
            yield dg.MaterializeResult(
                asset_key=PUBLISHED,
                metadata={
                    "live": report.published is not None,
                    "path": dg.MetadataValue.path(str(report.published or "")),
                    "seconds": sum(report.seconds.values()),
                },
            )
        yield _match_rate(settings, report)
        yield from _suites(unmet)
        for result in report.checks:
            yield dg.AssetCheckResult(
                asset_key=PUBLISHED,
                check_name=_check_name(result.check),
                passed=result.passed,
                severity=dg.AssetCheckSeverity.ERROR
                if result.check.blocking
                else dg.AssetCheckSeverity.WARN,
                metadata={"rows_that_break_it": result.broken},
            )

    return build


def _in_order(made: Sequence[Made]) -> Iterator[tuple[dg.AssetKey, dict[str, float]]]:
    """The tables as they were made, with who is who between the roster and the rest."""
    linked = not made
    for table in made:
        if not linked and table.group != "roster":
            yield from ((key, {}) for key in (CLASSES, LINK))
            linked = True
        yield table_key(table.table), {"dagster/row_count": table.rows, "seconds": table.seconds}
    if not linked:
        yield from ((key, {}) for key in (CLASSES, LINK))


def _match_rate(settings: Settings, report: nightly.Report) -> dg.AssetCheckResult:
    """How the platforms' ids match the roster: counts only."""
    poor: list[dict[str, Any]] = []
    if publish.live_file(settings.warehouse) is not None:
        with Reader(settings.warehouse) as live:
            poor = live.rows(rates.POOR)
    return dg.AssetCheckResult(
        asset_key=LINK,
        check_name=_RATE,
        passed=not poor and not report.held,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={
            "held": ", ".join(night.platform for night in report.held),
            "poor": ", ".join(f"{p['platform']} {p['id']} {p['rate']:.0%}" for p in poor),
        },
    )


def _suites(unmet: dict[str, list[dict[str, Any]]] | None) -> Iterator[dg.AssetCheckResult]:
    """The second look at each view; one that nobody has taken is told, not passed."""
    for view in checks.KEYS:
        failed = None if unmet is None else unmet.get(view)
        told = [f"{e['column']}: {e['expectation']} ({e['unexpected']} rows)" for e in failed or ()]
        yield dg.AssetCheckResult(
            asset_key=table_key(view),
            check_name=_SUITE,
            passed=failed == [],
            severity=dg.AssetCheckSeverity.WARN,
            metadata={
                "not_met": "nobody has looked" if failed is None else "; ".join(told) or "none"
            },
        )


def _check_name(check: checks.Check) -> str:
    words = check.name.lower().replace("'", "")
    return "".join(c if c.isalnum() else "_" for c in words)


def _identity(platforms: Sequence[Platform]) -> list[dg.AssetSpec]:
    tables = ("account", "assignment", "platform_class", "class_member")
    accounts = list(dict.fromkeys(key for t in tables for key in _feeds(t, platforms)))
    roster = [table_key(t) for t in ("roster.student", "roster.enrollment", "roster.class_section")]
    return [
        dg.AssetSpec(
            CLASSES,
            deps=[*accounts, table_key("roster.class_section")],
            description="Which class of the roster a platform's class is; a doubt waits.",
            group_name="identity",
            kinds={"duckdb"},
            skippable=True,
        ),
        dg.AssetSpec(
            LINK,
            deps=[*accounts, *roster, CLASSES],
            description="Which student a platform account belongs to: what people decided, exact "
            "evidence, then a score; a doubt waits for a person. Published as roster.identity_map, "
            "counted in ops.identity_coverage, ops.identity_review and ops.identity_match_rate.",
            group_name="identity",
            kinds={"duckdb"},
            skippable=True,
        ),
    ]


def _spec(transform: Transform, platforms: Sequence[Platform]) -> dg.AssetSpec:
    deps = [
        dep
        for reference in sorted(transform.references)
        for dep in (
            _feeds(reference.removeprefix("lake."), platforms)
            if reference.startswith("lake.")
            else [table_key(reference)]
        )
    ]
    columns = [
        # The unit says more than the type of a number.
        dg.TableColumn(c.name, c.unit, c.meaning)
        for c in transform.columns
    ]
    return dg.AssetSpec(
        table_key(transform.table),
        deps=list(dict.fromkeys(deps)),
        description=f"{transform.summary[:1].upper()}{transform.summary[1:]}\n\n"
        f"Grain: {transform.grain}\n\n```sql\n{transform.sql}\n```",
        group_name=transform.group,
        kinds={"duckdb", "sql"},
        metadata={"dagster/column_schema": dg.TableSchema(columns)},
        skippable=True,
    )


def _feeds(table: str, platforms: Sequence[Platform]) -> list[dg.AssetKey]:
    """The feeds that fill one table of the lake."""
    return [
        feed_key(platform.name, feed.name)
        for platform in platforms
        for feed in platform.feeds
        if any(o.table == table for o in feed.outputs)
    ]
