"""Whether anything of a student is left: every file below the home is looked through.

Raw bytes, and what they hold: members of archives, columns of Parquet and DuckDB, tables of SQLite.
Names count only as a pair that nobody else bears; one of digits alone only where it stands alone.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

import duckdb

from connectors.errors import FileRefused
from connectors.packing import gunzip, unzip
from connectors.reading import ZIPS
from warehouse.intake.casting import quote

_SHORTEST = 5
_CHUNK, _OVERLAP = 1 << 22, 1 << 10


class Search:
    """Looks for one student's ids and names."""

    def __init__(self, ids: Iterable[str], names: Iterable[list[str]]) -> None:
        words = [_id(i) for i in ids if len(i) >= _SHORTEST]
        words += [
            rf"{re.escape(a)}[^0-9A-Za-z\n]{{1,4}}{re.escape(b)}"
            for given, family in names
            for a, b in ((given, family), (family, given))
        ]
        self.text = "|".join(dict.fromkeys(words)) or r"(?!)"
        self._bytes = [
            re.compile(self.text.encode(encoding), re.IGNORECASE)
            for encoding in ("utf-8", "cp1252")
            if _fits(self.text, encoding)
        ]
        self._wide = re.compile(self.text, re.IGNORECASE)

    def is_in(self, path: Path, work: Path) -> bool:
        """Whether a file holds any of it, packed or plain."""
        with path.open("rb") as stream:
            magic = stream.read(16)
        if self._is_raw(path):
            return True
        if magic[:4] == b"PAR1":
            return self._is_in_rows(f"read_parquet({quote(str(path))})")
        if magic[8:12] == b"DUCK":
            return self._is_in_duckdb(path)
        if magic.startswith(b"SQLite format 3"):
            return self._is_in_sqlite(path)
        return self._is_packed(path, magic, work)

    def _is_raw(self, path: Path) -> bool:
        last = b""
        with path.open("rb") as stream:
            while block := stream.read(_CHUNK):
                held = last + block
                if any(p.search(held) for p in self._bytes):
                    return True
                if held[1:2000:2].count(0) > 100 or held[:2000:2].count(0) > 100:
                    for encoding in ("utf-16-le", "utf-16-be"):
                        if self._wide.search(held.decode(encoding, "replace")):
                            return True
                last = held[-_OVERLAP:]
        return False

    def _is_packed(self, path: Path, magic: bytes, work: Path) -> bool:
        try:
            if magic[:2] == b"\x1f\x8b":
                work.mkdir(parents=True, exist_ok=True)
                inner = gunzip(path, work)
                try:
                    return self.is_in(inner, work)
                finally:
                    inner.unlink()
            if magic[:4] in ZIPS:
                folder = work / f"z{len(path.name)}-{path.stem[:12]}"
                folder.mkdir(parents=True, exist_ok=True)
                for name, member in unzip(path, folder):
                    found = bool(self._wide.search(name)) or self.is_in(member, folder)
                    member.unlink()
                    if found:
                        return True
        except FileRefused:
            return False
        return False

    def _is_in_rows(self, source: str, db: duckdb.DuckDBPyConnection | None = None) -> bool:
        asked = f"SELECT 1 FROM {source} AS t WHERE regexp_matches(t::VARCHAR, ?, 'i') LIMIT 1"
        try:
            return bool((db or duckdb.connect()).execute(asked, [_plain(self.text)]).fetchall())
        except duckdb.Error:
            return False

    def _is_in_duckdb(self, path: Path) -> bool:
        try:
            with duckdb.connect(str(path), read_only=True) as db:
                tables = db.execute(
                    "SELECT schema_name, table_name FROM duckdb_tables()"
                ).fetchall()
                return any(self._is_in_rows(f'"{s}"."{t}"', db) for s, t in tables)
        except duckdb.Error:
            return False

    def _is_in_sqlite(self, path: Path) -> bool:
        db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        try:
            tables = db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            return any(
                self._wide.search(" ".join(map(str, row)))
                for (name,) in tables
                for row in db.execute(f'SELECT * FROM "{name}"')
            )
        except sqlite3.DatabaseError:
            return False
        finally:
            db.close()


def files_below(home: Path, besides: Iterable[Path] = ()) -> Iterator[Path]:
    """Every file below a folder, but not below others."""
    left = [p.resolve() for p in besides]
    for path in sorted(home.rglob("*")):
        if path.is_file() and not any(path.resolve().is_relative_to(p) for p in left):
            yield path


def _id(told: str) -> str:
    """An id as a word of its own; one of digits is no part of a decimal or a longer number."""
    edge = r"[0-9A-Za-z.:_-]" if told.isdigit() else r"[0-9A-Za-z]"
    return rf"(?<!{edge[:-1]}]){re.escape(told)}(?![0-9A-Za-z])"


def _plain(pattern: str) -> str:
    """The same for an engine that does not look around: an edge is any other character."""
    plain = re.sub(r"\(\?<!\[([^\]]*)\]\)", r"(?:^|[^\1])", pattern)
    return re.sub(r"\(\?!\[([^\]]*)\]\)", r"(?:$|[^\1])", plain).replace("(?!)", "[^\\s\\S]")


def _fits(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True
