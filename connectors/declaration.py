"""A platform told by a TOML file alone: read, checked, and made the same `Platform` as a module's.

Belongs here: the keys of the file and what is wrong with them; each error names the file, the feed,
the key and what mends it. Not here: how a lake table is filled (declaration_sql.py), the district's
settings (warehouse/settings/__init__.py). The file's name is the platform's name.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from connectors.contract import Feed, Kind, Output, Platform, Scope
from connectors.declaration_columns import columns_of, keys, named, needs, texts, wide_of
from connectors.declaration_rules import Place, Source
from connectors.declaration_sql import select
from connectors.errors import ConfigError
from warehouse.lake.tables import LAKE

#: The declarations that come with Homeroom.
SHIPPED = Path(__file__).parent / "declared"
_PLATFORM = {
    "name": str, "title": str, "about": str, "carries": str, "tested_on": str,
    "sends_activity": bool, "whole_archives": bool, "ignores": list, "subject": str,
    "test_scale": str, "feed": dict,
}  # fmt: skip
_FEED = {
    "title": str, "layouts": str, "files": list, "folders": list, "scope": str,
    "scope_column": str, "key": list, "dated_by": str, "stub_rows": bool, "guards_size": bool,
    "columns": dict, "wide": dict, "into": dict,
}  # fmt: skip
_SCOPES = {s.value: s for s in Scope}


def load_folder(folder: Path) -> tuple[dict[str, Platform], dict[str, ConfigError]]:
    """The declared platforms of a folder by name, and what is wrong with the others.

    A draft that cannot be followed stops nobody who does not use it.
    """
    good: dict[str, Platform] = {}
    bad: dict[str, ConfigError] = {}
    for path in sorted(folder.glob("*.toml")):
        try:
            good[path.stem] = load(path)
        except ConfigError as error:
            bad[path.stem] = error
    return good, bad


def load(path: Path) -> Platform:
    """Read one declaration. Raises ConfigError."""
    place = Place(str(path))
    try:
        raw = tomllib.loads(path.read_text("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise place.wrong(f"not TOML: {error}", "mend that line") from error
    except OSError as error:
        raise place.wrong("cannot be read", "check that it is there, and its rights") from error
    return parse(place, path.stem, raw)


def parse(place: Place, stem: str, raw: Any) -> Platform:
    """The platform that a file called `stem` tells. Raises ConfigError; nothing else, whatever
    stands in it."""
    keys(place, raw, _PLATFORM)
    needs(place, raw, "name", "title", "feed")
    name = named(place.at("name"), raw["name"])
    if name != stem:
        raise place.at("name").wrong(
            f'the file is called {stem}, the platform "{name}"', f'write name = "{stem}"'
        )
    feeds = tuple(_feed(place.at("feed").at(n), n, feed) for n, feed in raw["feed"].items())
    if not feeds:
        raise place.at("feed").wrong("is missing", "add [feed.<name>] for each kind of file")
    return Platform(
        name,
        raw["title"],
        feeds,
        sends_activity=raw.get("sends_activity", False),
        whole_archives=raw.get("whole_archives", False),
        ignores=texts(raw, "ignores"),
        subject=raw.get("subject", ""),
        test_scale=raw.get("test_scale", ""),
        carries=raw.get("carries", ""),
        tested_on=raw.get("tested_on", ""),
        about=raw.get("about", ""),
    )


def _feed(place: Place, name: str, raw: Any) -> Feed:
    keys(place, raw, _FEED)
    needs(place, raw, "columns", "scope", "into")
    columns = columns_of(place.at("columns"), raw["columns"])
    wide, groups = wide_of(place.at("wide"), raw["wide"]) if "wide" in raw else (None, {})
    place.at("scope").one_of(raw["scope"], _SCOPES, "scope")
    for word in ("key", "scope_column", "dated_by"):
        for told in texts(raw, word) if word == "key" else filter(None, [raw.get(word)]):
            place.at(word).one_of(told, columns, "column of the feed")
    scope = _SCOPES[raw["scope"]]
    if scope is Scope.VALUE and not raw.get("scope_column"):
        raise place.at("scope_column").wrong("is missing", 'scope "value" needs the column\'s name')
    source = Source(columns, wide, groups)
    key = texts(raw, "key")
    feed = Feed(
        named(place, name),
        raw.get("title", name.replace("_", " ")),
        tuple(columns.values()),
        tuple(_outputs(place.at("into"), source, raw["into"], key)),
        scope,
        key=key,
        scope_column=raw.get("scope_column", ""),
        stems=tuple(_stem(place.at("files"), f) for f in texts(raw, "files")),
        folders=texts(raw, "folders"),
        wide=wide,
        dated_by=raw.get("dated_by", ""),
        stub_rows=raw.get("stub_rows", False),
        guards_size=raw.get("guards_size", False),
        layouts=raw.get("layouts", ""),
    )
    _check_uses(place, feed)
    return feed


def _check_uses(place: Place, feed: Feed) -> None:
    """What the feed's parts ask of each other."""
    kinds = {c.name: c.kind for c in feed.columns}
    if feed.dated_by and kinds[feed.dated_by] not in (Kind.DATE, Kind.TIME):
        raise place.at("dated_by").wrong("is no date or time", "name a column of that type")
    if feed.scope_column and kinds[feed.scope_column] not in (Kind.TEXT, Kind.ID):
        raise place.at("scope_column").wrong("is no text", "name a column of type text or id")
    used = " ".join(o.select for o in feed.outputs)
    if "r._class_key" in used and feed.scope is not Scope.CLASS:
        raise place.at("scope").wrong("only files of one class tell a class", 'write "class"')
    if "r._covers_" in used and feed.scope not in (Scope.PERIOD, Scope.SPAN):
        raise place.at("scope").wrong(
            "only files with a period in the name tell covers_from and covers_to",
            'write "period" or "span"',
        )


