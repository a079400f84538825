"""Files that come from other machines: real servers of this test, the real landing step."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fixtures import START, District, lexia, overview
from tests.servers import (
    Page,
    Site,
    Sshd,
    certificate,
    cutting_proxy,
    free_port,
    password_server,
    s3_store,
)
from warehouse.landing import Landed

HUSH = "hush-4711-quiet"
ONE = lexia("1 ann Ann Ash 30")
TWO = lexia("1 ann Ann Ash 35")


def district(
    folder: Path, location: str, more: str = "", secret: str = "", platform: str = "lexia", near: tuple[str, ...] = ()
) -> District:  # fmt: skip
    """A district with one source elsewhere; it does not wait unless `more` says so."""
    folder.mkdir(parents=True, exist_ok=True)
    if secret:
        path = folder / "secrets.toml"
        path.write_text(f"[far]\n{secret}\n")
        path.chmod(0o600)
        more += '\nsecret = "far"'
    if "retry_seconds" not in more:
        more += "\nretry_seconds = 0"
    extra = f'[[source]]\nplatform = "{platform}"\nlocation = "{location}"\n{more}\n'
    return District(folder, near, extra=extra)


def old(path: Path, content: str | bytes) -> Path:
    """A file that was changed long ago."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    os.utime(path, (START, START))
    return path


def names(made: District, platform: str = "lexia") -> list[str]:
    return sorted(made.states(platform))


def copies(made: District, platform: str = "lexia") -> list[str]:
    """What lies in the landing area, also under names that nobody reads."""
    folder = made.settings.landing / platform
    return sorted(p.name for p in folder.iterdir()) if folder.exists() else []


def told(landed: Landed, *, secret: str = HUSH) -> str:
    """The one problem as text; no secret stands in it, nor in what led to it."""
    ((_, problem),) = landed.problems
    everything = repr(problem) + "".join(traceback.format_exception(problem))
    assert secret not in everything
    return str(problem)


def kept_nowhere(made: District, secret: str = HUSH) -> None:
    """No secret in anything that a run has written."""
    for path in made.settings.home.rglob("*"):
        if path.is_file():
            assert secret.encode() not in path.read_bytes(), path


# -- SFTP ---------------------------------------------------------------------------------------


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


# -- S3 -----------------------------------------------------------------------------------------


class Bucket:
    """A bucket `north`, and a key that may do all."""

    def __init__(self, port: int) -> None:
        import boto3

        self.endpoint = f"http://127.0.0.1:{port}"

        def client(kind: str, key: str, secret: str) -> Any:
            return boto3.client(
                kind, endpoint_url=self.endpoint, region_name="us-east-1",
                aws_access_key_id=key, aws_secret_access_key=secret,
            )  # fmt: skip

        iam = client("iam", "any", "any")
        iam.create_user(UserName="u")
        allowed = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
        iam.put_user_policy(UserName="u", PolicyName="p", PolicyDocument=policy)
        made = iam.create_access_key(UserName="u")["AccessKey"]
        self.key, self.secret = made["AccessKeyId"], made["SecretAccessKey"]
        self.s3 = client("s3", self.key, self.secret)
        self.s3.create_bucket(Bucket="north")

    def put(self, key: str, content: str) -> None:
        self.s3.put_object(Bucket="north", Key=key, Body=content.encode())

    def written(self, secret: str = "") -> str:
        return f'access_key = "{self.key}"\nsecret_key = "{secret or self.secret}"'


@pytest.fixture(scope="module")
def bucket() -> Iterator[Bucket]:
    with s3_store() as port:
        yield Bucket(port)


@pytest.mark.slow
def test_a_bucket_s_objects_are_taken_once(bucket: Bucket, tmp_path: Path) -> None:
    for key in ("a/l_20250905.csv", "a/Süd + Ost/b 1%20.csv", "a/.hidden", "ab/x.csv", "x.csv"):
        bucket.put(key, ONE if "Ost" not in key else TWO)
    more = f'endpoint = "{bucket.endpoint}"\nregion = "us-east-1"'
    made = district(tmp_path, "s3://north/a", more, bucket.written())
    assert made.take().problems == []
    assert names(made) == ["Süd + Ost/b 1%20.csv", "l_20250905.csv"]
    assert made.take().new == 0
    bucket.put("a/../escape.csv", ONE)
    bucket.put("a/l_20250906.csv", TWO)
    landed = made.take()
    assert landed.new == 1
    assert "../escape.csv: the name leads out of the location" in told(landed)
    bucket.s3.delete_object(Bucket="north", Key="a/../escape.csv")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("location", "secret", "says"),
    [
        ("s3://north/a", HUSH, "the store refuses the key"),
        ("s3://south/a", "", "the bucket is not there"),
        ("s3://north/empty", "", ""),
    ],
)
def test_a_bucket_s_refusals_are_told_without_the_key(
    bucket: Bucket, tmp_path: Path, location: str, secret: str, says: str
) -> None:
    more = f'endpoint = "{bucket.endpoint}"\nregion = "us-east-1"'
    made = district(tmp_path, location, more, bucket.written(secret))
    landed = made.take()
    if says:
        assert says in told(landed, secret=bucket.secret)
        assert bucket.key not in told(landed)
    else:
        assert (landed.problems, landed.new) == ([], 0)
    kept_nowhere(made, secret or bucket.secret)


