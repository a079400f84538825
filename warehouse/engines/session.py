"""A Spark session for one build: started, checked, stopped.

What is missing (pyspark, Java, the master, a worker with room) is said within a minute, because
Spark itself would wait for a cluster without end.
"""

from __future__ import annotations

import importlib.util
import logging
import os
import shutil
import socket
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from connectors.errors import HomeroomError
from warehouse.engines.choice import MEANING, Choice

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_PORT = 7077
#: Seconds to wait for a master to answer, and for the first executor.
_ANSWERS, _EXECUTOR = 5, 60
_QUIET = {
    # Spark's page has no login and shows the SQL; its log quotes rows that fail.
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "OFF",
    "spark.executor.syncLogLevel.enabled": "true",
}


@contextmanager
def session(choice: Choice, work: Path) -> Iterator[SparkSession]:
    """A session with the settings under which both engines mean the same.

    Raises HomeroomError where pyspark, Java, the master or a worker is missing.
    """
    _ready(choice)
    with warnings.catch_warnings():
        # Of pandas' version, which nothing here uses.
        warnings.simplefilter("ignore", FutureWarning)
        from py4j.protocol import Py4JError
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession
    # It writes what failed to standard error, and what failed may quote a row.
    logging.getLogger("SQLQueryContextLogger").disabled = True

    work.mkdir(parents=True, exist_ok=True)
    builder = SparkSession.builder.appName("homeroom").master(choice.master)
    for key, value in settings(choice, work).items():
        builder = builder.config(key, value)
    try:
        spark = builder.getOrCreate()
    except (PySparkException, Py4JError) as error:
        raise HomeroomError(
            "Spark did not start",
            culprit=f"engine.master = {choice.master}: {type(error).__name__}",
            fix="see that the cluster runs the same version of Spark and accepts applications",
            retry=True,
        ) from error
    try:
        _wait_for_executor(spark, choice)
        yield spark
    finally:
        spark.stop()


def settings(choice: Choice, work: Path) -> dict[str, str]:
    """Spark's settings for this choice. Pure."""
    hosts = {host for host, _ in masters(choice.master)}
    here = choice.master.startswith("local") or {"localhost", "127.0.0.1"} >= hosts > set()
    return {
        "spark.executor.memory": choice.memory,
        "spark.driver.memory": choice.memory,
        "spark.sql.warehouse.dir": str(work.resolve() / "warehouse"),
        "spark.local.dir": str(work.resolve() / "local"),
        **({"spark.driver.host": "127.0.0.1"} if here else {}),
        **_QUIET,
        **choice.spark,
        **MEANING,
    }


def masters(url: str) -> list[tuple[str, int]]:
    """Hosts and ports of a standalone cluster's masters; none of other kinds of master. Pure."""
    if not url.startswith("spark://"):
        return []
    found = [urlsplit(f"//{one}") for one in url.removeprefix("spark://").split(",")]
    return [(one.hostname or "", one.port or _PORT) for one in found]


def _ready(choice: Choice) -> None:
    if importlib.util.find_spec("pyspark") is None:
        raise HomeroomError(
            "Spark was chosen and pyspark is not installed",
            culprit='engine.name = "spark"',
            fix='install it: pip install "homeroom[spark]"',
        )
    home = os.environ.get("JAVA_HOME")
    if shutil.which("java", path=f"{home}/bin" if home else None) is None:
        raise HomeroomError(
            "Spark was chosen and there is no Java",
            culprit=f"JAVA_HOME = {home}" if home else "java",
            fix="install Java 17 or newer, or set JAVA_HOME",
        )
    found = masters(choice.master)
    if found and not any(_answers(host, port) for host, port in found):
        raise HomeroomError(
            "Spark's master does not answer",
            culprit=f"engine.master = {choice.master}",
            fix="start it, or mend the address",
            retry=True,
        )


def _answers(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), timeout=_ANSWERS):
            return True
    except OSError:
        return False


def _wait_for_executor(spark: SparkSession, choice: Choice) -> None:
    if choice.master.startswith("local"):
        return
    tracker = spark.sparkContext._jsc.sc().statusTracker()
    until = time.monotonic() + _EXECUTOR
    # The driver counts as one.
    while len(tracker.getExecutorInfos()) < 2:
        if time.monotonic() > until:
            raise HomeroomError(
                "no worker of the Spark cluster gives this run an executor",
                culprit=f"engine.memory = {choice.memory}",
                fix="start workers, free some memory there, or ask for less",
                retry=True,
            )
        time.sleep(0.2)
