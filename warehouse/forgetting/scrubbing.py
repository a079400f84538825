"""One file without the forgotten: as it lands, and as it lies in the landing area already.

Belongs here: what a file is packed in, and what becomes of one that cannot be looked into. The
same file and list give the same bytes, so that a file that is sent again is known.
"""

from __future__ import annotations

import gzip
import shutil
import zipfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from connectors.errors import FileRefused
from connectors.packing import gunzip, unzip
from connectors.prepared import Prepared
from connectors.reading import ZIPS, examine, prepare
from connectors.workbook import OLE, is_workbook, prepare_sheet, sheet_names
from warehouse.forgetting import cutting
from warehouse.forgetting.finding import Finder, Found

_GZIP, _PARQUET, _EMPTY = b"\x1f\x8b", b"PAR1", frozenset({"header_only", "empty_file"})


@dataclass
class Scrubbed:
    """What became of a file. `path`: the file without the forgotten, None where nothing of it may
    stay; `counts`: records taken out, by withheld and held; `changed`: whether any byte is another.

    `members`: the same of each file of an archive, by name. `not_them`: see `Finder.not_them`.
    """

    path: Path | None
    counts: Counter[str] = field(default_factory=Counter)
    changed: bool = False
    members: dict[str, Counter[str]] = field(default_factory=dict)
    not_them: set[str] = field(default_factory=set)


