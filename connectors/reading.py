"""From the bytes of one file to a text table whose rows can be trusted.

Belongs here: encoding, separator, line ends, quotes, cut ends, archives. Not here: what the
columns mean (contract.py). Everything streams: memory does not grow with the file.
"""

from __future__ import annotations

import codecs
import csv
import errno
import gzip
import lzma
import shutil
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, BinaryIO

from connectors.errors import FileRefused
from connectors.jsontext import is_json, prepare_json
from connectors.prepared import Prepared

if TYPE_CHECKING:
    from _typeshed import SupportsRead

CHUNK = 1 << 20
HEAD = 1 << 16
SEPARATORS = ",;\t|"
ZIPS = (b"PK\x03\x04", b"PK\x05\x06")
#: No header is longer (characters).
WIDEST = 1 << 22
_BROKEN_HEADER = "a quotation mark of the header"
#: An archive may unpack to this many times its size (text packs about tenfold), and to this much.
MOST_TIMES, MOST_BYTES = 200, 64 << 30
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

    UTF-8 is believed where it decodes; a file with valid multi-byte characters and some bad
    bytes is UTF-8 with bad rows; one without is Windows-1252, in which two letters seldom look
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
        facts.bad_bytes = facts.encoding == "utf-8-sig" or _has_multibyte(path)
        facts.encoding = facts.encoding if facts.bad_bytes else "cp1252"
    return facts


def _has_multibyte(path: Path) -> bool:
    """Whether a file with bad bytes holds a character that only UTF-8 writes."""
    decoder = codecs.getincrementaldecoder("utf-8")("ignore")
    with path.open("rb") as stream:
        while block := stream.read(CHUNK):
            if not decoder.decode(block).isascii():
                return True
    return False


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
        path = _gunzip(path, work)
        magic = _first_bytes(path)
    if not magic:
        raise FileRefused("empty_file")
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
        with pyarrow.parquet.ParquetFile(path) as file:
            rows, names = file.metadata.num_rows, tuple(file.schema_arrow.names)
    except (pyarrow.ArrowException, OSError) as error:
        raise FileRefused("cut_file") from error
    if rows == 0:
        raise FileRefused("header_only")
    return Prepared(path, names, ",", "parquet", rows, odd=False, parquet=True)


def _gunzip(path: Path, work: Path) -> Path:
    target = work / f"{path.name}.plain"
    try:
        with gzip.open(path) as source, target.open("wb") as sink:
            _copy_bounded(source, sink, path.stat().st_size)
    except EOFError as error:
        raise FileRefused("cut_file", "gzip") from error
    # Not every OSError: a full disk is no fault of the file's.
    except (gzip.BadGzipFile, zlib.error) as error:
        raise FileRefused("broken_archive", "gzip") from error
    return target


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

    Of the separators the one that parts the first line with text into most names is the file's.
    """
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as stream:
        first = next((t for t in iter(lambda: stream.readline(WIDEST), "") if _told(t)), "")
        separator = max(SEPARATORS, key=lambda s: len(_names(first, s)))
        stream.seek(0)
        reader = csv.reader(stream, delimiter=separator, skipinitialspace=True)
        try:
            for row in reader:
                if any(cell.strip() for cell in row):
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


def members(path: Path, work: Path) -> Iterator[tuple[str, Path]]:
    """Unpack a zip, one file at a time: name inside, path of the unpacked copy.

    Raises FileRefused for a path that leaves the archive, a bomb, a cut, locked or empty archive.
    Mac resource forks and directories are passed over.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
            _refuse_unsafe(infos, path.stat().st_size)
            found = [(n, i) for i in infos if not _passed_over(n := _slashes(i))]
            if not found:
                raise FileRefused("empty_file")
            if len({name for name, _ in found}) < len(found):
                raise FileRefused("broken_archive", "two files of one name")
            for number, (name, info) in enumerate(found):
                target = work / f"{path.name[:16]}-{number}"
                with archive.open(info) as source, target.open("wb") as sink:
                    _copy_bounded(source, sink, max(info.compress_size, 1))
                yield name, target
    except (
        zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, ValueError,
        struct.error, zlib.error, lzma.LZMAError,
    ) as error:  # fmt: skip
        raise FileRefused("broken_archive") from error
    except OSError as error:
        # A damaged archive points outside of itself; a full disk is no fault of the archive's.
        if error.errno not in (None, errno.EINVAL):
            raise
        raise FileRefused("broken_archive") from error


def _slashes(info: zipfile.ZipInfo) -> str:
    return info.filename.replace("\\", "/")


def _passed_over(member: str) -> bool:
    path = PurePosixPath(member)
    return member.endswith("/") or path.parts[0] == "__MACOSX" or path.name.startswith(".")


def _refuse_unsafe(infos: list[zipfile.ZipInfo], size: int) -> None:
    for info in infos:
        pure = PurePosixPath(_slashes(info))
        if not pure.parts or pure.is_absolute() or ".." in pure.parts or ":" in pure.parts[0]:
            raise FileRefused("unsafe_archive")
    if sum(i.file_size for i in infos) > min(MOST_BYTES, max(size, 1 << 16) * MOST_TIMES):
        raise FileRefused("archive_bomb")


def _copy_bounded(source: SupportsRead[bytes], sink: BinaryIO, packed: int) -> None:
    """Copy, but stop a stream that unpacks beyond every honest ratio, whatever it declares."""
    most = min(MOST_BYTES, max(packed, 1 << 16) * MOST_TIMES)
    done = 0
    while block := source.read(CHUNK):
        done += len(block)
        if done > most:
            raise FileRefused("archive_bomb")
        sink.write(block)


def is_zip(path: Path) -> bool:
    """Whether the file begins like a zip archive."""
    return _first_bytes(path) in ZIPS
