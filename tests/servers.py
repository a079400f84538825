"""Real servers on this machine, for the ways in: OpenSSH, an S3 store, a web server."""

from __future__ import annotations

import base64
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from ssl import PROTOCOL_TLS_SERVER, SSLContext
from typing import Any

import paramiko
import pytest


def free_port() -> int:
    """A port that nobody listens on."""
    with closing(socket.socket()) as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def needs(*names: str) -> list[str]:
    """Full paths of programs; skips where one is missing, and fails in CI, which installs them."""
    paths = [
        shutil.which(n, path=f"{os.environ['PATH']}:/usr/sbin:/usr/lib/openssh") for n in names
    ]
    missing = [n for n, path in zip(names, paths, strict=True) if path is None]
    if missing and not os.environ.get("CI"):
        pytest.skip(f"{', '.join(missing)}: not installed here (.ci/run installs it)")
    assert not missing, missing
    return [path for path in paths if path]


def listens(port: int, process: subprocess.Popen[bytes]) -> None:
    """Wait until a server answers on its port."""
    for _ in range(600):
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}")
        with closing(socket.socket()) as one:
            if one.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError("the server does not answer")


# -- SFTP ---------------------------------------------------------------------------------------


@dataclass
class Sshd:
    """An OpenSSH server of the current user, with its key pair and a folder of files."""

    folder: Path
    port: int = field(default_factory=free_port)

    @property
    def files(self) -> Path:
        return self.folder / "files"

    @property
    def location(self) -> str:
        user = subprocess.run(["id", "-un"], capture_output=True, text=True, check=True)
        return f"sftp://{user.stdout.strip()}@127.0.0.1:{self.port}{self.files}"

    def key(self, name: str) -> Path:
        """A new key pair."""
        path = self.folder / name
        path.unlink(missing_ok=True)
        command = [*needs("ssh-keygen"), "-q", "-t", "ed25519", "-N", "", "-f", str(path)]
        subprocess.run(command, check=True)
        return path

    def know(self, host_key: str = "host") -> Path:
        """known_hosts with one of our host keys."""
        kind, text, *_ = (self.folder / f"{host_key}.pub").read_text().split()
        path = self.folder / "known_hosts"
        path.write_text(f"[127.0.0.1]:{self.port} {kind} {text}\n")
        return path

    @contextmanager
    def running(self) -> Iterator[Sshd]:
        """Serve until the end of the block; user key `user` may log in."""
        sshd, sftp = needs("sshd", "sftp-server")
        self.files.mkdir(parents=True, exist_ok=True)
        if os.getuid() == 0:
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
        self.key("host")
        user = self.key("user")
        (self.folder / "authorized").write_text((user.with_name("user.pub")).read_text())
        options = {
            "Port": self.port, "ListenAddress": "127.0.0.1", "HostKey": self.folder / "host",
            "AuthorizedKeysFile": self.folder / "authorized", "PidFile": "none",
            "StrictModes": "no", "UsePAM": "no", "PasswordAuthentication": "no",
            "PermitRootLogin": "prohibit-password", "Subsystem": f"sftp {sftp}",
        }  # fmt: skip
        config = self.folder / "sshd_config"
        config.write_text("".join(f"{k} {v}\n" for k, v in options.items()))
        log = self.folder / "log"
        with subprocess.Popen([sshd, "-D", "-f", str(config), "-E", str(log)]) as server:
            try:
                listens(self.port, server)
                yield self
            finally:
                server.terminate()


class _Passwords(paramiko.ServerInterface):  # type: ignore[misc]
    """A server for the one thing that OpenSSH does not do for a user without a password."""

    def __init__(self, password: str) -> None:
        self.password = password

    def get_allowed_auths(self, username: str) -> str:
        return "password"

    def check_auth_password(self, username: str, password: str) -> int:
        good = (username, password) == ("me", self.password)
        return paramiko.AUTH_SUCCESSFUL if good else paramiko.AUTH_FAILED  # type: ignore[no-any-return]

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return paramiko.OPEN_SUCCEEDED  # type: ignore[no-any-return]


class _Folder(paramiko.SFTPServerInterface):  # type: ignore[misc]
    """The files of one folder."""

    def __init__(self, server: Any, folder: Path) -> None:
        super().__init__(server)
        self.folder = folder

    def list_folder(self, path: str) -> list[paramiko.SFTPAttributes]:
        paths = [*(self.folder / path.lstrip("/")).iterdir()]
        # A server that lies about a file and a folder.
        lies = [(p, f"../{p.name}") for p in paths if p.name == "escape.csv"]
        named = [(p, p.name) for p in paths] + lies + [(self.folder, "..")] * bool(lies)
        return [paramiko.SFTPAttributes.from_stat(p.stat(), name) for p, name in named]

    def stat(self, path: str) -> paramiko.SFTPAttributes:
        return paramiko.SFTPAttributes.from_stat((self.folder / path.lstrip("/")).stat())

    def open(self, path: str, flags: int, attr: Any) -> paramiko.SFTPHandle:
        handle = paramiko.SFTPHandle(flags)
        handle.readfile = (self.folder / path.lstrip("/")).open("rb")
        return handle


@contextmanager
def password_server(folder: Path, password: str, host_key: Path) -> Iterator[int]:
    """An SFTP server that takes the user `me` with a password; its port."""
    key = paramiko.PKey.from_path(host_key)
    transports: list[Any] = []
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                transport = paramiko.Transport(connection)
                transport.add_server_key(key)
                transport.set_subsystem_handler("sftp", paramiko.SFTPServer, _Folder, folder)
                transports.append(transport)
                transport.start_server(event=threading.Event(), server=_Passwords(password))

        threading.Thread(target=serve, daemon=True).start()
        try:
            yield int(listening.getsockname()[1])
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            for transport in transports:
                transport.close()


