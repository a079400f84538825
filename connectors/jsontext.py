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
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb

from connectors.errors import FileRefused
from connectors.prepared import Fault, Prepared

#: Bytes of one line of JSON lines; a longer one is read like any other JSON text.
LONGEST_LINE = 16 << 20
#: Bytes of one element of an array.
LONGEST_RECORD = 16 << 20
#: Bytes of one object that is not a line; DuckDB holds it in memory whole.
LONGEST_OBJECT = 256 << 20
MOST_COLUMNS = 2000
_MEMORY = "1GB"
_BEGINS = re.compile(r'\{\s*["}]|\[\s*[\]{]')
#: Keys (lower case) that say an object is a record and not an envelope.
_OWN = frozenset("id @id _id uuid guid sourcedid key actor".split())
#: Lists (lower case) that stand beside the records of an envelope and are none.
_BESIDE = frozenset("links _links errors warnings".split())


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
    that are no text), so is a record with such a character. Raises FileRefused for a cut or broken text, for
    several lists in one envelope, and for an object too large for memory.
    """
    with duckdb.connect(
        config={"threads": 1, "memory_limit": _MEMORY, "temp_directory": str(work)}
    ) as db:
        failed = None
        for source in _sources(path):
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
    if failed is None:
        raise FileRefused("too_large")
    whole = _ends_whole(path) and "unexpected end of data" not in failed
    raise FileRefused("broken_json" if whole else "cut_file")


def _sources(path: Path) -> Iterator[_Source]:
    """The ways to read the file, the one that costs least first."""
    name, size = _quote(str(path)), path.stat().st_size
    begins_array = _first_character(path) == "["
    if not begins_array and _is_lines(path):
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
    read = (
        f"SELECT row_number() OVER () AS no, json AS doc FROM "
        f"read_json_objects({name}, compression='none', format="
    )
    if begins_array:
        yield _Source(f"{read}'array', maximum_object_size={LONGEST_RECORD})", by_line=False)
    if size <= LONGEST_OBJECT:
        values = f"{read}'unstructured', maximum_object_size={size + 1024})"
        each = (
            "SELECT row_number() OVER () AS no, doc FROM (SELECT unnest(CASE json_type(doc) "
            "WHEN 'ARRAY' THEN CAST(doc AS JSON[]) ELSE [doc] END) AS doc "
            f"FROM ({values}))"
        )
        yield _Source(each, by_line=False)


def _flatten(
    db: duckdb.DuckDBPyConnection,
    source: _Source,
    path: Path,
    work: Path,
    encoding: str,
    damaged: bool,
) -> Prepared:
    bad = "contains(doc, chr(65533))" if damaged else "FALSE"
    docs = (
        f"SELECT no, CASE WHEN code IS NULL THEN CAST(doc AS JSON) END AS doc, code FROM (SELECT no, doc, "
        f"CASE WHEN doc IS NULL THEN '' WHEN {bad} THEN 'bad_encoding' WHEN NOT json_valid(doc) "
        f"OR json_type(doc) <> 'OBJECT' THEN 'broken_json' END AS code FROM ({source.sql}))"
    )
    shape, objects, lost, last = db.execute(
        "SELECT json_group_structure(doc), count(doc), "
        "coalesce(list((no, code)) FILTER (WHERE code <> ''), []), "
        f"max(no) FILTER (WHERE code IS NULL OR code <> '') FROM ({docs})"
    ).fetchall()[0]
    faults = tuple(Fault(no, code) for no, code in lost)
    if source.by_line and faults and faults[-1].line == last and not _ends_line(path):
        raise FileRefused("cut_file", f"line {last}", rows=objects + len(faults))
    structure = json.loads(shape) if objects else {}
    if not isinstance(structure, dict):
        structure = {}  # objects without a key
    records = f"SELECT no, doc FROM ({docs}) WHERE doc IS NOT NULL"
    key = _list_of(structure, objects)
    if key is not None:
        structure = structure[key][0]
        pointer = _quote(_pointer((key,)))
        records = (
            "SELECT row_number() OVER () AS no, doc FROM (SELECT unnest(CAST("
            f"json_extract(doc, {pointer}) AS JSON[])) AS doc FROM ({records}))"
        )
    if not structure or (objects == 1 and key is None and _is_empty_page(structure)):
        raise FileRefused("nothing_survived" if faults else "header_only", rows=len(faults))
    if _has(structure, "JSON"):
        shapes = db.execute(f"SELECT DISTINCT json_structure(doc) FROM ({records})")
        paths = list(dict.fromkeys(p for s in _rows(shapes) for p in _leaves(json.loads(s))))
    else:
        paths = list(_leaves(structure))
    if not paths or len(paths) > MOST_COLUMNS:
        raise FileRefused("unknown_layout", f"{len(paths)} columns", rows=objects + len(faults))
    target = work / f"{path.name}.parquet"
    rows = _write(db, records, paths, target)
    header = tuple(".".join(p) for p in paths)
    return Prepared(
        target, header, ",", encoding, rows, odd=False, parquet=True, numbered=True, faults=faults
    )


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


def _list_of(structure: dict[str, Any], objects: int) -> str | None:
    """The key under which an envelope holds its records; None where there is no envelope."""
    names = {key.casefold() for key in structure}
    if names & _OWN or (objects > 1 and any(name.endswith("id") for name in names)):
        return None
    lists = [k for k, v in structure.items() if isinstance(v, list) and isinstance(v[0], dict)]
    if len(lists) > 1:
        lists = [k for k in lists if k.casefold() not in _BESIDE] or lists[:1]
    if len(lists) > 1:
        # The keys are not named: they may be names of children.
        raise FileRefused("several_lists")
    return lists[0] if lists else None


def _is_empty_page(structure: dict[str, Any]) -> bool:
    """Whether there is an empty list, and beside it single values only."""
    values = list(structure.values())
    return ["NULL"] in values and not any(isinstance(v, dict) or v == "JSON" for v in values) and (
        not {key.casefold() for key in structure} & _OWN
    )  # fmt: skip


def _leaves(structure: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The paths to values that are no objects, in the order of the text."""
    if isinstance(structure, dict):
        for key, value in structure.items():
            yield from _leaves(value, (*path, key))
    elif path and structure != "JSON":
        yield path


def _has(structure: Any, word: str) -> bool:
    if isinstance(structure, dict):
        return any(_has(value, word) for value in structure.values())
    return bool(structure == word)


def _pointer(path: tuple[str, ...]) -> str:
    return "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in path)


def _rows(cursor: duckdb.DuckDBPyConnection) -> Iterator[str]:
    while rows := cursor.fetchmany(1000):
        yield from (row[0] for row in rows)


def _first_character(path: Path) -> str:
    with path.open(encoding="utf-8-sig", errors="replace") as stream:
        return stream.read(1 << 16).lstrip()[:1]


def _is_lines(path: Path) -> bool:
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
