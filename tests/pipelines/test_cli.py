"""The command line as a person uses it: what it prints and what it ends with."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.fixtures import District, lexia, overview, roster

HOMEROOM = Path(sys.executable).with_name("homeroom")


def homeroom(*words: str | Path, folder: Path, given: str = "") -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if k != "HOMEROOM_CONFIG"}
    return subprocess.run(
        [HOMEROOM, *words], cwd=folder, capture_output=True, text=True, input=given, check=False,
        env=environment | {"COLUMNS": "200"},
    )  # fmt: skip


@pytest.fixture(scope="module")
def published(
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[District, subprocess.CompletedProcess[str]]:
    district = District(tmp_path_factory.mktemp("cli"), ("oneroster", "lexia", "khan"))
    district.put_all("oneroster", roster(["001 Ann Ash c1"]))
    district.put("khan/o_20250901.csv", overview("ann@x.org 10 Ann_Ash"))
    district.put("lexia/l_20250901.csv", "")
    return district, homeroom("run", folder=district.folder)


@pytest.mark.parametrize(
    "words", [(), ("run",), ("status",), ("sql",), ("export",), ("sample",), ("evidence",)]
)
def test_help_is_there_for_every_command(tmp_path: Path, words: tuple[str, ...]) -> None:
    ran = homeroom(*words, "--help", folder=tmp_path)
    assert ran.returncode == 0
    assert "Usage: homeroom" in ran.stdout


def test_a_run_with_a_failed_feed_ends_with_1_and_publishes_the_rest(
    published: tuple[District, subprocess.CompletedProcess[str]],
) -> None:
    district, ran = published
    assert ran.returncode == 1, ran.stderr
    assert (
        "lexia: l_20250901.csv: refused: the file has no content. Fix: export it again."
        in ran.stdout
    )
    assert "Published" in ran.stdout
    assert ran.stderr == ""
    assert district.ask("SELECT count(*) AS n FROM roster.student")[0]["n"] == 1


@pytest.mark.slow
def test_a_good_run_ends_with_0_and_a_second_has_nothing_to_do(
    published: tuple[District, subprocess.CompletedProcess[str]],
) -> None:
    district, _ = published
    district.put("lexia/l_20250901.csv", lexia("1 ann Ann Ash 30"))
    first, second = (homeroom("run", folder=district.folder) for _ in range(2))
    assert (first.returncode, second.returncode) == (0, 0), first.stdout + first.stderr
    assert "1 new files taken, 1 read." in first.stdout
    assert "Nothing new." in second.stdout


def test_status_is_a_page_for_people_and_json_for_programs(
    published: tuple[District, subprocess.CompletedProcess[str]],
) -> None:
    district, _ = published
    page, plain = (
        homeroom("status", *words, folder=district.folder) for words in ((), ("--json",))
    )
    assert (page.returncode, plain.returncode) == (0, 0)
    assert "Lexia Core5" in page.stdout
    assert json.loads(plain.stdout)["district"] == "North"


def test_sql_prints_tables_csv_and_json_and_reads_its_input(
    published: tuple[District, subprocess.CompletedProcess[str]],
) -> None:
    district, _ = published
    sql = "SELECT student_id, 1.5 AS x FROM roster.student"
    table, csv, js = (
        homeroom("sql", sql, "--format", f, folder=district.folder).stdout
        for f in ("table", "csv", "json")
    )
    assert "U001" in table
    assert csv == "student_id,x\nU001,1.5\n"
    assert json.loads(js)[0]["student_id"] == "U001"
    assert homeroom("sql", "-", "-f", "csv", folder=district.folder, given=sql).stdout == csv


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("sql", "SELECT * FROM read_csv('/etc/passwd')"), "SQL:"),
        (("sql", "SELECT 1 FROM nowhere"), "ops.dictionary"),
        (
            (
                "sql",
                "SELECT CAST(CASE WHEN i = 300000 THEN 'x' ELSE '1' END AS INTEGER) FROM range(300001) t(i)",
                "-f",
                "csv",
            ),
            "SQL:",
        ),
        (("run", "-c", "nowhere.toml"), "nowhere.toml: there is no such file"),
        (("export", "--week", "2025-09-01", "--out", "homeroom.toml"), "homeroom.toml"),
    ],
)
def test_what_cannot_be_done_ends_with_2_and_a_sentence(
    published: tuple[District, subprocess.CompletedProcess[str]], words: tuple[str, ...], says: str
) -> None:
    district, _ = published
    ran = homeroom(*words, folder=district.folder)
    assert ran.returncode == 2
    assert ran.stderr.startswith("homeroom: ")
    assert says in ran.stderr
    assert "Traceback" not in ran.stderr


def test_before_a_run_there_is_nothing_to_read(tmp_path: Path) -> None:
    District(tmp_path, ("lexia",))
    for words in (("sql", "SELECT 1"), ("export", "--week", "2025-09-01", "--out", "x")):
        ran = homeroom(*words, folder=tmp_path)
        assert (ran.returncode, "nothing has been published yet" in ran.stderr) == (2, True)
    ran = homeroom("status", folder=tmp_path)
    assert ran.returncode == 0
    assert "Nothing has been published yet" in ran.stdout


def test_a_wrong_word_on_the_command_line_ends_with_2(tmp_path: Path) -> None:
    for words in (
        ("rnu",),
        ("export", "--week", "monday", "--out", "x"),
        ("sample", "x", "--weeks", "4"),
    ):
        ran = homeroom(*words, folder=tmp_path)
        assert ran.returncode == 2
        assert "Traceback" not in ran.stderr


def test_export_writes_the_week(
    published: tuple[District, subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    district, _ = published
    ran = homeroom(
        "export", "--week", "2025-09-03", "--out", tmp_path / "out", folder=district.folder
    )
    assert ran.returncode == 0, ran.stderr
    assert (tmp_path / "out/manifest_2025-09-01.json").is_file()
    assert "Week of 2025-09-01" in ran.stdout


@pytest.mark.slow
@pytest.mark.parametrize(("signalled", "ends"), [(signal.SIGKILL, -9), (signal.SIGINT, 130)])
def test_a_run_killed_from_outside_is_followed_by_a_whole_one(
    tmp_path: Path, signalled: signal.Signals, ends: int
) -> None:
    district = District(tmp_path, ("oneroster", "lexia"))
    district.put_all("oneroster", roster(["001 Ann Ash c1"]))
    for day in range(10, 30):
        district.put(f"lexia/l_202509{day}.csv", lexia(f"1 ann Ann Ash {day}"))
    with subprocess.Popen(
        [HOMEROOM, "run"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A shell without job control starts what runs in the background deaf to Ctrl-C.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as run:
        while not (tmp_path / "data/lake").is_dir():
            time.sleep(0.005)
        run.send_signal(signalled)
        _, told = run.communicate()
    assert run.returncode == ends, told
    assert "Traceback" not in told
    ran = homeroom("run", folder=tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert len(district.lake("usage_snapshot", "*")) == 20
