"""A run may be killed at any moment, and the disk may fill: the next run ends as if nothing was."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from connectors.errors import HomeroomError
from tests.consistent import consistent
from tests.fixtures import District, Row, lexia, overview, roster, zipped
from warehouse.reader import Reader

ROOT = Path(__file__).parents[2]
#: Two kills a district; `make faults` asks for 200 and another seed.
MOMENTS, SEED = int(os.environ.get("HOMEROOM_KILLS", "20")), os.environ.get("HOMEROOM_SEED", "7")
#: Imports once, then forks runs and kills them with SIGKILL: each district early, again late, and
#: then a run may end. Without the batch checks, which take most of the time and write nothing but
#: a note of counts. Prints which runs were still at work when they were killed.
PROGRAM = """
import json, os, random, shutil, signal, sys, time
from pathlib import Path
import pyarrow.parquet
from warehouse import nightly, settings
from warehouse.intake.reading import Intake
from warehouse.intake.landing import land

def start(folder):
    child = os.fork()
    if child == 0:
        try:
            district, report = settings.load(folder / "homeroom.toml"), nightly.Report()
            with nightly.opened(district) as ledger:
                land(district, ledger)
                Intake(district, ledger).run()
                nightly.put_live(district, ledger, report)
            os._exit(report.published is None)
        except BaseException as error:
            sys.stderr.write(f"{type(error).__name__}: {error}")
            os._exit(1)
    return child

root, moments, dice = Path(sys.argv[1]), int(sys.argv[2]), random.Random(sys.argv[3])
# The quicker of two: a machine that was busy for a moment must not put the kills after the end.
wholes = []
for name in ("calm", "calm-too"):
    begun = time.monotonic()
    assert os.waitpid(start(root / name), 0)[1] == 0
    wholes.append(time.monotonic() - begun)
