"""`python -m benchmarks.evidence`: what the cards are worth, into docs/evidence.md and its plot.

Drawn years whose truth is known, then real behaviour: the Open University sample beside the
checkout. Everything runs through the product; the figures come from `warehouse/evidence/`.
"""

from __future__ import annotations

import argparse
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import evidence_drawn, evidence_page, evidence_plot, evidence_real, machine
from benchmarks.evidence_drawn import Years
from benchmarks.evidence_real import Told
from benchmarks.evidence_results import Real, Results, Weeks
from warehouse.evidence import report
from warehouse.reader import Reader

PAGE = Path("docs/evidence.md")
#: Tutor-marked assignments: what the comparison calls a hand-in.
HAND_INS = ("TMA",)


def real(folder: Path, source: Path, told: Told) -> Real:
    """Publish the open data set as a district in `folder`, and ask its warehouse."""
    district = evidence_real.run(folder, source, told)
    with Reader(district.warehouse) as live:
        weeks = live.rows(
            """SELECT count(*) AS observed, count(judged_usual) AS with_usual,
                      count(judged_share) AS judged
               FROM views.student_platform_week WHERE status IN ('ok', 'zero')"""
        )[0]
        students = live.rows(
            "SELECT count(DISTINCT student_id) AS n FROM views.student_platform_week "
            "WHERE status IN ('ok', 'zero')"
        )[0]["n"]
        evidence = report.gather(live, district.thresholds, HAND_INS, "homeroom")
    return Real(evidence, students, Weeks(**weeks))


def measure(source: Path, work: Path, years: Years) -> Results:
    """Run everything below `work`."""
    quiet, found = evidence_drawn.measure(work / "drawn", years)
    return Results(
        datetime.now(UTC).date().isoformat(),
        machine.describe(),
        years,
        tuple(quiet),
        tuple(found),
        real(work / "real", source, Told()),
        real(work / "kept", source, Told(withdrawals=False)),
    )


def main(arguments: list[str] | None = None) -> None:
    """Measure, and write the page and its plot."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.evidence", description=__doc__)
    add = parser.add_argument
    add("--data", type=Path, default=Path("../shared/data/oulad"), help="the open data set")
    add("--docs", type=Path, default=Path("docs"), help="folder of the page and its plot")
    add("--classes", type=int, default=Years.classes, help="drawn classes of each kind")
    add("--seed", type=int, default=Years.seed, help="of the drawn years")
    told = parser.parse_args(arguments)
    if not told.data.is_dir():
        parser.error(f"{told.data} is not here: real behaviour is not part of the project (--data)")
    with tempfile.TemporaryDirectory(prefix="homeroom-evidence-") as work:
        results = measure(told.data, Path(work), Years(told.classes, seed=told.seed))
    told.docs.mkdir(parents=True, exist_ok=True)
    page = evidence_page.write(PAGE.read_text("utf-8"), results)
    (told.docs / "evidence.md").write_text(page, "utf-8")
    evidence_plot.draw(results.real.evidence, told.docs / "evidence.svg")
    print(f"Written: {told.docs / 'evidence.md'}, {told.docs / 'evidence.svg'}")


if __name__ == "__main__":
    main()
