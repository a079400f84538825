"""Reads the drawn specifications of tests/spec/: what a case is.

A file holds the cases of one measure. A case is a sentence that ends with a full stop, then tables,
each under its title, parted by empty lines. Titles that begin with `gives` hold what must come out.
A table whose first word is `week` or `at` lies: its first line holds weeks or times, each further
line one column. `-` is nothing, `_` a space. Week 1 begins on Monday, 7 September 2026.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.transforms.conftest import drawn

_TITLE = re.compile(
    r"(?:(?P<whose>[A-Z]\w+)'s )?(?P<what>[\w ]+?)"
    r"(?: for (?P<who>[A-Z]\w+))?(?: on (?P<platform>[A-Z]\w+))?"
)
_LIES = re.compile(r"(?:week|at)(?: +[\d:]+)+$")


@dataclass
class Table:
    """One table of a case: whose, of what, on which platform, and its rows."""

    what: str
    who: str
    platform: str | None
    rows: list[dict[str, str | None]]


@dataclass
class Case:
    """One sentence with the tables that show it."""

    sentence: str
    given: list[Table] = field(default_factory=list)
    gives: list[Table] = field(default_factory=list)


def cases(text: str) -> list[Case]:
    """The cases of a file. Raises ValueError for a table without a sentence, or one without end."""
    found: list[Case] = []
    for block in re.split(r"\n\s*\n", text.strip()):
        head, *lines = block.strip().splitlines()
        if block.rstrip().endswith("."):
            found.append(Case(" ".join(block.split())))
        elif not found:
            raise ValueError(f"{head!r} stands before the first sentence")
        else:
            table = _table(head.strip(), lines)
            told = found[-1].gives if table.what.startswith("gives") else found[-1].given
            told.append(table)
    for case in found:
        if not case.gives:
            raise ValueError(f"nothing is given by: {case.sentence}")
    return found


def _table(title: str, lines: Sequence[str]) -> Table:
    told = _TITLE.fullmatch(title)
    if told is None or not lines:
        raise ValueError(f"{title!r} is no title of a table")
    standing = _stood_up(lines) if _LIES.match(lines[0].strip()) else "\n".join(lines)
    platform = told["platform"] and told["platform"].lower()
    return Table(
        told["what"], (told["whose"] or told["who"] or "Ann").lower(), platform, drawn(standing)
    )


def _stood_up(lines: Sequence[str]) -> str:
    return "\n".join(" ".join(cells) for cells in zip(*(x.split() for x in lines), strict=True))
