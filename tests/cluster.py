"""A real standalone Spark cluster on this machine: a master and two workers on loopback."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError

import pytest

from tests.servers import free_port, listens

WORKERS = 2


@contextmanager
def cluster(folder: Path) -> Iterator[str]:
    """The master's URL once both workers have registered; skips without Java or pyspark."""
    found = importlib.util.find_spec("pyspark")
    missing = [
        name
        for name, there in (("pyspark", found), ("java", shutil.which("java")))
        if there is None
    ]
    if missing and not os.environ.get("CI"):
        pytest.skip(f"{', '.join(missing)}: not installed here (make test, .ci/run)")
    assert not missing, missing
    assert found is not None
    assert found.origin is not None
    home = Path(found.origin).parent
    port, page = free_port(), free_port()
    with _started(folder, home, "master.Master", "-p", str(port), "--webui-port", str(page)) as one:
        listens(port, one)
        url = f"spark://127.0.0.1:{port}"
        with _worker(folder, home, url), _worker(folder, home, url):
            _wait_for_workers(page)
            yield url


@contextmanager
def _worker(folder: Path, home: Path, master: str) -> Iterator[None]:
    work = folder / f"worker-{free_port()}"
    told = ("-c", "2", "-m", "1500m", "-d", str(work), "--webui-port", "0", master)
    with _started(folder, home, "worker.Worker", *told):
        yield


@contextmanager
def _started(
    folder: Path, home: Path, what: str, *arguments: str
) -> Iterator[subprocess.Popen[bytes]]:
    program = [home / "bin" / "spark-class", f"org.apache.spark.deploy.{what}"]
    with (folder / f"{what}-{free_port()}.log").open("wb") as log:
        process = subprocess.Popen(
            [*map(str, program), "-h", "127.0.0.1", *arguments],
            stdout=log,
            stderr=log,
            cwd=folder,
            env={**os.environ, "SPARK_HOME": str(home), "SPARK_DAEMON_MEMORY": "256m"},
        )
        try:
            yield process
        finally:
            process.terminate()
            process.wait(30)


def _wait_for_workers(page: int) -> None:
    for _ in range(300):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{page}/json/") as answer:
                if len(json.load(answer)["workers"]) == WORKERS:
                    return
        except URLError:
            pass  # The page comes up after the port.
        time.sleep(0.2)
    raise RuntimeError("the workers do not register")
