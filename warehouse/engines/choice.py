"""Which engine a district has chosen: the table [engine] of homeroom.toml. Pure.

Spark's own settings are taken as they are, except those by which the two engines mean the same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.errors import ConfigError

#: Keys of [engine] and their types.
KEYS = {"name": str, "master": str, "memory": str, "spark": dict}
ENGINES = ("duckdb", "spark")
_MASTER = re.compile(r"local(\[(\d+|\*)\])?|(spark|k8s)://\S+|yarn", re.ASCII)
_MEMORY = re.compile(r"[1-9]\d*[mg]", re.ASCII)

#: What makes Spark's SQL mean what DuckDB's does.
MEANING = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.caseSensitive": "false",
    "spark.sql.parquet.datetimeRebaseModeInRead": "CORRECTED",
    "spark.sql.parquet.datetimeRebaseModeInWrite": "CORRECTED",
}


@dataclass(frozen=True)
class Choice:
    """An engine: its name and, for Spark, master URL, memory of each executor, Spark's settings."""

    name: str = "duckdb"
    master: str = ""
    memory: str = "2g"
    spark: Mapping[str, str] = field(default_factory=dict)


def read(raw: Mapping[str, Any]) -> Choice:
    """The choice that [engine] tells; raises ConfigError whose culprit is the key."""
    choice = Choice(**{"name": "duckdb", **raw})
    if choice.name not in ENGINES:
        raise ConfigError(
            f'"{choice.name}" is not known', culprit="name", fix='use "duckdb" or "spark"'
        )
    if choice.name == "duckdb":
        for key in KEYS.keys() & raw.keys() - {"name"}:
            raise ConfigError("is only for Spark", culprit=key, fix='write name = "spark"')
        return choice
    if not _MASTER.fullmatch(choice.master):
        raise ConfigError(
            "does not name Spark's master",
            culprit="master",
            fix='write it like "spark://host:7077"',
        )
    if not _MEMORY.fullmatch(choice.memory):
        raise ConfigError(
            "is no size of memory", culprit="memory", fix='write it like "4g" or "900m"'
        )
    for key, value in choice.spark.items():
        if not key.startswith("spark.") or not isinstance(value, str):
            raise ConfigError(
                "is no setting of Spark",
                culprit=f"spark.{key}",
                fix='write settings like "spark.cores.max" = "8"',
            )
        if key in MEANING:
            raise ConfigError(
                "would make the engines differ", culprit=f"spark.{key}", fix="remove it"
            )
    return choice
