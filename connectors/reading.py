"""From the bytes of one file to a text table whose rows can be trusted.

Belongs here: encoding, separator, line ends, quotes, cut ends, archives. Not here: what the
columns mean (contract.py). Everything streams: memory does not grow with the file.
"""

from __future__ import annotations

import codecs
import csv
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from connectors.errors import FileRefused
from connectors.jsontext import is_json, prepare_json
from connectors.packing import gunzip, unzip
from connectors.prepared import Prepared
from connectors.workbook import (
    OLE,
    is_workbook,
    prepare_sheet,
    prepare_written,
    refuse_old,
    sheet_names,
)

if TYPE_CHECKING:
    pass

CHUNK = 1 << 20
HEAD = 1 << 16
SEPARATORS = ",;\t|"
ZIPS = (b"PK\x03\x04", b"PK\x05\x06")
#: No header is longer (characters).
WIDEST = 1 << 22
#: What a spreadsheet program may write before the header.
_SEPARATOR_LINE = re.compile(f'"?sep=([{SEPARATORS}])"?', re.IGNORECASE)
_BROKEN_HEADER = "a quotation mark of the header"
BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass
class Facts:
    """What one pass over the bytes tells."""

    encoding: str = "utf-8"
    line_feeds: int = 0
    lone_returns: int = 0
    zeros: int = 0
    quotes: int = 0
    size: int = 0
    ends_with_newline: bool = True
    bad_bytes: bool = False


def examine(path: Path) -> Facts:
    """Encoding, line ends and quote balance of a file, in one streaming pass.

    UTF-8 is believed where it decodes; a file with bad bytes and no fewer valid multi-byte
    characters is UTF-8 with bad rows; else it is Windows-1252, in which two letters seldom look
    like one of UTF-8.
    """
    facts = Facts()
    with path.open("rb") as stream:
        head = stream.read(HEAD)
        facts.encoding = _by_first_bytes(head)
        stream.seek(0)
        checking = facts.encoding in ("utf-8", "utf-8-sig")
        decoder = codecs.getincrementaldecoder("utf-8")("strict")
        pending = bad = False
        last = b""
        while block := stream.read(CHUNK):
            facts.size += len(block)
            facts.line_feeds += block.count(b"\n")
            facts.lone_returns += block.count(b"\r") - (last + block).count(b"\r\n")
            facts.zeros += block.count(b"\x00")
            facts.quotes += block.count(b'"')
            if checking and not bad and (pending or not block.isascii()):
                try:
                    decoder.decode(block)
                    pending = bool(decoder.getstate()[0])
                except UnicodeDecodeError:
                    bad = True
            last = block[-1:]
        facts.ends_with_newline = last in (b"\n", b"\r")
    # A file may end within a character.
    if bad or pending:
        facts.bad_bytes = facts.encoding == "utf-8-sig" or _is_mostly_utf8(path)
        facts.encoding = facts.encoding if facts.bad_bytes else "cp1252"
    return facts


