"""Runs a module in a process of its own: seconds, processor seconds, peak memory, what it printed.

This process must stay small: Linux counts the memory of the process that starts another one in
the peak of the started one.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from typing import Any

#: Nothing that is measured reports home.
_QUIET = {"RUNTIME__DLTHUB_TELEMETRY": "false", "GX_ANALYTICS_ENABLED": "false"}


@dataclass(frozen=True)
class Measured:
    """One process: seconds by the clock and of the processors, peak memory in bytes, its JSON.

    `stopped`: it was ended at its time limit, and `wall` is that limit.
    """

    wall: float
    cpu: float
    peak: int
    said: dict[str, Any] = field(default_factory=dict)
    stopped: bool = False


def measure(module: str, *arguments: str, limit: float | None = None) -> Measured:
    """Run `python -m module arguments`. Raises RuntimeError where it fails."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
        start = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            stdout=out,
            stderr=errors,
            env={**os.environ, **_QUIET},
        )
        stopped = threading.Event()

        def stop() -> None:
            stopped.set()
            process.kill()

        timer = threading.Timer(limit or threading.TIMEOUT_MAX, stop)
        timer.start()
        try:
            _, status, usage = os.wait4(process.pid, 0)
        finally:
            timer.cancel()
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode and not stopped.is_set():
            errors.seek(0)
            told = errors.read().decode("utf-8", "replace")[-2000:]
            raise RuntimeError(f"{module} ended with {process.returncode}: {told}")
        out.seek(0)
        lines = [] if stopped.is_set() else out.read().decode().strip().splitlines()
    # The system tells KiB on Linux and bytes on macOS.
    unit = 1 if sys.platform == "darwin" else 1024
    return Measured(
        wall=wall,
        cpu=usage.ru_utime + usage.ru_stime,
        peak=usage.ru_maxrss * unit,
        said=json.loads(lines[-1]) if lines else {},
        stopped=stopped.is_set(),
    )
