"""A first declaration from one file: types, key, account and tables, each marked as a guess.

Belongs here: looking at a file's values in DuckDB, and what they and the headers speak for. Not
here: the TOML's text (drafting_text.py). No value of the file leaves this module, only shares.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path

import duckdb

from connectors.declaration_columns import plain_name
from connectors.errors import HomeroomError
from connectors.prepared import Prepared
from connectors.reading import is_archive, prepare
from warehouse import bulk
from warehouse.intake.casting import DETECTED, quote
from warehouse.intake.naming import dates_in
from warehouse.intake.rawtext import rows_of
from warehouse.layouts.drift import words

#: Rows that are looked at; a type is taken when so large a part of the values is of it.
_ROWS, _MOST = 200_000, 0.95
_FORMATS = (*DETECTED, "%b %d, %Y", "%B %d, %Y", "%d %b %Y")
_TIMES = ("%m/%d/%Y %I:%M %p", "%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %H:%M", "%m/%d/%Y %H:%M:%S")
_ISO = "'^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{1,2}:[0-9]{2}'"
_TESTS = {
    "boolean": "lower(v) IN ('true', 'false', 'yes', 'no', 't', 'f', 'y', 'n')",
    "iso": f"regexp_matches(v, {_ISO})",
    "clock": "regexp_matches(v, '^[0-9]{1,2}:[0-9]{2}(:[0-9]{2})?$')",
    "number": "TRY_CAST(replace(v, ',', '') AS DOUBLE) IS NOT NULL",
    "zeros": "regexp_matches(v, '^0[0-9]+$')",
    "email": "contains(v, '@')",
    "same": "upper(v) = upper(h)",
    **{f: f"year(try_strptime(v, {quote(f)})) >= 1900" for f in (*_FORMATS, *_TIMES)},
}
#: Words that mean no value anywhere.
_NOTHING = ("n/a", "na", "null", "none", "-", "--", "nan")
_ID_WORDS = {"id", "sis", "number", "no", "code", "key", "sourcedid", "login", "username"}
_NUMBERED = re.compile(r"\d+")


@dataclass
class Guess:
    """One column: its name, header, type with date formats, why, words in it that mean no value,
    whether every row has one, and its header's words."""

    name: str
    header: str
    kind: str
    why: str
    formats: tuple[str, ...] = ()
    nothing: tuple[str, ...] = ()
    full: bool = False
    words: frozenset[str] = frozenset()


@dataclass
class Draft:
    """What a file speaks for."""

    platform: str
    feed: str
    stem: str
    scope: str
    rows: int
    columns: list[Guess] = field(default_factory=list)
    wide: tuple[str, str, int] | None = None
    key: tuple[str, ...] = ()


def draft(path: Path, platform: str, work: Path) -> Draft:
    """Look at one file. Raises FileRefused for one that cannot be read, HomeroomError for one whose
    first row is not one of names."""
    if is_archive(path):
        raise HomeroomError("it holds several files or sheets", culprit=path.name, fix="name one")
    prepared = prepare(path, work)
    stem = path.name.split(".")[0]
    dates = dates_in(path.name)
    plain = re.sub(r"[^a-z0-9]+", "_", re.sub(r"\d{2,}", " ", stem.lower())).strip("_")
    made = Draft(
        platform,
        plain_name(plain or "rows"),
        re.sub(r"[\d_.-]*\d{2,}[\d_.-]*", "*", stem) if dates else stem,
        {0: "whole", 1: "day"}.get(len(dates), "period"),
        prepared.lines,
    )
    with duckdb.connect(config={"threads": 2, "memory_limit": "1GB"}) as db:
        try:
            _profile(db, prepared, made)
            made.key = _key(db, made, prepared.header)
        except duckdb.Error as error:
            raise HomeroomError(
                "the file is damaged: it cannot be read as a plain table", culprit=path.name,
                fix="draft from a file that is whole",
            ) from error  # fmt: skip
    return made


def _profile(db: duckdb.DuckDBPyConnection, prepared: Prepared, made: Draft) -> None:
    places = [i for i, h in enumerate(prepared.header) if h.strip()]
    cells = ", ".join(f"trim(c{i}) AS c{i}" for i in places)
    db.execute(
        f"CREATE TEMP TABLE looked AS SELECT {cells} FROM {rows_of([prepared])} LIMIT {_ROWS}"
    )
    db.execute("CREATE TEMP TABLE head (col VARCHAR, h VARCHAR)")
    bulk.insert(db, "head", [(f"c{i}", prepared.header[i]) for i in places])
    counts = ", ".join(f"sum(n) FILTER (WHERE {test})" for test in _TESTS.values())
    blank = ", ".join(map(quote, _NOTHING))
    db.execute(
        """CREATE TEMP TABLE cell AS SELECT col, v, count(*) AS n
           FROM (UNPIVOT looked ON COLUMNS(*) INTO NAME col VALUE v) WHERE v <> '' GROUP BY ALL"""
    )
    told = {
        col: (filled, dict(zip(_TESTS, (n or 0 for n in found), strict=True)))
        for col, filled, *found in db.execute(
            f"""SELECT col, sum(n), {counts} FROM cell JOIN head USING (col)
                WHERE lower(v) NOT IN ({blank}) GROUP BY col"""
        ).fetchall()
    }
    nothing = dict(
        db.execute(
            f"""SELECT col, list_sort(list(DISTINCT lower(v))) FROM cell
                WHERE lower(v) IN ({blank}) GROUP BY col"""
        ).fetchall()
    )
    seen = db.execute("SELECT count(*) FROM looked").fetchall()[0][0]
    wide = _wide([prepared.header[i] for i in places])
    made.wide = wide
    taken: set[str] = set()
    for i in places:
        header = prepared.header[i]
        if wide and re.fullmatch(wide[0], header, re.IGNORECASE):
            continue
        filled, found = told.get(f"c{i}", (0, dict.fromkeys(_TESTS, 0)))
        if found["same"] or re.fullmatch(r"[\d\s./:,+-]+|.*@.*", header):
            raise HomeroomError(
                "the first row does not look like names of columns", culprit=f"column {i + 1}",
                fix="export with a header",
            )  # fmt: skip
        name = plain_name(re.sub(r"[^a-z0-9]+", "_", header.lower()).strip("_")[:40] or f"col_{i}")
        while name in taken:
            name += "_2"
        taken.add(name)
        kind, formats, why = _kind(header, int(filled), found)
        full = seen > 0 and filled == seen
        blanks = tuple(nothing.get(f"c{i}", ()))
        told_by = frozenset(words(header))
        made.columns.append(Guess(name, header, kind, why, formats, blanks, full, told_by))


