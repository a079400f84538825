"""The closed set of functions that a declaration may use for a value, as typed SQL.

Every name comes from the contract and every text is quoted, so that a declaration can neither read
files nor hold SQL of its own. Not here: the SELECT around them (declaration_sql.py), the rest of
the TOML (declaration.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from difflib import get_close_matches
from typing import Any

from connectors.contract import Column, Kind, Wide
from connectors.errors import ConfigError
from warehouse.intake.casting import quote

_SQL_TYPES = {
    Kind.TEXT: "VARCHAR", Kind.ID: "VARCHAR", Kind.INTEGER: "BIGINT", Kind.NUMBER: "DOUBLE",
    Kind.BOOLEAN: "BOOLEAN", Kind.DATE: "DATE", Kind.TIME: "TIMESTAMP", Kind.CLOCK: "TIME",
}  # fmt: skip
WORDS = {
    "VARCHAR": "a text", "BIGINT": "an integer", "DOUBLE": "a number", "BOOLEAN": "true or false",
    "DATE": "a day", "TIMESTAMP": "an instant", "TIME": "a time of day",
}  # fmt: skip
NUMBERS = ("BIGINT", "DOUBLE")
_FILE = {
    "exported_on": ("_exported_on", "DATE"), "covers_from": ("_covers_from", "DATE"),
    "covers_to": ("_covers_to", "DATE"), "class": ("_class_key", "VARCHAR"),
    "stem": ("_stem", "VARCHAR"), "folder": ("_folder", "VARCHAR"),
}  # fmt: skip
_GATHERS = {"sum": "sum", "max": "max", "min": "min", "any": "min", "some": "bool_or",
            "every": "bool_and", "count": "count"}  # fmt: skip
#: Date formats that DuckDB reads.
_FORMAT = re.compile(r"(?:[^%]|%-?[dmyHIMSj]|%[YbBaApfz%])+")


@dataclass(frozen=True)
class Place:
    """Where in a declaration something stands, for messages."""

    file: str
    key: str = ""

    def at(self, key: str) -> Place:
        """A key below this one."""
        return replace(self, key=f"{self.key}.{key}" if self.key else key)

    def wrong(self, says: str, fix: str) -> ConfigError:
        """The error for this place."""
        return ConfigError(says, culprit=f"{self.file}: {self.key}".rstrip(": "), fix=fix)

    def one_of(self, given: Any, known: Mapping[str, Any], what: str) -> None:
        """Raise ConfigError where `given` is none of the known names."""
        if not isinstance(given, str) or given not in known:
            near = get_close_matches(str(given), list(known), 1)
            meant = f" (did you mean {near[0]}?)" if near else ""
            raise self.wrong(
                f'"{given}" is no {what}', f"use one of {', '.join(known) or 'none'}{meant}"
            )


@dataclass(frozen=True)
class Rule:
    """One value: its SQL over a row `r`, its type, the columns without which it is empty, those
    that it tells apart, whether it gathers several rows, and whether it is one in every row."""

    sql: str
    type: str
    needs: tuple[str, ...] = ()
    keeps: tuple[str, ...] = ()
    gathers: bool = False
    fixed: bool = False


@dataclass(frozen=True)
class Source:
    """What the rules of one feed may speak of."""

    columns: Mapping[str, Column]
    wide: Wide | None = None
    groups: Mapping[str, int] = field(default_factory=dict)


def checked_format(place: Place, text: Any) -> str:
    """A date format that DuckDB knows. Raises ConfigError."""
    if not isinstance(text, str) or "%" not in text or not _FORMAT.fullmatch(text):
        raise place.wrong("is not a date format", 'write one like "%m/%d/%Y"')
    return text


def rule(place: Place, source: Source, raw: Any) -> Rule:
    """Read one value: the name of a column, or one function of the closed set."""
    if isinstance(raw, str):
        place.one_of(raw, source.columns, "column of the feed")
        column = source.columns[raw]
        return Rule(f"r.{raw}", _SQL_TYPES[column.kind], (raw,), (raw,))
    names = [key for key in raw if key in _FUNCTIONS] if isinstance(raw, dict) else []
    if len(names) != 1:
        raise place.wrong(
            "is neither a column nor one function",
            f'write "column" or {{function = ...}} with one of {", ".join(_FUNCTIONS)}',
        )
    name = names[0]
    others = sorted(set(raw) - {name} - set(_OPTIONS.get(name, ())))
    if others:
        raise place.at(others[0]).wrong(f"{name} knows no such word", "remove it")
    return _FUNCTIONS[name](place.at(name), source, raw[name], {**raw, "_": name})


def typed(place: Place, source: Source, raw: Any, *types: str) -> Rule:
    """A value of one of the types that gathers no rows. Raises ConfigError."""
    found = rule(place, source, raw)
    if found.gathers:
        raise place.wrong("gathers rows within another function", "write it outermost")
    if found.type not in types:
        wanted = " or ".join(WORDS[t] for t in types)
        raise place.wrong(f"is {WORDS[found.type]}, not {wanted}", "name another column")
    return found


def _several(place: Place, source: Source, raw: Any, *types: str) -> list[Rule]:
    if not isinstance(raw, list) or not raw:
        raise place.wrong("should be a list", 'write ["a", "b"]')
    return [typed(place.at(str(n)), source, part, *types) for n, part in enumerate(raw, 1)]


def constant(place: Place, source: Source, raw: Any, more: Mapping[str, Any]) -> Rule:
    """The same value in every row. Raises ConfigError."""
    match raw:
        case bool():
            return Rule(str(raw).upper(), "BOOLEAN", fixed=True)
        case str() if "\x00" not in raw:
            return Rule(quote(raw), "VARCHAR", fixed=True)
        case int() if abs(raw) < 1 << 62:
            return Rule(f"CAST({raw} AS BIGINT)", "BIGINT", fixed=True)
        case float() if raw - raw == 0:
            return Rule(f"CAST({raw!r} AS DOUBLE)", "DOUBLE", fixed=True)
        case date() if type(raw) is date:
            return Rule(f"DATE '{raw}'", "DATE", fixed=True)
    raise place.wrong("is no constant", "write a text, a number, true, false or a day")


def _date_of(place: Place, source: Source, raw: Any, more: Mapping[str, Any]) -> Rule:
    told = typed(place, source, raw, "TIMESTAMP", "DATE")
    sql = told.sql if told.type == "DATE" else f"local_date({told.sql})"
    return Rule(sql, "DATE", told.needs)


def _week_of(place: Place, source: Source, raw: Any, more: Mapping[str, Any]) -> Rule:
    told = _date_of(place, source, raw, more)
    return replace(told, sql=f"week_start({told.sql})")


def _day_end(place: Place, source: Source, raw: Any, more: Mapping[str, Any]) -> Rule:
    told = _date_of(place, source, raw, more)
    return Rule(f"day_end({told.sql})", "TIMESTAMP", told.needs)


def _at(place: Place, source: Source, raw: Any, more: Mapping[str, Any]) -> Rule:
    if not isinstance(raw, list) or len(raw) != 2:
        raise place.wrong("should name a day and a clock", 'write ["day", "clock"]')
    day = typed(place.at("1"), source, raw[0], "DATE")
    clock = typed(place.at("2"), source, raw[1], "TIME")
    return Rule(f"utc({day.sql} + {clock.sql})", "TIMESTAMP", (*day.needs, *clock.needs))


def _percent(place: Place, source: Source, raw: Any, more: Mapping[str, Any]) -> Rule:
    parts = _several(place, source, raw, *NUMBERS)
    if len(parts) != 2:
        raise place.wrong("should name two columns", 'write ["score", "possible"]')
    part, whole = (p.sql for p in parts)
    sql = f"CASE WHEN {whole} > 0 THEN 100.0 * {part} / {whole} END"
    return Rule(sql, "DOUBLE", parts[0].needs)


def _minutes(per: str) -> Callable[..., Rule]:
    def read(place: Place, source: Source, raw: Any, more: Mapping[str, Any]) -> Rule:
        told = typed(place, source, raw, *NUMBERS)
        return Rule(f"({told.sql} {per})", "DOUBLE", told.needs)

    return read


def _minutes_clock(place: Place, source: Source, raw: Any, more: Mapping[str, Any]) -> Rule:
    told = typed(place, source, raw, "TIME")
    return Rule(f"(epoch({told.sql}) / 60.0)", "DOUBLE", told.needs)


def _join(place: Place, source: Source, raw: Any, more: Mapping[str, Any]) -> Rule:
    parts = _several(place, source, raw, "VARCHAR", "BIGINT", "DATE")
    texts = [f"CAST({p.sql} AS VARCHAR)" for p in parts]
    # A part that holds the mark itself must not make two ids one.
    sql = " || '|' || ".join(f"replace(replace({t}, '~', '~~'), '|', '~p')" for t in texts)
    return Rule(
        sql, "VARCHAR", tuple(n for p in parts for n in p.needs),
        tuple(n for p in parts for n in p.keeps),
    )  # fmt: skip


def _words(place: Place, source: Source, raw: Any, more: Mapping[str, Any]) -> Rule:
    parts = _several(place, source, raw, "VARCHAR", "BIGINT")
    texts = ", ".join(f"CAST({p.sql} AS VARCHAR)" for p in parts)
    return Rule(f"nullif(concat_ws(' ', {texts}), '')", "VARCHAR")


def _first_of(place: Place, source: Source, raw: Any, more: Mapping[str, Any]) -> Rule:
    parts = _several(place, source, raw, *WORDS)
    kinds = {p.type for p in parts}
    if len(kinds) > 1:
        told = ", ".join(sorted(WORDS[k] for k in kinds))
        raise place.wrong(f"mixes {told}", "name columns of one type")
    return Rule(f"coalesce({', '.join(p.sql for p in parts)})", parts[0].type)


def _lower(place: Place, source: Source, raw: Any, more: Mapping[str, Any]) -> Rule:
    told = typed(place, source, raw, "VARCHAR")
    return Rule(f"lower({told.sql})", "VARCHAR", told.needs)


def _name_key(place: Place, source: Source, raw: Any, more: Mapping[str, Any]) -> Rule:
    told = typed(place, source, raw, "VARCHAR")
    sql = (
        "'name:' || left(sha256(coalesce(r._class_key, '') || '|' || "
        f"lower(simple_spaces({told.sql}))), 32)"
    )
    return Rule(sql, "VARCHAR", told.needs)


def _wide(place: Place, source: Source, raw: Any, more: Mapping[str, Any]) -> Rule:
    if source.wide is None:
        raise place.wrong("the feed has no wide columns", "add a table wide with a pattern")
    if raw == "value":
        return Rule("struct_extract(r._w, 'value')", _SQL_TYPES[source.wide.kind])
    label = "trim(struct_extract(r._w, 'label'))"
    if raw != "label":
        known = dict.fromkeys(("label", "value", *source.groups))
        place.one_of(raw, known, "part of the wide columns")
        group = f"regexp_extract({label}, {quote(source.wide.pattern)}, {source.groups[raw]}, 'i')"
        label = f"nullif(trim({group}), '')"
    if "format" in more:
        text = checked_format(place.at("format"), more["format"])
        return Rule(f"CAST(try_strptime({label}, {quote(text)}) AS DATE)", "DATE")
    return Rule(label, "VARCHAR")


def _map(place: Place, source: Source, raw: Any, more: Mapping[str, Any]) -> Rule:
    if not isinstance(raw, dict) or not raw or "of" not in more:
        raise place.wrong(
            "should be words with what they mean, and of", 'write {map = {Done = true}, of = "x"}'
        )
    told = typed(place.at("of"), source, more["of"], "VARCHAR")
    parts = {w: constant(place.at(w), source, v, more) for w, v in raw.items()}
    kinds = {p.type for p in parts.values()}
    if len(kinds) > 1:
        raise place.wrong("its words mean things of different types", "use one type")
    whens = " ".join(
        f"WHEN {quote(word.strip().lower())} THEN {p.sql}" for word, p in parts.items()
    )
    return Rule(f"CASE lower({told.sql}) {whens} END", kinds.pop())


def _file(place: Place, source: Source, raw: Any, more: Mapping[str, Any]) -> Rule:
    place.one_of(raw, _FILE, "fact of a file")
    name, kind = _FILE[raw]
    return Rule(f"r.{name}", kind, fixed=True)


def _gather(place: Place, source: Source, raw: Any, more: Mapping[str, Any]) -> Rule:
    name = more["_"]
    types = {
        "sum": NUMBERS, "some": ("BOOLEAN",), "every": ("BOOLEAN",)
    }.get(name, tuple(WORDS))  # fmt: skip
    told = typed(place, source, raw, *types)
    sql = f"{_GATHERS[name]}({told.sql})"
    kind = "BIGINT" if name == "count" else told.type
    return Rule(f"CAST({sql} AS {kind})", kind, told.needs, gathers=True)


#: Every function that a declaration may use, and the words that may stand beside one.
_FUNCTIONS: dict[str, Callable[[Place, Source, Any, Mapping[str, Any]], Rule]] = {
    "constant": constant, "date_of": _date_of, "week_of": _week_of, "day_end": _day_end,
    "at": _at, "percent": _percent, "minutes_from_seconds": _minutes("/ 60.0"),
    "minutes_from_hours": _minutes("* 60.0"), "minutes_from_clock": _minutes_clock,
    "join": _join, "words": _words, "first_of": _first_of, "lower": _lower,
    "name_key": _name_key, "wide": _wide, "map": _map, "file": _file,
    **dict.fromkeys(_GATHERS, _gather),
}  # fmt: skip
_OPTIONS = {"map": ("of",), "wide": ("format",)}
