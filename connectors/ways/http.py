"""Requests to one web server: who we are, what an answer means, and where a redirect may lead."""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from pathlib import Path
from urllib.parse import unquote, urljoin

import urllib3
from urllib3.exceptions import HTTPError, SSLError, TimeoutError

from connectors.errors import SourceError
from connectors.ways.location import Address
from connectors.ways.secrets import Secret

#: Seconds to connect, and in which something must come: of a body, so many bytes.
CONNECT, READ, LEAST = 10.0, 45.0, 1024
_REDIRECTS = 5
_AWAY = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS)
Response = urllib3.BaseHTTPResponse


class Body:
    """The bytes of an answer, as they come. A server that only lets them drip is silent: each
    byte in time would hold a run for days. Raises urllib3's errors."""

    def __init__(self, response: Response) -> None:
        self._response, self._came, self._since = response, 0, time.monotonic()

    def read(self, size: int, /) -> bytes:
        """The next bytes, at most `size`; none at the end."""
        block = self._response.read1(size)
        self._came += len(block)
        if (now := time.monotonic()) - self._since > READ:
            if block and self._came < LEAST:
                raise TimeoutError
            self._came, self._since = 0, now
        return block


class Http:
    """A web server seen from one location. Nothing outside of `below` is ever asked for."""

    def __init__(self, address: Address, secret: Secret, ca_file: Path | None) -> None:
        self.address = address
        self.url = f"{address.scheme.removeprefix('nwea+')}://{address.authority}{address.path}"
        self.below = self.url[: self.url.rindex("/") + 1]
        self._headers = {"Accept-Encoding": "identity", "User-Agent": "homeroom"}
        self._headers |= _who(secret)
        if ca_file is not None and not ca_file.is_file():
            raise SourceError("the file is not there", culprit=str(ca_file), fix="mend ca_file")
        self._pool = urllib3.PoolManager(
            cert_reqs="CERT_REQUIRED",
            ca_certs=str(ca_file) if ca_file else None,
            timeout=urllib3.Timeout(connect=CONNECT, read=READ),
            retries=False,
            maxsize=4,
        )

    def close(self) -> None:
        """End all connections."""
        self._pool.clear()

    def within(self, url: str) -> bool:
        """Whether a URL is below the location, on the same host."""
        path = unquote(url.partition("?")[0])
        return url.startswith(self.below) and ".." not in path.split("/")

    @contextmanager
    def ask(self, url: str, method: str = "GET") -> Iterator[Response]:
        """An answer of whatever status; the body is read from it. Raises SourceError."""
        try:
            response = self._followed(url, method)
            try:
                if response.headers.get("Content-Encoding", "identity").lower() != "identity":
                    raise self.error("the server packs files though asked not to", "tell its owner")
                yield response
            finally:
                response.close()
        except SSLError as error:
            raise self.error(
                "the server's certificate cannot be verified",
                "write ca_file if the server has a certificate of its own",
            ) from error
        except TimeoutError as error:
            raise self.error(
                "the server is silent", "ask its owner, or check the network", retry=True
            ) from error
        except HTTPError as error:
            raise self.error(
                "the connection failed or was cut", "check host and network", retry=True
            ) from error

    def _followed(self, url: str, method: str) -> Response:
        for _ in range(_REDIRECTS):
            response = self._pool.request(
                method, url, headers=self._headers, preload_content=False, redirect=False
            )
            target = response.get_redirect_location()
            if not target:
                response.url = url
                return response
            response.close()
            url = urljoin(url, target)
            if url == self.url + "/":
                # A folder whose address was written without its last stroke.
                self.url = self.below = url
            if not self.within(url):
                raise self.error("the server sends us elsewhere", "write the address it sends to")
        raise self.error("the server sends us in a circle", "tell its owner")

    def check(self, response: Response) -> None:
        """Raises SourceError unless the answer is a good one."""
        status = response.status
        if status == HTTPStatus.OK:
            return
        if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            raise self.error(
                f"the server refuses us ({status})", "check the secret, and the account's rights"
            )
        raise self.error(
            f"the server answers with {status}",
            "check location" if status < 500 else "nothing to do: the next run tries again",
            retry=status >= 500 or status in _AWAY,
        )

    def error(self, says: str, fix: str, *, retry: bool = False) -> SourceError:
        """An error of this server."""
        return SourceError(says, culprit=str(self.address), fix=fix, retry=retry)


def _who(secret: Secret) -> dict[str, str]:
    if not secret.name:
        return {}
    if token := secret.get("token"):
        return {"Authorization": f"Bearer {token}"}
    user, password = secret.get("user"), secret.get("password")
    if not (user and password):
        raise secret.lacks("user", "password")
    packed = base64.b64encode(f"{user}:{password}".encode()).decode()
    return {"Authorization": f"Basic {packed}"}


def size_of(response: Response, unknown: int) -> int:
    """The length in bytes that an answer announces."""
    told = response.headers.get("Content-Length", "")
    return int(told) if told.isdecimal() else unknown


def instant(text: str | None) -> int:
    """An HTTP date in nanoseconds; 0 where there is none."""
    try:
        when = parsedate_to_datetime(text or "")
    except (ValueError, IndexError):
        return 0
    # "-0000" parses without a zone and means UTC.
    return int(when.replace(tzinfo=when.tzinfo or UTC).timestamp()) * 1_000_000_000
