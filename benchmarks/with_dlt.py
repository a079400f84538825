"""dlt with Arrow batches: every CSV read by pyarrow with the contract's types, loaded to DuckDB.

Run as `python -m benchmarks.with_dlt CONFIG TARGET`; prints the rows by feed as JSON.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dlt
import pyarrow
from pyarrow import csv

from benchmarks.exports import Export, exports
from connectors.contract import Column, Kind
from warehouse.intake.casting import DETECTED
from warehouse.settings import Settings, load

_BLOCK = 16 << 20


def run(settings: Settings, target: Path) -> dict[str, int]:
    """Fill one table per feed; rows by feed."""
    target.unlink(missing_ok=True)
    rows: dict[str, int] = defaultdict(int)
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        feeds: dict[str, list[Export]] = defaultdict(list)
        for export in exports(settings, Path(folder) / "archives"):
            feeds[export.table].append(export)
        pipeline = dlt.pipeline(
            "bench",
            pipelines_dir=folder,
            destination=dlt.destinations.duckdb(str(target)),
            dataset_name="exports",
        )
        pipeline.run(
            [
                dlt.resource(_batches(files, rows), name=table, write_disposition="append")
                for table, files in feeds.items()
            ]
        )
    return dict(rows)


def _batches(files: list[Export], rows: dict[str, int]) -> Iterator[Any]:
    for export in files:
        used = export.contract()
        nothing = sorted({text for column in used.values() for text in column.nothing})
        dated = [c for c in used.values() if c.kind in (Kind.DATE, Kind.TIME)]
        formats = [form for c in dated for form in c.formats or DETECTED]
        reader = csv.open_csv(
            export.path,
            read_options=csv.ReadOptions(block_size=_BLOCK),
            convert_options=csv.ConvertOptions(
                include_columns=list(used),
                column_types={header: _type(column) for header, column in used.items()},
                null_values=["", *nothing],
                strings_can_be_null=True,
                timestamp_parsers=[csv.ISO8601, *dict.fromkeys(formats)],
            ),
        )
        for batch in reader:
            rows[export.table] += batch.num_rows
            named = [column.name for column in used.values()]
            yield pyarrow.Table.from_batches([batch]).rename_columns(named)


def _type(column: Column) -> Any:
    match column.kind:
        case Kind.NUMBER | Kind.INTEGER:
            return pyarrow.float64()
        case Kind.BOOLEAN:
            return pyarrow.bool_()
        case Kind.DATE | Kind.TIME:
            return pyarrow.timestamp("s")
        case Kind.CLOCK:
            return pyarrow.time32("s")
        case _:
            return pyarrow.string()


if __name__ == "__main__":
    print(json.dumps({"rows": run(load(Path(sys.argv[1])), Path(sys.argv[2]))}))
