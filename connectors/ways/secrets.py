"""Passwords and keys: from the environment, else from secrets.toml beside homeroom.toml.

Read only when a source is opened. A secret's values appear in no text this package makes.
"""

from __future__ import annotations

import os
import re
import stat
import tomllib
from collections.abc import Mapping
from pathlib import Path

from connectors.errors import SourceError

FILE, PREFIX = "secrets.toml", "HOMEROOM_SECRET_"
_FIELDS = (
    "user password key_file passphrase token access_key secret_key session_token client_secret url"
)
FIELDS = tuple(_FIELDS.split())


class Secret:
    """The fields of one named secret; shows its name only."""

    def __init__(self, name: str, fields: Mapping[str, str], folder: Path) -> None:
        self.name, self._fields, self._folder = name, dict(fields), folder

    def __repr__(self) -> str:
        return f"Secret({self.name})"

    def get(self, field: str) -> str:
        """A field's value; empty where it is not given."""
        return self._fields.get(field, "")

    @property
    def key_file(self) -> Path | None:
        """The private key's file, relative to homeroom.toml. Raises SourceError (rights)."""
        if not self.get("key_file"):
            return None
        path = self._folder / Path(self.get("key_file")).expanduser()
        only_the_owners(path)
        return path

    def lacks(self, *fields: str) -> SourceError:
        """The error for a way that needs one of these fields."""
        if not self.name:
            return SourceError("it needs a secret", fix='write secret = "name" for this source')
        wanted = " or ".join(f"{PREFIX}{_upper(self.name)}_{f.upper()}" for f in fields)
        return SourceError(
            f"the secret gives no {' or '.join(fields)}",
            culprit=self.name,
            fix=f"set {wanted}, or write it under [{self.name}] in {FILE}",
        )


class Secrets:
    """All secrets of a district, in the folder of its homeroom.toml."""

    def __init__(self, folder: Path, environment: Mapping[str, str] = os.environ) -> None:
        self._folder, self._environment = folder, environment

    def named(self, name: str) -> Secret:
        """A secret by its name; an empty one for no name. Raises SourceError."""
        if not name:
            return Secret("", {}, self._folder)
        start = f"{PREFIX}{_upper(name)}_"
        given = {f: self._environment.get(start + f.upper(), "") for f in FIELDS}
        fields = {f: value for f, value in given.items() if value}
        fields = self._written(name) | fields
        if not fields:
            raise SourceError(
                "there is no such secret",
                culprit=name,
                fix=f"set {start}PASSWORD or the like, or write [{name}] into {FILE} "
                "beside homeroom.toml",
            )
        return Secret(name, fields, self._folder)

    def _written(self, name: str) -> dict[str, str]:
        path = self._folder / FILE
        if not path.exists():
            return {}
        only_the_owners(path)
        try:
            found = tomllib.loads(path.read_text("utf-8-sig")).get(name, {})
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
            # The parser's message may hold a piece of the file; its place does not.
            place = re.search(r"line \d+", str(error))
            says = f"cannot be read{f' at {place[0]}' if place else ''}"
            raise SourceError(says, culprit=str(path), fix='write name = "value" lines') from None
        if not isinstance(found, dict):
            raise SourceError(f"{name} is not a table", culprit=str(path), fix=f"write [{name}]")
        for field, value in found.items():
            if field not in FIELDS or not isinstance(value, str):
                raise SourceError(
                    f"{name} has a field that is not known, or not text in quotes",
                    culprit=str(path),
                    fix=f"use {', '.join(FIELDS)}",
                )
        return found


def only_the_owners(path: Path) -> None:
    """Refuse a file that others than its owner may read, or that is not there."""
    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise SourceError("cannot be read", culprit=str(path), fix="check the path") from error
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise SourceError(
            "others than its owner may read it", culprit=str(path), fix=f"chmod 600 {path}"
        )


def _upper(name: str) -> str:
    return re.sub(r"\W", "_", name).upper()
