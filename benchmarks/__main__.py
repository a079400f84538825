"""`python -m benchmarks`: measures, and writes the page and its plot."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import machine, rounds


def main(arguments: list[str] | None = None) -> None:
    """Measure what the arguments ask for."""
    told = _arguments(arguments)
    told.work.mkdir(parents=True, exist_ok=True)
    peers_at = told.peers_at or max(told.students)
    parts = tuple(told.only.split(","))
    measured = []
    for students in sorted(told.students):
        size = rounds.Size(students, told.weeks)
        here = tuple(p for p in parts if p not in rounds.PEERS or students == peers_at)
        measured.append(rounds.run(size, told.work, here, told.limit, keep=told.keep))
    results = {
        "date": datetime.now(UTC).date().isoformat(),
        "limit": told.limit,
        "machine": machine.describe(),
        "rounds": [asdict(one) for one in measured],
    }
    path = told.work / "results.json"
    path.write_text(json.dumps(results, indent=1) + "\n", "utf-8")
    # Imported last: the plot's library would count in the peak of every measured process.
    from benchmarks import page, plot

    told.docs.mkdir(parents=True, exist_ok=True)
    (told.docs / "benchmarks.md").write_text(page.write(results), "utf-8")
    plot.draw(results, told.docs / "benchmarks.svg")
    print(f"Written: {path}, {told.docs / 'benchmarks.md'}, {told.docs / 'benchmarks.svg'}")


def _arguments(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    add = parser.add_argument
    add("--students", type=int, nargs="+", default=[10_000, 100_000], help="sizes to measure")
    add("--weeks", type=int, default=36, help="weeks of school (default 36)")
    add("--work", type=Path, default=Path("bench-work"), help="folder for the big files")
    add("--docs", type=Path, default=Path("docs"), help="folder of the page and its plot")
    add("--only", default=",".join(rounds.PARTS), help=f"of {','.join(rounds.PARTS)}")
    add("--peers-at", type=int, help="the size that pandas and dlt read (default: the biggest)")
    add("--limit", type=float, default=1800, help="seconds that pandas and dlt may take each")
    add("--keep", action="store_true", help="keep the big files")
    told = parser.parse_args(arguments)
    unknown = sorted(set(told.only.split(",")) - set(rounds.PARTS))
    if unknown:
        parser.error(f"--only: {', '.join(unknown)} is none of {', '.join(rounds.PARTS)}")
    if told.peers_at not in (None, *told.students):
        parser.error(f"--peers-at: {told.peers_at} is none of the sizes of --students")
    return told


if __name__ == "__main__":
    main(sys.argv[1:])
