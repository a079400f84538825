"""Reads the SQL files: what each table is, what it reads, and in which order they can be built.

Belongs here: the header block, platform blocks, references and order. Not here: running SQL on
an engine, or what is allowed inside the SQL (portable.py).

A file may hold platform blocks, expanded once per configured platform, in the SQL as in the
header:

    /*+ each platform */ , t.@platform_minutes /*+ end */

`@platform` stands for the platform's name. Without platforms a block leaves nothing behind.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from warehouse.tables import LAKE

#: Folders in the order of the pipeline. Tables of `identity` are made elsewhere, after `roster`.
GROUPS = ("roster", "activity", "engagement", "procrastination", "summaries")

#: Tables that come from outside the transforms and may be read by them.
SOURCES = frozenset(
    {f"lake.{name}" for name in LAKE} | {"identity.account_link", "identity.class_link"}
)

_ROOT = Path(__file__).parent
_BLOCK = re.compile(r"/\*\+ each platform \*/(.*?)/\*\+ end \*/", re.DOTALL)
_TITLE = re.compile(r"(?P<table>[a-z]\w*\.[a-z]\w*): (?P<summary>.+)")
_IDENTIFIER = re.compile(r"[a-z][a-z0-9_]*")


class CatalogError(ValueError):
    """A transform that cannot be used: names the file, the culprit and the fix."""


@dataclass(frozen=True)
class Column:
    """One column of a transform's table: name, unit and meaning, as its header tells."""

    name: str
    unit: str
    meaning: str


@dataclass(frozen=True)
class Transform:
    """One table and the SELECT that makes it, platform blocks expanded."""

    table: str
    group: str
    path: Path
    sql: str
    summary: str
    grain: str
    columns: tuple[Column, ...]
    references: frozenset[str]

    @property
    def published(self) -> bool:
        """Whether readers see it; tables of schema `work` are dropped before publishing."""
        return not self.table.startswith("work.")


def load(platforms: Sequence[str]) -> tuple[Transform, ...]:
    """Every transform in the order in which they can be built, the roster's first.

    `platforms`: the platforms that send activity, each a plain identifier; they give
    `views.weekly_summary` its columns. Raises CatalogError for a header that does not match its
    SELECT, a reference nobody provides, or a cycle.
    """
    for platform in platforms:
        if not _IDENTIFIER.fullmatch(platform):
            raise CatalogError(f"platform {platform!r} is not a plain identifier; rename it")
    return in_order([read(path, platforms) for path in _files()])


def read(path: Path, platforms: Sequence[str]) -> Transform:
    """One transform from its file; see `load` for the errors."""
    return _read(path, _expand(path.read_text(encoding="utf-8"), platforms))


@lru_cache(maxsize=512)
def _read(path: Path, text: str) -> Transform:
    # A service that builds more than once need not take the same text apart again.
    header = [line for line in text.splitlines() if line.startswith("--")]
    table, summary, grain, columns = _header(path, header)
    sql = "\n".join(line for line in text.splitlines() if not line.startswith("--")).strip()
    query = _parse(path, sql)
    made = query.named_selects
    told = [column.name for column in columns]
    if told != made:
        extra = sorted(set(told) - set(made))
        raise CatalogError(
            f"{path}: header and SELECT differ; undocumented: {sorted(set(made) - set(told))}, "
            f"documented only: {extra}; list the columns in the SELECT's order"
        )
    group = path.parent.name
    return Transform(table, group, path, sql, summary, grain, columns, _references(query))


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
