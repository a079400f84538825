"""What a platform is, by declaration: its feeds, their columns, and what they become.

Belongs here: the frozen values that a platform module fills in. Not here: reading files
(reading.py), the SQL that casts and splits them (warehouse/intake/normalise.py), any vendor's name.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

#: A cell that is rather a value than a name: a number, a date, a time, an address.
_VALUE = re.compile(r"[\d\s./:,+-]+|.*@.*", re.DOTALL)


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
    formats; where empty, the format is detected per file. `low`, `high`: inclusive bounds. `utc`:
    instants without an offset are UTC, not the district's local time.
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
    utc: bool = False


@dataclass(frozen=True)
class Wide:
    """Columns of which a file has any number, such as one per week or per assignment.

    Headers that `pattern` matches as a whole, without regard to case, and that no `Column` takes.
    Each row's filled ones become `_wide`, a list of (label: the header as sent, value). `example`:
    one such header.
    """

    pattern: str
    example: str
    kind: Kind = Kind.NUMBER
    nothing: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None

    def column(self) -> Column:
        """How one of the cells is read."""
        return Column("_wide", self.kind, (), nothing=self.nothing, low=self.low, high=self.high)


@dataclass(frozen=True)
class Output:
    """What the good rows become: a SELECT over `rows` that yields columns of one lake table.

    One statement serves many files, so the SELECT yields `_no`, the file's number, and groups by
    it. `rows` has the feed's typed columns and, of the file: `_exported_on`, `_covers_from`,
    `_covers_to` (DATE), `_class_key` (VARCHAR), `_school_year` (BIGINT, the year in which the
    school year ends), `_student` (VARCHAR, the name that a file of one student is called by),
    `_stem` and `_folder` (VARCHAR, the words of the file's name and folder without dates),
    `_is_delta` (BOOLEAN), `_has_<column>` (BOOLEAN) for columns that a layout may lack, `_wide`
    where the feed has wide columns, and `_unread` (BIGINT), how many lines of the file could not be
    taken apart. `all_rows` is the same with the rows that were turned away, each with its `_fault`
    (`column|reason|...`; a value that does not fit is NULL). Columns of the table that the SELECT
    leaves out are NULL. The macros of casting.py may be used.
    """

    table: str
    select: str


@dataclass(frozen=True)
class Delta:
    """How a feed may be sent as changes only, to be laid over the newest whole file.

    `line`: the property of the platform's manifest whose value is bulk, delta or absent. `removed`:
    a column, and the word in it (lower case) by which a row tells of a removal; such a row needs
    no values but its key. `changed`: the column that tells when a row was changed; of rows with one
    key the newest counts.

    The outputs then keep such rows where `_is_delta` is true, and yield `is_removed` (BOOLEAN) and
    `changed_at` (TIMESTAMP, UTC) beside the table's columns.
    """

    line: str
    removed: tuple[str, str]
    changed: str


class Scope(enum.Enum):
    """What a file covers, and so what a newer one replaces."""

    WHOLE = "whole"  # everything of the feed
    DAY = "day"  # the day it was exported, and within it the values of `scope_column`, if any
    PERIOD = "period"  # the days in its name, one day or within one week
    SPAN = "span"  # the days in its name, any number
    CLASS = "class"  # one class, told by the file's name or folder
    STUDENT = "student"  # one student, told by the file's name, of the class its folder tells
    STUDENT_DAY = "student_day"  # the same, as of the day it was exported; days add up
    VALUE = "value"  # the values of `scope_column`, such as the term; see also `scope_part`
    FOLDER = "folder"  # what the folder's name says, such as one section's submissions
    FILE = "file"  # itself: files of events add to each other


@dataclass(frozen=True)
class Feed:
    """One kind of file of a platform.

    `outputs`: none where the file is known by its columns and nothing here reads it.
    `key`: columns that name a row within a file; equal rows are duplicates, different ones with
    one key are both turned away. Empty: rows may repeat and are all real.
    `stems`: file names without ending, where the platform fixes them, with * for any text;
    `folders`: names of the folder that holds the file; either decides before the header does.
    `scope_column`: the column that tells what a file covers, or several with spaces between.
    `wide`: columns of which there may be any number. `stub_rows`: short rows are the platform's
    habit. `dated_by`: the column whose newest value dates a file that does not say when it was
    made. `scope_part`: a file with one single value of this column, such as one school's export of
    a term, covers that part alone. `guards_size`: refuse a newer file of the scope that lost more
    than a tenth. `layouts`: which of the platform's layouts are read, for the documentation.
    `delta`: how a file says that it holds changes only. `falls_alone`: turned away, it leaves the
    rest of its delivery standing.
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    outputs: tuple[Output, ...]
    scope: Scope
    key: tuple[str, ...] = ()
    scope_column: str = ""
    scope_part: str = ""
    stems: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    wide: Wide | None = None
    dated_by: str = ""
    stub_rows: bool = False
    guards_size: bool = False
    layouts: str = ""
    delta: Delta | None = None
    falls_alone: bool = False

    def column(self, name: str) -> Column:
        """The column of that name; KeyError where the declaration lacks it."""
        return {c.name: c for c in self.columns}[name]

    def is_named(self, name: str) -> bool:
        """Whether the name of a file says that it is of this feed."""
        path = PurePosixPath(name)
        return has_stem(name, self.stems) or norm(path.parent.name) in map(norm, self.folders)


@dataclass(frozen=True)
class Platform:
    """One platform: its feeds and its habits.

    `whole_archives`: the files of one zip stand or fall together (rosters). `ignores`: stems of
    files that the platform sends and nothing here reads, with * for any text. `manifest`: stem of
    the file that says which of a delivery's files are deltas. `leaves`: headers that the platform
    documents and nothing here reads, with * for any text; any other that is not read is new, and is
    told of.

    `subject`: what it teaches, as the tests of that subject are called; empty where several.
    `test_scale`: what the scale of its tests' scores is called; empty where it has no name.

    For the documentation: `carries`: what its files tell, in a few words; `tested_on`: which files
    the tests read; `ways`: how they come in; `about`: paragraphs on habits and on what stays
    unknown.
    """

    name: str
    title: str
    feeds: tuple[Feed, ...]
    sends_activity: bool = False
    whole_archives: bool = False
    ignores: tuple[str, ...] = ()
    leaves: tuple[str, ...] = ()
    manifest: str = ""
    subject: str = ""
    test_scale: str = ""
    carries: str = ""
    tested_on: str = ""
    ways: str = "folder, SFTP, S3, HTTPS"
    about: str = ""


def norm(header: str) -> str:
    """A header as it is compared: without BOM, outer spaces and case."""
    return header.replace("\ufeff", "").strip().casefold()


def words_between(text: str) -> tuple[str, ...]:
    """A drawn list: parts between bars and line ends."""
    return tuple(part for line in text.splitlines() for part in line.split("|") if part)


def stem_of(name: str) -> str:
    """A file's name without its folders and endings."""
    return PurePosixPath(name).name.split(".")[0]


def _is_left(platform: Platform, header: str) -> bool:
    return any(fnmatchcase(norm(header), norm(pattern)) for pattern in platform.leaves)


def has_stem(name: str, stems: Iterable[str]) -> bool:
    """Whether a file's stem is one of those, in which * stands for any text."""
    stem = norm(stem_of(name))
    return any(fnmatchcase(stem, norm(s)) for s in stems)


@dataclass(frozen=True)
class Match:
    """A feed fitted to a header: where each of its columns stands, and what did not fit.

    `wide`: positions and headers of the wide columns.
    """

    feed: Feed
    positions: dict[str, int]
    missing: tuple[Column, ...]
    unknown: tuple[str, ...]
    wide: tuple[tuple[int, str], ...] = ()

    @property
    def fits(self) -> bool:
        """Whether all that the feed needs is there."""
        return not self.missing and bool(self.wide or self.feed.wide is None)

    @property
    def is_header(self) -> bool:
        """Whether the first row is surely one of names, so that its words may be shown.

        A file without a header, known by its name alone, has a row about a child there.
        """
        needed = [c for c in self.feed.columns if c.required]
        placed = sum(c.name in self.positions for c in needed)
        plain = not any(_VALUE.fullmatch(u.strip()) for u in self.unknown)
        if not needed:
            return bool(self.positions) and plain
        return placed > 0 and (2 * placed > len(needed) or (3 * placed >= len(needed) and plain))


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
    wide: tuple[tuple[int, str], ...] = ()
    if feed.wide is not None:
        pattern = re.compile(feed.wide.pattern, re.IGNORECASE)
        wide = tuple(
            (i, n) for i, n in enumerate(names) if i not in used and pattern.fullmatch(n.strip())
        )
        used |= {i for i, _ in wide}
    unknown = tuple(n for i, n in enumerate(names) if i not in used)
    return Match(feed, positions, missing, unknown, wide)


def repeated(header: Iterable[str]) -> str | None:
    """The first name that a header holds twice, None where there is none."""
    seen: set[str] = set()
    for name in filter(None, map(norm, header)):
        if name in seen:
            return name
        seen.add(name)
    return None


def recognise(platform: Platform, name: str, header: Iterable[str]) -> Match | None:
    """The feed of a file, by its name or folder or else by its columns; None where none is near.

    By columns: a feed fits when nothing required is missing; of several, the one that places most
    columns. Where none fits, the nearest feed that places more than half of its required columns
    is returned with its `missing` filled, for the message.
    """
    names = list(header)
    named = [f for f in platform.feeds if f.is_named(name)]
    matches = [fit(feed, names) for feed in named or platform.feeds]
    whole = [m for m in matches if m.fits]
    if whole:
        best = max(whole, key=lambda m: (len(m.positions), len(m.wide)))
        return replace(best, unknown=tuple(u for u in best.unknown if not _is_left(platform, u)))
    near = [
        m
        for m in matches
        if m.missing and (named or 2 * len(m.missing) < sum(c.required for c in m.feed.columns))
    ]
    return min(near, key=lambda m: (len(m.missing), -len(m.positions)), default=None)
