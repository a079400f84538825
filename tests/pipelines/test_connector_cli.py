"""`homeroom connector` and `homeroom drift` as a person uses them."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from connectors import declaration
from connectors.errors import HomeroomError
from pipelines.cli import app
from tests.fixtures import District, lexia, lines

SECRETS = ("Quill", "zoe@x.org", "90210", "Secret club")
SLIPS = lines(
    "SIS ID,First Name,Last Name,Email,Work Date,Minutes,Club",
    *(
        f"{90210 + i:06},Zoe{i},Quill,zoe{i}@x.org,{d:02}/25/2025,{i % 30}.5,Secret club"
        for i in range(40)
        for d in (9, 10)
    ),
)


def homeroom(folder: Path, monkeypatch: pytest.MonkeyPatch, *words: str) -> Result:
    monkeypatch.chdir(folder)
    monkeypatch.delenv("HOMEROOM_CONFIG", raising=False)
    return CliRunner().invoke(app, words, catch_exceptions=True)


def write(folder: Path, form: str) -> Path:
    if form == "gz":
        path = folder / "slips_20251025.csv.gz"
        path.write_bytes(gzip.compress(SLIPS.encode(), mtime=0))
    elif form == "json":
        head, *rows = (line.split(",") for line in SLIPS.splitlines())
        path = folder / "slips_20251025.json"
        path.write_text(json.dumps([dict(zip(head, row, strict=True)) for row in rows]))
    else:
        path = folder / f"slips_20251025.{form}"
        path.write_text(SLIPS if form == "csv" else SLIPS.replace(",", "\t"))
    return path


@pytest.mark.parametrize("form", ["csv", "tsv", "gz", "json"])
def test_a_draft_reads_the_file_it_was_made_from_and_tells_no_value(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    path = write(tmp_path, form)
    made = homeroom(tmp_path, monkeypatch, "connector", "new", "slips", path.name)
    assert made.exit_code == 0, made.output
    text = (tmp_path / "platforms" / "slips.toml").read_text()
    tried = homeroom(tmp_path, monkeypatch, "connector", "check", "slips", path.name)
    assert tried.exit_code == 0, tried.output
    for told in (text, made.output, tried.output):
        assert not any(secret in told for secret in SECRETS)
    feed = declaration.load(tmp_path / "platforms" / "slips.toml").feeds[0]
    assert feed.key == ("sis_id", "work_date")
    assert feed.column("work_date").formats == ("%m/%d/%Y",)
    assert "# guess: 100% of the values are dates MM/DD/YYYY" in text
    assert [o.table for o in feed.outputs] == ["account", "daily_activity", "coverage"]
    assert "rows: 80 in, 80 kept, 0 told twice, 0 turned away" in tried.output
    assert "daily_activity: 80 rows, 2025-09-25 to 2025-10-25" in tried.output
    assert "account: 40 rows" in tried.output
    assert "Nothing was written." in tried.output
    assert {p.name for p in tmp_path.iterdir()} == {path.name, "platforms"}


def test_a_trial_says_why_rows_would_be_turned_away_and_never_what_they_hold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path, "csv")
    homeroom(tmp_path, monkeypatch, "connector", "new", "slips", path.name)
    rows = SLIPS.replace("09/25/2025,0.5", "sometime,0.5").replace(
        "10/25/2025,1.5", "10/25/2025,much"
    )
    path.write_text(rows.replace("Email,", "Email address,"))
    refused = homeroom(tmp_path, monkeypatch, "connector", "check", "slips", path.name)
    assert refused.exit_code == 1
    assert "column Email" in refused.output
    path.write_text(rows)
    tried = homeroom(tmp_path, monkeypatch, "connector", "check", "slips", path.name)
    assert "2 rows: not_a_date: column work_date, text; first in lines 2, 62" in tried.output
    assert "2 rows: not_a_number: column minutes, text; first in lines 5, 65" in tried.output
    assert "sometime" not in tried.output
    assert "much" not in tried.output


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("90210,zoe@x.org,Quill\n90211,max@x.org,Moor\n", "does not look like names"),
        ("Quill,Zoe\nQuill,Max\n", "does not look like names"),
    ],
)
def test_a_file_without_a_header_makes_no_draft(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, says: str
) -> None:
    (tmp_path / "x.csv").write_text(text)
    ran = homeroom(tmp_path, monkeypatch, "connector", "new", "slips", "x.csv")
    assert isinstance(ran.exception, HomeroomError)
    assert says in str(ran.exception)
    assert not any(s in str(ran.exception) for s in SECRETS)
    assert not (tmp_path / "platforms").exists()


def test_a_draft_overwrites_nothing_and_takes_no_name_of_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path, "csv")
    homeroom(tmp_path, monkeypatch, "connector", "new", "slips", path.name)
    for name in ("slips", "lexia", "Slips"):
        ran = homeroom(tmp_path, monkeypatch, "connector", "new", name, path.name)
        assert isinstance(ran.exception, HomeroomError), name


def test_columns_of_every_week_are_guessed_as_wide(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    weeks = ",".join(f"Week {n} minutes" for n in range(1, 9))
    (tmp_path / "grid.csv").write_text(
        lines(f"Student ID,{weeks}", *(f"{i:04}" + ",5" * 8 for i in range(9)))
    )
    homeroom(tmp_path, monkeypatch, "connector", "new", "grid", "grid.csv")
    feed = declaration.load(tmp_path / "platforms" / "grid.toml").feeds[0]
    assert feed.wide is not None
    assert feed.wide.pattern == r"Week \d+ minutes"
    assert [c.name for c in feed.columns] == ["student_id"]


def test_the_list_names_where_each_platform_is_declared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path, "csv")
    homeroom(tmp_path, monkeypatch, "connector", "new", "slips", path.name)
    (tmp_path / "platforms" / "broken.toml").write_text("name = 3")
    told = homeroom(tmp_path, monkeypatch, "connector", "list").output
    assert "slips: Slips (" in told
    assert "summit_style: " in told
    assert "khan: Khan Academy (with Homeroom)" in told
    assert "not usable: " in told


def test_a_changed_layout_is_listed_shown_and_accepted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    district = District(tmp_path, ("lexia",))
    text = lexia(*(f"{i} user{i} Ann Ash {i}" for i in range(1, 30)))
    district.put("lexia/l_20250901.csv", text)
    district.take()
    district.put("lexia/l_20250902.csv", text.replace("username", "Login name") + "")
    district.take()
    listed = homeroom(tmp_path, monkeypatch, "drift", "list")
    wanted = listed.output.split()[0]
    assert "lexia/detailed_student: 1 files wait" in listed.output
    shown = homeroom(tmp_path, monkeypatch, "drift", "show", wanted)
    assert 'username is probably called "Login name" now' in shown.output
    wrong = homeroom(tmp_path, monkeypatch, "drift", "accept", wanted, "--map", "nonsense")
    assert isinstance(wrong.exception, HomeroomError)
    taken = homeroom(tmp_path, monkeypatch, "drift", "accept", wanted)
    assert taken.exit_code == 0, taken.output
    assert district.states("lexia")["l_20250902.csv"] == ("pending", None)
    again = homeroom(tmp_path, monkeypatch, "drift", "list")
    assert "No file waits" in again.output


@pytest.mark.slow
def test_a_run_says_a_new_column_once_and_points_to_a_changed_layout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    district = District(tmp_path, ("lexia",))
    text = lexia("1 ann Ann Ash 30", "2 bo Bo Birch 20")
    district.put("lexia/l_20250901.csv", text.replace("\n", ",x\n").replace(",x", ",Mood", 1))
    district.put("lexia/l_20250902.csv", text.replace("username", "User name"))
    first = homeroom(tmp_path, monkeypatch, "run")
    assert "lexia/detailed_student: columns that nothing reads (said once): Mood" in first.output
    assert "a layout has changed: homeroom drift show " in first.output
    assert "Published" in first.output
    second = homeroom(tmp_path, monkeypatch, "run")
    assert "Mood" not in second.output
