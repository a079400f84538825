"""JSON and JSON lines as a flat table of text, by DuckDB.

Belongs here: what a record is, and which columns its keys make. Not here: encodings and packing
(reading.py), what the columns mean (contract.py).

One row is one record. A column is the dotted path to a value (`dueDate.year`); a list stays JSON
text in one column; null and a missing key are NULL alike; an object without keys makes no column.

Records are the lines of JSON lines, the elements of an array, the objects of a file that holds
several, or the list within an envelope: an object without an id of its own that holds one list of
objects under any key (`{"courseWork": [...], "nextPageToken": ""}`). The envelope's other fields
are left out. Of several objects none may name anything by id, else they are the records and their
lists are values.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb

from connectors.errors import FileRefused
from connectors.jsonenvelope import copy_out, values_within
from connectors.prepared import Fault, Prepared

#: Bytes of one line of JSON lines; a longer one is read like any other JSON text.
LONGEST_LINE = 8 << 20
#: Bytes of one element of an array.
LONGEST_RECORD = 16 << 20
#: Bytes of a file that is no array and no lines; DuckDB holds such a text in memory whole.
LONGEST_TEXT = 16 << 20
MOST_COLUMNS = 2000
_MEMORY = "1500MB"
_BEGINS = re.compile(r'\{\s*["}]|\[\s*[\]{]')
#: Keys (lower case) that say an object is a record and not an envelope.
_OWN = frozenset("id @id _id uuid guid sourcedid key actor".split())
#: Lists (lower case) that stand beside the records of an envelope and are none.
BESIDE = frozenset("links _links errors warnings".split())


@dataclass(frozen=True)
class _Source:
    """SQL that yields `no` and `doc` (text), one row a JSON value; NULL for an empty line."""

    sql: str
    by_line: bool


def is_json(path: Path) -> bool:
    """Whether a UTF-8 file begins like an object, or like an array of objects."""
    with path.open(encoding="utf-8-sig", errors="replace") as stream:
        head = stream.read(1 << 16).lstrip()
    return bool(_BEGINS.match(head))


def prepare_json(path: Path, work: Path, encoding: str, *, damaged: bool = False) -> Prepared:
    """Turn a UTF-8 JSON file into Parquet in `work`: columns c0, c1, ... (text) and `_line`.

    `_line` is the line of JSON lines, else the record's number from 1. A line, or an element of
    the array, that is no object is a fault; where the text is `damaged` (U+FFFD stands for bytes
    that are no text), so is a record with such a character. Raises FileRefused for a cut or
    broken text, several lists in one envelope, and an object too large for memory.
    """
    with duckdb.connect(
        config={"threads": 1, "memory_limit": _MEMORY, "temp_directory": str(work)}
    ) as db:
        failed = None
        for source in _sources(path, work):
            try:
                return _flatten(db, source, path, work, encoding, damaged)
            except duckdb.InvalidInputException as error:
                failed = str(error)
            except duckdb.OutOfMemoryException as error:
                raise FileRefused("too_large") from error
            except duckdb.InternalException as error:
                if "recursion depth" not in str(error):
                    raise
                raise FileRefused("broken_json", "objects within objects without end") from error
    if failed is None or "maximum_object_size" in failed:
        raise FileRefused("too_large")
    whole = _ends_whole(path) and "unexpected end of data" not in failed
    raise FileRefused("broken_json" if whole else "cut_file")


def _sources(path: Path, work: Path) -> Iterator[_Source]:
    """The ways to read the file, the one that costs least first."""
    name, size = _quote(str(path)), path.stat().st_size
    begins_array = first_character(path) == "["
    if not begins_array and is_lines(path):
        # No line holds this separator: it is no JSON text. So a line is a cell.
        sql = (
            f"SELECT row_number() OVER () AS no, nullif(trim(doc, E' \\t\\r'), '') AS doc "
            f"FROM read_csv({name}, columns={{doc: 'VARCHAR'}}, header=false, auto_detect=false, "
            f"delim=E'\\x01\\x02\\x03\\x04', quote='', escape='', compression='none', "
            f"null_padding=true, strict_mode=false, max_line_size={LONGEST_LINE})"
        )
        yield _Source(sql, by_line=True)
    if not _ends_whole(path):
        raise FileRefused("cut_file")
    if begins_array:
        yield _array(path)
    elif size > LONGEST_TEXT and (inner := values_within(path)) is not None:
        shape = _Shape(kinds={v.key: {v.kind} for v in inner}, objects=1)
        if (key := _list_of(shape)) is not None:
            copy = work / f"{path.name}.list"
            copy_out(path, next(v for v in inner if v.key == key), copy)
            yield _array(copy)
    if size <= LONGEST_TEXT:
        values = _read(path, "unstructured", size + 1024)
        each = (
            "SELECT row_number() OVER () AS no, doc FROM (SELECT unnest(CASE json_type(doc) "
            "WHEN 'ARRAY' THEN CAST(doc AS JSON[]) ELSE [doc] END) AS doc "
            f"FROM ({values}))"
        )
        yield _Source(each, by_line=False)


def _array(path: Path) -> _Source:
    return _Source(_read(path, "array", LONGEST_RECORD), by_line=False)


def _read(path: Path, form: str, most: int) -> str:
    return (
        f"SELECT row_number() OVER () AS no, json AS doc FROM read_json_objects("
        f"{_quote(str(path))}, compression='none', format='{form}', maximum_object_size={most})"
    )


def _flatten(
    db: duckdb.DuckDBPyConnection,
    source: _Source,
    path: Path,
    work: Path,
    encoding: str,
    damaged: bool,
) -> Prepared:
    bad = "contains(doc, chr(65533))" if damaged else "FALSE"
    judged = (
        f"SELECT no, CASE WHEN code IS NULL THEN CAST(doc AS JSON) END AS doc, code FROM ("
        f"SELECT no, doc, CASE WHEN doc IS NULL THEN '' WHEN {bad} THEN 'bad_encoding' "
        "WHEN NOT json_valid(doc) OR json_type(doc) <> 'OBJECT' THEN 'broken_json' END AS code "
        f"FROM ({source.sql}))"
    )
    shape = _shape(db, judged)
    last = max((fault.line for fault in shape.faults), default=0)
    if source.by_line and last > shape.last and not _ends_line(path):
        raise FileRefused("cut_file", f"line {last}", rows=shape.objects + len(shape.faults))
    faults = tuple(shape.faults)
    records = f"SELECT no, doc FROM ({judged}) WHERE code IS NULL"
    if (key := _list_of(shape)) is not None:
        pointer = _quote(_pointer((key,)))
        records = (
            "SELECT row_number() OVER () AS no, doc FROM (SELECT unnest(CAST("
            f"json_extract(doc, {pointer}) AS JSON[])) AS doc FROM ({records}))"
        )
        shape = _shape(db, f"SELECT no, doc, NULL AS code FROM ({records})")
    elif _is_empty_page(shape):
        raise FileRefused("nothing_survived" if faults else "header_only", rows=len(faults))
    if not shape.paths:
        raise FileRefused("unknown_layout", "no columns", rows=shape.objects + len(faults))
    target = work / f"{path.name}.parquet"
    rows = _write(db, records, list(shape.paths), target)
    header = tuple(".".join(p) for p in shape.paths)
    return Prepared(
        target, header, ",", encoding, rows, odd=False, parquet=True, numbered=True, faults=faults
    )


@dataclass
class _Shape:
    """What all objects of a file together look like.

    `paths`: to values that are no objects, in the order of the text (a dict as an ordered set);
    `kinds`: per key of the top, whether its values are lists of objects ("list"), empty lists
    ("empty"), objects ("object") or single values ("value"). `last`: number of the last object.
    """

    paths: dict[tuple[str, ...], None] = field(default_factory=dict)
    kinds: dict[str, set[str]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    objects: int = 0
    last: int = 0

    def add(self, structure: Any) -> None:
        """Take in the structure of some objects, as DuckDB's json_structure gives it."""
        if not isinstance(structure, dict):
            return  # an object without keys
        self.paths.update(dict.fromkeys(_leaves(structure)))
        if len(self.paths) > MOST_COLUMNS:
            raise FileRefused("unknown_layout", f"more than {MOST_COLUMNS} columns")
        for key, value in structure.items():
            self.kinds.setdefault(key, set()).add(_kind(value))


