"""One table that the transforms make: what it is, and the SELECT that makes it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from transforms.measures import Measure


@dataclass(frozen=True)
class Column:
    """One column of a transform's table: name, unit and meaning, as its header tells.

    `measure`: what a published measure's column holds, as the dictionary tells it.
    """

    name: str
    unit: str
    meaning: str
    measure: Measure | None = None

    @property
    def comment(self) -> str:
        """What a reader of the warehouse should know of it."""
        unit = f" ({self.unit})" if self.unit not in ("-", "text", "id") else ""
        told = self.meaning + unit
        if self.measure is None:
            return told
        m = self.measure
        parts = [f"{m.name}: {told}", f"Formula: {m.formula}", f"From: {m.minimum}"]
        if m.caution:
            parts.append(f"Keep in mind: {m.caution}")
        return ". ".join(parts)


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

    @property
    def stored_by(self) -> str:
        """The column by which a published table lies on disk, so that the rows of one student,
        class or adult are found without reading all: a fact by its student, a view by what it is
        about. Empty where nobody asks for one of something."""
        first = self.columns[0].name
        held = {column.name for column in self.columns}
        wanted = "student_id" if self.table.startswith("facts.") else first
        return wanted if wanted in held and first != "measure" else ""
