"""One file of an open shape: its rows, and what the standard asks of them.

Belongs here: that record. What stands in which field: oneroster.py and ed_fi.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class ShapeFile:
    """A file's rows as SQL. `asked`: what the standard asks for and the warehouse may not know,
    each with the SQL that is true for a row that lacks it."""

    name: str
    rows: str
    asked: Mapping[str, str] = field(default_factory=dict)
