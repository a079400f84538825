"""What a measure is, as the header of its SQL file tells: the source of the measure dictionary.

    Measures:
      share_of_usual: Share of the own usual
            formula  minutes / usual_minutes
            from     a usual of $usual_minutes_least minutes
            caution  an absence or a missing file looks the same
            source   Homeroom
            version  1

A measure has the name of its column or, where it is the rule of a card or a kind of columns that
repeats per platform (`@platform_minutes`), a name of its own with a line `unit`. Thresholds that
its lines name belong to it: where a district sets one, the version says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from transforms import thresholds
from transforms.thresholds import Values

_KEYS = ("formula", "from", "caution", "source", "version", "unit")
_NEEDED = ("formula", "from", "source", "version")
_PLATFORM = "@platform"


@dataclass(frozen=True)
class Measure:
    """One measure, as people read it.

    `measure`: the column's or the card's name. `name`: as teachers see it. `minimum`: from how much
    data on. `thresholds`: the settings it depends on, in order.
    """

    measure: str
    name: str
    table: str
    unit: str
    formula: str
    minimum: str
    caution: str
    source: str
    version: str
    thresholds: tuple[str, ...]


def by_column(
    measures: Iterable[Measure], columns: Iterable[str], platforms: Sequence[str]
) -> dict[str, Measure]:
    """The measure of each of these columns that has one; columns per platform share one."""
    named = {
        name: measure
        for measure in measures
        for name in (
            [measure.measure.replace(_PLATFORM, platform) for platform in platforms]
            if _PLATFORM in measure.measure
            else [measure.measure]
        )
    }
    return {column: named[column] for column in columns if column in named}


def measures_in(
    lines: Sequence[str], table: str, units: Mapping[str, str], values: Values
) -> tuple[Measure, ...]:
    """The measures of a header's lines after `Measures:`, thresholds in words.

    `units`: of the table's columns. Raises ValueError naming the measure and what it lacks.
    """
    return tuple(
        _measure(name, title, told, table, units, values) for name, title, told in _blocks(lines)
    )


def _blocks(lines: Sequence[str]) -> list[tuple[str, str, dict[str, str]]]:
    """Name, title and keys of each measure; a line without a key continues the one above."""
    blocks: list[tuple[str, str, dict[str, str]]] = []
    key = ""
    for line in lines:
        text = line[2:]
        words = text.split()
        if not words:
            continue
        if not text.startswith(" " * 6):
            name, colon, title = text.strip().partition(":")
            if not colon or not title.strip():
                raise ValueError(f"measure line {text.strip()!r} is not `name: title`")
            blocks.append((name, title.strip(), {}))
            key = ""
        elif not blocks:
            raise ValueError(f"{text.strip()!r} stands before the first measure")
        elif words[0] in _KEYS and text.startswith(" " * 6) and not text.startswith(" " * 10):
            key = words[0]
            blocks[-1][2][key] = " ".join(words[1:])
        elif key:
            blocks[-1][2][key] += " " + " ".join(words)
        else:
            raise ValueError(f"{text.strip()!r} opens with none of {', '.join(_KEYS)}")
    return blocks


def _measure(
    name: str,
    title: str,
    told: Mapping[str, str],
    table: str,
    units: Mapping[str, str],
    values: Values,
) -> Measure:
    if lacks := [key for key in _NEEDED if not told.get(key)]:
        raise ValueError(f"measure {name} lacks {', '.join(lacks)}")
    unit = told.get("unit") or units.get(name)
    if unit is None:
        raise ValueError(f"measure {name} is no column of {table}; give it a line `unit`")
    named = thresholds.named_in(" ".join((title, *told.values())))
    differs = thresholds.changed(named, values)
    return Measure(
        name,
        thresholds.in_words(title, values),
        table,
        unit,
        thresholds.in_words(told["formula"], values),
        thresholds.in_words(told["from"], values),
        thresholds.in_words(told.get("caution", ""), values),
        told["source"],
        told["version"] + (f" ({differs})" if differs else ""),
        named,
    )