def _shape(db: duckdb.DuckDBPyConnection, judged: str) -> _Shape:
    """The shape of all objects: distinct structures are few, whatever the number of objects."""
    found = db.execute(
        "SELECT json_structure(doc), code, count(*), max(no), list(no) FILTER (WHERE code <> '') "
        f"FROM ({judged}) GROUP BY ALL ORDER BY min(no)"
    )
    shape = _Shape()
    while rows := found.fetchmany(1000):
        for structure, code, count, last, numbers in rows:
            if code is None:
                shape.add(json.loads(structure))
                shape.objects += count
                shape.last = max(shape.last, last)
            elif code:
                shape.faults += [Fault(no, code) for no in numbers]
    return shape


def _write(
    db: duckdb.DuckDBPyConnection, records: str, paths: list[tuple[str, ...]], target: Path
) -> int:
    """One row a record; a path that leads to an object in some records is NULL there."""
    pointers = ", ".join(_quote(_pointer(p)) for p in paths)
    parents = {p[:i] for p in paths for i in range(1, len(p))}
    cells = []
    for i, path in enumerate(paths):
        cell = f"v[{i + 1}]"
        if path in parents:
            cell = f"CASE WHEN json_type(doc, {_quote(_pointer(path))}) <> 'OBJECT' THEN {cell} END"
        cells.append(f"{cell} AS c{i}")
    group = max(2048, min(122_880, (1 << 22) // len(paths)))
    rows: int = db.execute(
        f"COPY (SELECT {', '.join(cells)}, no AS _line FROM (SELECT no, doc, "
        f"json_extract_string(doc, [{pointers}]) AS v FROM ({records}))) TO "
        f"{_quote(str(target))} (FORMAT parquet, ROW_GROUP_SIZE {group})"
    ).fetchall()[0][0]
    return rows


def _list_of(shape: _Shape) -> str | None:
    """The key under which an envelope holds its records; None where there is no envelope."""
    names = {key.casefold() for key in shape.kinds}
    if names & _OWN or (shape.objects > 1 and any(name.endswith("id") for name in names)):
        return None
    lists = [
        k for k, kinds in shape.kinds.items() if "list" in kinds and kinds <= {"list", "empty"}
    ]
    if len(lists) > 1:
        lists = [k for k in lists if k.casefold() not in BESIDE] or lists[:1]
    if len(lists) > 1:
        # The keys are not named: they may be names of children.
        raise FileRefused("several_lists")
    return lists[0] if lists else None


def _is_empty_page(shape: _Shape) -> bool:
    """Whether there is no key, or one object has an empty list and else single values only."""
    if not shape.kinds or shape.objects != 1:
        return not shape.kinds
    kinds = list(shape.kinds.values())
    own = {key.casefold() for key in shape.kinds} & _OWN
    return not own and {"empty"} in kinds and {"object"} not in kinds


def _kind(structure: Any) -> str:
    if isinstance(structure, list):
        return (
            "list"
            if isinstance(structure[0], dict)
            else "empty"
            if structure[0] == "NULL"
            else "value"
        )
    return "object" if isinstance(structure, dict) or structure == "JSON" else "value"


def _leaves(structure: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The paths to values that are no objects, in the order of the text."""
    if isinstance(structure, dict):
        for key, value in structure.items():
            yield from _leaves(value, (*path, key))
    elif path and structure != "JSON":
        yield path


def _pointer(path: tuple[str, ...]) -> str:
    return "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in path)


def first_character(path: Path) -> str:
    """The first character of a UTF-8 text that is no space."""
    with path.open(encoding="utf-8-sig", errors="replace") as stream:
        return stream.read(1 << 16).lstrip()[:1]


def is_lines(path: Path) -> bool:
    """Whether the first line, or at least half of the first lines, are objects by themselves."""
    with path.open(encoding="utf-8-sig") as stream:
        filled = (t for t in iter(lambda: stream.readline(LONGEST_LINE), "") if t.strip())
        heads = [_is_object(text) for text in islice(filled, 20)]
    return heads[0] or 2 * sum(heads) >= len(heads)


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False


def _tail(path: Path) -> bytes:
    with path.open("rb") as stream:
        stream.seek(max(0, path.stat().st_size - (1 << 16)))
        return stream.read()


def _ends_whole(path: Path) -> bool:
    return _tail(path).rstrip().endswith((b"]", b"}"))


def _ends_line(path: Path) -> bool:
    return _tail(path).endswith(b"\n")


def _quote(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
