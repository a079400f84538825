"""A platform whose columns have further names: what a district or an accepted rename adds.

Belongs here: the shape of such names, how they are checked and joined, how a declaration takes
them. Not here: where they are written down (warehouse/settings/__init__.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from difflib import get_close_matches

from connectors.contract import Feed, Platform, norm
from connectors.errors import ConfigError

#: Feed -> column of the declaration -> further headers that stand for it.
Aliases = Mapping[str, Mapping[str, tuple[str, ...]]]


def with_aliases(platform: Platform, aliases: Aliases) -> Platform:
    """The platform with further headers, behind the declared ones.

    Columns that read the same header all take its new name. ConfigError names a feed or a column
    that the platform lacks, and a header that another column of the feed reads already.
    """
    if not aliases:
        return platform
    _known(platform.name, "feed", aliases, [f.name for f in platform.feeds])
    return replace(platform, feeds=tuple(_feed(f, aliases.get(f.name, {})) for f in platform.feeds))


def joined(several: Iterable[Aliases]) -> dict[str, dict[str, tuple[str, ...]]]:
    """All the headers of several sources of one platform, in their order, each once."""
    all_of: dict[str, dict[str, tuple[str, ...]]] = {}
    for aliases in several:
        for feed, columns in aliases.items():
            for column, headers in columns.items():
                before = all_of.setdefault(feed, {}).get(column, ())
                all_of[feed][column] = tuple(dict.fromkeys((*before, *headers)))
    return all_of


def _feed(feed: Feed, aliases: Mapping[str, tuple[str, ...]]) -> Feed:
    _known(feed.name, "column", aliases, [c.name for c in feed.columns])
    # Columns with the same headers read the same cells, so they stay together.
    group = {c.name: c.headers or (c.name,) for c in feed.columns}
    owner = {norm(h): c.headers for c in feed.columns for h in c.headers}
    added: dict[tuple[str, ...], tuple[str, ...]] = {}
    for name, headers in aliases.items():
        own = group[name]
        for header in headers:
            if owner.setdefault(norm(header), own) != own:
                raise ConfigError(
                    f'"{header}" stands for another column already',
                    culprit=f"{feed.name}.{name}",
                    fix="name each header for one column",
                )
            if norm(header) not in map(norm, (*feed.column(name).headers, *added.get(own, ()))):
                added[own] = (*added.get(own, ()), header)
    return replace(
        feed,
        columns=tuple(
            replace(c, headers=(*c.headers, *added.get(group[c.name], ()))) for c in feed.columns
        ),
    )


def _known(where: str, what: str, given: Iterable[str], known: list[str]) -> None:
    for name in given:
        if name not in known:
            near = get_close_matches(name, known, 1)
            meant = f" (did you mean {near[0]}?)" if near else ""
            raise ConfigError(
                f"there is no {what} of this name",
                culprit=f"{where}.{name}",
                fix=f"use one of {', '.join(known)}{meant}",
            )
