"""What a web server's list of files says: HTML as Apache and nginx write it, JSON, or plain lines.

Pure: text in, entries out. Which of them may be followed is not decided here.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote, unquote, urljoin, urlsplit

from connectors.sources import UNKNOWN
from connectors.ways.http import instant

_ENCODED = re.compile(r"%[0-9A-Fa-f]{2}")


@dataclass(frozen=True)
class Entry:
    """One link: where it leads; a name beside it, size and time where the index tells them.

    `named`: somebody wrote it into a list of files, it is not just any link of a page.
    """

    url: str
    name: str = ""
    size: int = UNKNOWN
    modified_ns: int = 0
    is_folder: bool = False
    named: bool = False


def entries(text: str, content_type: str, url: str) -> list[Entry]:
    """Links of an index that was read at `url`, in its order. Raises ValueError (broken JSON)."""
    kind, start = content_type.partition(";")[0].strip().lower(), text.lstrip("\ufeff \t\r\n")
    if kind.endswith("json") or (kind != "text/html" and start[:1] in ("[", "{")):
        return _of_json(json.loads(start), url)
    if kind == "text/html" or start[:1] == "<":
        return _of_html(text, url)
    lines = (line.strip() for line in start.splitlines())
    return [_named(url, line) for line in lines if line and not line.startswith("#")]


def _of_html(text: str, url: str) -> list[Entry]:
    page = _Links()
    page.feed(text)
    page.close()
    return [Entry(full, is_folder=urlsplit(full).path.endswith("/")) for full in _joined(url, page)]


def _joined(url: str, page: _Links) -> list[str]:
    found: dict[str, None] = {}
    for link in page.links:
        try:
            # A fragment is a place within a page, not another file.
            found[urljoin(url, link.strip()).partition("#")[0]] = None
        except ValueError:
            continue
    return list(found)


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.links += [value for name, value in attrs if name == "href" and value]


def _of_json(found: Any, url: str) -> list[Entry]:
    if isinstance(found, dict):
        found = found.get("files")
    if not isinstance(found, list):
        raise ValueError("no list of files")
    return [_of_item(item, url) for item in found]


def _of_item(item: Any, url: str) -> Entry:
    if isinstance(item, str):
        return _named(url, item)
    if not isinstance(item, dict):
        raise ValueError("an item is neither text nor an object")
    name, link = item.get("name") or "", item.get("url") or ""
    if not isinstance(name, str) or not isinstance(link, str) or not (name or link):
        raise ValueError("an item has neither name nor url")
    is_folder = item.get("type") == "directory"
    size = item.get("size")
    changed = next((item[k] for k in ("modified", "last_modified", "mtime") if item.get(k)), "")
    full = urljoin(url, link) if link else urljoin(url, _relative(name))
    return Entry(
        full if not is_folder else full.rstrip("/") + "/",
        name if link else "",
        size if type(size) is int and size >= 0 else UNKNOWN,
        _when(changed),
        is_folder,
        named=True,
    )


def _named(url: str, text: str) -> Entry:
    """A plain line: an address, or a name, which may be percent-encoded."""
    link = text if "://" in text or _ENCODED.search(text) else _relative(text)
    return Entry(urljoin(url, link), named=True)


def _relative(name: str) -> str:
    # "./" keeps a name with a colon from being read as a scheme.
    return name if name.startswith("/") else "./" + quote(name)


def _when(value: Any) -> int:
    """ISO 8601 (without a zone: UTC), an HTTP date, or seconds since 1970, in nanoseconds."""
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 1e11:
        return int(value * 1_000_000) * 1000
    if not isinstance(value, str):
        return 0
    try:
        when = datetime.fromisoformat(value)
    except ValueError:
        return instant(value)
    when = when.replace(tzinfo=when.tzinfo or UTC)
    return int(when.timestamp() * 1_000_000) * 1000


def name_below(url: str, below: str) -> str:
    """A file's name within the location, decoded and without its query."""
    return unquote(url[len(below) :].partition("?")[0])
