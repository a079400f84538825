"""The measure dictionary: every measure is told, once, in full, and its texts reach the reader."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from pipelines.docs import measures as docs_measures
from transforms import catalog
from transforms.catalog import CatalogError, load
from transforms.thresholds import DEFAULTS
from warehouse.build import open_target, run_transform
from warehouse.engines.in_duckdb import InDuckDB

PLATFORMS = ("lexia", "khan")
TRANSFORMS = load(PLATFORMS)
MEASURES = [measure for transform in TRANSFORMS for measure in transform.measures]
#: Units of columns that are keys, moments or words.
KEYS = {"id", "date", "instant", "text"}
#: Numbers that are no measures: what was seen before it counts, how much a number rests on, and
#: what helps to find rows.
PLUMBING = {
    "observed_minutes", "school_days_missing", "eligible_rank", "closed", "n", "path_platforms"
}  # fmt: skip
#: Views whose values are of many measures, or of none.
NOT_OF_ONE = {"views.collaboration_board", "views.card", "views.student_access"}
LITERATURE = {
    "start_delay": ("Agnihotri, Baker and Stalzer 2020", "Cormack, Eagle and Davies 2020"),
    "work_lands_at_end": ("Sabnis, Yu and Kizilcec 2022",),
    "evenness": ("Boroujeni et al. 2016",),
    "minutes": ("Kovanovic et al. 2015",),
    "skill_state": ("Beck and Gong 2013",),
    "attempts_to_state": ("Beck and Gong 2013",),
    "rapid_guess_percent": ("Wise and Kong 2005",),
}


def test_every_measure_column_of_a_students_view_is_told() -> None:
    untold = [
        f"{t.table}.{c.name}"
        for t in TRANSFORMS
        if t.table.startswith("views.") and t.table not in NOT_OF_ONE
        and "student_id" in {c.name for c in t.columns}
        for c in t.columns
        if c.unit not in KEYS and c.name not in PLUMBING and c.measure is None
    ]  # fmt: skip
    assert untold == []


def test_nothing_is_blank_but_a_caution_that_is_not_needed() -> None:
    for m in MEASURES:
        told = (m.measure, m.name, m.table, m.unit, m.formula, m.minimum, m.source, m.version)
        assert all(part.strip() for part in told), m.measure
        assert "$" not in "".join((*told, m.caution)), m.measure


@pytest.mark.parametrize("name", LITERATURE)
def test_the_literature_is_named(name: str) -> None:
    sources = {m.measure: m.source for m in MEASURES}
    assert [cited for cited in LITERATURE[name] if cited not in sources[name]] == []


def test_a_changed_threshold_shows_in_name_formula_and_version() -> None:
    changed = load(PLATFORMS, {**DEFAULTS, "below_percent": 70.0})
    (below,) = (m for t in changed for m in t.measures if m.measure == "below_threshold")
    assert (below.name, below.version) == ("Below 70 percent", "1 (below_percent 70)")
    assert "< 70" in below.formula
    (before,) = (m for m in MEASURES if m.measure == "below_threshold")
    assert (before.name, before.version) == ("Below 65 percent", "1")


def test_a_columns_comment_tells_formula_minimum_and_caution(tmp_path: Path) -> None:
    db = open_target(tmp_path / "w.duckdb", tmp_path)
    (timing,) = (t for t in TRANSFORMS if t.table == "views.assignment_timing")
    names = ", ".join(f"1 AS {c.name}" for c in timing.columns)
    run_transform(InDuckDB(db), replace(timing, sql=f"SELECT {names}"))
    comments = dict(
        db.execute(
            "SELECT column_name, comment FROM duckdb_columns() WHERE table_name = 'assignment_timing'"
        ).fetchall()
    )
    db.close()
    assert comments["below_threshold"].startswith("Below 65 percent: graded, not excused")
    assert "Formula: score_percent < 65, before any rounding" in comments["below_threshold"]
    assert "From: 1 score, not excused" in comments["below_threshold"]
    assert "Keep in mind: one task on one day" in comments["below_threshold"]


def test_columns_that_repeat_per_platform_share_one_measure() -> None:
    (summary,) = (t for t in TRANSFORMS if t.table == "views.weekly_summary")
    told = {c.name: c.measure for c in summary.columns}
    assert told["lexia_minutes"] == told["khan_minutes"]
    assert told["lexia_minutes"] is not None
    assert told["lexia_minutes"].measure == "@platform_minutes"


def test_of_one_name_in_two_views_each_has_its_own_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def file(table: str, column: str, name: str) -> Path:
        path = tmp_path / f"{table}.sql"
        path.write_text(
            f"-- views.{table}: t\n-- Grain: g\n-- Columns:\n--   {column} count of {table}\n"
            f"-- Measures:\n--   {name}: In {table}\n--       formula  f\n--       from     1\n"
            f"--       source   s\n--       version  1\n--       unit     count\nSELECT 1 AS {column}\n"
        )
        return path

    own = [file("a", "same", "same"), file("b", "same", "same")]
    monkeypatch.setattr(catalog, "_files", lambda: own)
    monkeypatch.setattr(catalog, "GROUPS", (*catalog.GROUPS, tmp_path.name))
    told = {t.table: t.columns[0].measure for t in load(()) if t.path in own}
    assert [m.name for m in told.values() if m] == ["In a", "In b"]
    rule = [file("a", "same", "rule"), file("b", "same", "rule")]
    monkeypatch.setattr(catalog, "_files", lambda: rule)
    with pytest.raises(CatalogError, match="two files tell of the measures"):
        load(())


def test_the_dictionary_is_a_table_with_a_row_for_each() -> None:
    (dictionary,) = (t for t in TRANSFORMS if t.table == "views.measure_dictionary")
    rows = duckdb.connect().execute(dictionary.sql).fetchall()
    assert len(rows) == len(MEASURES) == len({(m.measure, m.table) for m in MEASURES})


def test_a_worked_example_stands_under_its_measure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "dosage.txt").write_text("46 of 60 minutes.\n\nminutes  46\n")
    monkeypatch.setattr(docs_measures, "SPECS", tmp_path)
    page = docs_measures.page(TRANSFORMS)
    _, _, after = page.partition("#### dosage\n")
    section, _, _ = after.partition("\n#### ")
    assert "```text\n46 of 60 minutes.\n\nminutes  46\n```" in section
    assert page.count("46 of 60 minutes.") == 1
