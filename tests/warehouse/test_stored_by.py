"""Published tables lie on disk by whom they are asked for."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb

from tests import scenario
from transforms.catalog import load
from warehouse import publish


def test_facts_lie_by_student_and_views_by_what_they_are_about() -> None:
    stored = {t.table: t.stored_by for t in load(["khan"])}
    assert stored["facts.daily_activity"] == "student_id"
    assert stored["views.student_platform_week"] == "student_id"
    assert stored["views.student_access"] == "staff_id"
    assert stored["views.collaboration_board"] == "class_id"
    assert stored["facts.coverage"] == ""
    assert stored["views.measure_dictionary"] == ""


def test_the_published_file_holds_them_in_that_order(
    district: scenario.Scenario, tmp_path: Path
) -> None:
    live = publish.live_file(district.settings.warehouse)
    assert live is not None
    # A copy: other tests of this process may have the file open in another way.
    copy = shutil.copy(live, tmp_path / "copy.duckdb")
    with duckdb.connect(str(copy), read_only=True) as db:
        for table in ("facts.daily_activity", "views.student_platform_week"):
            (broken,) = db.execute(
                f"SELECT count(*) FROM (SELECT student_id, lag(student_id) OVER (ORDER BY rowid) "
                f"AS before FROM {table}) WHERE student_id < before"
            ).fetchall()[0]
            assert broken == 0
