"""Going live: a built file gets its name, and a small pointer is swapped to it in one step.

Readers follow the pointer; nobody opens a file that is being written. The last few files stay,
so that a version can be taken back.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from connectors.errors import HomeroomError
from warehouse.quality.checks import Result

POINTER, KEEP = "current.json", 3
_NAME = "warehouse-%Y%m%dT%H%M%S%f.duckdb"


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
    before = live_file(warehouse)
    target = warehouse / f"{now:{_NAME}}"
    built.replace(target)
    _point(warehouse, Pointer(target.name, _told(now), inputs))
    # Names follow the clock, and a clock may have been moved: what is live, and what was until
    # now (somebody may be about to open it), stays whatever its name says.
    stays = {target, before} - {None}
    others = sorted(path for path in warehouse.glob("warehouse-*.duckdb") if path not in stays)
    for old in others[: len(others) - max(0, KEEP - len(stays))]:
        remove(old)
    return target


def remove(version: Path) -> None:
    """A version's file and its quality report, which may bear the names of files."""
    quality_of(version).unlink(missing_ok=True)
    version.unlink(missing_ok=True)


def quality_of(version: Path) -> Path:
    """Where the quality report of a version stands; it goes with its file."""
    return version.with_suffix(".quality.html")


def versions(warehouse: Path) -> list[tuple[Pointer, bool]]:
    """Every version that is still there, the newest first, and whether it is the live one."""
    live = read_pointer(warehouse)
    if live is None:
        return []
    names = sorted((path.name for path in warehouse.glob("warehouse-*.duckdb")), reverse=True)
    return [(Pointer(name, made_at(name), live.inputs), name == live.file) for name in names]


def use(warehouse: Path, file: str) -> Pointer:
    """Make a version that is still there the live one, in one step; hold the run's lock.

    It stays live until there is something new to publish: it takes over the inputs of the version
    that it replaces, so that a run without news does not bring that one back. Raises HomeroomError.
    """
    found = next((pointer for pointer, _ in versions(warehouse) if pointer.file == file), None)
    if found is None:
        raise HomeroomError(
            "is no version that is still there", culprit=file, fix="homeroom versions list"
        )
    _point(warehouse, found)
    return found


def _point(warehouse: Path, pointer: Pointer) -> None:
    fresh = warehouse / f".{POINTER}.new"
    fresh.write_text(json.dumps(asdict(pointer), indent=1), "utf-8")
    fresh.replace(warehouse / POINTER)


def _told(instant: datetime) -> str:
    return instant.isoformat(timespec="seconds")


def made_at(name: str) -> str:
    """When the version of a file's name was made: ISO 8601, UTC."""
    return _told(datetime.strptime(name, _NAME).replace(tzinfo=UTC))
