"""Files of the sample: bytes, zips and Parquet, each with the time of its simulated export.

Nothing here depends on the machine's clock, locale or time zone: same content, same bytes.
"""

from __future__ import annotations

import gzip
import os
import zipfile
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

import pyarrow as pa
import pyarrow.parquet as pq

from connectors.sample.text import Array, Column

#: Short type names of Parquet columns.
_TYPES = {
    "text": pa.string(),
    "day": pa.date32(),
    "whole": pa.int32(),
    "number": pa.float64(),
    "truth": pa.bool_(),
    "instant": pa.timestamp("s"),
}


class Outbox:
    """The folder that is being written, and the count of its files and bytes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files = 0
        self.size = 0

    def path(self, name: str) -> Path:
        """Where a file of that name goes; its folder is made."""
        target = self.folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        return target

    def put(self, name: str, data: bytes, when: float) -> None:
        """Write one file; `when` is its modification time in seconds since 1970."""
        self.path(name).write_bytes(data)
        self.done(name, when)

    def put_zip(
        self, name: str, members: Iterable[tuple[str, bytes]], made: date, when: float
    ) -> None:
        """Write a zip whose members all carry noon of the day it was made."""
        with zipfile.ZipFile(self.path(name), "w") as archive:
            for member, data in members:
                info = zipfile.ZipInfo(member, (made.year, made.month, made.day, 12, 0, 0))
                info.create_system, info.external_attr = 3, 0o644 << 16
                archive.writestr(info, data, zipfile.ZIP_DEFLATED, compresslevel=6)
        self.done(name, when)

    def done(self, name: str, when: float) -> None:
        """Count a file that has been written and set its time."""
        path = self.folder / name
        os.utime(path, (when, when))
        self.files += 1
        self.size += path.stat().st_size


class GrowingFile:
    """A text file that grows day by day; closed and dated at the end of the `with` block."""

    def __init__(self, outbox: Outbox, name: str, header: str, when: float) -> None:
        self._outbox, self._name, self._when = outbox, name, when
        self._stream: BinaryIO = outbox.path(name).open("wb")
        self._stream.write(f"{header}\n".encode())

    def add(self, lines: bytes) -> None:
        """Append lines."""
        self._stream.write(lines)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stream.close()
        self._outbox.done(self._name, self._when)


class GrowingTable:
    """A Parquet file that grows part by part. `columns`: name to a short type name."""

    def __init__(self, outbox: Outbox, name: str, columns: Mapping[str, str], when: float) -> None:
        self._outbox, self._name, self._when = outbox, name, when
        self._schema = pa.schema([(key, _TYPES[kind]) for key, kind in columns.items()])
        self._writer = pq.ParquetWriter(outbox.path(name), self._schema, compression="zstd")

    def add(self, **columns: Column | Array | list[str]) -> None:
        """Append one part: a column for every name, all of one length."""
        arrays = [pa.array(columns[f.name]).cast(f.type, safe=False) for f in self._schema]
        if len(arrays[0]):
            self._writer.write_table(pa.Table.from_arrays(arrays, schema=self._schema))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._writer.close()
        self._outbox.done(self._name, self._when)


def gzipped(data: bytes) -> bytes:
    """Data as gzip without a time or a name inside."""
    return gzip.compress(data, compresslevel=6, mtime=0)
