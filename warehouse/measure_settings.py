"""[measures] in homeroom.toml: the thresholds that a district has set."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from transforms.thresholds import DEFAULTS, THRESHOLDS, Values, said
from warehouse.keys import error, only


def thresholds_of(path: Path, raw: Mapping[str, Any]) -> Values:
    """The defaults, with what the district has set. Raises ConfigError for what cannot be."""
    only(raw, {key: type(raw.get(key)) for key in THRESHOLDS}, "measures.", path)
    for key, value in raw.items():
        known = THRESHOLDS[key]
        if type(value) not in (int, float) or not known.low <= value <= known.high:
            raise error(
                path,
                f"measures.{key}",
                f"is not a number from {known.low:g} to {known.high:g}",
                f"it is: {known.meaning}; the default is {said(known.default)}",
            )
    return {**DEFAULTS, **raw}
