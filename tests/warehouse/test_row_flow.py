"""Every row is accounted for, from its file to the view: ops.row_flow and the check on it."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from tests import scenario
from tests.fixtures import District, lexia, overview, roster
from warehouse import flow
from warehouse.quality import checks

FLOW = "SELECT step, of_table, outcome, CAST(sum(rows) AS BIGINT) AS rows FROM ops.row_flow "


def told(district: District, where: str) -> dict[str, int]:
    """Rows by outcome."""
    rows = district.ask(f"{FLOW} WHERE {where} GROUP BY ALL")
    return {row["outcome"]: row["rows"] for row in rows}


def test_every_row_of_the_awkward_sample_is_accounted_for(district: scenario.Scenario) -> None:
    off = district.rows(
        """SELECT platform, feed, name, step, of_table FROM ops.row_flow
           GROUP BY platform, feed, name, source_file, step, of_table, came
           HAVING sum(rows) <> came OR min(rows) < 0 OR bool_or(outcome = 'unexplained')"""
    )
    assert off == []
    assert {s for (s,) in district.rows("SELECT DISTINCT step FROM ops.row_flow")} == {
        "file", "lake", "facts", "views"
    }  # fmt: skip
    assert {o for (o,) in district.rows("SELECT DISTINCT outcome FROM ops.row_flow")} <= set(
        flow.OUTCOMES
    )


def test_each_step_begins_with_what_the_step_before_left(district: scenario.Scenario) -> None:
    lake = "SELECT of_table, platform, source_file, rows FROM ops.row_flow WHERE step = 'lake' AND outcome = 'live'"
    facts = "SELECT DISTINCT of_table, platform, source_file, came FROM ops.row_flow WHERE step = 'facts'"
    assert district.rows(f"({lake}) EXCEPT ({facts})") == []
    linked = "SELECT platform, source_file, rows FROM ops.row_flow WHERE step = 'facts' AND outcome = 'linked' AND of_table = 'submission'"
    shown = "SELECT DISTINCT platform, source_file, came FROM ops.row_flow WHERE step = 'views' AND of_table = 'submission'"
    assert district.rows(f"({linked}) EXCEPT ({shown})") == []


def test_rows_of_the_files_are_the_ledgers(district: scenario.Scenario) -> None:
    [(flowed, ledger)] = district.rows(
        """SELECT (SELECT sum(rows) FROM ops.row_flow WHERE step = 'file'),
                  (SELECT sum(rows_in) FROM ops.file)"""
    )
    assert flowed == ledger


def test_damaged_repeated_and_corrected_rows_are_told_apart(tmp_path: Path) -> None:
    made = District(tmp_path, ("oneroster", "lexia", "khan"))
    made.put_all("oneroster", roster(["001 Ann Ash c1", "002 Bob Bell c1"]))
    first = lexia("1 ann Ann Ash 30", "2 bob Bob Bell 40", "2 bob Bob Bell 40", "3 x X Who no")
    made.put("lexia/l_20250901.csv", first)
    made.put("lexia/l_20250902.csv", lexia("1 ann Ann Ash 20", "2 bob Bob Bell 50"))
    made.put("lexia/l_20250903.csv", lexia("1 ann Ann Ash 35").rstrip("\n")[:-4])
    made.put("khan/o_20250905.csv", overview("ann@x.org 10 Ann_Ash", "who@x.org 20 Who_Else"))
    made.put("khan/o_20250906.csv", overview("ann@x.org 10 Ann_Ash", "who@x.org 20 Who_Else"))
    assert made.build().published is not None
    lexias = told(made, "platform = 'lexia' AND step = 'file'")
    assert lexias == {"kept": 4, "repeated": 1, "turned_away": 1, "file_refused": 1}
    counters = told(made, "of_table = 'usage_snapshot' AND step = 'facts'")
    # What Ann's first export claimed, a later one of the same week takes back.
    assert counters == {"linked": 3, "glitch": 1}
    waiting = told(made, "platform = 'khan' AND of_table = 'daily_activity' AND step = 'facts'")
    assert waiting == {"linked": 1, "waiting": 1}
    found = made.ask("SELECT broken FROM ops.check_result WHERE name LIKE 'rows reconcile%'")
    assert found == [{"broken": 0}]


@pytest.mark.parametrize(
    ("what", "sql"),
    [
        ("a fact that is gone", "DELETE FROM ops.row_flow WHERE outcome = 'linked'"),
        ("a row too many", "UPDATE ops.row_flow SET rows = rows + 1 WHERE outcome = 'kept'"),
        ("nobody knows", "UPDATE ops.row_flow SET outcome = 'unexplained' WHERE step = 'views'"),
    ],
    ids=["lost", "doubled", "unexplained"],
)
def test_the_check_fails_where_a_row_is(district: scenario.Scenario, what: str, sql: str) -> None:
    check = next(c for c in checks.CHECKS if c.name.startswith("rows reconcile"))
    with duckdb.connect() as db:
        db.execute(f"ATTACH '{district.warehouse}' AS w (READ_ONLY)")
        db.execute("CREATE SCHEMA ops; CREATE TABLE ops.row_flow AS FROM w.ops.row_flow")
        assert db.execute(check.sql).fetchall() == [(0,)]
        db.execute(sql)
        [(broken,)] = db.execute(check.sql).fetchall()
    assert broken > 0, what


def test_a_fact_that_vanished_is_unexplained(district: scenario.Scenario, tmp_path: Path) -> None:
    """The counts of a step are taken apart from each other, so that a loss shows."""
    from warehouse import build
    from warehouse.flow import steps
    from warehouse.lake import lakehouse
    from warehouse.ledger import Ledger

    ledger = Ledger(district.settings.ledger)
    with duckdb.connect() as db:
        db.execute(f"ATTACH '{district.warehouse}' AS w (READ_ONLY)")
        db.execute("ATTACH ':memory:' AS scratch")
        for schema in build.SCRATCH:
            db.execute(f"CREATE SCHEMA scratch.{schema}")
        db.execute("CREATE SCHEMA facts")
        db.execute("CREATE TABLE facts.usage_week AS FROM w.facts.usage_week LIMIT 2000")
        db.execute("SET search_path = 'memory.main,scratch.lake,scratch.work,w.main'")
        lakehouse.attach(db, ledger, district.settings.lake)
        db.execute(f"CREATE TABLE scratch.work.flow_live AS {steps.LIVE}")
        sql = next(s for s in steps.every() if "FROM lake.usage_week" in s)
        [(lost,)] = db.execute(
            f"SELECT sum(rows) FROM ({sql}) AS t(p, f, s, step, o, came, outcome, rows) "
            "WHERE outcome = 'unexplained'"
        ).fetchall()
        [(all_,)] = db.execute("SELECT count(*) FROM w.facts.usage_week").fetchall()
    ledger.close()
    assert lost == all_ - 2000
