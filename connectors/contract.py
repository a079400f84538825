"""What a platform is, by declaration: its feeds, their columns, and what they become.

Belongs here: the frozen values that a platform module fills in. Not here: reading files
(reading.py), the SQL that casts and splits them (warehouse/normalise.py), any vendor's name.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass


class Kind(enum.Enum):
    """How the text of a column is read."""

    TEXT = "text"
    ID = "id"  # text; what a spreadsheet has rewritten is refused
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    TIME = "time"  # date and time; local unless it carries an offset; becomes UTC
    CLOCK = "clock"  # hh:mm:ss of a day told in another column


@dataclass(frozen=True)
class Column:
    """One column as sent.

    `headers` are its names in the known layouts, newest first, matched without regard to case and
    outer spaces. `required`: the header must be there. `filled`: every row must have a value.
    `nothing`: texts that mean no value, beside the empty one. `formats`: the documented date
    formats; where empty, the format is detected per file. `low`, `high`: inclusive bounds.
    """

    name: str
    kind: Kind
    headers: tuple[str, ...]
    required: bool = True
    filled: bool = False
    nothing: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Output:
    """What the good rows become: a SELECT over `rows` that yields columns of one lake table.

    One statement serves many files, so the SELECT yields `_no`, the file's number, and groups by
    it. `rows` has the feed's typed columns and, of the file: `_exported_on`, `_covers_from`,
    `_covers_to` (DATE), `_class_key` (VARCHAR), `_school_year` (BIGINT, the year in which the
    school year ends), and `_has_<column>` (BOOLEAN) for columns that a layout may lack. Columns
    of the table that the SELECT leaves out are NULL. The macros of casting.py may be used.
    """

    table: str
    select: str


class Scope(enum.Enum):
    """What a file covers, and so what a newer one replaces."""

    WHOLE = "whole"  # everything of the feed
    DAY = "day"  # the day it was exported, and within it the values of `scope_column`, if any
    PERIOD = "period"  # the days in its name, one day or within one week
    SPAN = "span"  # the days in its name, any number
    CLASS = "class"  # one class, told by the file's name or folder
    VALUE = "value"  # the value of `scope_column`, such as the term


@dataclass(frozen=True)
class Feed:
    """One kind of file of a platform.

    `key`: columns that name a row within a file; equal rows are duplicates, different ones with
    one key are both turned away. Empty: rows may repeat and are all real.
    `stems`: file names without ending, where the platform fixes them; such a name decides before
    the header does. `stub_rows`: short rows are the platform's habit. `dated_by`: the column
    whose newest value dates a file that does not say when it was made. `guards_size`: refuse a
    newer file of the scope that lost more than a tenth.
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    outputs: tuple[Output, ...]
    scope: Scope
    key: tuple[str, ...] = ()
    scope_column: str = ""
    stems: tuple[str, ...] = ()
    dated_by: str = ""
    stub_rows: bool = False
    guards_size: bool = False

    def column(self, name: str) -> Column:
        """The column of that name; KeyError where the declaration lacks it."""
        return {c.name: c for c in self.columns}[name]


@dataclass(frozen=True)
class Platform:
    """One platform: its feeds and its habits.

    `whole_archives`: the files of one zip stand or fall together (rosters). `ignores`: stems of
    files that the platform sends and nothing here reads.
    """

    name: str
    title: str
    feeds: tuple[Feed, ...]
    sends_activity: bool = False
    whole_archives: bool = False
    ignores: tuple[str, ...] = ()


def norm(header: str) -> str:
    """A header as it is compared: without BOM, outer spaces and case."""
    return header.replace("\ufeff", "").strip().casefold()


@dataclass(frozen=True)
class Match:
    """A feed fitted to a header: where each of its columns stands, and what did not fit."""

    feed: Feed
    positions: dict[str, int]
    missing: tuple[Column, ...]
    unknown: tuple[str, ...]


def fit(feed: Feed, header: Iterable[str]) -> Match:
    """Place every column of a feed in a header, by name and never by position."""
    where: dict[str, int] = {}
    names = list(header)
    for index, name in enumerate(names):
        where.setdefault(norm(name), index)
    positions: dict[str, int] = {}
    for column in feed.columns:
        for alias in column.headers:
            if norm(alias) in where:
                positions[column.name] = where[norm(alias)]
                break
    missing = tuple(c for c in feed.columns if c.required and c.name not in positions)
    used = set(positions.values())
    unknown = tuple(n for i, n in enumerate(names) if i not in used)
    return Match(feed, positions, missing, unknown)


def repeated(header: Iterable[str]) -> str | None:
    """The first name that a header holds twice, None where there is none."""
    seen: set[str] = set()
    for name in filter(None, map(norm, header)):
        if name in seen:
            return name
        seen.add(name)
    return None


def recognise(platform: Platform, stem: str, header: Iterable[str]) -> Match | None:
    """The feed of a file, by its fixed name or else by its columns; None where none is near.

    By columns: a feed fits when nothing required is missing; of several, the one that places most
    columns. Where none fits, the nearest feed that places more than half of its required columns
    is returned with its `missing` filled, for the message.
    """
    names = list(header)
    named = [f for f in platform.feeds if norm(stem) in {norm(s) for s in f.stems}]
    fits = [fit(feed, names) for feed in named or platform.feeds]
    whole = [m for m in fits if not m.missing]
    if whole:
        return max(whole, key=lambda m: len(m.positions))
    near = [
        m for m in fits if named or 2 * len(m.missing) < sum(c.required for c in m.feed.columns)
    ]
    return min(near, key=lambda m: (len(m.missing), -len(m.positions)), default=None)
