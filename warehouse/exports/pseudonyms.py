"""Ids of people as keyed hashes, for exports that leave the circle of those who may know them.

The same person has the same pseudonym in every file and week, for as long as the key stays; who
has no key can neither make nor undo one.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import stat
from pathlib import Path

from connectors.errors import HomeroomError

#: The key's environment variable; a file comes second.
VARIABLE = "HOMEROOM_EXPORT_KEY"
#: Of 256 bits; enough that no two of a state's students share one.
_DIGITS, _LEAST_BYTES = 24, 32


def pseudonym(key: bytes, person_id: str) -> str:
    """HMAC-SHA-256 of an id, shortened. Source: RFC 2104."""
    return hmac.new(key, person_id.encode(), hashlib.sha256).hexdigest()[:_DIGITS]


def key(file: Path | None) -> bytes:
    """The district's key. Raises HomeroomError where there is none, or others may read it."""
    told = os.environ.get(VARIABLE, "").encode()
    if not told and file is not None:
        try:
            if stat.S_IMODE(file.stat().st_mode) & 0o077:
                raise HomeroomError(
                    "the key may be read by others",
                    culprit=str(file),
                    fix=f"chmod 600 {file}",
                )
            told = file.read_bytes().strip()
        except OSError as error:
            raise HomeroomError(
                "the key cannot be read", culprit=str(file), fix="see docs/exports.md"
            ) from error
    if len(told) < _LEAST_BYTES:
        raise HomeroomError(
            "a pseudonymous export needs the district's key, of at least 32 characters",
            culprit=VARIABLE if file is None else f"{VARIABLE} or {file}",
            fix="make one with: openssl rand -hex 32",
        )
    return told