@pytest.mark.slow
def test_a_cut_object_leaves_nothing_and_the_next_run_has_it(
    bucket: Bucket, tmp_path: Path
) -> None:
    content = "x" * 4_000_000
    bucket.put("big/big.bin", content)
    limit: list[int | None] = [1_000_000]
    with cutting_proxy(int(bucket.endpoint.rpartition(":")[2]), lambda: limit[0]) as port:
        more = f'endpoint = "http://127.0.0.1:{port}"\nregion = "us-east-1"'
        made = district(tmp_path, "s3://north/big", more, bucket.written())
        assert "the store cannot be reached" in told(made.take())
        assert (copies(made), names(made)) == ([], [])
        limit[0] = None
        assert made.take().problems == []
    (landed,) = copies(made)
    assert (made.settings.landing / "lexia" / landed).read_text() == content


def test_a_store_that_is_away_is_said_so(tmp_path: Path) -> None:
    more = f'endpoint = "http://127.0.0.1:{free_port()}"\nregion = "us-east-1"'
    made = district(tmp_path, "s3://north/a", more, 'access_key = "a"\nsecret_key = "b"')
    assert "the store cannot be reached" in told(made.take(), secret="no secret")


# -- Web ----------------------------------------------------------------------------------------


@pytest.fixture
def site() -> Iterator[Site]:
    with Site().running() as running:
        yield running


APACHE = (
    "?C=N;O=D",
    "/",
    "../",
    "/elsewhere/x.csv",
    "https://other.example/files/x.csv",
    "mailto:x@y.org",
)


def test_an_index_page_s_files_are_taken_once(site: Site, tmp_path: Path) -> None:
    site.index("/files/", *APACHE, "l_20250905.csv", "sub/", "a%20b%20%26%20c.csv", "v.csv?version=3", "l_20250905.csv#top", "up.part")  # fmt: skip
    site.index("/files/sub/", *APACHE, "/files/", "S%C3%BCd%2520.csv")
    site.put("/files/l_20250905.csv", ONE)
    site.put("/files/a%20b%20%26%20c.csv", TWO)
    site.put("/files/v.csv?version=3", lexia("1 ann Ann Ash 36"))
    site.put("/files/sub/S%C3%BCd%2520.csv", lexia("1 ann Ann Ash 37"))
    made = district(tmp_path, f"{site.url}/files/")
    assert made.take().problems == []
    assert names(made) == ["a b & c.csv", "l_20250905.csv", "sub/Süd%20.csv", "v.csv"]
    assert len([p for p in site.got() if p.endswith((".csv", "=3"))]) == 4
    site.asked.clear()
    assert made.take().new == 0
    assert site.got() == ["/files/", "/files/sub/"], "nothing is downloaded again"
    site.put("/files/l_20250905.csv", TWO, "Thu, 02 Oct 2025 12:00:00 GMT")
    assert made.take().new == 1


@pytest.mark.parametrize("shape", ["list", "files"])
def test_a_json_index_is_read(site: Site, tmp_path: Path, shape: str) -> None:
    items = [
        {"name": "a b.csv", "size": len(ONE), "modified": "2025-10-01T12:00:00Z"},
        {"name": "students.csv", "url": "get?id=7", "mtime": "Wed, 01 Oct 2025 12:00:00 GMT"},
        {"name": "../../etc/passwd"},
        {"url": "https://other.example/x.csv"},
        {"name": "deep", "type": "directory"},
        "plain.csv",
    ]
    body = json.dumps(items if shape == "list" else {"files": items}).encode()
    site.pages["/f/index.json"] = Page(body, headers={"Content-Type": "application/json"})
    site.index("/f/deep/", "d.csv")
    for n, path in enumerate(("/f/get?id=7", "/f/plain.csv", "/f/deep/d.csv")):
        site.put(path, lexia(f"{n} ann Ann Ash 30"))
    site.put("/f/a%20b.csv", ONE)
    made = district(tmp_path, f"{site.url}/f/index.json")
    landed = made.take()
    assert sorted(str(p) for _, p in landed.problems) == [
        "/etc/passwd: the index names a file outside of the location. Fix: rename it at its source.",
        "/x.csv: the index names a file outside of the location. Fix: rename it at its source.",
    ]
    assert names(made) == ["a b.csv", "deep/d.csv", "plain.csv", "students.csv"]
    assert "/f/a%20b.csv" not in site.got("HEAD"), "size and time are known"
    assert made.take().new == 0


