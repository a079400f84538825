"""Reads the SQL files: what each table is, what it reads, and in which order they can be built.

Belongs here: the header block, platform blocks, references and order. Not here: running SQL on
an engine, or what is allowed inside the SQL (portable.py).

A file may hold platform blocks, expanded once per configured platform, in the SQL as in the
header:

    /*+ each platform */ , t.@platform_minutes /*+ end */

`@platform` stands for the platform's name. Without platforms a block leaves nothing behind.
`$name` stands for a threshold (thresholds.py), in the SQL as a literal, in the header in words.
`@shown(...)` and `@of_enough(...)` stand for the rule of small numbers (suppression.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from transforms import drawn, suppression, thresholds
from transforms.drawn import Titled
from transforms.measures import by_column, measures_in, with_ceilings
from transforms.table import Column, Transform
from transforms.thresholds import DEFAULTS, NO_CEILINGS, Ceilings, Values
from warehouse.lake.tables import LAKE

#: Folders in the order of the pipeline. Tables of `identity` are made elsewhere, after `roster`.
GROUPS = ("roster", "activity", "engagement", "procrastination", "progress", "board", "summaries")

#: Tables that come from outside the transforms and may be read by them.
SOURCES = frozenset(
    {f"lake.{name}" for name in LAKE}
    | {"identity.account_link", "identity.class_link"}
    | {"notes.check_in", "notes.exclusion", "notes.card_action"}
)

_ROOT = Path(__file__).parent
_BLOCK = re.compile(r"/\*\+ each platform \*/(.*?)/\*\+ end \*/", re.DOTALL)
_TITLE = re.compile(r"(?P<table>[a-z]\w*\.[a-z]\w*): (?P<summary>.+)")
_IDENTIFIER = re.compile(r"[a-z][a-z0-9_]*")


class CatalogError(ValueError):
    """A transform that cannot be used: names the file, the culprit and the fix."""


def load(
    platforms: Sequence[str],
    values: Values = DEFAULTS,
    titles: Sequence[Titled] = (),
    ceilings: Ceilings = NO_CEILINGS,
) -> tuple[Transform, ...]:
    """Every transform in the order in which they can be built, the roster's first.

    `platforms`: the platforms that send activity, each a plain identifier; they give
    `views.weekly_summary` its columns. `values`: the district's thresholds. `titles`: how people
    call the platforms. `ceilings`: schools' own ceilings of screen time. Raises CatalogError for
    a header that does not match its SELECT, a reference nobody provides, or a cycle.
    """
    for platform in platforms:
        if not _IDENTIFIER.fullmatch(platform):
            raise CatalogError(f"platform {platform!r} is not a plain identifier; rename it")
    written = [_ceiled(read(path, platforms, values), ceilings) for path in _files()]
    if twice := _told_twice(written):
        raise CatalogError(f"two files tell of the measures {twice}; one place computes each")
    measured = [_measured(transform, written, platforms) for transform in written]
    return in_order(
        [
            *measured,
            drawn.dictionary(written),
            drawn.platforms(titles),
            drawn.school_ceiling(ceilings),
        ]
    )


def _ceiled(transform: Transform, ceilings: Ceilings) -> Transform:
    told = tuple(with_ceilings(measure, ceilings) for measure in transform.measures)
    return replace(transform, measures=told)


def _told_twice(written: Sequence[Transform]) -> list[str]:
    """Measures of one name in several files, where they are not columns of their own tables."""
    told = [
        (measure.measure, measure.measure in {column.name for column in transform.columns})
        for transform in written
        for measure in transform.measures
    ]
    names = [name for name, _ in told]
    return sorted({name for name, is_column in told if names.count(name) > 1 and not is_column})


def _measured(
    transform: Transform, written: Sequence[Transform], platforms: Sequence[str]
) -> Transform:
    """A view with the measure of each column: its own, else the one told where the name is told."""
    if not transform.table.startswith("views."):
        return transform
    names = [column.name for column in transform.columns]
    first = sorted(written, key=lambda t: t.table == transform.table)
    told = by_column((m for t in first for m in t.measures), names, platforms)
    columns = tuple(replace(c, measure=told.get(c.name)) for c in transform.columns)
    return replace(transform, columns=columns)


def read(path: Path, platforms: Sequence[str], values: Values = DEFAULTS) -> Transform:
    """One transform from its file; see `load` for the errors."""
    text = _expand(path.read_text(encoding="utf-8"), platforms)
    try:
        named = thresholds.named_in(text)
    except KeyError as error:
        raise CatalogError(
            f"{path}: ${error.args[0]} is no threshold; thresholds.py lists them"
        ) from None
    return _read(path, text, tuple((name, values[name]) for name in named))


@lru_cache(maxsize=512)
def _read(path: Path, text: str, named: tuple[tuple[str, float | None], ...]) -> Transform:
    # A service that builds more than once need not take the same text apart again.
    values = dict(named)
    header, told_measures = _parts([line for line in text.splitlines() if line.startswith("--")])
    table, summary, grain, columns = _header(
        path, [thresholds.in_words(line, values) for line in header]
    )
    sql = "\n".join(line for line in text.splitlines() if not line.startswith("--")).strip()
    sql = suppression.in_sql(thresholds.in_sql(sql, values))
    query = _parse(path, sql)
    made = query.named_selects
    told = [column.name for column in columns]
    if told != made:
        extra = sorted(set(told) - set(made))
        raise CatalogError(
            f"{path}: header and SELECT differ; undocumented: {sorted(set(made) - set(told))}, "
            f"documented only: {extra}; list the columns in the SELECT's order"
        )
    units = {column.name: column.unit for column in columns}
    try:
        measures = measures_in(told_measures, table, units, values)
    except ValueError as error:
        raise CatalogError(f"{path}: {error}") from error
    return Transform(
        table,
        path.parent.name,
        path,
        sql,
        summary,
        grain,
        columns,
        _references(query),
        measures,
    )


def in_order(transforms: Sequence[Transform]) -> tuple[Transform, ...]:
    """The transforms sorted so that each follows what it reads; by group, then by name."""
    known = {transform.table: transform for transform in transforms}
    if len(known) < len(transforms):
        tables = [transform.table for transform in transforms]
        twice = sorted({table for table in tables if tables.count(table) > 1})
        raise CatalogError(f"two files make {twice}; rename one")
    for transform in transforms:
        unknown = sorted(transform.references - known.keys() - SOURCES)
        if unknown:
            raise CatalogError(f"{transform.path}: reads {unknown}, which nothing provides")
        outside = sorted(
            name
            for name in transform.references
            if name.startswith("identity.") or (name in known and known[name].group != "roster")
        )
        if transform.group == "roster" and outside:
            raise CatalogError(
                f"{transform.path}: a roster table is made before {outside}; move it out of roster"
            )
    return tuple(_walk(known))


def _walk(known: Mapping[str, Transform]) -> Iterator[Transform]:
    """Ready transforms, the earliest group first."""
    graph = {name: known[name].references & known.keys() for name in known}
    sorter = TopologicalSorter(graph)
    try:
        sorter.prepare()
    except CycleError as error:
        raise CatalogError(f"transforms read each other in a circle: {error.args[1]}") from error
    ready: list[str] = []
    while sorter.is_active():
        ready.extend(sorter.get_ready())
        ready.sort(key=lambda name: (GROUPS.index(known[name].group), name), reverse=True)
        name = ready.pop()
        sorter.done(name)
        yield known[name]


def _files() -> list[Path]:
    return sorted(path for group in GROUPS for path in (_ROOT / group).glob("*.sql"))


def _expand(text: str, platforms: Sequence[str]) -> str:
    def each(match: re.Match[str]) -> str:
        return "".join(match[1].replace("@platform", platform) for platform in platforms)

    return _BLOCK.sub(each, text)


def _parts(lines: list[str]) -> tuple[list[str], list[str]]:
    """The header's lines before and after `Measures:`."""
    at = next((i for i, line in enumerate(lines) if line[2:].split() == ["Measures:"]), len(lines))
    return lines[:at], lines[at + 1 :]


