"""Which platforms a district can name: those that come with Homeroom and its own declarations.

Not here: what a declaration says (connectors/declaration.py), further headers of a platform's
columns (settings.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from connectors import declaration
from connectors.contract import Platform
from connectors.errors import ConfigError
from connectors.registry import PLATFORMS

#: The folder beside homeroom.toml that holds the district's own declarations.
FOLDER = "platforms"


def known_in(base: Path) -> tuple[Mapping[str, Platform], Mapping[str, ConfigError]]:
    """Every platform that a district in folder `base` may name: ours, and its own declarations;
    and, by name, what is wrong with those that cannot be followed.

    Raises ConfigError where one of its own has the name of one of ours.
    """
    own, broken = declaration.load_folder(base / FOLDER)
    for name in (*own, *broken):
        if name in PLATFORMS:
            raise ConfigError(
                f"Homeroom has a platform {name} already",
                culprit=str(base / FOLDER / f"{name}.toml"),
                fix="give the file and its name another name",
            )
    return {**PLATFORMS, **own}, broken
