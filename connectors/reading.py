"""From the bytes of one file to a text table whose rows can be trusted.

Belongs here: encoding, separator, line ends, quotes, cut ends, archives. Not here: what the
columns mean (contract.py). Everything streams: memory does not grow with the file.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from connectors.errors import FileRefused

CHUNK = 1 << 20
HEAD = 1 << 16
SEPARATORS = ",;\t|"
#: An archive may unpack to this many times its size (text packs about tenfold), and to this much.
MOST_TIMES, MOST_BYTES = 200, 64 << 30
BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True)
class Prepared:
    """A file made ready: `path` is UTF-8 with LF or CRLF, or Parquet.

    `lines` counts line ends after the header's; `odd` says that a plain reading cannot be
    trusted (unbalanced quotes, bytes that are not text), so that every line is looked at.
    """

    path: Path
    header: tuple[str, ...]
    separator: str
    encoding: str
    lines: int
    odd: bool
    parquet: bool = False


@dataclass
class Facts:
    """What one pass over the bytes tells."""

    encoding: str = "utf-8"
    line_feeds: int = 0
    returns: int = 0
    quotes: int = 0
    size: int = 0
    ends_with_newline: bool = True
    bad_bytes: bool = False


def examine(path: Path) -> Facts:
    """Encoding, line ends and quote balance of a file, in one streaming pass.

    UTF-8 is believed where it decodes; a file with valid multi-byte characters and a few bad
    bytes is UTF-8 with bad rows; one without is Windows-1252.
    """
    facts = Facts()
    with path.open("rb") as stream:
        head = stream.read(HEAD)
        facts.encoding = _by_first_bytes(head)
        stream.seek(0)
        checking = facts.encoding in ("utf-8", "utf-8-sig")
        decoder = codecs.getincrementaldecoder("utf-8")("strict")
        multibyte = bad = False
        last = b""
        while block := stream.read(CHUNK):
            facts.size += len(block)
            facts.line_feeds += block.count(b"\n")
            facts.returns += block.count(b"\r")
            facts.quotes += block.count(b'"')
            if checking and not bad and not (block.isascii() and not multibyte):
                try:
                    decoder.decode(block)
                    multibyte = True
                except UnicodeDecodeError as error:
                    # A valid character before the bad byte shows that the rest is UTF-8.
                    multibyte = multibyte or _has_multibyte(block[: error.start])
                    bad = True
            last = block[-1:]
        facts.ends_with_newline = last in (b"\n", b"\r", b"\x00")
    if bad:
        facts.bad_bytes = multibyte
        facts.encoding = facts.encoding if multibyte else "cp1252"
    return facts


def _has_multibyte(block: bytes) -> bool:
    return any(len(c.encode()) > 1 for c in set(block.decode("utf-8", "ignore")))


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


def prepare(path: Path, name: str, work: Path) -> Prepared:
    """Make one landed file ready for a plain, fully specified CSV reading.

    Raises FileRefused for an empty, header-only, undecodable or unreadable file. `work` receives
    a rewritten copy only where the file is not already plain UTF-8.
    """
    with path.open("rb") as stream:
        magic = stream.read(4)
    if not magic:
        raise FileRefused("empty_file")
    if magic == b"PAR1":
        return _parquet(path)
    if magic[:2] == b"\x1f\x8b":
        path = _gunzip(path, work)
    facts = examine(path)
    if facts.size == 0:
        raise FileRefused("empty_file")
    if b"\x00" in path.open("rb").read(HEAD) and not facts.encoding.startswith("utf-16"):
        raise FileRefused("wrong_encoding")
    lone_returns = facts.returns > 0 and facts.line_feeds == 0
    if facts.encoding not in ("utf-8", "utf-8-sig") or lone_returns:
        path = _rewrite(path, facts.encoding, work)
        facts = examine(path)
    header, separator, header_lines = _header(path)
    lines = facts.line_feeds - header_lines + (not facts.ends_with_newline)
    if lines <= 0:
        raise FileRefused("header_only")
    _refuse_repeats(header)
    odd = facts.quotes % 2 == 1 or facts.bad_bytes
    return Prepared(path, header, separator, facts.encoding, lines, odd)


def _refuse_repeats(header: tuple[str, ...]) -> None:
    seen: set[str] = set()
    for name in (h.casefold() for h in header if h):
        if name in seen:
            raise FileRefused("repeated_column", f"column {name}")
        seen.add(name)


def _parquet(path: Path) -> Prepared:
    import pyarrow
    import pyarrow.parquet

    try:
        meta = pyarrow.parquet.ParquetFile(path)
    except (pyarrow.ArrowInvalid, OSError) as error:
        raise FileRefused("cut_file") from error
    if meta.metadata.num_rows == 0:
        raise FileRefused("header_only")
    names = tuple(meta.schema_arrow.names)
    return Prepared(path, names, ",", "parquet", meta.metadata.num_rows, False, parquet=True)


def _gunzip(path: Path, work: Path) -> Path:
    target = work / f"{path.name}.plain"
    try:
        with gzip.open(path) as source, target.open("wb") as sink:
            _copy_bounded(source, sink, path.stat().st_size)
    except EOFError as error:
        raise FileRefused("cut_file", "gzip") from error
    except (OSError, ValueError) as error:
        raise FileRefused("broken_archive", "gzip") from error
    return target


def _rewrite(path: Path, encoding: str, work: Path) -> Path:
    """Write the file anew as UTF-8 with LF."""
    target = work / f"{path.name}.utf8"
    strict = "utf-8-sig" if encoding.startswith("utf-8") else encoding
    try:
        with (
            path.open(encoding=strict, newline=None) as source,
            target.open("w", encoding="utf-8", newline="\n") as sink,
        ):
            shutil.copyfileobj(source, sink, CHUNK)
    except UnicodeDecodeError as error:
        if encoding.startswith("utf-16") and error.reason == "truncated data":
            raise FileRefused("cut_file") from error
        raise FileRefused("wrong_encoding") from error
    return target


def _header(path: Path) -> tuple[tuple[str, ...], str, int]:
    """Header names, separator, and how many lines the header takes."""
    with path.open("rb") as stream:
        head = stream.read(HEAD).decode("utf-8-sig", "replace")
    first = head.lstrip("\r\n").split("\n", 1)[0]
    separator = max(SEPARATORS, key=first.count)
    reader = csv.reader(io.StringIO(head, newline=""), delimiter=separator)
    for row in reader:
        if any(cell.strip() for cell in row):
            return tuple(cell.strip() for cell in row), separator, reader.line_num
    raise FileRefused("empty_file")


def members(path: Path, work: Path) -> Iterator[tuple[str, Path]]:
    """Unpack a zip, one file at a time: name inside, path of the unpacked copy.

    Raises FileRefused for a path that leaves the archive, a bomb, a cut or locked archive.
    Mac resource forks and directories are passed over.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            infos = [i for i in archive.infolist() if not i.is_dir()]
            _refuse_unsafe(infos, path.stat().st_size)
            for number, info in enumerate(infos):
                pure = PurePosixPath(info.filename)
                if pure.parts[0] == "__MACOSX" or pure.name.startswith("."):
                    continue
                target = work / f"{path.name[:16]}-{number}"
                with archive.open(info) as source, target.open("wb") as sink:
                    _copy_bounded(source, sink, max(info.compress_size, 1))
                yield info.filename, target
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError) as error:
        raise FileRefused("broken_archive") from error


def _refuse_unsafe(infos: list[zipfile.ZipInfo], size: int) -> None:
    for info in infos:
        pure = PurePosixPath(info.filename.replace("\\", "/"))
        if pure.is_absolute() or ".." in pure.parts or ":" in pure.parts[0]:
            raise FileRefused("unsafe_archive")
    if sum(i.file_size for i in infos) > min(MOST_BYTES, max(size, 1 << 16) * MOST_TIMES):
        raise FileRefused("archive_bomb")


def _copy_bounded(source: io.BufferedIOBase, sink: io.BufferedIOBase, packed: int) -> None:
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
    with path.open("rb") as stream:
        return stream.read(4) in (b"PK\x03\x04", b"PK\x05\x06")