def _header(path: Path, lines: Sequence[str]) -> tuple[str, str, str, tuple[Column, ...]]:
    """Table, summary, grain and columns; a deeper indented line continues the column above."""
    title, grain, columns, in_columns = "", "", list[Column](), False
    for line in lines:
        text = line[2:]
        words = text.split()
        if words[:1] == ["Grain:"]:
            grain = " ".join(words[1:])
        elif words[:1] == ["Columns:"]:
            in_columns = True
        elif not words:
            continue
        elif not grain:
            title = " ".join([title, *words]).strip()
        elif not in_columns:
            grain = " ".join([grain, *words])
        elif text.startswith(" " * 8):
            last = columns.pop()
            columns.append(Column(last.name, last.unit, " ".join([last.meaning, *words])))
        elif len(words) < 3:
            raise CatalogError(f"{path}: column line {text.strip()!r} lacks its unit or meaning")
        else:
            columns.append(Column(words[0], words[1], " ".join(words[2:])))
    match = _TITLE.fullmatch(title)
    if not match or not grain or not columns:
        raise CatalogError(
            f"{path}: the header needs '-- schema.table: summary', '-- Grain:' and '-- Columns:'"
        )
    return match["table"], match["summary"], grain, tuple(columns)


def _parse(path: Path, sql: str) -> exp.Query:
    try:
        query = sqlglot.parse_one(sql, read="duckdb")
    except SqlglotError as error:
        raise CatalogError(f"{path}: not readable as DuckDB SQL: {error}") from error
    if not isinstance(query, exp.Query) or query.is_star:
        raise CatalogError(f"{path}: write one SELECT that names its columns")
    return query


def _references(query: exp.Query) -> frozenset[str]:
    """Tables read, as schema.table; names without a schema are the query's own WITH parts."""
    return frozenset(f"{table.db}.{table.name}" for table in query.find_all(exp.Table) if table.db)
