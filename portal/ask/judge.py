"""What a question may name: judged on the tree that the database's own parser makes of it. Pure.

One SELECT, over tables that are offered, with functions that compute. Whatever else there is to be
read (settings, files, catalogs) is refused here by name, and is not there where the question runs.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Any

#: Functions that give rows without reading anything.
_ROW_FUNCTIONS = frozenset({"unnest", "range", "generate_series"})
#: Functions that tell of the machine or reach out of the question.
_REFUSED = re.compile(
    r"(pg_|duckdb_|pragma_|read_|sniff_|parquet_|query).*"
    r"|current_setting|getenv|getvariable|glob|write_log|nextval|currval|which_secret|sleep_ms"
)
_INTERNAL = re.compile(r"(pg_|duckdb_|pragma_|sqlite_|information_schema).*")
#: Kinds of a tree's nodes that describe the database rather than ask it.
_DESCRIBING = frozenset({"SHOW_REF", "BOUND_TABLE_REF", "COLUMN_DATA", "DELIM_GET"})


class NotAllowed(ValueError):
    """A question that is not run; says why, for the one who asked."""


def tables_in(tree: dict[str, Any], offered: Collection[str]) -> set[str]:
    """Tables of `offered` ("schema.table") that a question reads.

    `tree`: as json_serialize_sql gives it. Raises NotAllowed.
    """
    if tree.get("error"):
        told = str(tree.get("error_message", ""))
        if tree.get("error_type") == "parser":
            raise NotAllowed(told)
        raise NotAllowed("Only a SELECT can be asked.")
    if len(tree["statements"]) != 1:
        raise NotAllowed("Ask one question at a time: one SELECT.")
    nodes = list(_nodes(tree["statements"][0]))
    parts = {str(cte["key"]).lower() for node in nodes for cte in _with(node)}
    if any(_INTERNAL.fullmatch(name) for name in parts):
        raise NotAllowed("Give the parts of your question other names.")
    found = set()
    for node in nodes:
        kind = node.get("type")
        if kind in _DESCRIBING:
            raise NotAllowed("Only a SELECT can be asked; the tables are described beside it.")
        if kind == "TABLE_FUNCTION":
            name = _called(node["function"])
            if name not in _ROW_FUNCTIONS:
                raise NotAllowed(f"{name} cannot be asked.")
        elif "function_name" in node and _REFUSED.fullmatch(_called(node)):
            raise NotAllowed(f"{_called(node)} cannot be asked.")
        elif kind == "BASE_TABLE":
            found |= _table(node, offered, parts)
    return found


def _table(node: dict[str, Any], offered: Collection[str], parts: set[str]) -> set[str]:
    path = [p.lower() for p in _path(node)]
    if len(path) == 1:
        known = {f"{schema}.{path[0]}" for schema in ("views", "mine")} & set(offered)
        if known or path[0] in parts:
            return known
    elif ".".join(path) in offered:
        return {".".join(path)}
    raise NotAllowed(f"{'.'.join(path)} is none of the tables that you can ask.")


def _path(node: dict[str, Any]) -> list[str]:
    """A table's name with what stands before it."""
    named = node.get("qualified_name")
    if isinstance(named, dict):
        return [str(p) for p in named["path"] if p]
    return [str(node[k]) for k in ("catalog_name", "schema_name", "table_name") if node.get(k)]


def _called(node: dict[str, Any]) -> str:
    return str(node["function_name"]).lower()


def _with(node: dict[str, Any]) -> list[dict[str, Any]]:
    told = node.get("cte_map")
    return list(told["map"]) if isinstance(told, dict) else []


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    """Every node of a tree; without recursion, as its depth is the asker's choice."""
    waiting = [tree]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            yield one
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)
