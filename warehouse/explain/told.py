"""What an explanation is: plain values, for a terminal, a page or a program."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from warehouse.explain.arithmetic import Value

#: Runs a SELECT with named parameters on the published warehouse and gives its rows.
Ask = Callable[[str, Mapping[str, Any]], list[dict[str, Any]]]


@dataclass(frozen=True)
class Inputs:
    """A table of rows that went in."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]


@dataclass(frozen=True)
class Line:
    """One line of arithmetic: a name, its expression, the numbers filled in, and the result."""

    name: str
    expression: str
    filled: str
    result: str


@dataclass(frozen=True)
class Explanation:
    """How one published value came about.

    `value`: computed here from `inputs` by `steps`; `published`: what the view holds; `agrees`:
    whether they are the same. `status`: ok, or the word for why there is no value, which `says`
    tells in full. `n`: rows of the largest table; the window is of all of them.
    """

    measure: str
    name: str
    view: str
    student_id: str
    platform: str | None
    week_start: date | None
    item_id: str | None
    formula: str
    minimum: str
    caution: str
    source: str
    version: str
    inputs: tuple[Inputs, ...]
    steps: tuple[Line, ...]
    value: Value
    published: Value
    agrees: bool
    status: str
    says: str
    n: int
    window_start: date | None
    window_end: date | None
    data_through: date | None
