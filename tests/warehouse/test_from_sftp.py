"""Files that come over SFTP: a real OpenSSH server, the real landing step."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.far import HUSH, ONE, TWO, copies, district, kept_nowhere, names, old, told
from tests.fixtures import District, lexia, overview
from tests.servers import (
    Sshd,
    cutting_proxy,
    free_port,
    password_server,
)


@pytest.fixture(scope="module")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    with Sshd(tmp_path_factory.mktemp("sshd")).running() as server:
        yield server


@pytest.fixture
def sftp(sshd: Sshd) -> Sshd:
    """The server with no files, and known."""
    shutil.rmtree(sshd.files)
    sshd.files.mkdir()
    sshd.know()
    return sshd


def by_key(sftp: Sshd, folder: Path, more: str = "", **rest: Any) -> District:
    more = f'known_hosts = "{sftp.folder / "known_hosts"}"\n{more}'
    location = rest.pop("location", sftp.location)
    return district(folder, location, more, f'key_file = "{sftp.folder / "user"}"', **rest)


def test_an_sftp_server_s_files_are_taken_once(sftp: Sshd, tmp_path: Path) -> None:
    old(sftp.files / "l_20250905.csv", ONE)
    old(sftp.files / "Süd & Ost/b 1%20.csv", TWO)
    for left in (".hidden.csv", "sub/.git/x.csv", "up.csv.part", "up.csv.filepart"):
        old(sftp.files / left, "x")
    (sftp.files / "link.csv").symlink_to(sftp.files / "l_20250905.csv")
    made = by_key(sftp, tmp_path)
    assert made.take().problems == []
    assert names(made) == ["Süd & Ost/b 1%20.csv", "l_20250905.csv"]
    assert made.take().new == 0
    old(sftp.files / "l_20250905.csv", TWO + " ")
    assert made.take().new == 1


def test_a_big_sftp_file_comes_whole(sftp: Sshd, tmp_path: Path) -> None:
    content = os.urandom(5_000_001)
    old(sftp.files / "big.bin", content)
    made = by_key(sftp, tmp_path)
    made.take()
    (landed,) = copies(made)
    assert (made.settings.landing / "lexia" / landed).read_bytes() == content


@pytest.mark.parametrize("known", ["", "other"])
def test_a_server_whose_key_is_unknown_or_changed_is_refused(
    sftp: Sshd, tmp_path: Path, known: str
) -> None:
    old(sftp.files / "l_20250905.csv", ONE)
    if known:
        sftp.key(known)
        sftp.know(known)
    else:
        (sftp.folder / "known_hosts").unlink()
    made = by_key(sftp, tmp_path)
    text = told(made.take())
    if known:
        assert "the server's key is not the one in" in text
        assert "ask the server's owner" in text
    else:
        assert "the server's key is not known (ssh-ed25519 SHA256:" in text
        assert f"ssh-keyscan -p {sftp.port} 127.0.0.1 >>" in text
    assert names(made) == []


def test_what_the_fix_for_an_unknown_server_says_helps(sftp: Sshd, tmp_path: Path) -> None:
    old(sftp.files / "l_20250905.csv", ONE)
    (sftp.folder / "known_hosts").unlink()
    made = by_key(sftp, tmp_path)
    command = told(made.take()).rpartition("then: ")[2].removesuffix(".")
    subprocess.run(command, shell=True, check=True, capture_output=True)
    assert made.take().problems == []
    assert names(made) == ["l_20250905.csv"]


def test_a_key_that_the_server_does_not_take_is_said_so(sftp: Sshd, tmp_path: Path) -> None:
    sftp.key("stranger")
    location = sftp.location
    known = f'known_hosts = "{sftp.folder / "known_hosts"}"'
    made = district(tmp_path, location, known, f'key_file = "{sftp.folder / "stranger"}"')
    text = told(made.take())
    assert "the server refuses the user, or its password or key. Fix: check the secret far." in text
    assert text.startswith(f"sftp://127.0.0.1:{sftp.port}/"), "without the user"


@pytest.mark.parametrize(
    ("secret", "says"),
    [
        ('user = "me"', "the secret gives no key_file or password"),
        ('key_file = "gone"', "gone: cannot be read"),
        ('key_file = "open"', "open: others than its owner may read it. Fix: chmod 600"),
        ('key_file = "nokey"', "nokey: is no private key that can be read"),
        (f'key_file = "locked"\npassphrase = "{HUSH}"', "locked: is no private key"),
        ('pasword = "x"', "has a field that is not known"),
        ("= broken", "secrets.toml: cannot be read at line 2"),
    ],
)
def test_a_secret_that_does_not_serve_is_named(
    sftp: Sshd, tmp_path: Path, secret: str, says: str
) -> None:
    for name, mode in (("open", 0o644), ("nokey", 0o600)):
        (tmp_path / name).write_text(HUSH)
        (tmp_path / name).chmod(mode)
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "another", "-f", str(tmp_path / "locked")]
    subprocess.run(command, check=True)
    made = district(tmp_path, sftp.location, "", secret)
    assert says in told(made.take())


def test_a_locked_key_opens_with_its_passphrase(sftp: Sshd, tmp_path: Path) -> None:
    old(sftp.files / "l_20250905.csv", ONE)
    shutil.copy(sftp.folder / "user", tmp_path / "locked")
    command = ["ssh-keygen", "-q", "-p", "-P", "", "-N", HUSH, "-f", str(tmp_path / "locked")]
    subprocess.run(command, check=True)
    known = f'known_hosts = "{sftp.folder / "known_hosts"}"'
    made = district(tmp_path, sftp.location, known, f'key_file = "locked"\npassphrase = "{HUSH}"')
    assert made.take().problems == []
    assert names(made) == ["l_20250905.csv"]


def test_secrets_that_others_may_read_are_not_used(sftp: Sshd, tmp_path: Path) -> None:
    made = by_key(sftp, tmp_path)
    (tmp_path / "secrets.toml").chmod(0o640)
    assert "others than its owner may read it" in told(made.take())


@pytest.mark.slow
def test_a_password_opens_a_server_and_a_wrong_one_is_told_nowhere(
    sftp: Sshd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old(tmp_path / "there/l_20250905.csv", ONE)
    with password_server(tmp_path / "there", "right", sftp.folder / "host") as port:
        kind, text, *_ = (sftp.folder / "host.pub").read_text().split()
        (tmp_path / "known").write_text(f"[127.0.0.1]:{port} {kind} {text}\n")
        location, more = f"sftp://me@127.0.0.1:{port}/", 'known_hosts = "known"\nsecret = "far"'
        made = district(tmp_path, location, more)
        monkeypatch.setenv("HOMEROOM_SECRET_FAR_PASSWORD", HUSH)
        assert "refuses the user" in told(made.take())
        command = [str(Path(sys.executable).with_name("homeroom")), "run"]
        ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert ran.returncode == 1, ran.stderr
        assert "refuses the user" in ran.stdout + ran.stderr
        assert HUSH not in ran.stdout + ran.stderr
        kept_nowhere(made)
        monkeypatch.setenv("HOMEROOM_SECRET_FAR_PASSWORD", "right")
        assert made.take().problems == []
    assert names(made) == ["l_20250905.csv"]


def test_a_name_that_leads_out_of_an_sftp_folder_is_passed_over(sftp: Sshd, tmp_path: Path) -> None:
    for name in ("sub/escape.csv", "l_20250905.csv"):
        old(tmp_path / "there" / name, ONE)
    with password_server(tmp_path / "there", "right", sftp.folder / "host") as port:
        kind, text, *_ = (sftp.folder / "host.pub").read_text().split()
        (tmp_path / "known").write_text(f"[127.0.0.1]:{port} {kind} {text}\n")
        location, more = f"sftp://me@127.0.0.1:{port}/", 'known_hosts = "known"'
        made = district(tmp_path, location, more, 'password = "right"')
        text = told(made.take())
    assert "sub/../escape.csv: the name leads out of the location" in text
    assert names(made) == ["l_20250905.csv", "sub/escape.csv"]


def test_a_transfer_that_is_cut_leaves_nothing_and_the_next_run_has_all(
    sftp: Sshd, tmp_path: Path
) -> None:
    content = os.urandom(3_000_000)
    old(sftp.files / "big.bin", content)
    limit: list[int | None] = [1_000_000]
    with cutting_proxy(sftp.port, lambda: limit[0]) as port:
        known = sftp.folder / "known_hosts"
        known.write_text(known.read_text().replace(str(sftp.port), str(port)))
        made = by_key(sftp, tmp_path, location=sftp.location.replace(str(sftp.port), str(port)))
        assert "the connection was lost" in told(made.take())
        assert (copies(made), names(made)) == ([], [])
        limit[0] = None
        assert made.take().problems == []
    (landed,) = copies(made)
    assert (made.settings.landing / "lexia" / landed).read_bytes() == content


@pytest.mark.slow
def test_a_cut_is_cured_within_the_run_where_there_is_time(sftp: Sshd, tmp_path: Path) -> None:
    old(sftp.files / "big.bin", os.urandom(3_000_000))
    cuts = iter([1_000_000])
    with cutting_proxy(sftp.port, lambda: next(cuts, None)) as port:
        known = sftp.folder / "known_hosts"
        known.write_text(known.read_text().replace(str(sftp.port), str(port)))
        location = sftp.location.replace(str(sftp.port), str(port))
        made = by_key(sftp, tmp_path, "retry_seconds = 30", location=location)
        assert made.take().problems == []
    assert len(copies(made)) == 1


@pytest.mark.slow
def test_a_file_that_grows_on_the_server_waits(sftp: Sshd, tmp_path: Path) -> None:
    path = sftp.files / "l_20250905.csv"
    path.write_text(ONE)
    done = threading.Event()

    def grow() -> None:
        while not done.wait(0.05):
            with path.open("a") as sink:
                sink.write("more\n")

    made = by_key(sftp, tmp_path)
    writer = threading.Thread(target=grow)
    writer.start()
    try:
        assert made.take().growing == ["lexia: l_20250905.csv"]
    finally:
        done.set()
        writer.join()
    old(path, ONE)
    assert made.take().growing == []
    assert names(made) == ["l_20250905.csv"]


def test_many_files_come_at_once_over_one_connection(sftp: Sshd, tmp_path: Path) -> None:
    for n in range(60):
        old(sftp.files / f"l_{n}.csv", lexia(f"{n} ann Ann Ash 30"))
    made = by_key(sftp, tmp_path)
    landed = made.take()
    assert (landed.new, landed.problems) == (60, [])


def test_a_source_that_is_away_does_not_stop_the_others(sftp: Sshd, tmp_path: Path) -> None:
    location = sftp.location.replace(str(sftp.port), str(free_port()))
    made = by_key(sftp, tmp_path, location=location, near=("khan",))
    made.put("khan/o_20250901_20250907.csv", overview("a@x.org 1"))
    assert "the server cannot be reached" in told(made.take())
    assert made.states("khan") == {"o_20250901_20250907.csv": ("loaded", None)}


def test_a_folder_that_is_not_on_the_server_is_said_so(sftp: Sshd, tmp_path: Path) -> None:
    made = by_key(sftp, tmp_path, location=sftp.location + "/gone")
    assert "the folder is not there. Fix: mend location" in told(made.take())
