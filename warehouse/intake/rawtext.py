"""SQL that reads prepared files as text, nothing sniffed: separator, quotes and columns are given.

Pure. What the text means is in casting.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from connectors.prepared import Prepared
from warehouse.intake.casting import quote


def rows_of(prepared: Sequence[Prepared], salvaged: Path | None = None) -> str:
    """A subquery over files of one header: _no, _line (1 = header), c0..cN, all text.

    `salvaged`: the clean copy of a single damaged file, whose last column is the line. Of several
    files, table batch_file (no, path) gives the numbers.
    """
    first = prepared[0]
    names = [f"c{i}" for i in range(len(first.header))]
    if first.numbered:
        return (
            f"(SELECT 0 AS _no, _line, {', '.join(names)} "
            f"FROM read_parquet({quote(str(first.path))}))"
        )
    if first.parquet:
        cells = ", ".join(
            f"CAST({_identifier(h)} AS VARCHAR) AS c{i}" for i, h in enumerate(first.header)
        )
        return (
            f"(SELECT 0 AS _no, row_number() OVER () + 1 AS _line, {cells} "
            f"FROM read_parquet({quote(str(first.path))}))"
        )
    typed = ", ".join(f"{quote(n)}: 'VARCHAR'" for n in names)
    if salvaged:
        return (
            f"(SELECT 0 AS _no, CAST(_line AS BIGINT) AS _line, {', '.join(names)} FROM "
            f"read_csv({quote(str(salvaged))}, columns={{{typed}, '_line': 'VARCHAR'}}, "
            f"header=false, {_dialect(first.separator)}))"
        )
    # Several arrivals may have one landed file: it is read once, and joined to each of them.
    paths = ", ".join(quote(path) for path in dict.fromkeys(str(p.path) for p in prepared))
    read = (
        f"read_csv([{paths}], columns={{{typed}}}, header=true, filename=true, "
        f"{_dialect(first.separator)})"
    )
    if len(prepared) == 1:
        cells = ", ".join(names)
        return f"(SELECT 0 AS _no, row_number() OVER () + 1 AS _line, {cells} FROM {read})"
    numbered = f"(SELECT row_number() OVER () AS _rn, * FROM {read})"
    return (
        f"(SELECT f.no AS _no, r._rn - min(r._rn) OVER (PARTITION BY f.no) + 2 AS _line, "
        f"{', '.join('r.' + n for n in names)} FROM {numbered} r "
        f"JOIN batch_file f ON f.path = r.filename)"
    )


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _dialect(separator: str) -> str:
    return (
        f"delim={quote(separator)}, quote='\"', escape='\"', auto_detect=false, "
        "compression='none', strict_mode=true, null_padding=false, max_line_size=8388608"
    )