@contextmanager
def cutting_proxy(
    port: int, after: Callable[[], int | None], sent: Callable[[], int | None] = lambda: None
) -> Iterator[int]:
    """A door to a port of this machine that shuts after so many bytes from it, or to it (`sent`);
    its port."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:

        def carry(one: socket.socket, other: socket.socket, limit: int | None) -> None:
            sent = 0
            try:
                while block := one.recv(4096):
                    sent += len(block)
                    if limit is not None and sent > limit:
                        break
                    other.sendall(block)
            except OSError:
                pass
            for end in (one, other):
                with_shutdown(end)

        def with_shutdown(end: socket.socket) -> None:
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                return

        def serve() -> None:
            while True:
                try:
                    client, _ = listening.accept()
                except OSError:
                    return
                server = socket.create_connection(("127.0.0.1", port))
                limit, most = after(), sent()
                threading.Thread(target=carry, args=(client, server, most), daemon=True).start()
                threading.Thread(target=carry, args=(server, client, limit), daemon=True).start()

        threading.Thread(target=serve, daemon=True).start()
        try:
            yield int(listening.getsockname()[1])
        finally:
            listening.shutdown(socket.SHUT_RDWR)


# -- S3 -----------------------------------------------------------------------------------------


@contextmanager
def s3_store() -> Iterator[int]:
    """A store in a process of its own; its port."""
    port = free_port()
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    # It checks signatures only once it knows a user; the first calls, which make one, go through.
    environment = os.environ | {"INITIAL_NO_AUTH_ACTION_COUNT": "4"}
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment
    ) as server:
        try:
            listens(port, server)
            yield port
        finally:
            server.terminate()


# -- Web ----------------------------------------------------------------------------------------


@dataclass
class Page:
    """An answer: body, status, headers; `cut` sends only so many bytes of what is announced."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut: int | None = None


@dataclass
class Site:
    """A web server of pages by path; a list of pages is answered one after the other."""

    pages: dict[str, Page | list[Page]] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    authorization: str = ""
    heads: bool = True
    url: str = ""

    def protect(self, user: str, password: str) -> None:
        """Let in only this user."""
        self.authorization = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()

    def put(
        self, path: str, body: str | bytes, changed: str = "Wed, 01 Oct 2025 12:00:00 GMT"
    ) -> None:
        """A file with its time of change."""
        data = body.encode() if isinstance(body, str) else body
        self.pages[path] = Page(data, headers={"Last-Modified": changed})

    def index(self, path: str, *links: str) -> None:
        """A web page of links."""
        text = "".join(f'<a href="{link}">x</a>\n' for link in links)
        self.pages[path] = Page(
            f"<html>{text}</html>".encode(), headers={"Content-Type": "text/html"}
        )

    def got(self, method: str = "GET") -> list[str]:
        """Paths asked for by a method."""
        return [path for m, path in self.asked if m == method]

    def answer(self, path: str) -> Page:
        """The page for a path; the last of several stays."""
        found = self.pages.get(path, Page(b"no such page", 404))
        if isinstance(found, list):
            return found.pop(0) if len(found) > 1 else found[0]
        return found

    @contextmanager
    def running(self, certificate: Path | None = None) -> Iterator[Site]:
        """Serve until the end of the block; with a certificate and its key by https."""
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                site.asked.append((self.command, self.path))
                if site.authorization not in ("", self.headers.get("Authorization")):
                    # A rude server, which repeats what it was given.
                    page = Page(str(self.headers).encode(), 401)
                elif self.command == "HEAD" and not site.heads:
                    page = Page(b"", 405)
                else:
                    page = site.answer(self.path)
                self.send_response(page.status)
                for name, value in page.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(page.body)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(page.body[: page.cut])
                if page.cut is not None:
                    self.close_connection = True

            do_HEAD = do_GET

            def log_message(self, *words: Any) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        scheme = "http"
        if certificate is not None:
            context = SSLContext(PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            server.socket = context.wrap_socket(server.socket, server_side=True)
            scheme = "https"
        self.url = f"{scheme}://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield self
        finally:
            server.shutdown()
            server.server_close()


def certificate(folder: Path) -> tuple[Path, Path]:
    """A throwaway authority's certificate, and a server's with its key."""
    (openssl,) = needs("openssl")

    def run(*words: str) -> None:
        subprocess.run([openssl, *words], cwd=folder, check=True, capture_output=True)

    folder.mkdir(parents=True, exist_ok=True)
    new = ("req", "-newkey", "rsa:2048", "-nodes", "-subj")
    run(*new, "/CN=ca", "-x509", "-days", "2", "-keyout", "ca.key", "-out", "ca.pem",
        "-addext", "keyUsage=critical,keyCertSign,cRLSign")  # fmt: skip
    run(*new, "/CN=127.0.0.1", "-keyout", "s.key", "-out", "s.csr")
    (folder / "ext").write_text("subjectAltName=IP:127.0.0.1\n")
    run("x509", "-req", "-in", "s.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
        "-days", "2", "-extfile", "ext", "-out", "s.pem")  # fmt: skip
    both = folder / "both.pem"
    both.write_text((folder / "s.pem").read_text() + (folder / "s.key").read_text())
    return folder / "ca.pem", both
