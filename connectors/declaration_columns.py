"""The columns of a declared feed, and the checks that all keys of a declaration share.

Not here: feeds and platforms (declaration.py), what becomes of a column's values
(declaration_rules.py).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from connectors.contract import Column, Kind, Wide, norm
from connectors.declaration_rules import Place, checked_format

_TYPES: dict[type, str] = {
    str: "text in quotes", dict: "a table", list: "a list of texts", bool: "true or false",
    float: "a number",
}  # fmt: skip
_COLUMN = {
    "headers": list, "type": str, "required": bool, "filled": bool, "nothing": list,
    "formats": list, "low": float, "high": float, "choices": list, "utc": bool,
}  # fmt: skip
_WIDE = {
    "pattern": str, "example": str, "type": str, "nothing": list, "low": float, "high": float,
}  # fmt: skip
_KINDS = {k.value: k for k in Kind}
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


def columns_of(place: Place, raw: Any) -> dict[str, Column]:
    """The columns of a feed by name. Raises ConfigError."""
    columns = {n: _column(place.at(n), n, c) for n, c in raw.items()}
    if not columns:
        raise place.wrong("is missing", "name the columns that are read")
    _distinct(place, columns)
    return columns


def _column(place: Place, name: str, raw: Any) -> Column:
    named(place, name)
    keys(place, raw, _COLUMN)
    kind = _kind(place.at("type"), raw.get("type", "text"))
    headers = texts(raw, "headers")
    if not any(norm(h) for h in headers):
        raise place.at("headers").wrong("is missing", 'write headers = ["Name in the file"]')
    formats = tuple(checked_format(place.at("formats"), f) for f in texts(raw, "formats"))
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
        nothing=tuple(n.lower() for n in texts(raw, "nothing")),
        formats=formats,
        low=raw.get("low"),
        high=raw.get("high"),
        choices=texts(raw, "choices"),
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


def wide_of(place: Place, raw: Any) -> tuple[Wide, dict[str, int]]:
    """The wide columns of a feed, and the numbers of their pattern's named groups."""
    keys(place, raw, _WIDE)
    needs(place, raw, "pattern", "example")
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
        tuple(n.lower() for n in texts(raw, "nothing")),
        raw.get("low"),
        raw.get("high"),
    )
    return wide, dict(pattern.groupindex)


def _kind(place: Place, raw: Any) -> Kind:
    place.one_of(raw, _KINDS, "type")
    return _KINDS[raw]


def named(place: Place, name: Any) -> str:
    """A name that SQL and the reading leave free. Raises ConfigError."""
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


def texts(raw: Mapping[str, Any], key: str) -> tuple[str, ...]:
    """A list of texts that may be left out."""
    return tuple(raw.get(key, ()))


def needs(place: Place, raw: Mapping[str, Any], *wanted: str) -> None:
    """Raise ConfigError where a key is missing or empty."""
    for key in wanted:
        if not raw.get(key):
            raise place.at(key).wrong("is missing", f"add {key}")


def keys(place: Place, raw: Any, known: Mapping[str, type]) -> None:
    """Raise ConfigError where a table has a key that is not known, or a value of another type."""
    if not isinstance(raw, dict):
        raise place.wrong("should be a table", f"write [{place.key}]")
    for key, value in raw.items():
        place.at(key).one_of(key, known, "known key")
        wanted = known[key]
        good = (
            isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e18
            if wanted is float
            else isinstance(value, wanted)
        )
        if wanted is list and good:
            good = all(isinstance(v, str) for v in value)
        if not good:
            raise place.at(key).wrong(f"should be {_TYPES[wanted]}", "mend its value")