def test_a_plain_list_is_read_and_an_escape_in_disguise_is_told(site: Site, tmp_path: Path) -> None:
    text = f"# files\r\na b.csv\r\n\r\nc%20d.csv\r\n{site.url}/f/e.csv\r\n%2e%2e/secret.csv\r\n"
    site.pages["/f/list.txt"] = Page(text.encode(), headers={"Content-Type": "text/plain"})
    for n, path in enumerate(("/f/a%20b.csv", "/f/c%20d.csv", "/f/e.csv", "/secret.csv")):
        site.put(path, lexia(f"{n} ann Ann Ash 30"))
    made = district(tmp_path, f"{site.url}/f/list.txt")
    assert "the index names a file outside of the location" in told(made.take())
    assert names(made) == ["a b.csv", "c d.csv", "e.csv"]
    assert not [path for _, path in site.asked if "secret" in path]


def test_two_links_of_one_name_are_told(site: Site, tmp_path: Path) -> None:
    site.index("/f/", "a.csv?v=1", "a.csv?v=2")
    site.put("/f/a.csv?v=1", ONE)
    made = district(tmp_path, f"{site.url}/f/")
    assert "a.csv: two links of the index have this name" in told(made.take())
    assert names(made) == ["a.csv"]


def test_a_server_that_tells_no_sizes_is_read_by_its_bytes(site: Site, tmp_path: Path) -> None:
    site.heads = False
    site.index("/f/", "a.csv")
    site.put("/f/a.csv", ONE)
    made = district(tmp_path, f"{site.url}/f/")
    for _ in range(2):
        assert made.take().problems == []
    assert names(made) == ["a.csv"]
    assert len(copies(made)) == 1


def test_a_tag_tells_versions_apart_where_there_is_no_time(site: Site, tmp_path: Path) -> None:
    site.index("/f/", "l_20250905.csv")
    made = district(tmp_path, f"{site.url}/f/")
    found = []
    for tag, content in (("a", ONE), ("a", ONE), ("b", TWO)):
        site.pages["/f/l_20250905.csv"] = Page(content.encode(), headers={"ETag": f'"{tag}"'})
        found.append(made.take().new)
    assert found == [1, 0, 1]
    assert made.lake("usage_snapshot", "week_minutes") == [(35.0,)]


def test_a_download_that_is_cut_leaves_nothing_and_the_next_run_has_it(
    site: Site, tmp_path: Path
) -> None:
    site.index("/f/", "l_20250905.csv")
    site.put("/f/l_20250905.csv", ONE)
    page = site.pages["/f/l_20250905.csv"]
    assert isinstance(page, Page)
    page.cut = 40
    made = district(tmp_path, f"{site.url}/f/")
    assert "the connection failed or was cut" in told(made.take())
    assert (copies(made), names(made)) == ([], [])
    page.cut = None
    assert made.take().problems == []
    assert names(made) == ["l_20250905.csv"]


@pytest.mark.parametrize("status", [401, 403])
def test_a_wrong_web_password_stops_at_once(site: Site, tmp_path: Path, status: int) -> None:
    site.protect("me", "right")
    if status == 403:
        site.authorization, site.pages["/f/"] = "", Page(b"no", 403)
    secret = f'user = "me"\npassword = "{HUSH}"'
    made = district(tmp_path, f"{site.url}/f/", "retry_seconds = 600", secret)
    assert f"the server refuses us ({status}). Fix: check the secret" in told(made.take())
    assert site.asked == [("GET", "/f/")]
    kept_nowhere(made)


