"""The portal behind the nginx of deploy/, both real: https, headers, cookies, limits."""

from __future__ import annotations

import os
import shutil
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest

from tests.fixtures import District, roster
from tests.portal import provider as openid
from tests.servers import free_port, listens
from tests.test_deploy import ROOT, nginx_conf

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Front:
    """Both at work. `believed`: the certificate that the client trusts."""

    port: int
    plain: int
    believed: Path
    provider: openid.Provider

    def browser(self) -> httpx2.Client:
        context = ssl.create_default_context(cafile=str(self.believed))
        return httpx2.Client(base_url=f"https://127.0.0.1:{self.port}", verify=context, timeout=60)


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    nginx = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin")
    if nginx is None:
        pytest.skip("nginx is not installed")
    folder, conf = tmp_path_factory.mktemp("d"), tmp_path_factory.mktemp("nginx")
    port, plain, portal = free_port(), free_port(), free_port()
    back = f"https://127.0.0.1:{port}/sign-in/school/back"
    stack = ExitStack()
    provider = stack.enter_context(openid.running(tmp_path_factory.mktemp("provider"), back))
    made = District(
        folder,
        ("oneroster",),
        extra=f"""
[portal]
base_url = "https://127.0.0.1:{port}"
[[portal.sign_in]]
name = "School"
issuer = "{provider.issuer}"
client_id = "homeroom"
secret = "school"
""",
    )
    made.put_all("oneroster", roster(["001 Ann Ash c1"]))
    made.build()
    believed = nginx_conf(
        conf, {"listen 80": plain, "listen 443": port, "http://127.0.0.1:8000": portal}
    )
    serve = [sys.executable, "-c", "from pipelines.cli import main; main()", "serve"]
    start = [nginx, "-c", str(conf / "nginx.conf"), "-e", str(conf / "start.log")]
    beside = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "HOMEROOM_SECRET_SCHOOL_CLIENT_SECRET": openid.SECRET,
    }
    with stack:
        for at, words in (
            (portal, [*serve, "--port", str(portal), "-c", str(folder / "homeroom.toml")]),
            (port, [*start, "-g", "daemon off;"]),
        ):
            process = stack.enter_context(subprocess.Popen(words, env=beside))
            stack.callback(process.terminate)
            listens(at, process)
        yield Front(port, plain, believed, provider)


def test_a_page_comes_by_https_with_every_header_once(front: Front) -> None:
    with front.browser() as browser:
        answer = browser.get("/sign-in")
    assert answer.status_code == 200
    names = [name.decode().lower() for name, _ in answer.headers.raw]
    kept = ("content-security-policy", "strict-transport-security", "x-frame-options")
    for name in (*kept, "x-content-type-options", "referrer-policy", "cache-control"):
        assert names.count(name) == 1, name
    # No version of anything.
    assert answer.headers["server"] == "nginx"


def test_an_adult_signs_in_and_cookies_are_for_this_host_over_tls_only(front: Front) -> None:
    with front.browser() as browser:
        away = browser.get("/sign-in/school")
        back = front.provider.sign_in(away.headers["location"], "otto")
        assert back.startswith(f"https://127.0.0.1:{front.port}/sign-in/school/back?")
        answer = browser.get(back)
        assert "We do not know yet who you are here" in answer.text
        told = away.headers.get_list("set-cookie")
    assert told
    for cookie in told:
        assert cookie.startswith("__Host-")
        assert {"secure", "httponly", "path=/"} <= {p.strip().lower() for p in cookie.split(";")}


def test_plain_http_leads_to_https_and_a_monitor_gets_its_answer(front: Front) -> None:
    answer = httpx2.get(f"http://127.0.0.1:{front.plain}/classes?x=1")
    assert answer.status_code == 301
    assert answer.headers["location"] == "https://homeroom.our-district.example/classes?x=1"
    with front.browser() as browser:
        health = browser.get("/health")
    assert (health.status_code, health.json()) == (200, {"warehouse": True, "notes": True})


def test_what_a_client_says_of_itself_changes_nothing(front: Front) -> None:
    forged = {
        "X-Forwarded-Proto": "http",
        "X-Forwarded-Host": "elsewhere.example",
        "X-Forwarded-For": "127.0.0.1",
        "Forwarded": "for=127.0.0.1;host=elsewhere.example;proto=http",
    }
    with front.browser() as browser:
        answer = browser.get("/", headers=forged, follow_redirects=False)
        assert "elsewhere" not in answer.headers.get("location", "") + answer.text
        assert "strict-transport-security" in answer.headers
        # Nobody is taken for this machine itself: pages still ask for a sign-in.
        assert browser.get("/students", headers=forged).status_code in (303, 401)
        assert browser.get("/sign-in", headers={"Host": "elsewhere.example"}).status_code == 403


def test_a_body_that_is_too_large_is_turned_away_before_the_portal(front: Front) -> None:
    with front.browser() as browser:
        assert browser.post("/sign-in", content=b"x" * (2 << 20)).status_code == 413


def test_old_tls_is_refused(front: Front) -> None:
    def offered(*version: str) -> str:
        asked = ["openssl", "s_client", "-connect", f"127.0.0.1:{front.port}", *version]
        asked += ["-cipher", "ALL:@SECLEVEL=0"]
        told = subprocess.run(asked, input="", capture_output=True, text=True, check=False)
        return told.stdout

    assert "Cipher is (NONE)" in offered("-tls1_1")
    assert "Cipher is (NONE)" not in offered("-tls1_2")


def test_clients_that_never_end_their_request_hold_up_nobody(front: Front) -> None:
    context = ssl.create_default_context(cafile=str(front.believed))
    with ExitStack() as stack:
        for _ in range(40):
            bare = stack.enter_context(socket.create_connection(("127.0.0.1", front.port)))
            slow = stack.enter_context(context.wrap_socket(bare, server_hostname="127.0.0.1"))
            slow.sendall(
                b"POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 900\r\n\r\nx"
            )
        with front.browser() as browser:
            assert browser.get("/health").status_code == 200
