"""Long lists in pages: which part of a list is shown, and the addresses of the others. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

#: Rows of one page.
SIZE = 50
#: What an address asks for, a name more than once where several were chosen.
Query = list[tuple[str, str]]


@dataclass(frozen=True)
class Page:
    """One part of a list. `first`: place of its first row, from 1. `more`: the list was cut."""

    rows: Sequence[Any]
    number: int
    pages: int
    first: int
    total: int
    more: bool = False


def page_of(rows: Sequence[Any], number: int, *, more: bool = False) -> Page:
    """A page of a list by its number from 1; the nearest there is for any other number."""
    pages = max(1, -(-len(rows) // SIZE))
    number = min(max(number, 1), pages)
    start = (number - 1) * SIZE
    return Page(rows[start : start + SIZE], number, pages, start + 1, len(rows), more)


def address(path: str, query: Query, number: int) -> str:
    """A page's address: the same list, another page."""
    return f"{path}?{urlencode([*((k, v) for k, v in query if v), ('page', str(number))])}"
