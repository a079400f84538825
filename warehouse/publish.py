"""Going live: a built file gets its name, and a small pointer is swapped to it in one step.

Readers follow the pointer; nobody opens a file that is being written. The last few files stay,
so that a version can be taken back.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from connectors.errors import HomeroomError
from warehouse.checks import Result

POINTER, KEEP = "current.json", 3


@dataclass(frozen=True)
class Pointer:
    """What is live: file name, when it was published, and the key of its inputs."""

    file: str
    published_at: str
    inputs: str


def read_pointer(warehouse: Path) -> Pointer | None:
    """The live version, None where nothing has been published."""
    try:
        return Pointer(**json.loads((warehouse / POINTER).read_text("utf-8")))
    except FileNotFoundError:
        return None
    except (ValueError, TypeError) as error:
        raise HomeroomError(
            "the pointer to the live warehouse cannot be read",
            culprit=str(warehouse / POINTER),
            fix="remove it and run again; the warehouse is built anew from the lake",
        ) from error


def live_file(warehouse: Path) -> Path | None:
    """Path of the live file, None where nothing has been published."""
    pointer = read_pointer(warehouse)
    return warehouse / pointer.file if pointer and (warehouse / pointer.file).is_file() else None


def building_path(warehouse: Path) -> Path:
    """Where the next version is built; what a killed run left there is removed first."""
    path = warehouse / "building.duckdb"
    for stale in (path, Path(f"{path}.wal")):
        stale.unlink(missing_ok=True)
    return path


def refusal(results: list[Result]) -> HomeroomError | None:
    """The error that keeps a build from going live, if a blocking check failed. Pure."""
    broken = [r for r in results if r.check.blocking and not r.passed]
    if not broken:
        return None
    names = "; ".join(f"{r.check.name} ({r.broken} rows)" for r in broken)
    return HomeroomError(
        "the new warehouse failed its checks; the live one stays",
        culprit=names,
        fix="report this with the output of homeroom status --json",
    )


def publish(db: duckdb.DuckDBPyConnection, built: Path, warehouse: Path, inputs: str) -> Path:
    """Close the built file and make it the live one. `db` must have it attached as `target`."""
    db.execute("CHECKPOINT target")
    db.execute("SET search_path = 'memory.main'")
    db.execute("DETACH target")
    db.close()
    if Path(f"{built}.wal").exists():
        raise HomeroomError(
            "the new warehouse was not closed cleanly; the live one stays",
            culprit=str(built),
            fix="run again",
            retry=True,
        )
    now = datetime.now(UTC)
    target = warehouse / f"warehouse-{now:%Y%m%dT%H%M%S%f}.duckdb"
    built.replace(target)
    pointer = {
        "file": target.name,
        "published_at": now.isoformat(timespec="seconds"),
        "inputs": inputs,
    }
    fresh = warehouse / f".{POINTER}.new"
    fresh.write_text(json.dumps(pointer, indent=1), "utf-8")
    fresh.replace(warehouse / POINTER)
    for old in sorted(warehouse.glob("warehouse-*.duckdb"))[:-KEEP]:
        old.unlink(missing_ok=True)
    return target
