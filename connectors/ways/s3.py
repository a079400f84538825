"""Objects of an S3 bucket or of a store that speaks the same, below a prefix."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from threading import Lock
from typing import Any, TypeVar

from pyarrow import fs

from connectors.errors import SourceError
from connectors.patience import Patience
from connectors.sources import Listed, Stream, passed_over
from connectors.ways.location import Access, Address
from connectors.ways.secrets import Secret

T = TypeVar("T")
#: Seconds. A server that sends a byte a minute is silent.
CONNECT, READ = 10.0, 45.0
_KEY = ("the store refuses the key", "check the secret, the key's rights, and this machine's clock")
_CERTIFICATE = ("the server's certificate cannot be verified", "write ca_file")
#: Signs in the library's messages and what they mean. Anything else may be cured by a retry.
_SIGN = re.compile(r"AWS Error (\w+)|HTTP status (\d+)|curlCode: (\d+)")
_FINAL = {
    "NO_SUCH_BUCKET": ("the bucket is not there", "mend location, endpoint or region"),
    "ACCESS_DENIED": _KEY,
    "INVALID_ACCESS_KEY_ID": _KEY,
    "INVALID_CLIENT_TOKEN_ID": _KEY,
    "INVALID_SIGNATURE": _KEY,
    "SIGNATURE_DOES_NOT_MATCH": _KEY,
    "UNRECOGNIZED_CLIENT": _KEY,
    "403": _KEY,
    "301": ("the bucket is in another region", "write region"),
    "400": ("the store does not understand us", "check endpoint, region and secret"),
    "60": _CERTIFICATE,
    "77": _CERTIFICATE,
}


class S3:
    """The objects below a prefix. An object is there as a whole or not at all."""

    fresh = 0.0

    def __init__(
        self, address: Address, secret: Secret, access: Access, patience: Patience
    ) -> None:
        self.address, self.patience = address, patience
        self._secret, self._access = secret, access
        self._root = f"{address.host}/{address.path.strip('/')}".rstrip("/")
        self._lock = Lock()
        self._made: Any = None

    def list(self) -> list[Listed]:
        """All objects; none where the prefix is empty. Raises SourceError."""
        return [*self.patience(lambda: self._told(self._list))]

    def _list(self) -> Sequence[Listed]:
        selector = fs.FileSelector(self._root, recursive=True, allow_not_found=True)
        infos = self._store().get_file_info(selector)
        if not infos and self._bucket_is_gone():
            raise SourceError(
                "the bucket is not there",
                culprit=str(self.address),
                fix="mend location, endpoint or region",
            )
        files = [i for i in infos if i.type == fs.FileType.File]
        listed = [Listed(i.path[len(self._root) + 1 :], i.size, i.mtime_ns or 0) for i in files]
        return sorted(
            (f for f in listed if not passed_over(PurePosixPath(f.name))), key=lambda f: f.name
        )

    def _bucket_is_gone(self) -> bool:
        """The library lists an empty prefix and a bucket that is not there alike."""
        # A key may be allowed to list its prefix and not to look at the bucket.
        with suppress(OSError):
            return bool(self._store().get_file_info(self.address.host).type == fs.FileType.NotFound)
        return False

    @contextmanager
    def open(self, listed: Listed) -> Iterator[tuple[Listed, Stream]]:
        """Open one listed object. Raises SourceError, OSError; so does the stream."""
        path = f"{self._root}/{listed.name}"
        with self._told(lambda: self._store().open_input_stream(path)) as stream:
            yield listed, _Told(self, stream)

    def put(self, name: str, file: Path) -> None:
        """Write an object. Raises SourceError, OSError."""

        def send() -> None:
            path = f"{self._root}/{name}"
            with file.open("rb") as read, self._store().open_output_stream(path) as write:
                shutil.copyfileobj(read, write, 1 << 20)

        self.patience(lambda: self._told(send))

    def remove(self, name: str) -> None:
        """Take an object away. Raises SourceError, OSError."""

        def take() -> None:
            # A try before may have taken it, and lost the answer.
            with suppress(FileNotFoundError):
                self._store().delete_file(f"{self._root}/{name}")

        self.patience(lambda: self._told(take))

    def close(self) -> None:
        """Forget the connections."""
        self._made = None

    def _store(self) -> Any:
        with self._lock:
            if self._made is None:
                self._made = self._make()
            return self._made

    def _make(self) -> Any:
        options: dict[str, Any] = {}
        if self._secret.name:
            if not (self._secret.get("access_key") and self._secret.get("secret_key")):
                raise self._secret.lacks("access_key", "secret_key")
            options = {
                f: self._secret.get(f) or None
                for f in ("access_key", "secret_key", "session_token")
            }
        if self._access.endpoint is not None:
            options["endpoint_override"] = self._access.endpoint.authority
            options["scheme"] = self._access.endpoint.scheme
        if self._access.region:
            options["region"] = self._access.region
        if self._access.ca_file is not None:
            options["tls_ca_file_path"] = str(self._access.ca_file)
        return fs.S3FileSystem(
            **options,
            connect_timeout=CONNECT,
            request_timeout=READ,
            retry_strategy=fs.AwsStandardS3RetryStrategy(max_attempts=1),
        )

    def _told(self, call: Callable[[], T]) -> T:
        """Call the library; its errors, which name keys, in our words."""
        try:
            return call()
        except (FileNotFoundError, PermissionError):
            raise
        except OSError as error:
            signs = [sign for found in _SIGN.findall(str(error)) for sign in found if sign]
            if says := next((_FINAL[s] for s in signs if s in _FINAL), None):
                raise SourceError(says[0], culprit=str(self.address), fix=says[1]) from None
            raise SourceError(
                "the store cannot be reached",
                culprit=str(self.address),
                fix="check endpoint, region and network",
                retry=True,
            ) from None


class _Told:
    """A stream whose errors are told like the store's."""

    def __init__(self, store: S3, stream: Any) -> None:
        self._store, self._stream = store, stream

    def read(self, size: int, /) -> bytes:
        """The next bytes."""
        block: bytes = self._store._told(lambda: self._stream.read(size))
        return block
