"""One table that the transforms make: what it is, and the SELECT that makes it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from transforms.measures import Measure


@dataclass(frozen=True)
class Column:
    """One column of a transform's table: name, unit and meaning, as its header tells."""

    name: str
    unit: str
    meaning: str


@dataclass(frozen=True)
class Transform:
    """One table and the SELECT that makes it, platform blocks and thresholds expanded."""

    table: str
    group: str
    path: Path
    sql: str
    summary: str
    grain: str
    columns: tuple[Column, ...]
    references: frozenset[str]
    measures: tuple[Measure, ...] = ()

    @property
    def published(self) -> bool:
        """Whether readers see it; tables of schema `work` are dropped before publishing."""
        return not self.table.startswith("work.")
