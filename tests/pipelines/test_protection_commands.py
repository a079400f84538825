"""What a coordinator types to see, to forget and to let age: and what the commands say."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from connectors.errors import ConfigError, HomeroomError
from pipelines.cli import app
from tests.fixtures import SCORES, District, lexia, lines, roster, zipped
from warehouse.forgetting import marks
from warehouse.notes import access_log
from warehouse.notes.database import Notes

PEOPLE = ("4001 Ada Lund c1", "4002 Milo Reyes c1", "4003 Noor Khan c1", "4004 Eli Moss c1")


def scores(*names: str) -> str:
    return lines(SCORES, *(f'{n},Sums,Exercise,"Oct 3, 2025",5,6,10,1' for n in names))


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> District:
    """Ada is in a class file of her own class, and her name in one of a class that nobody knows."""
    north = District(tmp_path_factory.mktemp("commands"), ("oneroster", "lexia", "khan"))
    north.put("oneroster/roster_20251001.zip", zipped(dict(roster(PEOPLE))))
    north.put("lexia/Lexia_20251002.csv", lexia("A1 ada Ada Lund 20", "A2 milo Milo Reyes 30"))
    north.put("khan/reading3a_20251006.csv", scores("Ada Lund", "Milo Reyes"))
    north.build()
    return north


@pytest.fixture
def north(before: District, tmp_path: Path) -> District:
    return before.copied(tmp_path / "d")


def said(north: District, *words: str, ends: int = 0) -> Result:
    result = CliRunner().invoke(app, [*words, "--config", str(north.settings.file)])
    assert result.exit_code == ends, (result.output, result.exception)
    return result


def test_a_dry_run_counts_and_changes_nothing(north: District) -> None:
    was = {p: p.read_bytes() for p in (north.settings.home / "landing").rglob("*") if p.is_file()}
    told = said(north, "forget", "Ada Lund", "--dry-run").output
    assert "landing: files 3, withheld 4" in told
    assert "Nothing was changed." in told
    assert {
        p: p.read_bytes() for p in (north.settings.home / "landing").rglob("*") if p.is_file()
    } == was
    assert not (north.settings.home / marks.KEY).exists()


def test_without_a_yes_nothing_goes(north: District) -> None:
    said(north, "forget", "U4001", ends=1)
    assert north.ask("FROM roster.student WHERE student_id = 'U4001'")


@pytest.mark.slow
def test_forgotten_and_a_held_name_that_a_person_lets_in(north: District) -> None:
    told = said(north, "forget", "U4001", "--yes", "--by", "the office").output
    certificate = Path(re.sub(r"\s", "", told.split("Certificate:")[1]))
    assert json.loads(certificate.read_text())["asked_by"] == "the office"
    assert (north.settings.home / marks.KEY).stat().st_mode & 0o077 == 0
    # The same name, in a class of which nobody knows that it was hers: a namesake's, perhaps.
    north.put("khan/chess_20251008.csv", scores("Ada Lund", "Eli Moss"))
    north.build()
    file = north.files()["chess_20251008.csv"]
    assert (file["rows_held"], file["rows_withheld"], file["rows_in"]) == (1, 0, 1)
    state = json.loads(said(north, "status", "--json").output)
    assert {"platform": "khan", "file": "chess_20251008.csv", "withheld": 0, "held": 1} in state[
        "left_out"
    ]
    assert "chess_20251008.csv" in said(north, "status").output
    said(north, "forget", "--not-them", "chess_20251008.csv")
    north.build()
    landed = [p.read_text() for p in north.settings.landing.rglob("*.csv")]
    assert sum("Ada Lund" in text for text in landed) == 1
    # Her own class's file keeps her out.
    north.put("khan/reading3a_20251009.csv", scores("Ada Lund", "Milo Reyes"))
    north.build()
    assert north.files()["reading3a_20251009.csv"]["rows_withheld"] == 1


@pytest.mark.slow
def test_without_the_key_nothing_is_taken_in(north: District) -> None:
    said(north, "forget", "U4001", "--yes")
    key = north.settings.home / marks.KEY
    key.chmod(0o644)
    with pytest.raises(HomeroomError, match="others than its owner"):
        north.build()
    key.unlink()
    with pytest.raises(HomeroomError, match="nothing is taken in"):
        north.build()


def test_a_record_holds_what_was_sent_and_that_it_was_read(north: District) -> None:
    out = north.folder / "record.html"
    said(north, "student-record", "U4001", "--out", str(out), "--by", "T9")
    page = out.read_text()
    assert out.stat().st_mode & 0o077 == 0
    for word in (
        "Ada",
        "As sent: lexia, Lexia_20251002.csv",
        "reading3a_20251006.csv",
        "ada@x.org",
        "T9",
    ):
        assert word in page
    assert "Milo" not in page
    told = json.loads(said(north, "student-record", "U4001", "--json").output)
    sent = {s["title"]: s["rows"] for s in told}["As sent: lexia, Lexia_20251002.csv"]
    assert [(row["line"], row["week_time"]) for row in sent] == [(2, "20")]
    with Notes(north.settings.notes) as notes:
        assert [e.what for e in access_log.about(notes, "U4001")] == [
            "everything held about a student"
        ] * 2


def test_retention_without_a_section_says_so(north: District) -> None:
    result = CliRunner().invoke(app, ["retention", "--config", str(north.settings.file)])
    assert isinstance(result.exception, HomeroomError)
    assert not isinstance(result.exception, ConfigError)


def test_the_schedule_of_a_district_as_csv(north: District) -> None:
    path = north.settings.file
    path.write_text(path.read_text() + "[retention]\nlanding_days = 40\n")
    rows = list(csv.DictReader(io.StringIO(said(north, "data-schedule").output)))
    assert {row["platform"] for row in rows} == {"oneroster", "lexia", "khan"}
    (minutes,) = [
        r for r in rows if r["feed"] == "detailed_student" and r["element"] == "week_time"
    ]
    assert minutes["kept"] == "as sent 40 days; as read until removed"
