"""One group of assets per platform: its landing area and one asset per feed, with checks."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import dagster as dg

from connectors.contract import Feed, Platform
from pipelines.resources import District
from pipelines.steps import step
from warehouse import nightly
from warehouse.lake.tables import LAKE
from warehouse.ledger import Ledger
from warehouse.quality import apart
from warehouse.watch import standing

ACCOUNTED, EXPECTED, READABLE = "rows_are_accounted_for", "great_expectations", "source_can_be_read"
MISSING = "next_export_has_come"


def feed_key(platform: str, feed: str) -> dg.AssetKey:
    """The asset of one feed's live parts in the lake."""
    return dg.AssetKey([platform, feed])


def source_assets(platform: Platform) -> dg.AssetsDefinition:
    """Land a platform's new files and read them into the lake; one asset per feed."""
    landing = dg.AssetKey([platform.name, "landing"])
    specs = [
        dg.AssetSpec(
            landing,
            description=f"{platform.title}: files as received, never changed, under their SHA-256.",
            group_name=platform.name,
            kinds={"file"},
            skippable=True,
        ),
        *(_feed_spec(platform, feed, landing) for feed in platform.feeds),
    ]
    checks = [
        dg.AssetCheckSpec(name, asset=feed_key(platform.name, feed.name), description=says)
        for feed in platform.feeds
        for name, says in (
            (
                ACCOUNTED,
                "rows in = rows kept + rows quarantined + exact duplicates, for every file",
            ),
            (
                EXPECTED,
                "Great Expectations on what the run brought: keys, needed ids, ranges, closed "
                "sets; all rows, or a seeded sample of 200,000",
            ),
            (
                MISSING,
                "the export that is due by the usual rhythm, counted in school days, is here",
            ),
        )
    ]
    # A check, not a failure: one source that is away must not stop the warehouse of the others.
    checks.append(
        dg.AssetCheckSpec(
            READABLE, asset=landing, description="the location could be listed and read"
        )
    )

    @dg.multi_asset(name=platform.name, specs=specs, check_specs=checks, can_subset=False)
    def take(
        context: dg.AssetExecutionContext, district: District
    ) -> Iterator[dg.MaterializeResult[Any] | dg.AssetCheckResult]:
        settings = district.load()
        report = nightly.Report()
        with step(context, settings), nightly.opened(settings) as ledger:
            nightly.take(settings, ledger, report, only=platform.name, expect=apart.check_batches)
            yield dg.MaterializeResult(
                asset_key=landing,
                metadata={
                    "new_files": report.landed.new,
                    "still_being_written": len(report.landed.growing),
                    "seconds": report.seconds["landing"],
                },
            )
            yield dg.AssetCheckResult(
                asset_key=landing,
                check_name=READABLE,
                passed=not report.landed.problems,
                metadata={
                    "problem": "; ".join(str(e) for _, e in report.landed.problems) or "none"
                },
            )
            today = datetime.now(ZoneInfo(settings.time_zone)).date()
            missing = standing.missing(settings, ledger, today)
            for feed in platform.feeds:
                yield from _results(ledger, platform, feed, report.seconds["reading"])
                yield _here(platform, feed, missing.get((platform.name, feed.name)))

    return take


def _feed_spec(platform: Platform, feed: Feed, landing: dg.AssetKey) -> dg.AssetSpec:
    tables = ", ".join(dict.fromkeys(o.table for o in feed.outputs)) or "nothing: it is not read"
    # Tables of one feed have columns of one name and another meaning.
    columns = [
        dg.TableColumn(f"{table}.{f.name}", f.type, f.doc)
        for table in dict.fromkeys(o.table for o in feed.outputs)
        for f in LAKE[table].fields
    ]
    return dg.AssetSpec(
        feed_key(platform.name, feed.name),
        deps=[landing],
        description=f"{platform.title}, {feed.title}. Becomes {tables}. "
        f"A newer file replaces the older one of the same {feed.scope.value}.",
        group_name=platform.name,
        kinds={"duckdb", "parquet"},
        metadata={"dagster/column_schema": dg.TableSchema(columns)},
        skippable=True,
    )


def _results(
    ledger: Ledger, platform: Platform, feed: Feed, seconds: float
) -> Iterator[dg.MaterializeResult[Any] | dg.AssetCheckResult]:
    """One feed's state as the ledger knows it."""
    key = feed_key(platform.name, feed.name)
    counts = ledger.rows(
        """SELECT status, count(*), sum(rows_in), sum(rows_kept), sum(rows_quarantined),
                  sum(rows_duplicate),
                  sum(rows_in <> rows_kept + rows_quarantined + rows_duplicate)
           FROM file WHERE platform = ? AND feed = ? AND is_archive = 0 GROUP BY status""",
        (platform.name, feed.name),
    )
    live: dict[str, Any] = {row[0]: row for row in counts}
    loaded = live.get("loaded", ("", 0, 0, 0, 0, 0, 0))
    yield dg.MaterializeResult(
        asset_key=key,
        metadata={
            "dagster/row_count": loaded[3] or 0,
            "files": loaded[1],
            "files_refused": live.get("refused", ("", 0))[1],
            "rows_in": loaded[2] or 0,
            "rows_quarantined": loaded[4] or 0,
            "rows_duplicate": loaded[5] or 0,
            "seconds": seconds,
        },
    )
    broken = sum(row[6] or 0 for row in counts)
    yield dg.AssetCheckResult(
        asset_key=key, check_name=ACCOUNTED, passed=broken == 0, metadata={"files": broken}
    )
    yield _expected(ledger, platform, feed, key)


def _here(platform: Platform, feed: Feed, due: date | None) -> dg.AssetCheckResult:
    """Whether a feed's next export has come. Not blocking: the others are published."""
    return dg.AssetCheckResult(
        asset_key=feed_key(platform.name, feed.name),
        check_name=MISSING,
        passed=due is None,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"was_due": str(due or "not due")},
    )


def _expected(
    ledger: Ledger, platform: Platform, feed: Feed, key: dg.AssetKey
) -> dg.AssetCheckResult:
    kept = ledger.note("expectations") or {}
    failed = ledger.note("expectations_failed")
    mine = {k: v for k, v in kept.items() if k.startswith(f"{platform.name}.{feed.name}.")}
    unmet = [
        f"{name.rsplit('.', 1)[1]}.{e['column']}: {e['expectation']} ({e['unexpected']} rows)"
        for name, outcome in mine.items()
        for e in outcome["expectations"]
        if not e["passed"]
    ]
    return dg.AssetCheckResult(
        asset_key=key,
        check_name=EXPECTED,
        passed=not unmet and not failed,
        # Not blocking: the contract has turned bad rows away already; this asks for a look.
        severity=dg.AssetCheckSeverity.WARN,
        metadata={
            "rows_checked": sum(v["rows_checked"] for v in mine.values()),
            "expectations": sum(len(v["expectations"]) for v in mine.values()),
            "not_met": "; ".join(unmet) or "none",
            "did_not_end_well": failed or "no",
        },
    )
