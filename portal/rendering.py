"""Templates and static files: every value escaped, every file under a name that holds its hash."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jinja2
from markupsafe import Markup, escape

from portal.paging import address
from portal.words import FILTERS

_HERE = Path(__file__).parent
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


@dataclass(frozen=True)
class Static:
    """A file as it is served."""

    body: bytes
    media_type: str


def _static() -> tuple[dict[str, str], dict[str, Static]]:
    """Addresses by plain name, and files by hashed name. Only what is listed here is served."""
    addresses, files = {}, {}
    for path in sorted((_HERE / "static").iterdir()):
        if path.suffix in _TYPES:
            body = path.read_bytes()
            name = f"{path.stem}.{hashlib.sha256(body).hexdigest()[:12]}{path.suffix}"
            addresses[path.name], files[name] = f"/static/{name}", Static(body, _TYPES[path.suffix])
    return addresses, files


ADDRESSES, FILES = _static()


@lru_cache(maxsize=20_000)
def _quoted(text: str, safe: str) -> str:
    return quote(text, safe=safe)


def _in_address(value: object) -> str:
    """Jinja's filter of this name, for a part of a path or the fields after "?"; a page quotes the
    same few ids hundreds of times."""
    if isinstance(value, Mapping):
        return "&".join(f"{_quoted(str(k), '')}={_quoted(str(v), '')}" for k, v in value.items())
    return _quoted(str(value), "/")


def _given(fields: Mapping[str, object]) -> dict[str, object]:
    """The fields of an address that have a value."""
    return {name: value for name, value in fields.items() if value}


def student_link(student_id: str, name: str) -> Markup:
    """A student's name, leading to the student's page; a board holds some hundred of them."""
    return Markup(f'<a href="/students/{escape(_in_address(student_id))}">{escape(name)}</a>')


def _environment() -> jinja2.Environment:
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters.update(FILTERS | {"urlencode": _in_address, "given": _given})
    made.globals |= {
        "static": ADDRESSES.__getitem__,
        "page_address": address,
        "student_link": student_link,
    }
    return made


_TEMPLATES = _environment()


def render(template: str, values: Mapping[str, Any]) -> str:
    """A template's text. Raises jinja2.UndefinedError for a name that was not given."""
    return _TEMPLATES.get_template(template).render(values)
