"""A backup holds everything that cannot be made again, and comes back as it was."""

from __future__ import annotations

import json
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from connectors.errors import HomeroomError
from tests.fixtures import District, overview, roster, zipped
from warehouse import backup, lock
from warehouse.notes import check_ins
from warehouse.notes.database import Notes

VIEW = "FROM views.student_platform_week ORDER BY ALL"


@pytest.fixture(scope="module")
def district(tmp_path_factory: pytest.TempPathFactory) -> District:
    made = District(tmp_path_factory.mktemp("d"), ("oneroster", "khan"))
    made.put("oneroster/r_20250901.zip", zipped(roster(["1 Ann Ash c1", "2 Bob Bell c1"])))
    made.put("khan/o_20250905.csv", overview("ann@x.org 30 Ann_Ash", "bob@x.org 7 Bob_Bell"))
    made.build()
    with Notes(made.settings.notes) as notes:
        check_ins.add(notes, check_ins.new("U1", "T1", "2025-09-05", by="T1", note="liked it"))
    return made


def told(district: District) -> dict[str, Any]:
    """What a coordinator sees, without what names this machine or this moment."""
    state = district.status()
    left_out = ("config", "warehouse", "running_since", "ended_from_outside", "missing")
    return {key: value for key, value in state.items() if key not in left_out}


def written(district: District) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(district.settings.home / "notes.sqlite")) as db:
        return db.execute("SELECT * FROM check_in").fetchall()


@pytest.fixture(scope="module")
def taken(district: District, tmp_path_factory: pytest.TempPathFactory) -> Path:
    to = tmp_path_factory.mktemp("backups") / "monday"
    backup.back_up(district.settings, to)
    return to


@pytest.fixture
def elsewhere(district: District, tmp_path: Path) -> District:
    """The same district on another machine: the same sources, an empty home."""
    folder = tmp_path / "elsewhere"
    shutil.copytree(district.folder, folder, ignore=shutil.ignore_patterns("data"))
    return District(folder, district.platforms)


def test_a_restored_district_is_as_it_was_and_goes_on(
    district: District, taken: Path, elsewhere: District
) -> None:
    backup.restore(elsewhere.settings, taken)
    assert told(elsewhere) == told(district)
    assert elsewhere.ask(VIEW) == district.ask(VIEW) != []
    assert written(elsewhere) == written(district) != []
    elsewhere.put("khan/o_20250912.csv", overview("ann@x.org 12 Ann_Ash"), at=20_000)
    elsewhere.build()
    assert len(elsewhere.ask(VIEW)) > len(district.ask(VIEW))


def test_a_backup_holds_no_secret_no_session_and_no_scratch(
    district: District, tmp_path: Path
) -> None:
    home = district.settings.home
    secrets = district.folder / "secrets.toml"
    secrets.write_text("[khan]\npassword = 'x'\n")
    (home / "sessions.sqlite").write_bytes(b"")
    (home / "work").mkdir(exist_ok=True)
    (home / "work" / "scratch").write_text("x")
    backup.back_up(district.settings, tmp_path / "b")
    names = {p.relative_to(tmp_path / "b").as_posix() for p in (tmp_path / "b").rglob("*")}
    assert {"home/ledger.sqlite", "home/notes.sqlite", "home/warehouse/current.json"} <= names
    assert "settings/homeroom.toml" in names
    assert not [n for n in names if "secrets" in n or "sessions" in n or "work" in n or "lock" in n]
    for path in (secrets, home / "sessions.sqlite", home / "work" / "scratch"):
        path.unlink()


