"""aliases.toml: headers that were accepted as new names of columns, written so that comments stay.

Not here: reading it (settings.py), what an alias may be (connectors/aliases.py).
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping

from connectors.aliases import with_aliases
from connectors.errors import ConfigError
from warehouse.settings import ALIASES, Settings

_HEAD = """# Headers that were accepted as new names of columns: homeroom drift accept.
# [platform.feed], below it: column = ["Header", ...]. Take a line out to undo it.
"""


def add_aliases(settings: Settings, platform: str, feed: str, added: Mapping[str, str]) -> None:
    """Add headers (header -> column) to the file beside the configuration, whole or not at all.

    Raises ConfigError where a header stands for another column already, or where the file is
    written in a way that only a person can add to.
    """
    path = settings.file.parent / ALIASES
    text = path.read_text("utf-8-sig") if path.is_file() else _HEAD
    wanted: dict[str, list[str]] = {}
    for header, column in added.items():
        wanted.setdefault(column, []).append(header)
    with_aliases(settings.registry[platform], {feed: {c: tuple(h) for c, h in wanted.items()}})
    for column, headers in wanted.items():
        text = inserted(text, platform, feed, column, headers)
    try:
        told = tomllib.loads(text)[platform][feed]
        good = all(set(headers) <= set(told[column]) for column, headers in wanted.items())
    except (tomllib.TOMLDecodeError, KeyError, TypeError):
        good = False
    if not good:
        lines = "; ".join(f"{c} = {_list(h)}" for c, h in wanted.items())
        raise ConfigError(
            "cannot be added to", culprit=str(path), fix=f"write below [{platform}.{feed}]: {lines}"
        )
    part = path.with_name(f".{ALIASES}.part")
    part.write_text(text, "utf-8")
    part.replace(path)


def inserted(text: str, platform: str, feed: str, column: str, headers: list[str]) -> str:
    """The file's text with further headers of one column; all other lines stay. Pure."""
    lines = text.splitlines()
    title = re.compile(rf"\s*\[\s*{re.escape(platform)}\s*\.\s*{re.escape(feed)}\s*\]\s*(#.*)?")
    start = next((n for n, line in enumerate(lines) if title.fullmatch(line)), None)
    if start is None:
        return "\n".join([*lines, "", f"[{platform}.{feed}]", f"{column} = {_list(headers)}", ""])
    for n in range(start + 1, len(lines)):
        if lines[n].lstrip().startswith("["):
            break
        found = re.fullmatch(rf"\s*{re.escape(column)}\s*=\s*\[(.*)\]\s*(#.*)?", lines[n])
        if found:
            before = found[1].strip().rstrip(",")
            comment = f"  {found[2]}" if found[2] else ""
            both = ", ".join(filter(None, (before, _list(headers)[1:-1])))
            lines[n] = f"{column} = [{both}]{comment}"
            return "\n".join([*lines, ""])
    lines.insert(start + 1, f"{column} = {_list(headers)}")
    return "\n".join([*lines, ""])


def _list(headers: list[str]) -> str:
    # A JSON string is a TOML string.
    return "[" + ", ".join(json.dumps(h, ensure_ascii=False) for h in headers) + "]"
