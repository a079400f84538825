"""Plain pandas: every CSV read as text, the contract's columns cast, appended to DuckDB.

Run as `python -m benchmarks.with_pandas CONFIG TARGET`; prints the rows by feed as JSON.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from benchmarks.exports import Export, exports
from connectors.contract import Column, Kind
from warehouse.intake.casting import DETECTED
from warehouse.settings import Settings, load

_TRUTH = {"true": True, "false": False, "1": True, "0": False, "Y": True, "N": False}


def run(settings: Settings, target: Path) -> dict[str, int]:
    """Fill one table per feed; rows by feed."""
    target.unlink(missing_ok=True)
    rows: dict[str, int] = defaultdict(int)
    with duckdb.connect(target) as db, tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        for export in exports(settings, Path(scratch)):
            frame = _frame(export)
            db.register("frame", frame)
            if export.table not in rows:
                db.execute(f"CREATE TABLE {export.table} AS FROM frame LIMIT 0")
            db.execute(f"INSERT INTO {export.table} BY NAME FROM frame")
            db.unregister("frame")
            rows[export.table] += len(frame)
    return dict(rows)


def _frame(export: Export) -> pd.DataFrame:
    used = export.contract()
    nothing = sorted({text for column in used.values() for text in column.nothing})
    frame = pd.read_csv(
        export.path,
        dtype=str,
        usecols=list(used),
        keep_default_na=False,
        na_values=["", *nothing],
        encoding="utf-8-sig",
    )
    return pd.DataFrame({c.name: _cast(c, frame[header]) for header, c in used.items()})


def _cast(column: Column, text: pd.Series[str]) -> pd.Series[Any]:
    match column.kind:
        case Kind.NUMBER | Kind.INTEGER:
            return pd.to_numeric(text, errors="coerce").astype("float64")
        case Kind.BOOLEAN:
            return text.map(_TRUTH).astype("boolean")
        case Kind.CLOCK:
            return pd.to_timedelta(text, errors="coerce")
        case Kind.DATE | Kind.TIME:
            iso = "%Y-%m-%d" if column.kind is Kind.DATE else "%Y-%m-%d %H:%M:%S"
            found = pd.to_datetime(text, format=iso, errors="coerce")
            for form in column.formats or DETECTED:
                open_ones = found.isna() & text.notna()
                if not open_ones.any():
                    break
                told = pd.to_datetime(text[open_ones], format=form, errors="coerce")
                found = found.fillna(told)
            return found
        case _:
            return text


if __name__ == "__main__":
    print(json.dumps({"rows": run(load(Path(sys.argv[1])), Path(sys.argv[2]))}))
