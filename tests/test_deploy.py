"""What is installed as a service is what there is: units, the container, the web server's example."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from configparser import ConfigParser
from importlib.metadata import entry_points
from pathlib import Path

import pytest
import typer.main
from typer.core import TyperGroup

from pipelines.cli import app
from tests.servers import certificate

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())
SERVICES = [u for u in UNITS if u.suffix == ".service"]
NAMES = [u.name for u in SERVICES]
#: Where the docs put the environment.
BIN = "/srv/homeroom/.venv/bin/"


def unit(path: Path) -> ConfigParser:
    read = ConfigParser(interpolation=None, strict=False)
    read.optionxform = str  # type: ignore[assignment,method-assign]
    read.read_string(path.read_text("utf-8"))
    return read


def command(path: Path) -> list[str]:
    """The words of a unit's command, as it is at last run."""
    words = shlex.split(unit(path)["Service"]["ExecStart"])
    return shlex.split(words[2])[1:] if words[:2] == ["/bin/sh", "-c"] else words


def understood(words: list[str]) -> None:
    """Fails where `homeroom` knows no such command or option."""
    found = typer.main.get_command(app)
    rest = list(words)
    while isinstance(found, TyperGroup):
        found, rest = found.commands[rest[0]], rest[1:]
    options = [w for w in rest if w.startswith("-")]
    known = {o for p in found.params for o in p.opts}
    assert set(options) <= known, options


@pytest.mark.parametrize(
    "path",
    # Dagster's own programs take seconds to say what they understand.
    [pytest.param(p, marks=[pytest.mark.slow] * ("dagster" in p.name)) for p in SERVICES],
    ids=NAMES,
)
def test_every_unit_runs_a_command_that_there_is(path: Path) -> None:
    words = command(path)
    assert words[0].startswith(BIN)
    program = words[0].removeprefix(BIN)
    if program == "homeroom":
        understood(words[1:])
    else:
        assert program in {p.name for p in entry_points(group="console_scripts")}
        subcommand = [w for w in words[1:2] if not w.startswith("-")]
        told = subprocess.run(
            [str(Path(sys.executable).with_name(program)), *subcommand, "--help"],
            capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip
        for option in (w for w in words if w.startswith("-")):
            assert re.search(rf"(^|[\s,]){option}\b", told, re.MULTILINE), option


@pytest.mark.parametrize("path", SERVICES, ids=NAMES)
def test_every_service_runs_as_its_own_user_and_may_write_nowhere_else(path: Path) -> None:
    service = unit(path)["Service"]
    held = {"User": "homeroom", "NoNewPrivileges": "yes", "ProtectSystem": "strict"}
    held |= {
        "ProtectHome": "yes",
        "PrivateTmp": "yes",
        "UMask": "0077",
        "CapabilityBoundingSet": "",
    }
    assert {key: service[key] for key in held} == held
    assert all(p.startswith("/srv/") for p in service["ReadWritePaths"].split())


def test_every_timer_starts_a_service_that_there_is() -> None:
    timers = [u for u in UNITS if u.suffix == ".timer"]
    assert timers
    assert [t.stem for t in timers if t.with_suffix(".service") not in SERVICES] == []


@pytest.mark.slow
def test_systemd_finds_no_fault_in_the_units(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd is not installed")
    programs = tmp_path / "bin"
    programs.mkdir()
    for path in UNITS:
        text = path.read_text("utf-8")
        for program in set(re.findall(rf"{BIN}([\w-]+)", text)):
            (programs / program).write_text("#!/bin/sh\n")
            (programs / program).chmod(0o755)
        (tmp_path / path.name).write_text(text.replace(BIN, f"{programs}/"))
    for path in UNITS:
        told = subprocess.run(
            ["systemd-analyze", "verify", "--recursive-errors=no", str(tmp_path / path.name)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        ours = [line for line in told.stderr.splitlines() if "homeroom" in line]
        assert (told.returncode, ours) == (0, []), path.name


def test_the_containers_commands_and_folders_are_there() -> None:
    text = (DEPLOY / "Containerfile").read_text("utf-8")
    (start,) = re.findall(r"^ENTRYPOINT \[(.*)\]$", text, re.MULTILINE)
    assert start == '"homeroom"'
    for words in re.findall(r"^\s*CMD \[(.*)\]$", text, re.MULTILINE):
        understood([w.strip(' "') for w in words.split(",") if w.strip(' "') != "homeroom"])
    for copied in re.findall(r"^COPY (.+) \S+$", text, re.MULTILINE):
        for name in copied.split():
            assert (ROOT / name).exists(), name
    kept = (DEPLOY / "Containerfile.dockerignore").read_text("utf-8").splitlines()
    named = {n for line in re.findall(r"^COPY (.+) \S+$", text, re.MULTILINE) for n in line.split()}
    assert {line[1:] for line in kept if line.startswith("!")} == named


def test_the_container_is_not_root_and_pins_what_it_installs() -> None:
    text = (DEPLOY / "Containerfile").read_text("utf-8")
    assert text.count("\nFROM ") == 1
    (base,) = re.findall(r"^FROM (.+)$", text, re.MULTILINE)
    assert re.fullmatch(r"python:3\.\d+-slim", base)
    users = re.findall(r"^USER (\d+):(\d+)$", text, re.MULTILINE)
    assert users == [("10001", "10001")]
    assert text.index("USER ") < text.index("ENTRYPOINT")
    assert "--require-hashes" in text
    installs = [line for line in text.splitlines() if "pip install" in line]
    assert all("--require-hashes" in i or "--no-deps" in i for i in installs)


def nginx_conf(folder: Path, ports: Mapping[str, int] | None = None) -> Path:
    """The example with a certificate of this machine's, as a whole configuration in a folder; gives
    what a client must believe. `ports`: other ones for those that stand in the example."""
    believed, cert = certificate(folder)
    text = (DEPLOY / "nginx.conf").read_text("utf-8")
    text = text.replace("/etc/homeroom/tls/certificate.pem", str(cert))
    text = text.replace("/etc/homeroom/tls/key.pem", str(cert))
    text = text.replace("/var/log/nginx/homeroom.log", str(folder / "error.log"))
    for told, port in (ports or {}).items():
        assert told in text
        text = text.replace(told, re.sub(r"\d+(?!.*\d)", str(port), told))
    (folder / "site.conf").write_text(text)
    whole = f"pid {folder}/pid;\nevents {{}}\nhttp {{\n  include {folder}/site.conf;\n}}\n"
    (folder / "nginx.conf").write_text(whole)
    return believed


@pytest.mark.slow
def test_nginx_takes_the_example(tmp_path: Path) -> None:
    nginx = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin")
    if nginx is None:
        pytest.skip("nginx is not installed")
    nginx_conf(tmp_path)
    told = subprocess.run(
        [nginx, "-t", "-c", str(tmp_path / "nginx.conf"), "-e", str(tmp_path / "start.log")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert told.returncode == 0, told.stderr
    assert "warn" not in told.stderr
