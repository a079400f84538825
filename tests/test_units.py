"""The units' commands at work under the units' own rules, imitated by bubblewrap.

systemd is no test's to start. What it would enforce by mounts, users and capabilities is here made
by the same means of the kernel: everything is read-only but ReadWritePaths, /tmp and /dev are their
own, home folders are empty, no capability is left. Not imitated: the filter of system calls.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.fixtures import District, lexia, roster
from tests.servers import free_port, needs
from tests.test_deploy import BIN, DEPLOY, ROOT, unit

pytestmark = pytest.mark.slow
#: Whom the units' user is, here.
USER = 10001
#: Their UMask, which test_deploy.py holds.
MASK = 0o077
#: Folders of the root that a service sees empty.
_HIDDEN = ("tmp", "home", "root", "srv")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What /srv is to the units: a district, and a place for backups."""
    needs("bwrap", "setpriv")
    bare = ["bwrap", "--ro-bind", "/", "/", "--cap-add", "ALL", "true"]
    if os.getuid() != 0 or subprocess.run(bare, capture_output=True, check=False).returncode:
        pytest.skip("needs root, and a machine that lets bubblewrap mount")
    srv = tmp_path_factory.mktemp("srv")
    (srv / "district").mkdir()
    made = District(srv / "district")
    made.put_all("oneroster", roster(["001 Ann Ash c1", "002 Bob Bell c1"]))
    made.put("lexia/l_20250901.csv", lexia("1 ann Ann Ash 30", "2 bob Bob Bell 40"))
    (srv / "backups").mkdir()
    for path in [srv, *srv.rglob("*")]:
        os.chown(path, USER, USER)
    return srv


def confined(name: str, srv: Path, port: int = 8000) -> list[str]:
    """The command line of a service, under its rules. `srv`: what stands at /srv."""
    service = unit(DEPLOY / "systemd" / name)["Service"]
    assert service["ProtectSystem"] == "strict"
    binds = ["--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"]
    for hidden in _HIDDEN:
        binds += ["--perms", "1777" if hidden == "tmp" else "0755", "--tmpfs", f"/{hidden}"]
    # The project, its environment and Python itself may lie in one of the folders that are hidden.
    for path in (ROOT, Path(sys.prefix), Path(sys.base_prefix)):
        for above in reversed(path.parents[:-1]):
            if above.parts[1] in _HIDDEN:
                binds += ["--perms", "0755", "--dir", str(above)]
        binds += ["--ro-bind", str(path), str(path)]
    binds += ["--ro-bind", str(ROOT), "/srv/homeroom"]
    for place in ("/srv/district", "/srv/backups"):
        may = place in service["ReadWritePaths"].split()
        binds += ["--bind" if may else "--ro-bind", str(srv / Path(place).name), place]
    told = re.findall(r"^Environment=(.*)$", (DEPLOY / "systemd" / name).read_text(), re.MULTILINE)
    words = shlex.split(service["ExecStart"].replace("%%", "%").replace(BIN, f"{sys.prefix}/bin/"))
    return [
        "bwrap", "--die-with-parent", "--new-session", "--cap-add", "ALL", *binds,
        "--chdir", service["WorkingDirectory"],
        "setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups", "--bounding-set=-all",
        "--inh-caps=-all", "--no-new-privs",
        "env", "-i", "PATH=/usr/local/bin:/usr/bin:/bin", f"PYTHONPATH={ROOT}", *told,
        *(str(port) if word in ("8000", "3000") else word for word in words),
    ]  # fmt: skip


def done(name: str, srv: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        confined(name, srv), capture_output=True, text=True, check=False, umask=MASK
    )


@contextmanager
def started(name: str, srv: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(
        confined(name, srv, port),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        umask=MASK,
    ) as process:
        try:
            yield process
        finally:
            process.terminate()


def answers(url: str, process: subprocess.Popen[bytes]) -> str:
    """What a page says as soon as it is there; fails where the program has ended."""
    while process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=10) as page:
                return str(page.read().decode())
        except OSError:
            time.sleep(0.2)
    raise AssertionError("the program has ended")


def test_the_run_the_backup_and_the_portal_need_no_more_than_their_units_grant(
    server: Path,
) -> None:
    ran = done("homeroom-run.service", server)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "Published /srv/district/data/warehouse/" in ran.stdout
    backed_up = done("homeroom-backup.service", server)
    assert backed_up.returncode == 0, backed_up.stdout + backed_up.stderr
    (backup,) = (server / "backups").iterdir()
    assert (backup / "backup.json").stat().st_mode & 0o077 == 0
    port = free_port()
    with started("homeroom-portal.service", server, port) as process:
        assert "true" in answers(f"http://127.0.0.1:{port}/health", process)


def test_dagsters_services_need_no_more_than_their_units_grant(server: Path) -> None:
    home = server / "district" / "dagster"
    shutil.copytree(ROOT, home, ignore=lambda _, names: [n for n in names if n != "dagster.yaml"])
    for path in (home, home / "dagster.yaml"):
        os.chown(path, USER, USER)
    port = free_port()
    with started("homeroom-dagster-pages.service", server, port) as process:
        assert "dagster" in answers(f"http://127.0.0.1:{port}/server_info", process)
    asks = [f"{sys.prefix}/bin/dagster-daemon", "liveness-check"]
    beside = {**os.environ, "DAGSTER_HOME": str(home)}
    with started("homeroom-dagster.service", server, port) as process:
        while subprocess.run(asks, env=beside, capture_output=True, check=False).returncode:
            assert process.poll() is None


def test_the_rules_are_real(server: Path) -> None:
    """What a unit may not write, its command cannot: else the tests above would say nothing."""
    command = confined("homeroom-run.service", server)
    words = command[: command.index("env")]
    for path in ("/srv/backups/x", "/srv/homeroom/x", "/etc/x", "/usr/x"):
        tried = subprocess.run([*words, "touch", path], capture_output=True, check=False)
        assert tried.returncode != 0, path
    tried = subprocess.run([*words, "touch", "/srv/district/x"], capture_output=True, check=False)
    assert tried.returncode == 0
    (server / "district" / "x").unlink()
