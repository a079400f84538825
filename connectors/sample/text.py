"""Text columns and CSV lines: the one place of the sample that touches pyarrow arrays.

A file's body is joined column by column, never row by row; a block of columns that does not change
from day to day is joined once and used again.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

#: A column of text, one value a row (a pyarrow string array; pyarrow ships no types).
Column: TypeAlias = Any
Array: TypeAlias = npt.NDArray[Any]


def text(values: Iterable[str]) -> Column:
    """Strings as a column."""
    return pa.array(list(values), pa.string())


def number(values: Array) -> Column:
    """Whole or decimal numbers in their shortest spelling."""
    return pc.cast(pa.array(values), pa.string())


def whole_or_null(values: Array) -> Column:
    """Whole numbers for a table; a negative one stands for nothing and becomes NULL."""
    return pa.array(values, mask=values < 0)


def decimal(values: Array, places: int) -> Column:
    """Decimals with a fixed number of places, rounded half away from zero."""
    scale = 10**places
    whole = np.floor(np.abs(values) * scale + 0.5).astype(np.int64)
    sign = pick(values < 0, "-", "")
    tail = pc.utf8_lpad(number(whole % scale), places, "0")
    return concat(sign, number(whole // scale), pa.scalar("."), tail)


def moment(values: npt.NDArray[np.datetime64]) -> Column:
    """Times as `YYYY-MM-DD HH:MM:SS`; NaT becomes the empty text."""
    seconds = pa.array(values.astype("datetime64[s]"))
    return pc.fill_null(pc.cast(seconds, pa.string()), "")


def iso_date(values: npt.NDArray[np.datetime64]) -> Column:
    """Days as `YYYY-MM-DD`."""
    return pc.cast(pa.array(values.astype("datetime64[D]")), pa.string())


def us_date(values: npt.NDArray[np.datetime64]) -> Column:
    """Days as `MM/DD/YYYY`, by table: a file has few distinct days."""
    days, where = np.unique(values.astype("datetime64[D]"), return_inverse=True)
    spelled = (date.fromisoformat(str(day)) for day in days)
    return pa.array([f"{day:%m/%d/%Y}" for day in spelled], pa.string()).take(pa.array(where))


def pick(condition: Array, yes: Column | str, no: Column | str) -> Column:
    """`yes` where the condition holds, else `no`; each a column or one text."""
    return pc.if_else(pa.array(condition), _value(yes), _value(no))


def choose(words: Iterable[str], index: Array) -> Column:
    """The word at each index."""
    return text(words).take(pa.array(index))


def take(column: Column, index: Array) -> Column:
    """The rows of a column at the given positions."""
    return column.take(pa.array(index))


def concat(*parts: Column | str) -> Column:
    """Columns and texts put together without a separator."""
    return pc.binary_join_element_wise(*(_value(part) for part in parts), "")


def quoted(column: Column) -> Column:
    """Values in double quotes where they hold a comma."""
    wrapped = concat('"', column, '"')
    return pc.if_else(pc.match_substring(column, ","), wrapped, column)


def joined(*columns: Column | str, separator: str = ",") -> Column:
    """Columns and texts joined row by row."""
    return pc.binary_join_element_wise(*(_value(part) for part in columns), separator)


def body(*columns: Column | str, end: str = "\n") -> bytes:
    """The lines of a file, each with its end, as UTF-8 bytes.

    At least one part must be a column; the array's own buffer is the text, so nothing is copied
    row by row.
    """
    lines = concat(joined(*columns), end)
    if len(lines) == 0:
        return b""
    _, offsets, data = lines.buffers()
    edges = np.frombuffer(offsets, dtype=np.int32)[lines.offset : lines.offset + len(lines) + 1]
    return bytes(data[int(edges[0]) : int(edges[-1])])


def _value(part: Column | str) -> Column:
    return pa.scalar(part) if isinstance(part, str) else part
