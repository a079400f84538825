"""A platform told by a TOML file alone: read, checked, and made the same `Platform` as a module's.

Belongs here: the keys of the file and what is wrong with them; each error names the file, the feed,
the key and what mends it. Not here: how a lake table is filled (declaration_sql.py), the district's
settings (warehouse/settings.py). The file's name is the platform's name.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from connectors.contract import Column, Feed, Kind, Output, Platform, Scope, Wide, norm
from connectors.declaration_sql import Place, Source, checked_format, select
from connectors.errors import ConfigError
from warehouse.tables import LAKE

#: The declarations that come with Homeroom.
SHIPPED = Path(__file__).parent / "declared"
_TYPES: dict[type, str] = {
    str: "text in quotes", dict: "a table", list: "a list of texts", bool: "true or false",
    float: "a number",
}  # fmt: skip
_PLATFORM = {
    "name": str, "title": str, "about": str, "carries": str, "tested_on": str,
    "sends_activity": bool, "whole_archives": bool, "ignores": list, "feed": dict,
}  # fmt: skip
_FEED = {
    "title": str, "layouts": str, "files": list, "folders": list, "scope": str,
    "scope_column": str, "key": list, "dated_by": str, "stub_rows": bool, "guards_size": bool,
    "columns": dict, "wide": dict, "into": dict,
}  # fmt: skip
_COLUMN = {
    "headers": list, "type": str, "required": bool, "filled": bool, "nothing": list,
    "formats": list, "low": float, "high": float, "choices": list, "utc": bool,
}  # fmt: skip
_WIDE = {
    "pattern": str, "example": str, "type": str, "nothing": list, "low": float, "high": float,
}  # fmt: skip
_KINDS = {k.value: k for k in Kind}
_SCOPES = {s.value: s for s in Scope}
_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
#: Names that the reading uses itself, or that SQL keeps for itself.
_TAKEN = re.compile(r"t_.*|[wc]\d+")
_RESERVED = frozenset(
    """all analyse analyze and anti any array as asc asof asymmetric at authorization binary both by
    case cast check collate collation column columns concurrently constraint create cross default
    deferrable desc describe distinct do else end except false fetch for foreign freeze from full
    generated glob group having ilike in initially inner intersect into is isnull join lambda
    lateral leading left like limit map natural not notnull null offset on only or order outer
    overlaps pivot pivot_longer pivot_wider placing positional primary qualify references returning
    right rows select semi show similar some struct summarize symmetric table tablesample then to
    trailing true try_cast tuple typed union unique unpack unpivot using variadic verbose when where
    window with""".split()
)


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
    _keys(place, raw, _PLATFORM)
    _needs(place, raw, "name", "title", "feed")
    name = _named(place.at("name"), raw["name"])
    if name != path.stem:
        raise place.at("name").wrong(
            f'the file is called {path.stem}, the platform "{name}"', f'write name = "{path.stem}"'
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
        ignores=_texts(raw, "ignores"),
        carries=raw.get("carries", ""),
        tested_on=raw.get("tested_on", ""),
        about=raw.get("about", ""),
    )


def _feed(place: Place, name: str, raw: Any) -> Feed:
    _keys(place, raw, _FEED)
    _needs(place, raw, "columns", "scope", "into")
    columns = {n: _column(place.at("columns").at(n), n, c) for n, c in raw["columns"].items()}
    if not columns:
        raise place.at("columns").wrong("is missing", "name the columns that are read")
    _distinct(place.at("columns"), columns)
    wide, groups = _wide(place.at("wide"), raw["wide"]) if "wide" in raw else (None, {})
    place.at("scope").one_of(raw["scope"], _SCOPES, "scope")
    for word in ("key", "scope_column", "dated_by"):
        for told in _texts(raw, word) if word == "key" else filter(None, [raw.get(word)]):
            place.at(word).one_of(told, columns, "column of the feed")
    scope = _SCOPES[raw["scope"]]
    if scope is Scope.VALUE and not raw.get("scope_column"):
        raise place.at("scope_column").wrong("is missing", 'scope "value" needs the column\'s name')
    source = Source(columns, wide, groups)
    key = _texts(raw, "key")
    feed = Feed(
        _named(place, name),
        raw.get("title", name.replace("_", " ")),
        tuple(columns.values()),
        tuple(_outputs(place.at("into"), source, raw["into"], key)),
        scope,
        key=key,
        scope_column=raw.get("scope_column", ""),
        stems=tuple(_stem(place.at("files"), f) for f in _texts(raw, "files")),
        folders=_texts(raw, "folders"),
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


def _column(place: Place, name: str, raw: Any) -> Column:
    _named(place, name)
    _keys(place, raw, _COLUMN)
    kind = _kind(place.at("type"), raw.get("type", "text"))
    headers = _texts(raw, "headers")
    if not any(norm(h) for h in headers):
        raise place.at("headers").wrong("is missing", 'write headers = ["Name in the file"]')
    formats = tuple(checked_format(place.at("formats"), f) for f in _texts(raw, "formats"))
    if formats and kind not in (Kind.DATE, Kind.TIME):
        raise place.at("formats").wrong("only dates and times have formats", "remove it")
    if ("low" in raw or "high" in raw) and kind not in (Kind.INTEGER, Kind.NUMBER):
        raise place.at("low").wrong("only numbers have bounds", "remove low and high")
    if raw.get("utc") and kind is not Kind.TIME:
        raise place.at("utc").wrong("only a time can be UTC", "remove it")
    return Column(
        name,
        kind,
        headers,
        required=raw.get("required", True),
        filled=raw.get("filled", False),
        nothing=tuple(n.lower() for n in _texts(raw, "nothing")),
        formats=formats,
        low=raw.get("low"),
        high=raw.get("high"),
        choices=_texts(raw, "choices"),
        utc=raw.get("utc", False),
    )


def _distinct(place: Place, columns: Mapping[str, Column]) -> None:
    """One header may feed two columns only where both say so, of different types."""
    seen: dict[tuple[str, Kind], str] = {}
    for column in columns.values():
        for header in column.headers:
            other = seen.setdefault((norm(header), column.kind), column.name)
            if other != column.name:
                raise place.at(column.name).wrong(
                    f'has the header "{header}" of {other}', "use one column for both"
                )


def _wide(place: Place, raw: Any) -> tuple[Wide, dict[str, int]]:
    _keys(place, raw, _WIDE)
    _needs(place, raw, "pattern", "example")
    try:
        pattern = re.compile(raw["pattern"], re.IGNORECASE)
    except re.error as error:
        raise place.at("pattern").wrong(f"is no pattern: {error}", "mend it") from error
    if re.search(r"\(\?(?!P<|:)|\\[1-9]", raw["pattern"]):
        raise place.at("pattern").wrong(
            "uses what not every engine knows", "use no look-around and no back-reference"
        )
    if not pattern.fullmatch(raw["example"].strip()):
        raise place.at("example").wrong("does not fit the pattern", "mend one of the two")
    kind = _kind(place.at("type"), raw.get("type", "number"))
    if kind in (Kind.DATE, Kind.TIME, Kind.CLOCK):
        raise place.at("type").wrong("cells of wide columns have no date", "use another type")
    wide = Wide(
        raw["pattern"],
        raw["example"],
        kind,
        tuple(n.lower() for n in _texts(raw, "nothing")),
        raw.get("low"),
        raw.get("high"),
    )
    return wide, dict(pattern.groupindex)


def _kind(place: Place, raw: Any) -> Kind:
    place.one_of(raw, _KINDS, "type")
    return _KINDS[raw]


def _stem(place: Place, text: str) -> str:
    """A file's name as a pattern, without its ending."""
    if "/" in text:
        raise place.wrong("is a path", "write the file's name only, and its folder under folders")
    return text.split(".")[0]


