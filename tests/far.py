"""A district with one source on another machine, and what tests ask of it."""

from __future__ import annotations

import os
import traceback
from pathlib import Path

from tests.fixtures import START, District, lexia
from warehouse.intake.landing import Landed

HUSH = "hush-4711-quiet"
ONE = lexia("1 ann Ann Ash 30")
TWO = lexia("1 ann Ann Ash 35")


def district(
    folder: Path, location: str, more: str = "", secret: str = "", platform: str = "lexia", near: tuple[str, ...] = ()
) -> District:  # fmt: skip
    """A district with one source elsewhere; it does not wait unless `more` says so."""
    folder.mkdir(parents=True, exist_ok=True)
    if secret:
        path = folder / "secrets.toml"
        path.write_text(f"[far]\n{secret}\n")
        path.chmod(0o600)
        more += '\nsecret = "far"'
    if "retry_seconds" not in more:
        more += "\nretry_seconds = 0"
    extra = f'[[source]]\nplatform = "{platform}"\nlocation = "{location}"\n{more}\n'
    return District(folder, near, extra=extra)


def old(path: Path, content: str | bytes) -> Path:
    """A file that was changed long ago."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    os.utime(path, (START, START))
    return path


def names(made: District, platform: str = "lexia") -> list[str]:
    return sorted(made.states(platform))


def copies(made: District, platform: str = "lexia") -> list[str]:
    """What lies in the landing area, also under names that nobody reads."""
    folder = made.settings.landing / platform
    return sorted(p.name for p in folder.iterdir()) if folder.exists() else []


def told(landed: Landed, *, secret: str = HUSH) -> str:
    """The one problem as text; no secret stands in it, nor in what led to it."""
    ((_, problem),) = landed.problems
    everything = repr(problem) + "".join(traceback.format_exception(problem))
    assert secret not in everything
    return str(problem)


def kept_nowhere(made: District, secret: str = HUSH) -> None:
    """No secret in anything that a run has written."""
    for path in made.settings.home.rglob("*"):
        if path.is_file():
            assert secret.encode() not in path.read_bytes(), path