def _kind(header: str, filled: int, found: dict[str, int]) -> tuple[str, tuple[str, ...], str]:
    """Type, date formats, and why in words."""
    if not filled:
        return "text", (), "no values in this file"
    share = {k: n / filled for k, n in found.items()}
    if found["zeros"] or (set(words(header)) & _ID_WORDS and share["number"] > _MOST):
        return "id", (), "numbers that name something"
    day = max(_FORMATS, key=lambda f: (found[f], -_FORMATS.index(f)))
    time = max(_TIMES, key=lambda f: (found[f], -_TIMES.index(f)))
    for kind, part, says, formats in (
        ("boolean", share["boolean"], "true or false", ()),
        ("time", share["iso"], "times", ()),
        ("time", share[time], f"times {_written(time)}", (time,)),
        ("date", share[day], f"dates {_written(day)}", (day,)),
        ("clock", share["clock"], "times of day", ()),
        ("number", share["number"], "numbers", ()),
    ):
        if part >= _MOST:
            why = f"{part:.0%} of the values are {says}"
            other = day.replace("%m/%d", "%x").replace("%d/%m", "%m/%d").replace("%x", "%d/%m")
            if kind == "date" and other != day and found.get(other, 0) == found[day]:
                return kind, (), f"{part:.0%} are dates; day and month look alike: add formats"
            return kind, formats, why
        if part >= 0.5:
            return "text", (), f"only {part:.0%} of the values are {says}"
    return "text", (), "addresses" if share["email"] > 0.5 else ""


def _written(text: str) -> str:
    for mark, word in (("%m", "MM"), ("%d", "DD"), ("%Y", "YYYY"), ("%y", "YY"), ("%b", "Mon"),
                       ("%B", "Month"), ("%H", "hh"), ("%I", "hh"), ("%M", "mm"), ("%S", "ss"),
                       ("%p", "AM/PM")):  # fmt: skip
        text = text.replace(mark, word)
    return text


def _wide(headers: list[str]) -> tuple[str, str, int] | None:
    """The pattern of headers that differ in numbers only, an example, and how many; three at
    least."""
    groups: dict[str, list[str]] = {}
    for header in headers:
        if _NUMBERED.search(header):
            groups.setdefault(_NUMBERED.sub("0", header.strip().lower()), []).append(header)
    largest = max(groups.values(), key=len, default=[])
    if len(largest) < 3:
        return None
    parts = [re.escape(p) for p in _NUMBERED.split(largest[0].strip())]
    return r"\d+".join(parts).replace(r"\ ", " ").replace(r"\-", "-"), largest[0], len(largest)


def _key(db: duckdb.DuckDBPyConnection, made: Draft, header: tuple[str, ...]) -> tuple[str, ...]:
    """The smallest set of full columns that no two different rows share, if there is one; rather
    one with an id in it, and with the day where there is one: a longer file has more of both."""
    order = {"id": 0, "date": 1, "time": 1, "text": 2}
    likely = sorted(
        (g for g in made.columns if g.full and g.kind in order), key=lambda g: order[g.kind]
    )[:8]
    place = {g.name: f"c{header.index(g.header)}" for g in likely}
    ids = {g.name for g in likely if g.kind == "id" or g.words & {"email", "mail"}}
    everything = db.execute("SELECT count(*) FROM (SELECT DISTINCT * FROM looked)").fetchall()[0][0]
    sets = [c for size in (1, 2, 3, 4) for c in combinations([g.name for g in likely], size)]
    for chosen in sorted(sets, key=lambda c: not ids & set(c)):
        cells = ", ".join(place[n] for n in chosen)
        found = db.execute(f"SELECT count(*) FROM (SELECT DISTINCT {cells} FROM looked)").fetchall()
        if found[0][0] == everything:
            days = [g.name for g in likely if g.words & {"date", "day"} and g.name not in chosen]
            return (*chosen, *days[:1]) if ids & set(chosen) else chosen
    return ()
