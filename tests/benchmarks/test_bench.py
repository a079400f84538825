"""The benchmark as a whole on a small district: it measures, tells, and its floor is honest."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from benchmarks.__main__ import main
from warehouse import settings
from warehouse.publish import live_file

COMPARED = """
    SELECT schema_name || '.' || table_name FROM duckdb_tables()
    WHERE schema_name IN ('roster', 'facts') OR table_name = 'student_platform_week' ORDER BY 1
"""


def counts(path: Path) -> dict[str, int]:
    with duckdb.connect(path, read_only=True) as db:
        tables = [name for (name,) in db.execute(COMPARED).fetchall()]
        return {t: db.execute(f"SELECT count(*) FROM {t}").fetchall()[0][0] for t in tables}


def minutes(path: Path) -> list[tuple[str, str, float]]:
    with duckdb.connect(path, read_only=True) as db:
        return db.execute(
            """SELECT platform, status, round(sum(minutes), 3)
               FROM views.student_platform_week GROUP BY ALL ORDER BY ALL"""
        ).fetchall()


@pytest.mark.slow
def test_every_part_is_measured_and_the_floor_makes_what_homeroom_makes(tmp_path: Path) -> None:
    work, docs = tmp_path / "work", tmp_path / "docs"
    main(["--students", "120", "--weeks", "10", "--work", str(work), "--docs", str(docs), "--keep"])

    results = json.loads((work / "results.json").read_text("utf-8"))
    [measured] = results["rounds"]
    assert {name: len(runs) for name, runs in measured["runs"].items()} == {
        "floor": 2,
        "cold": 1,
        "cold, two days short": 1,
        "ordinary night": 1,
        "heaviest night": 1,
        "nothing new": 3,
        "pandas": 1,
        "dlt": 1,
    }
    assert all(not idle["said"]["published"] for idle in measured["runs"]["nothing new"])
    page = (docs / "benchmarks.md").read_text("utf-8")
    assert "120 students, 10 weeks" in page
    assert "not run" not in page
    assert (docs / "benchmarks.svg").read_text("utf-8").count("<svg ") == 1

    folder = work / "district-120"
    floor = folder / "floor.duckdb"
    for home in ("homeroom.toml", "nights.toml"):
        live = live_file(settings.load(folder / home).warehouse)
        assert live is not None
        assert counts(floor) == counts(live)
        assert minutes(floor) == minutes(live)

    cold, pandas, dlt = (measured["runs"][n][0]["said"]["rows"] for n in ("cold", "pandas", "dlt"))
    assert pandas == dlt
    # A file with the same bytes as one before is not read again: the roster's orgs, for one.
    assert pandas.keys() == cold.keys()
    assert all(cold[feed] <= rows for feed, rows in pandas.items())
    assert cold["lexia_detailed_student"] == pandas["lexia_detailed_student"]
