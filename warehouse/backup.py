"""A district's home copied to a folder, whole and checked, and put back from there.

While a copy is made no run is at work; the portal may be. `backup.json`, with every file's hash, is
written last: a folder without it is no backup. Not here: notes in a PostgreSQL, which its own tools
copy; secrets, sessions and scratch, which no backup holds.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from connectors.errors import HomeroomError
from warehouse.known import FOLDER
from warehouse.ledger import disk_told, now
from warehouse.lock import only_run
from warehouse.settings import ALIASES, Settings

MANIFEST, RESTORING = "backup.json", "restoring"
#: What the list of files is called while its backup is being removed.
_GOING = "backup.json.going"
_FORMAT = 1
_HOME, _SETTINGS = "home", "settings"
#: SQLite files that are copied by SQLite itself, because others may be writing to them.
_DATABASES = ("ledger.sqlite", "notes.sqlite")
_LEFT_OUT = (
    "work", RESTORING, "run.lock", "run.lock-journal", "run.json", "sessions.sqlite", "lost+found",
)  # fmt: skip


def back_up(settings: Settings, to: Path) -> int:
    """Copy the district to an empty folder. Gives the bytes. Raises HomeroomError."""
    if to.resolve().is_relative_to(settings.home.resolve()):
        raise HomeroomError(
            "a backup below the home would be lost with it",
            culprit=str(to),
            fix="name a folder elsewhere, best on another disk",
        )
    if not settings.ledger.is_file():
        raise HomeroomError(
            "there is nothing to back up yet", culprit=str(settings.home), fix="run homeroom run"
        )
    with only_run(settings.home):
        if (settings.home / RESTORING).exists():
            raise half_restored(settings)
        with disk_told(to):
            to.mkdir(mode=0o700, parents=True, exist_ok=True)
            if any(to.iterdir()):
                raise HomeroomError(
                    "the folder holds something already",
                    culprit=str(to),
                    fix="name a new folder for each backup",
                )
            files = {}
            for path, name in _wanted(settings):
                _copy(path, to / name)
                files[name] = _hash(to / name)
            _write_manifest(to, settings, files)
    return sum((to / name).stat().st_size for name in files)


def prune(settings: Settings, newest: Path, keep: int) -> list[Path]:
    """Remove old backups beside `newest`, which has just been made; those that were removed.

    So many stay, `newest` among them whatever the clock said. Only whole backups of this home go;
    what cannot be told to be one stays. A removal that was killed is ended by the next.
    """
    others = []
    for folder in newest.resolve().parent.iterdir():
        if folder == newest.resolve() or folder.is_symlink() or not folder.is_dir():
            continue
        if _made_at(settings, folder / _GOING) is not None:
            _remove_backup(folder)
        elif (made_at := _made_at(settings, folder / MANIFEST)) is not None:
            others.append((made_at, folder))
    old = [folder for _, folder in sorted(others, reverse=True)[keep - 1 :]]
    for folder in old:
        (folder / MANIFEST).rename(folder / _GOING)
        _remove_backup(folder)
    return old


def check(backup: Path) -> dict[str, str]:
    """Read a whole backup: every file's hash, by name. Raises HomeroomError naming what differs."""
    try:
        told = json.loads((backup / MANIFEST).read_text("utf-8"))
        held, files = int(told["format"]), dict(told["files"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise HomeroomError(
            "this is no whole backup: its list of files is missing or cannot be read",
            culprit=str(backup / MANIFEST),
            fix="take another one; this one was stopped in the middle, or damaged",
        ) from error
    if held != _FORMAT:
        raise HomeroomError(
            f"this backup has another format ({held}; this Homeroom knows {_FORMAT})",
            culprit=str(backup),
            fix="restore it with the Homeroom that made it",
        )
    for name, hashed in files.items():
        path = backup / name
        if not path.resolve().is_relative_to(backup.resolve()):
            raise _damaged(path, "leads out of the backup")
        if not path.is_file():
            raise _damaged(path, "is missing")
        if _hash(path) != hashed:
            raise _damaged(path, "is damaged")
    return files


def restore(settings: Settings, backup: Path) -> int:
    """Put a backup into an empty home. Gives the number of files. Raises HomeroomError.

    Everything is checked before anything is written. A restore that was killed is done again.
    """
    names = [n for n in check(backup) if n.startswith(f"{_HOME}/")]
    staged = settings.home / RESTORING
    with only_run(settings.home), disk_told(settings.home):
        tops = {Path(n).parts[1] for n in names}
        if staged.exists():
            # What an earlier attempt had put in place.
            for top in tops:
                _remove(settings.home / top)
            _remove(staged)
        if left := {p.name for p in settings.home.iterdir()} - set(_LEFT_OUT):
            raise HomeroomError(
                f"the home is not empty: {', '.join(sorted(left)[:3])}",
                culprit=str(settings.home),
                fix="move what is there elsewhere, or name another home",
            )
        staged.mkdir(mode=0o700)
        for name in names:
            _copy(backup / name, staged / Path(name).relative_to(_HOME))
        for top in sorted(tops):
            (staged / top).rename(settings.home / top)
        staged.rmdir()
    return len(names)


def half_restored(settings: Settings) -> HomeroomError:
    """The error for a home that holds a part of a backup only."""
    return HomeroomError(
        "a restore into this home was stopped in the middle",
        culprit=str(settings.home / RESTORING),
        fix="run homeroom restore again",
    )


def _wanted(settings: Settings) -> Iterator[tuple[Path, str]]:
    """Every file to copy, with its name in the backup."""
    home = settings.home
    for top in sorted(home.iterdir()):
        if top.name in _LEFT_OUT or top.name.endswith(("-wal", "-shm", "-journal")):
            continue
        for path in sorted(top.rglob("*")) if top.is_dir() else [top]:
            scratch = path.name.startswith((".incoming", "building.duckdb"))
            if path.is_file() and not path.is_symlink() and not scratch:
                yield path, f"{_HOME}/{path.relative_to(home).as_posix()}"
    beside = settings.file.parent
    declared = sorted((beside / FOLDER).glob("*.toml"))
    for path in (settings.file, beside / ALIASES, *declared):
        if path.is_file():
            yield path, f"{_SETTINGS}/{path.relative_to(beside).as_posix()}"


def _copy(path: Path, to: Path) -> None:
    to.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if path.name not in _DATABASES:
        shutil.copy2(path, to)
        return
    with closing(sqlite3.connect(path)) as db, closing(sqlite3.connect(to)) as copy:
        db.backup(copy)
        # One file that stands by itself, whoever opens it next.
        copy.execute("PRAGMA journal_mode = DELETE")
    shutil.copymode(path, to)


def _write_manifest(to: Path, settings: Settings, files: dict[str, str]) -> None:
    told = {"format": _FORMAT, "made_at": now(), "district": settings.name}
    told |= {"home": str(settings.home.resolve()), "files": files}
    part = to / f"{MANIFEST}.part"
    with part.open("w", encoding="utf-8") as out:
        json.dump(told, out, indent=0)
        out.flush()
        os.fsync(out.fileno())
    part.rename(to / MANIFEST)


def _made_at(settings: Settings, manifest: Path) -> str | None:
    """When a backup of this home was made; None of anything else."""
    try:
        told = json.loads(manifest.read_text("utf-8"))
        ours = told["format"] == _FORMAT and isinstance(told["files"], dict)
        same = (told["district"], told.get("home")) == (settings.name, str(settings.home.resolve()))
        return str(told["made_at"]) if ours and same else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _remove_backup(folder: Path) -> None:
    """Its list goes last: until then the next removal knows whose the rest is."""
    for path in folder.iterdir():
        if path.name != _GOING:
            _remove(path)
    (folder / _GOING).unlink()
    folder.rmdir()


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _damaged(path: Path, what: str) -> HomeroomError:
    return HomeroomError(
        f"a file of the backup {what}; nothing was restored",
        culprit=str(path),
        fix="restore another backup",
    )


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