def _outputs(place: Place, source: Source, raw: Any, key: tuple[str, ...]) -> list[Output]:
    if not raw:
        raise place.wrong("is missing", "say which lake tables the rows become: [...into.account]")
    for table, told in raw.items():
        place.one_of(table, LAKE, "table of the lake")
        if not isinstance(told, dict):
            raise place.at(table).wrong("should be a table", "write column = value below it")
    _check_account(place, raw)
    active = [t for t in raw if t in ("daily_activity", "usage_week", "usage_snapshot", "event")]
    if active and "coverage" not in raw:
        raise place.at("coverage").wrong(
            f"is missing, so nobody can tell a quiet day in {active[0]} from one nobody looked at",
            'add covers_from, covers_to, of = {constant = "activity"}, absence_is_zero',
        )
    return [
        Output(table, select(place.at(table), source, LAKE[table], told, key))
        for table, told in raw.items()
    ]


def _check_account(place: Place, raw: Mapping[str, Mapping[str, Any]]) -> None:
    """Whoever speaks of accounts says who they are, and everywhere by the same key."""
    speaks = [t for t, told in raw.items() if "account_key" in told and t != "account"]
    account = raw.get("account")
    if account is None:
        if speaks:
            raise place.at("account").wrong(
                f"is missing, and {speaks[0]} speaks of accounts",
                "add it with account_key, account_kind, and sis_id, email or username",
            )
        return
    for word in ("account_key", "account_kind"):
        if word not in account:
            raise (
                place.at("account")
                .at(word)
                .wrong(
                    "is missing", 'write account_key = "column", account_kind = {constant = "..."}'
                )
            )
    by_name = account["account_kind"] == {"constant": "name_in_class"}
    if not (account.keys() & {"sis_id", "email", "username"} or by_name):
        raise place.at("account").wrong(
            "nothing in it can lead to a student",
            'add sis_id, email or username; or account_kind = {constant = "name_in_class"} with '
            "full_name and class_key",
        )
    if by_name and not {"full_name", "class_key"} <= account.keys():
        raise place.at("account").wrong(
            "an account known by name needs the name and the class", "add full_name and class_key"
        )
    for table in speaks:
        if raw[table]["account_key"] != account["account_key"]:
            raise (
                place.at(table)
                .at("account_key")
                .wrong("is not the account_key of into.account", "write the same in both")
            )


def _stem(place: Place, text: str) -> str:
    """A file's name as a pattern, without its ending."""
    if "/" in text:
        raise place.wrong("is a path", "write the file's name only, and its folder under folders")
    return text.split(".")[0]
