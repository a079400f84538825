"""`python -m benchmarks.scaling`: every transform at growing sizes, on DuckDB and on Spark.

Prints the table of docs/scaling.md, a line as soon as it is measured. A size's lake is drawn below
a temporary folder and removed. `--master` names a running Spark; without it only DuckDB is
measured.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks import machine
from benchmarks.measure import Measured, measure

_HEAD = "| activity rows | engine | seconds | processor seconds | peak memory | load before |"


def main(arguments: list[str] | None = None) -> None:
    """Measure what the arguments ask for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scaling", description=__doc__)
    add = parser.add_argument
    add("--rows", type=int, nargs="+", default=[1_000_000, 10_000_000, 100_000_000])
    add("--memory", default="5GB", help="DuckDB's limit; the process needs about 1 GB beside it")
    add("--master", help="Spark's master; measured up to --spark-rows")
    add("--spark-rows", type=int, default=10_000_000)
    add("--executor-memory", default="2g")
    told = parser.parse_args(arguments)
    print(f"{machine.cores()} cores, {machine.memory() / 2**30:.0f} GiB", flush=True)
    print(_HEAD + "\n" + "|---" * (_HEAD.count("|") - 1) + "|", flush=True)
    for rows in told.rows:
        folder = Path(tempfile.mkdtemp(prefix="homeroom-scaling-"))
        try:
            drawn = measure("benchmarks.big_lake", str(folder), str(rows)).said["rows"]
            _tell(drawn, "DuckDB", partial(_run, folder, told.memory))
            if told.master and rows <= told.spark_rows:
                spark = (told.master, told.executor_memory)
                _tell(drawn, "Spark", partial(_run, folder, told.memory, *spark))
        finally:
            shutil.rmtree(folder)


def _run(folder: Path, memory: str, *spark: str) -> Measured:
    return measure("benchmarks.engine", str(folder), memory, *spark)


def _tell(rows: int, engine: str, run: Callable[[], Measured]) -> None:
    load = os.getloadavg()[0]
    one = run()
    # Spark's processors and memory are in processes that this one does not see.
    rest = f"{one.cpu:,.0f} | {one.peak / 1e9:.2f} GB" if engine == "DuckDB" else "– | –"
    print(f"| {rows:,} | {engine} | {one.said['seconds']:,.0f} | {rest} | {load:.1f} |", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
