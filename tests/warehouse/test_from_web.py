"""Files of a web server with an index; and what all ways share."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.far import HUSH, ONE, TWO, copies, district, kept_nowhere, names, told
from tests.fixtures import District, lexia
from tests.servers import (
    Page,
    Site,
    certificate,
)

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
