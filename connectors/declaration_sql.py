"""What a declaration says of a lake table, as the SELECT that fills it.

Belongs here: the closed set of functions a declaration may use, their types, and how several rows
of a file become one of a table. Not here: the rest of the TOML (declaration.py). Every name comes
from the contract and every text is quoted, so that a declaration can neither read files nor hold
SQL of its own.
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
from warehouse.casting import quote
from warehouse.tables import LakeTable

_SQL_TYPES = {
    Kind.TEXT: "VARCHAR", Kind.ID: "VARCHAR", Kind.INTEGER: "BIGINT", Kind.NUMBER: "DOUBLE",
    Kind.BOOLEAN: "BOOLEAN", Kind.DATE: "DATE", Kind.TIME: "TIMESTAMP", Kind.CLOCK: "TIME",
}  # fmt: skip
_WORDS = {
    "VARCHAR": "a text", "BIGINT": "an integer", "DOUBLE": "a number", "BOOLEAN": "true or false",
    "DATE": "a day", "TIMESTAMP": "an instant", "TIME": "a time of day",
}  # fmt: skip
_NUMBERS = ("BIGINT", "DOUBLE")
_MENDED = {
    ("TIMESTAMP", "DATE"): 'take its local day: {date_of = "..."}',
    ("DATE", "TIMESTAMP"): 'say when on that day: {day_end = "..."} or {at = ["day", "clock"]}',
    ("DOUBLE", "BIGINT"): 'give the column type = "integer"',
    ("BIGINT", "VARCHAR"): 'give the column type = "id" or "text"',
    ("DOUBLE", "VARCHAR"): 'give the column type = "text"',
    ("VARCHAR", "BOOLEAN"): 'translate its words: {map = {yes = true}, of = "..."}',
}
_FILE = {
    "exported_on": ("_exported_on", "DATE"), "covers_from": ("_covers_from", "DATE"),
    "covers_to": ("_covers_to", "DATE"), "class": ("_class_key", "VARCHAR"),
    "stem": ("_stem", "VARCHAR"), "folder": ("_folder", "VARCHAR"),
}  # fmt: skip
_GATHERS = {"sum": "sum", "max": "max", "min": "min", "any": "min", "some": "bool_or",
            "every": "bool_and", "count": "count"}  # fmt: skip
#: Columns of a table's key that may be empty: NULL means all, or from the start.
_MAY_LACK = {"begin_date", "school_id", "term", "class_key"}
_OWN_CLASS = {"platform_class", "class_member"}
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


def _typed(place: Place, source: Source, raw: Any, *types: str) -> Rule:
    found = rule(place, source, raw)
    if found.gathers:
        raise place.wrong("gathers rows within another function", "write it outermost")
    if found.type not in types:
        wanted = " or ".join(_WORDS[t] for t in types)
        raise place.wrong(f"is {_WORDS[found.type]}, not {wanted}", "name another column")
    return found


def _several(place: Place, source: Source, raw: Any, *types: str) -> list[Rule]:
    if not isinstance(raw, list) or not raw:
        raise place.wrong("should be a list", 'write ["a", "b"]')
    return [_typed(place.at(str(n)), source, part, *types) for n, part in enumerate(raw, 1)]


def _constant(place: Place, source: Source, raw: Any, more: Mapping[str, Any]) -> Rule:
    match raw:
        case bool():
            return Rule(str(raw).upper(), "BOOLEAN", fixed=True)
        case str():
            return Rule(quote(raw), "VARCHAR", fixed=True)
        case int():
            return Rule(f"CAST({raw} AS BIGINT)", "BIGINT", fixed=True)
        case float() if raw - raw == 0:
            return Rule(f"CAST({raw!r} AS DOUBLE)", "DOUBLE", fixed=True)
        case date() if type(raw) is date:
            return Rule(f"DATE '{raw}'", "DATE", fixed=True)
    raise place.wrong("is no constant", "write a text, a number, true, false or a day")


def _date_of(place: Place, source: Source, raw: Any, more: Mapping[str, Any]) -> Rule:
    told = _typed(place, source, raw, "TIMESTAMP", "DATE")
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
    day = _typed(place.at("1"), source, raw[0], "DATE")
    clock = _typed(place.at("2"), source, raw[1], "TIME")
    return Rule(f"utc({day.sql} + {clock.sql})", "TIMESTAMP", (*day.needs, *clock.needs))


def _percent(place: Place, source: Source, raw: Any, more: Mapping[str, Any]) -> Rule:
    parts = _several(place, source, raw, *_NUMBERS)
    if len(parts) != 2:
        raise place.wrong("should name two columns", 'write ["score", "possible"]')
    part, whole = (p.sql for p in parts)
    sql = f"CASE WHEN {whole} > 0 THEN 100.0 * {part} / {whole} END"
    return Rule(sql, "DOUBLE", parts[0].needs)


def _minutes(per: str) -> Callable[..., Rule]:
    def read(place: Place, source: Source, raw: Any, more: Mapping[str, Any]) -> Rule:
        told = _typed(place, source, raw, *_NUMBERS)
        return Rule(f"({told.sql} {per})", "DOUBLE", told.needs)

    return read


def _minutes_clock(place: Place, source: Source, raw: Any, more: Mapping[str, Any]) -> Rule:
    told = _typed(place, source, raw, "TIME")
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
    parts = _several(place, source, raw, *_WORDS)
    kinds = {p.type for p in parts}
    if len(kinds) > 1:
        told = ", ".join(sorted(_WORDS[k] for k in kinds))
        raise place.wrong(f"mixes {told}", "name columns of one type")
    return Rule(f"coalesce({', '.join(p.sql for p in parts)})", parts[0].type)


def _lower(place: Place, source: Source, raw: Any, more: Mapping[str, Any]) -> Rule:
    told = _typed(place, source, raw, "VARCHAR")
    return Rule(f"lower({told.sql})", "VARCHAR", told.needs)


def _name_key(place: Place, source: Source, raw: Any, more: Mapping[str, Any]) -> Rule:
    told = _typed(place, source, raw, "VARCHAR")
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
    told = _typed(place.at("of"), source, more["of"], "VARCHAR")
    parts = {w: _constant(place.at(w), source, v, more) for w, v in raw.items()}
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
        "sum": _NUMBERS, "some": ("BOOLEAN",), "every": ("BOOLEAN",)
    }.get(name, tuple(_WORDS))  # fmt: skip
    told = _typed(place, source, raw, *types)
    sql = f"{_GATHERS[name]}({told.sql})"
    kind = "BIGINT" if name == "count" else told.type
    return Rule(f"CAST({sql} AS {kind})", kind, told.needs, gathers=True)


#: Every function that a declaration may use, and the words that may stand beside one.
_FUNCTIONS: dict[str, Callable[[Place, Source, Any, Mapping[str, Any]], Rule]] = {
    "constant": _constant, "date_of": _date_of, "week_of": _week_of, "day_end": _day_end,
    "at": _at, "percent": _percent, "minutes_from_seconds": _minutes("/ 60.0"),
    "minutes_from_hours": _minutes("* 60.0"), "minutes_from_clock": _minutes_clock,
    "join": _join, "words": _words, "first_of": _first_of, "lower": _lower,
    "name_key": _name_key, "wide": _wide, "map": _map, "file": _file,
    **dict.fromkeys(_GATHERS, _gather),
}  # fmt: skip
_OPTIONS = {"map": ("of",), "wide": ("format",)}


def condition(place: Place, source: Source, raw: Any) -> tuple[list[str], set[str]]:
    """The tests a row must pass to count, and the columns that are surely filled then."""
    tests, filled = [], set()
    if not isinstance(raw, dict) or not raw.keys() <= {"filled", "equals", "differs"}:
        raise place.wrong("is no condition", 'write where = {filled = ["column"]}, equals, differs')
    for name in raw.get("filled", []):
        place.at("filled").one_of(name, source.columns, "column of the feed")
        tests.append(f"r.{name} IS NOT NULL")
        filled.add(name)
    for word, sign in (("equals", "IN"), ("differs", "NOT IN")):
        for name, wanted in raw.get(word, {}).items():
            here = place.at(word)
            here.one_of(name, source.columns, "column of the feed")
            told = _typed(here, source, name, "VARCHAR", "BOOLEAN", "BIGINT")
            values = [_constant(here.at(name), source, w, {}) for w in _listed(wanted)]
            if any(v.type != told.type for v in values) or not values:
                raise here.at(name).wrong(
                    f"the column is {_WORDS[told.type]}", "compare it with values of that type"
                )
            sql = f"lower({told.sql})" if told.type == "VARCHAR" else told.sql
            texts = ", ".join(v.sql.lower() if v.type == "VARCHAR" else v.sql for v in values)
            test = f"{sql} {sign} ({texts})"
            tests.append(test if sign == "IN" else f"coalesce({test}, TRUE)")
            filled |= {name} if sign == "IN" else set()
    return tests, filled


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def select(
    place: Place, source: Source, table: LakeTable, raw: Mapping[str, Any], key: tuple[str, ...]
) -> str:
    """The SELECT that fills one table. Raises ConfigError naming the key and what mends it.

    Where the rows of the file are finer than the table's (its key does not tell them apart), they
    are gathered: numbers as the declaration says, other values by any one of them.
    """
    types = {f.name: f.type for f in table.fields}
    tests, filled = condition(place.at("where"), source, raw.get("where", {}))
    rules: dict[str, Rule] = {}
    for target, told in raw.items():
        if target == "where":
            continue
        place.one_of(target, types, f"column of lake.{table.name}")
        found = rule(place.at(target), source, told)
        if found.type != types[target] and (found.type, types[target]) != ("BIGINT", "DOUBLE"):
            raise place.at(target).wrong(
                f"is {_WORDS[found.type]}, and lake.{table.name}.{target} is "
                f"{_WORDS[types[target]]}",
                _MENDED.get((found.type, types[target]), "name another column"),
            )
        rules[target] = found
    musts = [k for k in table.key if k not in _MAY_LACK or table.name in _OWN_CLASS]
    for name in musts:
        if name not in rules:
            raise place.at(name).wrong("is missing", f"say what lake.{table.name} takes for it")
        for needed in rules[name].needs:
            column = source.columns[needed]
            if needed not in filled and not (column.filled and column.required):
                raise place.at(name).wrong(
                    f"needs {needed}, which may be empty",
                    f'write filled = true at the column, or where = {{filled = ["{needed}"]}}',
                )
    kept = {c for k in table.key if k in rules for c in rules[k].keeps}
    finer = not key or not set(key) <= kept or "_w" in "".join(r.sql for r in rules.values())
    gathered = finer or any(r.gathers for r in rules.values())
    columns = []
    for target, found in rules.items():
        sql = found.sql
        if gathered and not (found.gathers or found.fixed or target in table.key):
            if types[target] in _NUMBERS:
                raise place.at(target).wrong(
                    f"several rows of the file may become one of lake.{table.name}",
                    "say how they come together: {sum = ...}, max, min or any"
                    + ("" if key else "; or name the feed's key"),
                )
            sql = f"min({sql})"
        columns.append(f"{sql} AS {target}")
    rows = "rows"
    if any("r._w" in r.sql for r in rules.values()):
        rows = "(SELECT *, unnest(_wide) AS _w FROM rows)"
    tests += [
        f"{rules[k].sql} IS NOT NULL"
        for k in musts
        if not (rules[k].gathers or rules[k].fixed or isinstance(raw[k], str))
    ]
    where = f" WHERE {' AND '.join(tests)}" if tests else ""
    return f"SELECT r._no, {', '.join(columns)} FROM {rows} r{where}" + (
        " GROUP BY ALL" if gathered else ""
    )