def _is_mostly_utf8(path: Path) -> bool:
    """Whether a file with bad bytes holds at least as many characters that only UTF-8 writes."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    balance = 0
    with path.open("rb") as stream:
        block = b"-"
        while block:
            block = stream.read(CHUNK)
            text = decoder.decode(block, final=not block)
            beyond = len(text) - len(text.encode("ascii", "ignore"))
            balance += beyond - 2 * text.count("\ufffd")
    return balance >= 0


def _by_first_bytes(head: bytes) -> str:
    for mark, name in BOMS:
        if head.startswith(mark):
            return name
    # Without a mark, UTF-16 shows as every other byte being zero.
    pairs = max(1, len(head) // 2)
    if head[1::2].count(0) > 0.4 * pairs:
        return "utf-16-le"
    if head[0::2].count(0) > 0.4 * pairs:
        return "utf-16-be"
    return "utf-8"


def prepare(path: Path, work: Path) -> Prepared:
    """Make one landed file ready for a plain, fully specified CSV reading.

    Raises FileRefused for an empty, header-only, undecodable or unreadable file. `work` receives
    a rewritten copy only where the file is not already plain UTF-8.
    """
    magic = _first_bytes(path)
    if magic == b"PAR1":
        return _parquet(path)
    if magic[:2] == b"\x1f\x8b":
        path = gunzip(path, work)
        magic = _first_bytes(path)
    if not magic:
        raise FileRefused("empty_file")
    if magic == OLE:
        refuse_old(path)
    if magic in ZIPS and is_workbook(path):
        return prepare_sheet(path, None, work / f"{path.name}.parquet")
    if magic in ZIPS:
        raise FileRefused("broken_archive", "an archive within the archive")
    facts = examine(path)
    if facts.encoding not in ("utf-8", "utf-8-sig") or facts.lone_returns > facts.line_feeds:
        path = _rewrite(path, facts, work)
        facts = examine(path)
    if is_json(path):
        if facts.bad_bytes:
            path = _rewrite(path, facts, work, "replace")
        return prepare_json(path, work, facts.encoding, damaged=facts.bad_bytes)
    header, separator, header_lines = _header(path)
    if any("\x00" in name for name in header):
        raise FileRefused("wrong_encoding")
    lines = facts.line_feeds - header_lines + (not facts.ends_with_newline)
    if lines <= 0 and any("\n" in name for name in header):
        raise FileRefused("unknown_layout", _BROKEN_HEADER)
    if lines <= 0:
        raise FileRefused("header_only")
    odd = facts.quotes % 2 == 1 or facts.bad_bytes or facts.zeros > 0 or header_lines > 1
    return Prepared(path, header, separator, facts.encoding, lines, odd, header_lines)


def _first_bytes(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(4)


def _parquet(path: Path) -> Prepared:
    import pyarrow
    import pyarrow.parquet

    try:
        if (sheet := prepare_written(path)) is not None:
            return sheet
        with pyarrow.parquet.ParquetFile(path) as file:
            rows, names = file.metadata.num_rows, tuple(file.schema_arrow.names)
    except (pyarrow.ArrowException, OSError) as error:
        raise FileRefused("cut_file") from error
    if rows == 0:
        raise FileRefused("header_only")
    return Prepared(path, names, ",", "parquet", rows, odd=False, parquet=True)


def _rewrite(path: Path, facts: Facts, work: Path, bad: str = "surrogateescape") -> Path:
    """Write the file anew as UTF-8 with LF; bad bytes of an UTF-8 file stay as they are, or become
    U+FFFD where `bad` is "replace"."""
    target = work / f"{path.name}.utf8"
    encoding = "utf-8-sig" if facts.encoding.startswith("utf-8") else facts.encoding
    errors = bad if facts.bad_bytes else "strict"
    try:
        with (
            path.open(encoding=encoding, errors=errors, newline=None) as source,
            target.open("w", encoding="utf-8", errors=errors, newline="\n") as sink,
        ):
            shutil.copyfileobj(source, sink, CHUNK)
    except UnicodeError as error:
        if isinstance(error, UnicodeDecodeError) and error.reason == "truncated data":
            raise FileRefused("cut_file") from error
        raise FileRefused("wrong_encoding") from error
    return target


def _header(path: Path) -> tuple[tuple[str, ...], str, int]:
    """Header names, separator, and how many lines lead to the header's end.

    Of the separators the one that parts the first line with text into most names is the file's,
    unless that line tells it (`sep=;`).
    """
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as stream:
        first = next((t for t in iter(lambda: stream.readline(WIDEST), "") if _told(t)), "")
        told = _SEPARATOR_LINE.fullmatch(first.strip())
        separator = told[1] if told else max(SEPARATORS, key=lambda s: len(_names(first, s)))
        stream.seek(0)
        reader = csv.reader(stream, delimiter=separator, skipinitialspace=True)
        try:
            for row in reader:
                if not any(cell.strip() for cell in row):
                    continue
                if told:
                    told = None
                else:
                    return tuple(cell.strip() for cell in row), separator, reader.line_num
        except csv.Error as error:
            raise FileRefused("unknown_layout", _BROKEN_HEADER) from error
    raise FileRefused("empty_file")


def _told(line: str) -> bool:
    return bool(line.strip(f'{SEPARATORS}" \r\n'))


def _names(line: str, separator: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=separator, skipinitialspace=True), [])
    except csv.Error:
        return []


def is_archive(path: Path) -> bool:
    """Whether the file holds several: a zip of files, or a workbook of several sheets."""
    if _first_bytes(path) not in ZIPS:
        return False
    return not is_workbook(path) or len(_sheets(path)) > 1


def members(path: Path, work: Path) -> Iterator[tuple[str, Path]]:
    """The files of a zip or the sheets of a workbook: name inside, path of an own copy.

    A workbook of several sheets within a zip gives its sheets. Raises FileRefused where the
    archive cannot be trusted.
    """
    if is_workbook(path):
        yield from _unpacked_sheets(path, path.name[:16], work)
        return
    for number, (name, found) in enumerate(unzip(path, work)):
        if is_archive(found) and is_workbook(found):
            for sheet, copy in _unpacked_sheets(found, f"{path.name[:16]}-{number}", work):
                yield f"{name}/{sheet}", copy
        else:
            yield name, found


def _unpacked_sheets(path: Path, stem: str, work: Path) -> Iterator[tuple[str, Path]]:
    for number, sheet in enumerate(sheet_names(path)):
        target = work / f"{stem}-sheet{number}"
        try:
            prepare_sheet(path, sheet, target)
        except FileRefused as refused:
            # The sheet's table stands, without rows, and is refused when it is read.
            if refused.code not in ("header_only", "nothing_survived"):
                raise
        yield sheet.replace("/", "_"), target


def _sheets(path: Path) -> list[str]:
    try:
        return sheet_names(path)
    except FileRefused:
        return []
