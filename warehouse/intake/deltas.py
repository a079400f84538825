"""Deltas: files that hold changes only, to be laid over the newest whole of their feed.

Belongs here: what a delivery's manifest says of a file, which deltas stand above the whole, and the
SQL that lays their rows over it. Not here: which feeds may come as deltas (connectors/), what
becomes of a file in the ledger (settling.py).
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path, PurePosixPath
from threading import Lock

from connectors.contract import norm
from connectors.errors import FileRefused
from connectors.reading import prepare
from warehouse.lake.tables import PROVENANCE, LakeTable
from warehouse.ledger import File

#: A delta replaces nothing: its scope is its own, told by its bytes.
SCOPE = "delta="
#: What a delta's rows carry beside the table's columns and where they came from.
EXTRA = (("is_removed", "BOOLEAN", "FALSE"), ("changed_at", "TIMESTAMP", "NULL"))
#: A manifest is a page; what is longer is none.
_MOST_LINES = 1000


def scope_of(sha256: str) -> str:
    """The scope of a delta."""
    return f"{SCOPE}{sha256[:16]}"


def is_delta(scope: str | None) -> bool:
    """Whether a scope is a delta's."""
    return (scope or "").startswith(SCOPE)


def manifest_of(file: File, manifests: Iterable[File]) -> File | None:
    """The manifest that came with a file: of the same delivery, the one in the same folder first.

    Loose files share a folder that is written anew for every delivery: there the manifest nearest
    in time is meant. Pure.
    """
    home = PurePosixPath(file.name).parent
    near = [m for m in manifests if m.platform == file.platform and m.delivery == file.delivery]
    beside = [m for m in near if PurePosixPath(m.name).parent == home]
    return min(
        beside or (near if file.delivery else []),
        key=lambda m: (abs(m.modified_ns - file.modified_ns), -m.id),
        default=None,
    )


class Manifests:
    """What manifests say of the files beside them. May be asked from several threads."""

    def __init__(self, files: list[File], path: Callable[[File], Path], work: Path) -> None:
        self._files, self._path, self._work = files, path, work
        self._read: dict[int, Mapping[str, str]] = {}
        self._lock = Lock()

    def says(self, file: File, line: str) -> str:
        """bulk, delta or absent; bulk where nothing is said."""
        manifest = manifest_of(file, self._files)
        if manifest is None:
            return "bulk"
        with self._lock:
            if manifest.id not in self._read:
                self._read[manifest.id] = read_manifest(self._path(manifest), self._work)
            told = self._read[manifest.id].get(norm(line), "")
        return told if told in ("delta", "absent") else "bulk"


def read_manifest(path: Path, work: Path) -> dict[str, str]:
    """Lower-case names and values of a manifest; nothing where it cannot be read, which is told
    where the manifest is taken as a file of its own."""
    work.mkdir(parents=True, exist_ok=True)
    try:
        prepared = prepare(path, work)
        if prepared.parquet or prepared.lines > _MOST_LINES:
            return {}
        with prepared.path.open(encoding="utf-8-sig", errors="replace", newline="") as stream:
            rows = list(csv.reader(stream, delimiter=prepared.separator))
    except (FileRefused, OSError, csv.Error):
        return {}
    return {norm(row[0]): norm(row[1]) for row in rows if len(row) > 1}


Version = tuple[str, int, int]


def stands(scope: Iterable[File], whole: Version | None) -> bool:
    """Whether a delta counts: it was made after the whole that is live. `scope`: every arrival of
    its bytes, of which the first tells when it was made; sent again later, it is no newer. Pure."""
    return whole is None or min(f.version for f in scope) > whole


def laid_over(table: LakeTable, whole: str, delta: str) -> str:
    """SQL for a table's rows with deltas: `whole` and `delta` are SELECTs of the table's columns
    and provenance; `delta` has EXTRA and `_rank`, the order in which the deltas were made.

    Of a key's changes the newest counts; it hides the whole's row, and
    itself where it is a removal. What is hidden stays readable as not current where the table
    keeps history.
    """
    keys = ("platform", "feed", *(table.merged_by or table.key))
    names = (*table.names, *(n for n, _, _ in PROVENANCE[:-1]))
    listed = ", ".join(keys)
    same = " AND ".join(f"w.{k} IS NOT DISTINCT FROM c.{k}" for k in keys)
    only = "" if table.keeps_history else "WHERE is_current"
    return f"""
        WITH change AS (
          SELECT *, row_number() OVER (PARTITION BY is_current, {listed}
            ORDER BY changed_at DESC NULLS LAST, _rank DESC) = 1 AND is_current AS counts
          FROM ({delta})),
        hidden AS (SELECT {listed}, TRUE AS is_hidden FROM change WHERE counts),
        laid AS (
          SELECT {", ".join(f"w.{n}" for n in names)},
                 w.is_current AND c.is_hidden IS NULL AS is_current
          FROM ({whole}) w LEFT JOIN hidden c ON {same}
          UNION ALL
          SELECT {", ".join(names)}, counts FROM change WHERE NOT is_removed)
        SELECT {", ".join(names)}, is_current FROM laid {only}"""
