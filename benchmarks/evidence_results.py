"""What a measurement of the cards found, as plain values, for the page to tell."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.evidence_drawn import Found, Quiet, Years
from warehouse.evidence.report import Evidence


@dataclass(frozen=True)
class Weeks:
    """Student-weeks that count: all, those with a usual, those with a usual of 20 minutes."""

    observed: int
    with_usual: int
    judged: int


@dataclass(frozen=True)
class Real:
    """The open data set's evidence, and how many weeks it rests on."""

    evidence: Evidence
    students: int
    weeks: Weeks


@dataclass(frozen=True)
class Results:
    """All that the page tells. `kept`: the same with those who gave up left on the roster."""

    date: str
    machine: dict[str, str | int]
    years: Years
    quiet: tuple[Quiet, ...]
    found: tuple[Found, ...]
    real: Real
    kept: Real