def test_notes_that_are_being_written_are_in_the_backup(district: District, tmp_path: Path) -> None:
    with Notes(district.settings.notes) as notes:
        check_ins.add(notes, check_ins.new("U2", "T1", "2025-09-06", by="T1", note="asked"))
        assert (district.settings.home / "notes.sqlite-wal").stat().st_size > 0
        backup.back_up(district.settings, tmp_path / "b")
    with closing(sqlite3.connect(tmp_path / "b" / "home" / "notes.sqlite")) as db:
        assert ("U2",) in db.execute("SELECT student_id FROM check_in").fetchall()


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (lambda path: path.write_bytes(b"x" + path.read_bytes()[1:]), "is damaged"),
        (lambda path: path.write_bytes(path.read_bytes()[:-1]), "is damaged"),
        (lambda path: path.unlink(), "is missing"),
    ],
    ids=["a byte is another", "the end is missing", "the file is missing"],
)
@pytest.mark.parametrize("what", ["home/lake", "home/landing", "home/ledger.sqlite"])
def test_a_damaged_file_is_named_and_nothing_is_restored(
    taken: Path, elsewhere: District, tmp_path: Path, harm: Any, said: str, what: str
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(taken, copy)
    path = copy / what
    victim = path if path.is_file() else sorted(p for p in path.rglob("*") if p.is_file())[0]
    harm(victim)
    with pytest.raises(HomeroomError, match=said) as error:
        backup.restore(elsewhere.settings, copy)
    assert error.value.culprit == str(victim)
    assert not elsewhere.settings.home.exists()


def test_a_name_that_leads_out_of_the_backup_is_refused(taken: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(taken, copy)
    list_of_files = json.loads((copy / backup.MANIFEST).read_text())
    list_of_files["files"]["home/../../out"] = "0"
    (copy / backup.MANIFEST).write_text(json.dumps(list_of_files))
    with pytest.raises(HomeroomError, match="leads out"):
        backup.check(copy)


def test_nothing_is_written_over(district: District, taken: Path) -> None:
    with pytest.raises(HomeroomError, match="the home is not empty"):
        backup.restore(district.settings, taken)
    with pytest.raises(HomeroomError, match="holds something already"):
        backup.back_up(district.settings, taken)
    with pytest.raises(HomeroomError, match="would be lost with it"):
        backup.back_up(district.settings, district.settings.home / "backups")


def test_no_backup_is_made_while_a_run_is_at_work(
    district: District, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_once = lambda home: lock.only_run(home, wait_seconds=0.1)  # noqa: E731
    monkeypatch.setattr(backup, "only_run", at_once)
    with lock.only_run(district.settings.home), pytest.raises(HomeroomError, match="another run"):
        backup.back_up(district.settings, tmp_path / "b")
    assert not (tmp_path / "b").exists()


#: Stops for good before the file of that number is copied.
PROGRAM = """
import sys, time
from pathlib import Path
from warehouse import backup, settings

copy, left = backup._copy, [int(sys.argv[3])]

def slow(path, to):
    if left[0] == 0:
        print("stopped", flush=True)
        time.sleep(600)
    left[0] -= 1
    copy(path, to)

backup._copy = slow
district = settings.load(Path(sys.argv[2]))
getattr(backup, sys.argv[1])(district, Path(sys.argv[4]))
"""


def killed(district: District, what: str, after: int, folder: Path) -> None:
    """End `what` with kill -9 when so many files have been copied."""
    words = [what, str(district.folder / "homeroom.toml"), str(after), str(folder)]
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *words], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "stopped\n"
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL


def test_a_backup_that_was_killed_is_none_and_hinders_nothing(
    district: District, elsewhere: District, tmp_path: Path
) -> None:
    killed(district, "back_up", 3, tmp_path / "b")
    assert len(list((tmp_path / "b").rglob("*.*"))) >= 3
    with pytest.raises(HomeroomError, match="no whole backup"):
        backup.restore(elsewhere.settings, tmp_path / "b")
    backup.back_up(district.settings, tmp_path / "again")
    assert backup.check(tmp_path / "again")


def test_a_restore_that_was_killed_is_done_again_and_no_run_comes_between(
    district: District, taken: Path, elsewhere: District
) -> None:
    killed(elsewhere, "restore", 3, taken)
    with pytest.raises(HomeroomError, match="stopped in the middle"):
        elsewhere.build()
    backup.restore(elsewhere.settings, taken)
    assert elsewhere.ask(VIEW) == district.ask(VIEW)


def test_a_restore_that_was_killed_between_two_names_is_done_again(
    district: District, taken: Path, elsewhere: District
) -> None:
    backup.restore(elsewhere.settings, taken)
    home = elsewhere.settings.home
    (home / backup.RESTORING).mkdir()
    (home / "warehouse").rename(home / backup.RESTORING / "warehouse")
    backup.restore(elsewhere.settings, taken)
    assert elsewhere.ask(VIEW) == district.ask(VIEW)
    assert not (home / backup.RESTORING).exists()


def aged(taken: Path, to: Path, made_at: str, **told: Any) -> Path:
    """A copy of a backup whose list says that it was made at another time."""
    shutil.copytree(taken, to)
    held = json.loads((to / backup.MANIFEST).read_text()) | {"made_at": made_at} | told
    (to / backup.MANIFEST).write_text(json.dumps(held))
    return to


def test_only_whole_backups_of_this_home_are_aged_out(
    district: District, taken: Path, tmp_path: Path
) -> None:
    first, second, third = (aged(taken, tmp_path / n, f"2025-09-0{n}T20:00:00") for n in "123")
    # Made when the clock was wrong: the one that has just been made is never the one that goes.
    newest = aged(taken, tmp_path / "now", "1999-01-01T00:00:00")
    aged(taken, tmp_path / "another district", "2025-08-01T20:00:00", district="South")
    aged(taken, tmp_path / "another home", "2025-08-01T20:00:00", home="/srv/other")
    half = aged(taken, tmp_path / "half", "2025-08-01T20:00:00")
    (half / backup.MANIFEST).unlink()
    (tmp_path / "holiday pictures").mkdir()
    (tmp_path / "link").symlink_to(first)
    (tmp_path / "a file").write_text("x")
    before = {p.name for p in tmp_path.iterdir()}
    assert backup.prune(district.settings, newest, 2) == [second, first]
    assert {p.name for p in tmp_path.iterdir()} == before - {"1", "2"}
    assert backup.prune(district.settings, newest, 2) == []
    assert backup.check(third)
    assert backup.prune(district.settings, newest, 1) == [third]
    assert backup.check(newest)


def test_a_removal_that_was_killed_is_ended_by_the_next(
    district: District, taken: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = aged(taken, tmp_path / "old", "2025-09-01T20:00:00")
    newest = aged(taken, tmp_path / "now", "2025-09-02T20:00:00")
    with monkeypatch.context() as patched:
        patched.setattr(backup, "_remove", lambda path: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            backup.prune(district.settings, newest, 1)
    with pytest.raises(HomeroomError, match="no whole backup"):
        backup.check(old)
    backup.prune(district.settings, newest, 1)
    assert not old.exists()
    assert backup.check(newest)