@pytest.mark.parametrize("secret", ['user = "me"\npassword = "ä:b"', 'token = "t0"'])
def test_basic_and_bearer_are_spoken(site: Site, tmp_path: Path, secret: str) -> None:
    site.protect("me", "ä:b")
    if "token" in secret:
        site.authorization = "Bearer t0"
    site.index("/f/", "a.csv")
    site.put("/f/a.csv", ONE)
    made = district(tmp_path, f"{site.url}/f/", "", secret)
    assert made.take().problems == []
    assert names(made) == ["a.csv"]


def test_a_redirect_is_followed_below_the_location_only(site: Site, tmp_path: Path) -> None:
    site.pages["/f"] = Page(status=301, headers={"Location": "/f/"})
    site.index("/f/", "a.csv", "b.csv")
    site.put("/f/a.csv", ONE)
    site.pages["/f/b.csv"] = Page(status=302, headers={"Location": "http://localhost:1/b.csv"})
    made = district(tmp_path, f"{site.url}/f")
    assert "the server sends us elsewhere" in told(made.take())
    assert names(made) == ["a.csv"]


def test_one_bad_file_of_a_web_server_stops_only_itself(site: Site, tmp_path: Path) -> None:
    site.index("/f/", "a.csv", "closed.csv", "broken.csv", "away.csv", "gone.csv")
    site.put("/f/a.csv", ONE)
    site.pages["/f/closed.csv"] = Page(b"", 403)
    site.pages["/f/broken.csv"] = Page(b"", 500)
    site.pages["/f/away.csv"] = Page(b"", 302, {"Location": "https://other.example/a.csv"})
    made = district(tmp_path, f"{site.url}/f/")
    landed = made.take()
    assert sorted(str(error).partition(". ")[0] for _, error in landed.problems) == [
        f"{site.url}/f/, away.csv: the server sends us elsewhere",
        f"{site.url}/f/, broken.csv: the server answers with 500",
    ]
    assert made.states("lexia") == {
        "a.csv": ("loaded", None),
        "closed.csv": ("refused", "unreadable"),
    }


@pytest.mark.parametrize(
    ("body", "kind", "says"),
    [
        (b"{broken", "application/json", "the index cannot be understood"),
        (b'{"a": 1}', "application/json", "the index cannot be understood"),
        (b"[3]", "text/plain", "the index cannot be understood"),
    ],
)
def test_an_index_that_is_none_is_said_so(
    site: Site, tmp_path: Path, body: bytes, kind: str, says: str
) -> None:
    site.pages["/f/"] = Page(body, headers={"Content-Type": kind})
    assert says in told(district(tmp_path, f"{site.url}/f/").take())


@pytest.mark.slow
def test_https_is_believed_with_its_authority_only(tmp_path: Path) -> None:
    authority, both = certificate(tmp_path / "ca")
    with Site().running(both) as site:
        site.index("/f/", "a.csv")
        site.put("/f/a.csv", ONE)
        stranger = district(tmp_path / "a", f"{site.url}/f/", "retry_seconds = 600")
        assert "certificate cannot be verified. Fix: write ca_file" in told(stranger.take())
        assert site.asked == []
        made = district(tmp_path / "b", f"{site.url}/f/", f'ca_file = "{authority}"')
        assert made.take().problems == []
        assert names(made) == ["a.csv"]


# -- NWEA ---------------------------------------------------------------------------------------

DEX = "/services/reporting/dex"
COMBO = (
    "TermName,StudentID,Subject,Course,TestName,TestStartDate,TestStartTime,TestDurationMinutes,"
    "TestRITScore,TestStandardError,TestPercentile\n"
)


def export(name: str = "ComboStudentAssessment.csv", body: str = COMBO) -> Page:
    head = {"Content-Type": "text/csv", "Content-Disposition": f'attachment; filename="{name}"'}
    return Page(body.encode(), headers=head)


def service(site: Site, folder: Path, more: str = "") -> District:
    site.protect("me", HUSH)
    secret = f'user = "me"\npassword = "{HUSH}"'
    return district(folder, f"nwea+{site.url}", more, secret, platform="nwea")


def test_nwea_s_export_is_asked_for_once_a_day(site: Site, tmp_path: Path) -> None:
    site.pages[DEX] = export("..\\out/Combo Student.csv")
    made = service(site, tmp_path)
    assert made.take().problems == []
    assert list(made.files()) == ["Combo Student.csv"]
    assert site.asked == [("GET", DEX)]
    assert made.take().new == 0
    assert site.asked == [("GET", DEX)], "not again today"
    kept_nowhere(made)


