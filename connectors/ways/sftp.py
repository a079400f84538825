"""Files of an SFTP server. One connection, one file at a time: many servers allow no more."""

from __future__ import annotations

import logging
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from threading import RLock

import paramiko

from connectors.errors import SourceError
from connectors.patience import Patience
from connectors.sources import FRESH_ELSEWHERE, Listed, Stream, passed_over
from connectors.ways.location import Address
from connectors.ways.secrets import Secret

#: Seconds. A server that sends a byte a minute is silent.
CONNECT, READ = 20.0, 45.0
#: Folders that are looked into; more are a server that goes in circles.
FOLDERS = 10_000
_BLOCK = 32768  # bytes of one request that every server answers whole
_LOST = (EOFError, ConnectionError, TimeoutError, paramiko.SSHException, paramiko.SFTPError)
# What it has to say is said by our errors; without a handler it would write to the terminal.
logging.getLogger("paramiko").addHandler(logging.NullHandler())


class Sftp:
    """A folder of an SFTP server, with all folders below it; links are left."""

    fresh = FRESH_ELSEWHERE

    def __init__(
        self, address: Address, secret: Secret, known_hosts: Path | None, patience: Patience
    ) -> None:
        self.address, self.patience = address, patience
        self._secret = secret
        self._known_hosts = known_hosts or Path("~/.ssh/known_hosts").expanduser()
        # A path below ~ is below the folder in which the server puts the user.
        self._root = address.path.removeprefix("/~/") or "."
        self._client: paramiko.SSHClient | None = None
        self._sftp: paramiko.SFTPClient | None = None
        self._turn = RLock()

    def list(self) -> list[Listed]:
        """All plain files. Raises SourceError."""
        return sorted(self.patience(lambda: [*self._walk()]), key=lambda f: f.name)

    def _walk(self) -> Iterator[Listed]:
        with self._connected() as sftp:
            folders, walked = [PurePosixPath()], 0
            while folders:
                folder, walked = folders.pop(), walked + 1
                if walked > FOLDERS:
                    raise self._refused("there are too many folders", "name one further down")
                for found in self._entries(sftp, folder):
                    name, mode = folder / found.filename, found.st_mode or 0
                    if passed_over(name):
                        continue
                    if stat.S_ISDIR(mode):
                        # A server may lie: only a plain name leads downwards.
                        if PurePosixPath(found.filename).parts == (found.filename,) != ("..",):
                            folders.append(name)
                    elif stat.S_ISREG(mode):
                        when = (found.st_mtime or 0) * 1_000_000_000
                        yield Listed(str(name), found.st_size or 0, when)

    def _entries(
        self, sftp: paramiko.SFTPClient, folder: PurePosixPath
    ) -> tuple[paramiko.SFTPAttributes, ...]:
        try:
            return tuple(sftp.listdir_attr(self._path(folder)))
        except FileNotFoundError as error:
            if folder.parts:
                return ()  # gone since it was listed
            raise SourceError(
                "the folder is not there", culprit=str(self.address), fix="mend location"
            ) from error
        except UnicodeDecodeError as error:
            raise SourceError(
                "a file's name is not UTF-8", culprit=str(self.address), fix="rename it there"
            ) from error
        except OSError as error:
            if isinstance(error, _LOST):
                raise
            raise SourceError(
                "the folder cannot be read",
                culprit=str(self.address),
                fix="give the account the right to read it",
            ) from error

    @contextmanager
    def open(self, listed: Listed) -> Iterator[tuple[Listed, Stream]]:
        """Open one listed file. Raises SourceError, OSError; so does the stream."""
        with self._connected() as sftp, sftp.open(self._path(listed.name), "rb") as handle:
            yield listed, _Blocks(handle, listed.size)

    def put(self, name: str, file: Path) -> None:
        """Write a file. Raises SourceError, OSError."""

        def send() -> None:
            with self._connected() as sftp:
                fresh = self._path(f".{name}.new")
                sftp.put(str(file), fresh)
                # Not every server can rename over a file.
                with suppress(FileNotFoundError):
                    sftp.remove(self._path(name))
                sftp.rename(fresh, self._path(name))

        self.patience(send)

    def remove(self, name: str) -> None:
        """Take a file away. Raises SourceError, OSError."""

        def take() -> None:
            # A try before may have taken it, and lost the answer.
            with self._connected() as sftp, suppress(FileNotFoundError):
                sftp.remove(self._path(name))

        self.patience(take)

    def _path(self, name: PurePosixPath | str) -> str:
        return str(PurePosixPath(self._root) / name)

    def close(self) -> None:
        """End the connection, also under a thread that reads; the next call makes a new one."""
        client, self._client, self._sftp = self._client, None, None
        if client is not None:
            client.close()

    @contextmanager
    def _connected(self) -> Iterator[paramiko.SFTPClient]:
        """The connection, for one thread at a time; one that is lost is not used again."""
        with self._turn:
            try:
                yield self._sftp or self._connect()
            except (*_LOST, OSError) as error:
                if not isinstance(error, _LOST) and not self._is_closed():
                    raise
                self.close()
                raise SourceError(
                    "the server is silent"
                    if isinstance(error, TimeoutError)
                    else "the connection was lost",
                    culprit=str(self.address),
                    fix="nothing to do: the next run tries again",
                    retry=True,
                ) from error

    def _is_closed(self) -> bool:
        """Whether the other end has gone: who writes then is told a plain OSError."""
        channel = self._sftp.get_channel() if self._sftp else None
        return channel is not None and bool(channel.closed)

    def _connect(self) -> paramiko.SFTPClient:
        user = self.address.user or self._secret.get("user")
        if not user:
            raise self._refused("no user is named", f"write sftp://user@{self.address.host}/...")
        key, password = self._key(), self._secret.get("password") or None
        if key is None and password is None:
            raise self._secret.lacks("key_file", "password")
        self._client = client = paramiko.SSHClient()
        client.set_missing_host_key_policy(_Unknown())
        port = self.address.port or 22
        try:
            if self._known_hosts.is_file():
                client.load_system_host_keys(str(self._known_hosts))
            client.connect(
                self.address.host,
                port,
                user,
                password,
                key,
                timeout=CONNECT,
                banner_timeout=CONNECT,
                auth_timeout=CONNECT,
                allow_agent=False,
                look_for_keys=False,
            )
            self._sftp = sftp = client.open_sftp()
            sftp.get_channel().settimeout(READ)
            return sftp
        except _UnknownKey as error:
            raise self._refused(
                f"the server's key is not known ({error})",
                "compare the key with what the server's owner says, then: "
                f"ssh-keyscan -p {port} {self.address.host} >> {self._known_hosts}",
            ) from error
        except paramiko.BadHostKeyException as error:
            raise self._refused(
                f"the server's key is not the one in {self._known_hosts} "
                f"({_shown(error.key)}); somebody may stand between",
                "ask the server's owner; if the key was really changed, replace its line there",
            ) from error
        except paramiko.AuthenticationException:
            # Without the cause: some servers repeat what they were given.
            raise self._refused(
                "the server refuses the user, or its password or key",
                f"check the secret {self._secret.name}",
            ) from None
        except OSError as error:
            self.close()
            raise SourceError(
                "the server cannot be reached",
                culprit=str(self.address),
                fix="check host, port and network",
                retry=True,
            ) from error

    def _key(self) -> paramiko.PKey | None:
        path = self._secret.key_file
        if path is None:
            return None
        passphrase = self._secret.get("passphrase") or None
        try:
            return paramiko.PKey.from_path(path, passphrase and passphrase.encode())
        except (ValueError, TypeError, OSError, paramiko.SSHException, paramiko.UnknownKeyType):
            # Without the cause, which may hold the key.
            raise SourceError(
                "is no private key that can be read",
                culprit=str(path),
                fix="check the file, and the secret's passphrase",
            ) from None

    def _refused(self, says: str, fix: str) -> SourceError:
        self.close()
        return SourceError(says, culprit=str(self.address), fix=fix)


class _UnknownKey(Exception):
    """The server's key is in no list."""


class _Unknown:
    """What paramiko asks about a server that known_hosts does not name."""

    def missing_host_key(
        self, client: paramiko.SSHClient, hostname: str, key: paramiko.PKey
    ) -> None:
        raise _UnknownKey(_shown(key))


def _shown(key: paramiko.PKey) -> str:
    return f"{key.get_name()} {key.fingerprint}"


class _Blocks:
    """Reads ahead within one call only, so that memory stays bounded on a fast network."""

    def __init__(self, handle: paramiko.SFTPFile, size: int) -> None:
        self._handle, self._size, self._at = handle, size, 0

    def read(self, size: int, /) -> bytes:
        """The next bytes; behind the listed size whatever has been added since."""
        if self._at >= self._size:
            self._handle.seek(self._at)
            block: bytes = self._handle.read(size)
        else:
            end = min(self._at + size, self._size)
            parts = [(at, min(_BLOCK, end - at)) for at in range(self._at, end, _BLOCK)]
            block = b"".join(self._handle.readv(parts))
        self._at += len(block)
        return block
