"""[measures] in homeroom.toml: the thresholds that a district has set, and its schools' own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from transforms.thresholds import CEILING, DEFAULTS, THRESHOLDS, Ceilings, Values, said
from warehouse.settings.keys import error, only


def thresholds_of(path: Path, raw: Mapping[str, Any]) -> Values:
    """The defaults, with what the district has set."""
    only(raw, {key: type(raw.get(key)) for key in (*THRESHOLDS, "school")}, "measures.", path)
    return {**DEFAULTS, **{key: _number(path, "measures.", key, raw[key]) for key in raw}}


def ceilings_of(path: Path, raw: Any) -> Ceilings:
    """Each school's own ceiling of screen time; a school may set nothing else."""
    only({"school": raw}, {"school": dict}, "measures.", path)
    only(raw, dict.fromkeys(raw, dict), "measures.school.", path)
    ceilings: dict[str, float] = {}
    for school, told in raw.items():
        where = f"measures.school.{school}."
        only(told, {CEILING: type(told.get(CEILING))}, where, path)
        if CEILING in told:
            ceilings[school] = _number(path, where, CEILING, told[CEILING])
    return ceilings


def _number(path: Path, where: str, key: str, value: Any) -> float:
    """A threshold's value, within its bounds."""
    known = THRESHOLDS[key]
    # TOML's true is no number, Python's is.
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if is_number and known.low <= value <= known.high:
        return float(value)
    raise error(
        path,
        where + key,
        f"is not a number from {known.low:g} to {known.high:g}",
        f"it is: {known.meaning}; the default is {said(known.default)}",
    )
