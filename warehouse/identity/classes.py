"""Which class of the roster a platform's class is.

Only where one fits: by the district's own map, an id, or a title. A doubt waits.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import duckdb

from warehouse import bulk
from warehouse.intake.naming import words


@dataclass(frozen=True)
class ClassLinks:
    """Classes found: (platform, class_key, class_id, evidence), and keys that fit none or many."""

    found: tuple[tuple[str, str, str, str], ...]
    waiting: tuple[tuple[str, str], ...]


def link_classes(
    keys: Iterable[tuple[str, str, date | None]],
    told: Mapping[tuple[str, str], Sequence[str]],
    classes: Iterable[tuple[str, str | None, str | None]],
    mapped: Mapping[tuple[str, str], str],
) -> ClassLinks:
    """Match platform classes to roster classes (class_id, title, class_code). Pure.

    `keys`: platform, class key, day of its newest export; `told`: what the platform says of a
    class, such as its SIS id and title. In order: the district's own map, the class id itself,
    then title or code as letters and digits only, first the whole of what is told, of the file's
    name or folder, then a title contained in it. Only a single fit counts; where two keys of a
    platform fit one class, the newer export has it, and of two of one day none.
    """
    ids: set[str] = set()
    titles: dict[str, set[str]] = defaultdict(set)
    for class_id, title, code in classes:
        ids.add(class_id)
        for text in (title, code):
            if text and squash(text):
                titles[squash(text)].add(class_id)
    claims: dict[tuple[str, str], list[tuple[date, str, str]]] = defaultdict(list)
    waiting = []
    for platform, key, newest in keys:
        own = {k: v for (p, k), v in mapped.items() if p == platform}
        fit = _class(key, told.get((platform, key), ()), ids, titles, own)
        if fit is None:
            waiting.append((platform, key))
        else:
            claims[platform, fit[0]].append((newest or date.min, key, fit[1]))
    found = []
    for (platform, class_id), claimants in claims.items():
        latest = max(day for day, _, _ in claimants)
        newest_keys = [(key, how) for day, key, how in claimants if day == latest]
        if len(newest_keys) == 1:
            found.append((platform, newest_keys[0][0], class_id, newest_keys[0][1]))
        waiting += [
            (platform, key)
            for _, key, _ in claimants
            if len(newest_keys) > 1 or key != newest_keys[0][0]
        ]
    return ClassLinks(tuple(found), tuple(waiting))


def squash(text: str) -> str:
    """Letters and digits only, lower case: how titles and file names are compared."""
    return words(text).replace(" ", "")


def _class(
    key: str,
    told: Sequence[str],
    ids: set[str],
    titles: Mapping[str, set[str]],
    mapped: Mapping[str, str],
) -> tuple[str, str] | None:
    plain = [re.sub(r"~\d+$", "", part) for part in key.split("/")]
    texts = [t for t in (*map(words, told), *reversed([words(part) for part in plain])) if t]
    known = {squash(t) for t in (*texts, *key.split("/"))}
    for text, class_id in mapped.items():
        if squash(text) in known and class_id in ids:
            return class_id, "district's map"
    for given in (key, *told):
        if given in ids:
            return given, "class id"
    for text in texts:
        if one := titles.get(squash(text)):
            return (next(iter(one)), "title") if len(one) == 1 else None
    for text in texts:
        held = {t for t in map(squash, _spans(text)) if t in titles and len(t) > 3}
        longest = max(held, key=len, default=None)
        if longest is None:
            continue
        # Another title beside the longest one, and not a part of it, makes it a guess.
        if any(t not in longest for t in held) or len(titles[longest]) > 1:
            return None
        return next(iter(titles[longest])), "title within the name"
    return None


def _spans(text: str) -> set[str]:
    """Every run of whole words of a text."""
    parts = text.split()
    return {" ".join(parts[i:j]) for i in range(len(parts)) for j in range(i + 1, len(parts) + 1)}


def link(db: duckdb.DuckDBPyConnection, mapped: Mapping[tuple[str, str], str]) -> None:
    """Make identity.class_link of the classes that `db` knows in lake and roster.

    `mapped`: the district's own (platform, words) to class_id.
    """
    keys = db.execute(
        """SELECT platform, class_key, max(exported_on) FROM (
             SELECT platform, class_key, exported_on FROM lake.assignment WHERE is_current
             UNION ALL SELECT platform, class_key, exported_on FROM lake.daily_activity
               WHERE is_current
             UNION ALL SELECT platform, class_key, exported_on FROM lake.account WHERE is_current
             UNION ALL SELECT platform, class_key, exported_on FROM lake.coverage WHERE is_current
             UNION ALL SELECT platform, class_key, exported_on FROM lake.event WHERE is_current
             UNION ALL SELECT platform, class_key, exported_on FROM lake.platform_class
               WHERE is_current)
           WHERE class_key IS NOT NULL GROUP BY ALL ORDER BY ALL"""
    ).fetchall()
    told: dict[tuple[str, str], list[str]] = defaultdict(list)
    # Each feed may know a part, such as the section its SIS id and the course its title.
    for platform, key, _, *texts in db.execute(
        """SELECT platform, class_key, feed, max_by(sis_id, exported_on),
                  max_by(class_code, exported_on), max_by(title, exported_on)
           FROM lake.platform_class WHERE is_current
           GROUP BY platform, class_key, feed ORDER BY platform, class_key, feed"""
    ).fetchall():
        told[platform, key] += [text for text in texts if text]
    classes = db.execute("SELECT class_id, title, class_code FROM roster.class_section").fetchall()
    links = link_classes(keys, told, classes, mapped)
    db.execute(
        "CREATE OR REPLACE TABLE scratch.identity.class_link "
        "(platform VARCHAR, class_key VARCHAR, class_id VARCHAR, evidence VARCHAR)"
    )
    bulk.insert(db, "scratch.identity.class_link", list(links.found))
