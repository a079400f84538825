"""What a file is packed in: zip and gzip, unpacked within bounds.

Belongs here: paths, sizes and damage of archives. Not here: what is in the files (reading.py),
workbooks, which are zips too (workbook.py).
"""

from __future__ import annotations

import errno
import gzip
import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, BinaryIO

from connectors.errors import FileRefused

if TYPE_CHECKING:
    from _typeshed import SupportsRead

CHUNK = 1 << 20
#: An archive may unpack to this many times its size (text packs about tenfold), and to this much.
MOST_TIMES, MOST_BYTES = 200, 64 << 30


def gunzip(path: Path, work: Path) -> Path:
    """Unpack a gzip into `work`. Raises FileRefused for a cut, damaged or swollen one."""
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


def unzip(path: Path, work: Path) -> Iterator[tuple[str, Path]]:
    """Unpack a zip, one file at a time: name inside, path of the unpacked copy.

    Raises FileRefused for a path that leaves the archive, a bomb, a cut, locked or empty archive.
    Mac resource forks and directories are passed over.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
            refuse_unsafe(infos, path.stat().st_size)
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


def refuse_unsafe(infos: list[zipfile.ZipInfo], size: int) -> None:
    """Raise FileRefused where a zip of `size` bytes points outside of itself or is a bomb."""
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