def _named(place: Place, name: Any) -> str:
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise place.wrong("is no plain name", "use small letters, digits and _")
    if name in _RESERVED or _TAKEN.fullmatch(name):
        raise place.wrong(f"{name} is taken", f"write {name}_told or the like")
    return name


def plain_name(text: str) -> str:
    """A name that a declaration may use, near to the text given."""
    name = re.sub(r"[^a-z0-9_]", "_", text.lower())[:50]
    if not name[:1].isalpha():
        name = f"n_{name}"
    return f"{name}_told" if name in _RESERVED or _TAKEN.fullmatch(name) else name


def _texts(raw: Mapping[str, Any], key: str) -> tuple[str, ...]:
    return tuple(raw.get(key, ()))


def _needs(place: Place, raw: Mapping[str, Any], *keys: str) -> None:
    for key in keys:
        if not raw.get(key):
            raise place.at(key).wrong("is missing", f"add {key}")


def _keys(place: Place, raw: Any, known: Mapping[str, type]) -> None:
    if not isinstance(raw, dict):
        raise place.wrong("should be a table", f"write [{place.key}]")
    for key, value in raw.items():
        place.at(key).one_of(key, known, "known key")
        wanted = known[key]
        good = (
            isinstance(value, int | float) and not isinstance(value, bool)
            if wanted is float
            else isinstance(value, wanted)
        )
        if wanted is list and good:
            good = all(isinstance(v, str) for v in value)
        if not good:
            raise place.at(key).wrong(f"should be {_TYPES[wanted]}", "mend its value")
