"""Real files beside the checkout: an open data set whose totals are known, and vendors' samples."""

from __future__ import annotations

from pathlib import Path

import pytest

from warehouse import nightly, settings
from warehouse.reader import Reader

#: Whole runs of many small districts.
pytestmark = pytest.mark.slow


def _run(tmp_path: Path, zone: str, *sources: tuple[str, Path]) -> Reader:
    lines = [f'[district]\nname = "Real"\ntime_zone = "{zone}"\nhome = "data"']
    lines += [f'[[source]]\nplatform = "{name}"\nlocation = "{path}"' for name, path in sources]
    (tmp_path / "homeroom.toml").write_text("\n".join(lines))
    district = settings.load(tmp_path / "homeroom.toml")
    report = nightly.run(district)
    assert report.published is not None
    return Reader(district.warehouse)


@pytest.mark.parametrize("zone", ["Europe/London", "America/Chicago"])
def test_the_open_university_totals_come_out_to_the_row(
    tmp_path: Path, shared_data: Path, zone: str
) -> None:
    with _run(tmp_path, zone, ("oulad", shared_data / "oulad")) as reader:
        handed_in = reader.query(
            "SELECT class_id, count(*), round(avg(CASE state WHEN 'late' THEN 1.0 ELSE 0.0 END), 6) "
            "FROM views.assignment_timing WHERE kind = 'TMA' AND state IN ('on_time', 'late') "
            "GROUP BY 1 ORDER BY 1"
        ).fetchall()
        assert handed_in == [
            ("AAA-2013J", 1633, 0.236375),
            ("AAA-2014J", 1474, 0.291045),
            ("GGG-2013J", 2201, 0.171286),
        ]
        activity = reader.query(
            "SELECT class_id, sum(events), count(DISTINCT (student_id, date)) "
            "FROM facts.daily_activity WHERE events > 0 GROUP BY 1 ORDER BY 1"
        ).fetchall()
        assert activity == [
            ("AAA-2013J", 648494, 34072),
            ("AAA-2014J", 598158, 30703),
            ("GGG-2013J", 509091, 32352),
        ]
        students = reader.rows("SELECT count(*) AS n FROM roster.student")[0]["n"]
        shown = reader.rows("SELECT count(DISTINCT student_id) AS n FROM views.student_engagement")
        assert shown[0]["n"] == students == 1664


def test_every_shared_file_is_read_or_says_why_not(tmp_path: Path, shared_data: Path) -> None:
    own = {"lms_unified": "edfi_lms", "oneroster_1_0": "oneroster", "oneroster_1_1": "oneroster"}
    folders = sorted(p for p in shared_data.iterdir() if p.is_dir())
    with _run(tmp_path, "UTC", *((own.get(p.name, p.name), p) for p in folders)) as reader:
        files = reader.rows(
            "SELECT platform, name, feed, status, reason, rows_in, rows_kept, rows_quarantined, "
            "rows_duplicate FROM ops.file"
        )
        sent = sum(len([f for f in p.rglob("*") if f.is_file()]) for p in folders)
        assert len(files) == sent
        for file in files:
            assert file["status"] in ("loaded", "superseded", "ignored"), file
            assert (file["reason"] is None) == (file["status"] != "ignored"), file
            kept = file["rows_kept"] + file["rows_quarantined"] + file["rows_duplicate"]
            assert file["rows_in"] == kept, file
        away = reader.rows(
            "SELECT platform, reason, count(*) AS rows FROM ops.quarantine GROUP BY ALL ORDER BY ALL"
        )
        assert [tuple(row.values()) for row in away] == [("nwea", "too_few_fields", 1)]


def test_vendor_samples_end_in_the_lake_or_in_quarantine(tmp_path: Path, shared_data: Path) -> None:
    sources = (("nwea", shared_data / "nwea"), ("oneroster", shared_data / "oneroster_1_1"))
    with _run(tmp_path, "America/Chicago", *sources) as reader:
        files = reader.query(
            "SELECT name, status, rows_in, rows_kept, rows_quarantined FROM ops.file ORDER BY name"
        ).fetchall()
        assert len(files) == 10
        assert all(rows == kept + away for _, _, rows, kept, away in files)
        assert ("AssessmentResults.csv", "loaded", 7, 6, 1) in files
        assert ("MAP_Reading_Fluency.csv", "loaded", 9, 9, 0) in files
        told = reader.query(
            "SELECT starts_with(test_name, 'MAP Reading Fluency'), status, count(*) "
            "FROM facts.assessment_result GROUP BY ALL ORDER BY ALL"
        ).fetchall()
        assert told == [(False, "valid", 6), (True, "no_valid_score", 1), (True, "valid", 22)]
        assert reader.rows("SELECT count(*) AS n FROM roster.student")[0]["n"] == 8
