"""Checks of a configuration's tables: known keys of the right kind; errors name the key."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from connectors.errors import ConfigError

_WORDS: dict[type, str] = {
    str: "text in quotes",
    dict: "a table",
    list: "a list of tables",
    int: "a whole number",
    bool: "true or false",
}


def only(raw: Mapping[str, Any], known: Mapping[str, type], where: str, path: Path) -> None:
    """Refuse keys that are not known or of another kind. Raises ConfigError."""
    for key, value in raw.items():
        if key not in known:
            raise error(
                path,
                where + key,
                "is not a known key",
                f"remove it, or use one of {', '.join(known)}{meant(key, known)}",
            )
        # TOML's true is no number, Python's is.
        if type(value) is not known[key]:
            raise error(path, where + key, f"should be {_WORDS[known[key]]}", "mend its value")


def meant(given: str, known: Mapping[str, Any]) -> str:
    """What was probably meant, in brackets; empty where nothing is near."""
    near = get_close_matches(given, list(known), 1)
    return f" (did you mean {near[0]}?)" if near else ""


def error(path: Path, key: str, says: str, fix: str) -> ConfigError:
    """The error for a key of a configuration."""
    return ConfigError(says, culprit=f"{path}: {key}", fix=fix)
