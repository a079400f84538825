"""What a pseudonymous export may hold: nothing of a person in its bytes, and listed columns only."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from pathlib import Path
from zipfile import ZipFile

import duckdb
import pytest

from tests.scenario import Scenario
from warehouse.exports.listing import EXPORTS, Export
from warehouse.exports.writing import Wanted, export_week

#: Columns that are left out on purpose: free text, names of files and classes, keys of accounts and files, steps in between.
WITHHELD = {
    "student_platform_week": "usual_scale usual_units_scale previous_minutes judged_usual "
    "judged_weeks judged_scale judged_share previous_share pacing_low pacing_high eligible_rank",
    "assignment_timing": "title",
    "assessment_events": "account_key result_id source_file",
    "cards": "item_title",
    "coverage": "class_key",
    "identity_exceptions": "account_ref",
    "load_manifest": "name scope reason culprit",
}


@pytest.mark.parametrize("export", EXPORTS, ids=lambda export: export.name)
def test_every_column_is_listed_or_withheld_on_purpose_and_every_pattern_is_of_some(
    district: Scenario, export: Export
) -> None:
    columns = [row[0] for row in district.rows(f"DESCRIBE {export.table}")]
    left = [c for c in columns if not any(fnmatchcase(c, told) for told in export.unnamed)]
    assert left == WITHHELD.get(export.name, "").split()
    assert [p for p in export.unnamed if not any(fnmatchcase(c, p) for c in columns)] == []


@pytest.mark.slow
def test_no_byte_of_a_pseudonymous_export_tells_who_somebody_is(
    district: Scenario, tmp_path: Path
) -> None:
    weeks = district.rows("SELECT DISTINCT week_start FROM views.weekly_summary ORDER BY 1")
    export_week(district.settings.warehouse, Wanted(weeks[len(weeks) // 2][0], b"k" * 32), tmp_path)
    content = _decompressed(tmp_path)
    assert len(content) > 100_000
    words = set(re.split(r"[^\w@.:-]+", content)) | set(re.split(r"\W+", content))
    secret = {
        value
        for (value,) in district.rows(
            "SELECT unnest([student_id, email, username, sis_id, family_name || ' ' || given_name,"
            " given_name || ' ' || family_name, family_name || ', ' || given_name])"
            " FROM roster.student UNION"
            " SELECT unnest([staff_id, email, given_name || ' ' || family_name]) FROM roster.staff"
            " UNION SELECT account_key FROM facts.account"
        )
        if value
    }
    assert len(secret) > 1000
    # A number of few digits may be part of any hash; it counts as a word of its own.
    assert not {one for one in secret if one in words}
    assert not {one for one in secret if not one.isdigit() and len(one) > 7 and one in content}


def _decompressed(folder: Path) -> str:
    """All that is in the files of a folder, as text."""
    told = []
    for path in sorted(folder.iterdir()):
        if path.suffix == ".xlsx":
            with ZipFile(path) as book:
                told += [book.read(name).decode() for name in book.namelist()]
        elif path.suffix == ".parquet":
            rows = duckdb.execute(f"SELECT CAST(t AS VARCHAR) FROM '{path}' AS t").fetchall()
            told += [row[0] for row in rows]
        else:
            told.append(path.read_text("utf-8"))
    return "\n".join(told)
