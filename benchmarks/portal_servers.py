"""The servers that the portal's benchmark asks: how they are started, and what they use.

Belongs here: processes. Not here: what is asked of them, and what is told of it.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Server:
    """A running server and the processes that answer for it."""

    port: int
    pid: int

    @property
    def processes(self) -> list[int]:
        """The processes that answer: the server's children that listen, or itself."""
        children = [pid for pid in _children(self.pid) if "resource_tracker" not in _command(pid)]
        return children or [self.pid]

    def peaks(self) -> list[int]:
        """Peak resident memory of each answering process, in bytes, the largest first."""
        return sorted((_status(pid, "VmHWM") * 1024 for pid in self.processes), reverse=True)

    def cpu(self) -> float:
        """Processor seconds of all answering processes so far."""
        return sum(_cpu(pid) for pid in self.processes)


@contextmanager
def running(
    command: Sequence[str], port: int, environment: dict[str, str] | None = None
) -> Iterator[Server]:
    """Start a server, wait until it answers, end it with the block. Raises RuntimeError."""
    with subprocess.Popen(
        list(command), env=os.environ | (environment or {}), stdout=subprocess.DEVNULL
    ) as process:
        try:
            _answers(port, process)
            yield Server(port, process.pid)
        finally:
            process.send_signal(signal.SIGINT)


def free_port() -> int:
    """A port that nobody listens on."""
    with closing(socket.socket()) as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def _answers(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(1200):
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}")
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 10) as one:
            # Several processes listen on one socket before the first of them is ready.
            one.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
            if one.recv(1):
                return
        time.sleep(0.05)
    raise RuntimeError("the server does not answer")


def _children(pid: int) -> list[int]:
    told = Path(f"/proc/{pid}/task/{pid}/children").read_text("utf-8")
    return [int(child) for child in told.split()]


def _command(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_text("utf-8").replace("\0", " ")


def _status(pid: int, key: str) -> int:
    for line in Path(f"/proc/{pid}/status").read_text("utf-8").splitlines():
        if line.startswith(f"{key}:"):
            return int(line.split()[1])
    raise RuntimeError(f"the system does not tell {key}")


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
