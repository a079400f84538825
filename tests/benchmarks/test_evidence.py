"""The evidence benchmark on small years: the promises are kept, the page is written whole."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from benchmarks import evidence, evidence_drawn, evidence_page
from benchmarks.evidence_drawn import KINDS, Years

PAGE = Path("docs/evidence.md")


@pytest.mark.slow
def test_drawn_years_without_change_have_few_cards_and_falls_are_found(tmp_path: Path) -> None:
    years = Years(classes=4, weeks=26, seed=3)
    quiet, found = evidence_drawn.measure(tmp_path, years)
    assert [one.kind for one in quiet] == [one.kind for one in found] == [k.name for k in KINDS]
    told = {one.kind: one for one in quiet}
    assert all(one.classes == 2 for one in quiet)
    assert told["steady"].cards == 0
    for kind in (k.name for k in KINDS if k.promised):
        assert told[kind].per_week[0] <= evidence_page.MOST_FALSE
    for one in found:
        assert one.students == 2 * evidence_drawn.STUDENTS // evidence_drawn.EVERY
        assert one.two_weeks <= one.three_weeks <= one.four_weeks <= one.students
    assert found[0].three_weeks == found[0].students


@pytest.mark.slow
def test_the_whole_page_is_measured_and_written(shared_data: Path, tmp_path: Path) -> None:
    evidence.main(["--data", str(shared_data / "oulad"), "--docs", str(tmp_path), "--classes", "4"])
    page = (tmp_path / "evidence.md").read_text("utf-8")
    blocks = re.findall(r"<!-- figures: ([a-z-]+) -->\n(.*?)<!-- end", page, re.DOTALL)
    assert len(blocks) == 8
    assert all(text.strip() for _, text in blocks)
    figures = dict(blocks)
    # The sample is fixed, and so are its cards and hand-ins.
    fixed = re.findall(
        r"<!-- figures: (rules|late) -->\n(.*?)<!-- end", PAGE.read_text("utf-8"), re.DOTALL
    )
    for name, text in fixed:
        assert figures[name] == text, f"run: make bench-evidence ({name})"
    assert (tmp_path / "evidence.svg").read_text("utf-8").count("<svg ") == 1


def test_figures_replace_those_of_the_last_time_and_nothing_else() -> None:
    page = "Words.\n<!-- figures: run -->\nold\n<!-- end of figures -->\nMore words.\n"
    once = evidence_page.placed(page, "run", "new")
    assert once == page.replace("old", "new")
    assert evidence_page.placed(once, "run", "new") == once


def test_a_page_without_a_place_for_the_figures_is_refused() -> None:
    with pytest.raises(ValueError, match="no place for the figures 'run'"):
        evidence_page.placed("# Evidence\n", "run", "figures")