def test_nwea_may_be_asked_again_and_its_bytes_decide(site: Site, tmp_path: Path) -> None:
    site.pages[DEX] = export()
    made = service(site, tmp_path, "once_a_day = false")
    made.take()
    time.sleep(1.1)
    made.take()
    assert len(site.asked) == 2
    assert len(copies(made, "nwea")) == 1


def test_nothing_new_at_nwea_is_no_problem_and_the_next_run_asks_again(
    site: Site, tmp_path: Path
) -> None:
    site.pages[DEX] = [Page(b'{"error": "ERR_NO_FILE_AVAILABLE"}', 400), export()]
    made = service(site, tmp_path)
    landed = made.take()
    assert (landed.problems, landed.new, len(site.asked)) == ([], 0, 1)
    assert made.take().new == 1


LATER = [
    ("ERR_DEX_STATUS_IN_PROCESS", 400),
    ("ERR_DEX_STATUS_ERROR", 500),
    ("ERR_UNABLE_TO_RETRIEVE", 500),
    ("bad gateway", 502),
    ("slow down", 429),
]


@pytest.mark.slow
@pytest.mark.parametrize(("code", "status"), LATER)
def test_what_a_later_call_may_not_meet_again_is_tried_again(
    site: Site, tmp_path: Path, code: str, status: int
) -> None:
    site.pages[DEX] = [Page(code.encode(), status), export()]
    made = service(site, tmp_path, "retry_seconds = 5")
    landed = made.take()
    assert (landed.problems, landed.new, len(site.asked)) == ([], 1, 2)


@pytest.mark.parametrize(("code", "status"), LATER)
def test_without_time_it_is_told_and_left_to_the_next_run(
    site: Site, tmp_path: Path, code: str, status: int
) -> None:
    site.pages[DEX] = Page(code.encode(), status)
    text = told(service(site, tmp_path).take())
    assert f"({code})" in text or f"answers with {status}" in text
    assert len(site.asked) == 1


@pytest.mark.parametrize(
    ("page", "says"),
    [
        (Page(b"ERR_SOMETHING_ELSE", 400), "the server answers with 400"),
        (Page(b"<html>log in</html>", 200, {"Content-Type": "text/html"}), "the answer is no export"),
        (Page(b"no", 403), "the server refuses us (403)"),
        (Page(b"no", 404), "the server answers with 404"),
    ],
)  # fmt: skip
def test_what_no_retry_can_cure_stops_at_once(
    site: Site, tmp_path: Path, page: Page, says: str
) -> None:
    site.pages[DEX] = page
    made = service(site, tmp_path, "retry_seconds = 600")
    assert says in told(made.take())
    assert len(site.asked) == 1


def test_a_wrong_password_at_nwea_costs_one_request(site: Site, tmp_path: Path) -> None:
    made = service(site, tmp_path, "retry_seconds = 600")
    site.protect("me", "another")
    assert "the server refuses us (401)" in told(made.take())
    assert site.asked == [("GET", DEX)]
    kept_nowhere(made)


def test_a_cut_export_leaves_nothing(site: Site, tmp_path: Path) -> None:
    page = export()
    page.cut = 20
    site.pages[DEX] = [page, export()]
    made = service(site, tmp_path)
    assert "cut" in told(made.take())
    assert (copies(made, "nwea"), made.files()) == ([], {})
    assert made.take().new == 1


@pytest.mark.slow
def test_a_stop_does_not_wait_for_pauses(site: Site, tmp_path: Path) -> None:
    service(site, tmp_path, "retry_seconds = 600")
    site.pages[DEX] = Page(b"", 503)
    command = [str(Path(sys.executable).with_name("homeroom")), "run"]
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE) as run:
        while len(site.asked) < 3:
            time.sleep(0.05)
        stopped = time.monotonic()
        run.send_signal(signal.SIGINT)
        run.communicate(timeout=60)
    assert time.monotonic() - stopped < 10
    assert run.returncode != 0


def test_a_way_s_library_is_loaded_only_where_a_source_needs_it() -> None:
    program = "import sys, pipelines.cli; print({'paramiko', 'urllib3'} & {*sys.modules})"
    ran = subprocess.run(
        [sys.executable, "-c", program], cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True
    )  # fmt: skip
    assert ran.stdout.strip() == "set()"


def test_settings_are_read_without_a_network_or_a_secret(tmp_path: Path) -> None:
    made: Callable[[], District] = lambda: district(  # noqa: E731
        tmp_path, "sftp://me@no-such-host.example/x", 'secret = "not_there"'
    )
    assert "there is no such secret. Fix: set HOMEROOM_SECRET_NOT_THERE_" in told(made().take())
