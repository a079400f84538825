"""The records of one large JSON object, found without holding it in memory.

Belongs here: where a list within an object begins and ends. Not here: which list holds the
records (jsontext.py). DuckDB reads an array element by element, but an object only whole.
"""

from __future__ import annotations

import json
import mmap
import re
from dataclasses import dataclass
from pathlib import Path

from connectors.errors import FileRefused

_CHUNK = 1 << 20
#: A string (a key where a colon follows), or a bracket.
_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+"(\s*:)?|[{}\[\]]', re.DOTALL)
_KINDS = {b"{": "list", b"]": "empty"}


@dataclass(frozen=True)
class Value:
    """A key of the object: what kind of value it has, and where that stands (bytes)."""

    key: str
    kind: str
    start: int = 0
    end: int = 0


def values_within(path: Path) -> list[Value] | None:
    """The keys of a file's one object; None where more than it is in the file.

    Raises FileRefused for an object that does not end.
    Kinds: a list of objects ("list"), an empty list ("empty"), "object", or "value".
    """
    found: list[Value] = []
    depth, start, key = 0, 0, ""
    with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
        for match in _TOKEN.finditer(data):
            first = data[match.start() : match.start() + 1]
            if first == b'"':
                if depth == 1 and match.group(1):
                    key = json.loads(match.group()[: -len(match.group(1))])
                    found.append(Value(key, "value"))
            elif first in b"{[":
                depth += 1
                if depth == 2:
                    start = match.start()
            else:
                depth -= 1
                if depth == 1 and found:
                    found[-1] = Value(key, _kind(data, start), start, match.end())
                if depth == 0:
                    rest = data[match.end() : match.end() + _CHUNK].strip()
                    return found if not rest else None
    raise FileRefused("cut_file")


def _kind(data: mmap.mmap, start: int) -> str:
    if data[start : start + 1] == b"{":
        return "object"
    return _KINDS.get(data[start + 1 : start + 1024].lstrip()[:1], "value")


def copy_out(path: Path, value: Value, target: Path) -> None:
    """Write the text of one value to a file of its own."""
    with path.open("rb") as source, target.open("wb") as sink:
        source.seek(value.start)
        left = value.end - value.start
        while left > 0 and (block := source.read(min(left, _CHUNK))):
            sink.write(block)
            left -= len(block)
