"""An export may be killed at any moment: what has a name is whole, and a manifest means all of it."""

from __future__ import annotations

import hashlib
import json
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import pytest

from tests.scenario import Scenario
from warehouse.exports.writing import Wanted, export_week

ROOT = Path(__file__).parents[2]
WEEK = date(2025, 9, 15)
#: Says that it begins, then exports.
PROGRAM = """
import sys
from datetime import date
from pathlib import Path
from warehouse.exports.writing import Wanted, export_week
print("now", flush=True)
export_week(Path(sys.argv[1]), Wanted(date(2025, 9, 15)), Path(sys.argv[2]))
"""


@pytest.mark.slow
def test_what_is_killed_leaves_whole_files_and_no_manifest_that_promises_more(
    district: Scenario, tmp_path: Path
) -> None:
    warehouse = district.settings.warehouse
    began = time.monotonic()
    whole = export_week(warehouse, Wanted(WEEK), tmp_path / "whole")
    took = time.monotonic() - began
    digests = {file["file"]: file["sha256"] for file in whole["files"]}
    out, cut = tmp_path / "out", 0
    # An older manifest, of files that are written anew.
    out.mkdir()
    for part in (0.1, 0.3, 0.5, 0.7, 0.85, 0.95):
        (out / f"manifest_{WEEK}.json").write_text("{}")
        command = [sys.executable, "-c", PROGRAM, str(warehouse), str(out)]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as child:
            assert child.stdout is not None
            child.stdout.readline()
            time.sleep(part * took)
            child.send_signal(signal.SIGKILL)
        cut += child.returncode == -signal.SIGKILL
        for path in (p for p in out.iterdir() if not p.name.startswith(".")):
            if path.name in digests:
                assert hashlib.sha256(path.read_bytes()).hexdigest() == digests[path.name]
            elif path.stat().st_size > 2:
                assert json.loads(path.read_text()) == whole
                assert set(digests) <= {p.name for p in out.iterdir()}
    assert cut > 0
    assert export_week(warehouse, Wanted(WEEK), out) == whole
    assert {p.name for p in out.iterdir()} == {*digests, f"manifest_{WEEK}.json"}
