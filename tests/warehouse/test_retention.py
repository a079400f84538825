"""What is older than the district keeps it goes, and nothing else; by default nothing goes."""

from __future__ import annotations

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from connectors.errors import ConfigError, HomeroomError
from tests.fixtures import District, lexia, lines, roster, zipped
from warehouse import nightly, retention, settings
from warehouse.intake import read_again
from warehouse.notes import access_log, check_ins
from warehouse.notes.database import Notes
from warehouse.settings.retention import retention_settings

NOW = datetime(2026, 3, 1, tzinfo=UTC)
PEOPLE = ("4001 Ada Lund c1", "4002 Milo Reyes c1")


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An old day, a newer one, and an old roster that is still the live one."""
    district = District(tmp_path_factory.mktemp("aged"), ("oneroster", "lexia", "district"))
    district.put("oneroster/roster_20250901.zip", zipped(dict(roster(PEOPLE))))
    district.put("lexia/Lexia_20250902.csv", lexia("A1 ada Ada Lund 20", "A2 milo Milo Reyes 30"))
    district.put("lexia/Lexia_20260224.csv", lexia("A1 ada Ada Lund 21", "A2 milo Milo Reyes 31"))
    district.put(
        "district/attendance.csv", lines("student_id,date,present", "4001,2025-09-02,true")
    )
    with nightly.opened(district.settings) as ledger:
        report = nightly.Report()
        nightly.take(district.settings, ledger, report, expect=lambda *_: None)
        ledger.run(
            "UPDATE file SET landed_at = exported_on || 'T06:00:00+00:00' WHERE exported_on IS NOT NULL"
        )
        ledger.run("UPDATE file SET landed_at = '2025-09-01T06:00:00+00:00' WHERE is_archive = 1")
    return district.folder


@pytest.fixture
def aged(before: Path, tmp_path: Path) -> District:
    shutil.copytree(before, tmp_path / "d")
    return District(tmp_path / "d", ("oneroster", "lexia", "district"), extra="[retention]\n")


def keep(district: District, **days: int) -> None:
    path = district.settings.file
    text = path.read_text() + "".join(f"{key} = {n}\n" for key, n in days.items())
    path.write_text(text)
    district.settings = settings.load(path)


def both(district: District) -> dict[str, int]:
    """What is due, and that just that goes: a second look finds nothing."""
    with nightly.opened(district.settings) as ledger:
        told = retention.due(district.settings, ledger, NOW)
        assert retention.apply(district.settings, ledger, NOW) == told
        assert all(d.count == 0 for d in retention.due(district.settings, ledger, NOW))
    return {d.key: d.count for d in told}


def test_nothing_goes_by_default(aged: District) -> None:
    with nightly.opened(aged.settings) as ledger:
        assert retention.due(aged.settings, ledger, NOW) == []
    assert not aged.settings.retention


def test_old_files_leave_the_lake_and_the_landing_area_and_a_live_roster_stays(
    aged: District,
) -> None:
    keep(aged, lake_days=90)
    landed = len([p for p in aged.settings.landing.rglob("*") if p.is_file()])
    assert both(aged) == {"lake_days": 1}
    assert aged.states("lexia") == {
        "Lexia_20250902.csv": ("ignored", "kept_no_longer"), "Lexia_20260224.csv": ("loaded", None),
    }  # fmt: skip
    assert {m for (m,) in aged.lake("usage_snapshot", "week_minutes")} == {21.0, 31.0}
    assert len(aged.lake("person", "person_id")) == 2
    assert len([p for p in aged.settings.landing.rglob("*") if p.is_file()]) == landed - 1


def test_landed_files_go_and_what_was_read_stays(aged: District) -> None:
    keep(aged, landing_days=90)
    assert both(aged) == {"landing_days": 3}
    assert len([p for p in aged.settings.landing.rglob("*") if p.is_file()]) == 1
    assert len(aged.lake("usage_snapshot", "account_key")) == 4


@pytest.mark.parametrize("kind", ["lake_days", "landing_days"])
def test_reading_everything_again_loses_nothing_of_files_that_are_gone(
    aged: District, kind: str
) -> None:
    keep(aged, **{kind: 90})
    assert both(aged)[kind]
    tables = ("usage_snapshot", "person", "enrollment")
    before = [aged.lake(table, "source_file, arrival") for table in tables]
    states = [aged.states(platform) for platform in ("lexia", "oneroster", "district")]
    assert all(before)
    # The sources are empty by now too.
    for platform in ("lexia", "oneroster", "district"):
        for path in (aged.folder / platform).iterdir():
            path.unlink()
    with nightly.opened(aged.settings) as ledger:
        read_again.set_pending(aged.settings, ledger, None)
    aged.take()
    assert [aged.lake(table, "source_file, arrival") for table in tables] == before
    assert [aged.states(platform) for platform in ("lexia", "oneroster", "district")] == states


def test_notes_and_the_log_go_by_age_and_the_log_refuses_again(aged: District) -> None:
    keep(aged, notes_days=30, access_log_days=30)
    with Notes(aged.settings.notes) as notes:
        old = check_ins.new("U4001", "T1", "2025-09-02", by="T1", note="old")
        check_ins.add(
            notes,
            check_ins.CheckIn(**{**vars(old), "written_at": "2025-09-02T10:00:00.000000+00:00"}),
        )
        check_ins.add(notes, check_ins.new("U4001", "T1", "2026-02-27", by="T1", note="new"))
        entry = access_log.new("T1", "view", "page", ["U4001"])
        access_log.add(
            notes, [access_log.Entry(**{**vars(entry), "at": "2025-09-02T10:00:00.000000+00:00"})]
        )
    assert both(aged) == {"notes_days": 1, "access_log_days": 1}
    with Notes(aged.settings.notes) as notes:
        assert [c.note for c in check_ins.every(notes)] == ["new"]
        access_log.add(notes, [access_log.new("T1", "view", "page", ["U4001"])])
        with pytest.raises(HomeroomError), notes.writing() as db:
            db.execute(sa.text("DELETE FROM access_log"))


def test_old_exports_go_and_a_source_below_the_home_does_not(aged: District) -> None:
    keep(aged, exports_days=30)
    for name in ("exports/week.csv", "reports/quality.html"):
        path = aged.settings.home / name
        path.parent.mkdir()
        path.write_text("x")
        os.utime(path, (0, 0))
    assert both(aged) == {"exports_days": 2}
    assert aged.settings.ledger.exists()


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        ({"landing_days": 0}, "no number of days"),
        ({"landing": 3}, "not a known key"),
        ({"lake_days": "x"}, "whole number"),
    ],
)
def test_a_wrong_age_is_named(raw: dict[str, object], says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        retention_settings(Path("homeroom.toml"), raw)
