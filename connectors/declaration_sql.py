"""What a declaration says of a lake table, as the SELECT that fills it.

Belongs here: which rows count, what fits a table's columns, and how several rows of a file become
one of the table. Not here: single values (declaration_rules.py), the rest of the TOML
(declaration.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.declaration_rules import NUMBERS, WORDS, Place, Rule, Source, constant, rule, typed
from warehouse.lake.tables import LakeTable

_MENDED = {
    ("TIMESTAMP", "DATE"): 'take its local day: {date_of = "..."}',
    ("DATE", "TIMESTAMP"): 'say when on that day: {day_end = "..."} or {at = ["day", "clock"]}',
    ("DOUBLE", "BIGINT"): 'give the column type = "integer"',
    ("BIGINT", "VARCHAR"): 'give the column type = "id" or "text"',
    ("DOUBLE", "VARCHAR"): 'give the column type = "text"',
    ("VARCHAR", "BOOLEAN"): 'translate its words: {map = {yes = true}, of = "..."}',
}
#: Columns of a table's key that may be empty: NULL means all, or from the start.
_MAY_LACK = {"begin_date", "school_id", "term", "class_key"}
_OWN_CLASS = {"platform_class", "class_member"}


def condition(place: Place, source: Source, raw: Any) -> tuple[list[str], set[str]]:
    """The tests a row must pass to count, and the columns that are surely filled then."""
    tests, filled = [], set()
    if not isinstance(raw, dict) or not raw.keys() <= {"filled", "equals", "differs"}:
        raise place.wrong("is no condition", 'write where = {filled = ["column"]}, equals, differs')
    if not isinstance(raw.get("filled", []), list):
        raise place.at("filled").wrong("should be a list of columns", 'write ["column"]')
    for name in raw.get("filled", []):
        place.at("filled").one_of(name, source.columns, "column of the feed")
        tests.append(f"r.{name} IS NOT NULL")
        filled.add(name)
    for word, sign in (("equals", "IN"), ("differs", "NOT IN")):
        here = place.at(word)
        if not isinstance(raw.get(word, {}), dict):
            raise here.wrong("should be columns with values", 'write {column = "value"}')
        for name, wanted in raw.get(word, {}).items():
            here.one_of(name, source.columns, "column of the feed")
            told = typed(here, source, name, "VARCHAR", "BOOLEAN", "BIGINT")
            values = [constant(here.at(name), source, w, {}) for w in _listed(wanted)]
            if any(v.type != told.type for v in values) or not values:
                raise here.at(name).wrong(
                    f"the column is {WORDS[told.type]}", "compare it with values of that type"
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
                f"is {WORDS[found.type]}, and lake.{table.name}.{target} is {WORDS[types[target]]}",
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
            if types[target] in NUMBERS:
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