class Scrubber:
    """Takes the forgotten out of files. Not shared between threads."""

    def __init__(self, finder: Finder, work: Path) -> None:
        self._finder, self._work = finder, work
        work.mkdir(parents=True, exist_ok=True)

    def scrub(self, path: Path, platform: str, name: str) -> Scrubbed:
        """The file at `path`, called `name` by its platform; a changed one stands in the work
        folder and is the caller's."""
        self._finder.not_them.clear()
        try:
            result = self._scrub(path, platform, name, self._work / "scrubbed")
            result.not_them = set(self._finder.not_them)
            return result
        finally:
            for left in self._work.iterdir():
                if left.name != "scrubbed":
                    shutil.rmtree(left) if left.is_dir() else left.unlink()

    def _scrub(self, path: Path, platform: str, name: str, target: Path) -> Scrubbed:
        if whole := self._finder.of_name(platform, name):
            return Scrubbed(None, Counter({whole: self._rows(path)}), changed=True)
        with path.open("rb") as stream:
            magic = stream.read(4)
        try:
            if magic[:2] == _GZIP:
                return self._gzip(path, platform, name, target)
            if magic in ZIPS and is_workbook(path):
                return self._workbook(path, platform, name, target)
            if magic in ZIPS:
                return self._zip(path, platform, name, target)
            if magic == OLE:
                return Scrubbed(None, changed=True)
            if magic == _PARQUET:
                return self._parquet(path, platform, name, target)
            return self._text(path, platform, name, target)
        except (FileRefused, ValueError, KeyError, duckdb.InvalidInputException):
            # Nobody can look into it, so nobody can say whose records it holds.
            return Scrubbed(None, changed=True)

    def _rows(self, path: Path) -> int:
        try:
            return prepare(path, self._work).lines
        except FileRefused:
            return 1

    def _text(self, path: Path, platform: str, name: str, target: Path) -> Scrubbed:
        if path.stat().st_size == 0:
            return Scrubbed(path)
        facts = examine(path)
        try:
            prepared = prepare(path, self._work)
            found = self._finder.of_rows(platform, name, prepared)
        except FileRefused as refused:
            if refused.code in _EMPTY:
                return Scrubbed(path)
            return self._broken(path, platform, facts.encoding, target)
        if not found.records:
            return Scrubbed(path)
        counts = Counter(found.records.values())
        if prepared.numbered:
            left = self._json(path, prepared, facts.encoding, found, target)
        else:
            plain = facts.encoding in ("utf-8", "utf-8-sig") and found.starts is None
            newline = "\n" if plain and facts.lone_returns <= facts.line_feeds else ""
            left = cutting.cut_lines(
                path, target, facts.encoding, found.records, found.starts, newline=newline
            )
        return Scrubbed(target if left else None, counts, changed=True)

    def _json(self, path: Path, read: Prepared, encoding: str, found: Found, target: Path) -> int:
        """Records of JSON lines go by line, others by number."""
        flat = read.path
        if flat.name.removesuffix(".parquet") != path.name:
            # It was rewritten as UTF-8 to be read; that text is cut.
            path = flat.with_name(flat.name.removesuffix(".parquet"))
            encoding = "utf-8"
        if cutting.is_by_line(path, read.header):
            newline = "\n" if encoding.startswith("utf-8") else ""
            left = cutting.cut_lines(path, target, encoding, found.records, None, newline=newline)
            return left + (1 not in found.records)
        return cutting.cut_json(path, target, found.records, read.header)

    def _broken(self, path: Path, platform: str, encoding: str, target: Path) -> Scrubbed:
        """A text that cannot be taken apart, line by line."""
        try:
            with cutting.opened(path, encoding, newline="") as stream:
                lines = [
                    (n, text.encode("utf-8", "replace").decode())
                    for n, text in enumerate(stream, 1)
                ]
        except UnicodeError:
            return Scrubbed(None, changed=True)
        found = self._finder.of_lines(platform, lines)
        if not found.records:
            return Scrubbed(path)
        cutting.cut_lines(path, target, encoding, found.records, None, newline="")
        left = target if target.stat().st_size else None
        return Scrubbed(left, Counter(found.records.values()), changed=True)

    def _parquet(self, path: Path, platform: str, name: str, target: Path) -> Scrubbed:
        try:
            found = self._finder.of_rows(platform, name, prepare(path, self._work))
        except FileRefused as refused:
            if refused.code in _EMPTY:
                return Scrubbed(path)
            raise
        if not found.records:
            return Scrubbed(path)
        left = cutting.cut_parquet(path, target, found.records)
        return Scrubbed(target if left else None, Counter(found.records.values()), changed=True)

    def _workbook(self, path: Path, platform: str, name: str, target: Path) -> Scrubbed:
        sheets = sheet_names(path)
        result = Scrubbed(path)
        rows: dict[str, dict[int, str]] = {}
        for number, sheet in enumerate(sheets):
            member = f"{name}/{sheet.replace('/', '_')}" if len(sheets) > 1 else name
            try:
                prepared = prepare_sheet(path, sheet, self._work / f"sheet{number}.parquet")
            except FileRefused as refused:
                if refused.code not in (*_EMPTY, "nothing_survived"):
                    raise
                continue
            rows[sheet] = self._finder.of_rows(platform, member, prepared).records
            result.members[member] = Counter(rows[sheet].values())
            result.counts += result.members[member]
        if not result.counts:
            return result
        cutting.cut_sheets(path, target, dict(rows))
        result.path, result.changed = target, True
        return result

    def _gzip(self, path: Path, platform: str, name: str, target: Path) -> Scrubbed:
        inner = self._work / "inside"
        inner.mkdir(exist_ok=True)
        result = self._scrub(gunzip(path, inner), platform, name, inner / "cut")
        if result.path is None or not result.changed:
            return Scrubbed(result.path and path, result.counts, result.changed)
        with (
            result.path.open("rb") as source,
            target.open("wb") as raw,
            gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as sink,
        ):
            shutil.copyfileobj(source, sink, 1 << 20)
        return Scrubbed(target, result.counts, changed=True)

    def _zip(self, path: Path, platform: str, name: str, target: Path) -> Scrubbed:
        """Every member by itself. Only a zip of which some member changes is written anew."""
        folder = self._work / f"members-{target.name}"
        folder.mkdir(exist_ok=True)
        result, kept = Scrubbed(path), 0
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as sink:
            for member, unpacked in unzip(path, folder):
                inner = self._scrub(unpacked, platform, f"{name}/{member}", folder / "cut")
                result.changed |= inner.changed
                result.counts += inner.counts
                result.members |= inner.members or {f"{name}/{member}": inner.counts}
                if inner.path is not None:
                    kept += 1
                    info = zipfile.ZipInfo(member, (1980, 1, 1, 0, 0, 0))
                    info.compress_type = zipfile.ZIP_DEFLATED
                    with inner.path.open("rb") as source, sink.open(info, "w") as out:
                        shutil.copyfileobj(source, out, 1 << 20)
        if not result.changed:
            target.unlink()
        else:
            result.path = target if kept else None
        return result