whole = min(wholes)
killed = []
for district in range(moments // 2):
    folder = root / f"killed-{district}"
    shutil.copytree(root / "plain", folder)
    for moment in (district, district + moments // 2):
        child = start(folder)
        time.sleep(whole * (moment + dice.random()) / moments)
        os.kill(child, signal.SIGKILL)
        killed.append(os.WIFSIGNALED(os.waitpid(child, 0)[1]))
    os.waitpid(start(folder), 0)
sys.stdout.write(json.dumps(killed))
"""


def changes(kids: list[str]) -> dict[str, str | bytes]:
    """A delta: one child is renamed, one leaves, one comes."""
    files = roster([kids[0].replace("Kida", "Kia"), kids[1], "099 Kidz Ashz c1"])
    users = files["users.csv"].replace("U001,,", "U001,tobedeleted,")
    manifest = "propertyName,value\nfile.users,delta\nfile.enrollments,delta\n"
    return {
        "users.csv": users,
        "enrollments.csv": files["enrollments.csv"],
        "manifest.csv": manifest,
    }


def fill(district: District) -> None:
    """Several nights' worth, with corrections, twins, damage and a shrunken roster."""
    kids = [f"0{n:02} Kid{chr(97 + n)} Ash{chr(97 + n)} c1" for n in range(20)]
    district.put("oneroster/r_20250901.zip", zipped(dict(roster(kids))))
    district.put("oneroster/r_20250902.zip", zipped(dict(roster(kids[:5]))))
    district.put("oneroster/r_20250903.zip", zipped(changes(kids)))
    for n in range(12):
        rows = [
            f"{i} kid{chr(97 + i)} Kid{chr(97 + i)} Ash{chr(97 + i)} {n + i}" for i in range(15)
        ]
        district.put(f"lexia/l_202509{n + 10}.csv", lexia(*rows))
    district.put("lexia/l_20250910_corrected.csv", lexia("1 kidb Kidb Ashb 99"))
    district.put("lexia/l_20250930.csv", lexia(*rows))
    district.put("lexia/l_20250929.csv", lexia(*rows).replace("Kidc", '"Kidc'))
    for n in range(4):
        district.put(
            f"khan/o_2025090{n + 1}.csv",
            overview(
                *(
                    f"kid{chr(97 + i)}@x.org {n + i} Kid{chr(97 + i)}_Ash{chr(97 + i)}"
                    for i in range(15)
                )
            ),
        )


def state(district: District) -> dict[str, list[Row]]:
    """All that a reader sees, and each file's fate."""
    with Reader(district.settings.warehouse) as reader:
        tables = reader.rows(
            "SELECT schema || '.' || name AS name FROM (SHOW ALL TABLES) "
            "WHERE schema IN ('roster', 'facts', 'views') ORDER BY ALL"
        )
        asked = {
            **{table["name"]: f"FROM {table['name']}" for table in tables},
            "files": "SELECT name, feed, scope, status, reason, rows_in, rows_kept, "
            "rows_quarantined, rows_duplicate, rows_before FROM ops.file",
            "quarantine": "FROM ops.quarantine",
            "review": "FROM ops.identity_review",
        }
        return {name: reader.rows(f"{sql} ORDER BY ALL") for name, sql in asked.items()}


@pytest.mark.slow
def test_a_run_killed_at_any_moment_loses_nothing_and_doubles_nothing(tmp_path: Path) -> None:
    plain = District(tmp_path / "plain", ("oneroster", "lexia", "khan"))
    fill(plain)
    for name in ("calm", "calm-too"):
        shutil.copytree(tmp_path / "plain", tmp_path / name)
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path), str(MOMENTS), SEED],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    killed = json.loads(ran.stdout)
    sys.stdout.write(f"seed {SEED}: {sum(killed)} of {len(killed)} runs were killed at work\n")
    assert sum(killed) >= MOMENTS // 2
    platforms = ("oneroster", "lexia", "khan")
    calm = state(District(tmp_path / "calm", platforms))
    assert len(calm["views.student_platform_week"]) > 100
    for number in range(MOMENTS // 2):
        district = District(tmp_path / f"killed-{number}", platforms)
        told = state(district)
        assert [name for name in calm if told[name] != calm[name]] == []
        consistent(district)
        shutil.rmtree(district.folder)


@pytest.mark.slow
def test_a_full_disk_is_told_keeps_what_is_live_and_is_survived(tmp_path: Path) -> None:
    """The district's folder is a small disk of its own, filled up to some kilobytes at a time."""
    district = District(tmp_path, ("oneroster", "lexia", "khan"))
    home = tmp_path / "data"
    home.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(home)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip("a small disk can only be mounted by root")
    try:
        district.put("oneroster/r_20250901.zip", zipped(dict(roster(["001 Ann Ash c1"]))))
        district.put("khan/o_20250901.csv", overview("ann@x.org 10 Ann_Ash"))
        district.build()
        kids = [f"{i} kid{i} Kid{i} Ash{i} {i}" for i in range(4000)]
        district.put("lexia/l_20250910.csv", lexia(*kids))
        told = 0
        for kilobytes in (0, 8, 200, 700, 1200, 2500):
            free = shutil.disk_usage(home).free
            (home / "filler").write_bytes(b"x" * max(0, free - kilobytes * 1024))
            try:
                district.build()
            except HomeroomError as error:
                assert "the disk is full" in str(error), error
                assert error.retry
                told += 1
            assert district.ask(
                "SELECT sum(minutes) AS m FROM facts.usage_week WHERE platform = 'khan'"
            )
            (home / "filler").unlink()
        assert told >= 3
        district.build()
        assert len(district.lake("usage_snapshot", "*")) == 4000
        assert district.states("lexia") == {"l_20250910.csv": ("loaded", None)}
        assert (
            district.ask("SELECT count(*) AS n FROM facts.account WHERE platform = 'lexia'")[0]["n"]
            == 4000
        )
        (home / "filler").unlink(missing_ok=True)
        consistent(district)
        assert district.status()["last_run"]["problem"] is None
    finally:
        subprocess.run(["umount", "--lazy", str(home)], check=True)
