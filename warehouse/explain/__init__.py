"""How a published number came about: the rows that went in, and the arithmetic that came out.

`explain` reads the published tables only, computes the number from them by the recipe of the
measure, and holds it against the published one. Not here: the recipes (weeks.py and its
neighbours), whose student is meant (students.py), printing (pipelines/).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from transforms.thresholds import DEFAULTS, Values
from warehouse.explain import places
from warehouse.explain.arithmetic import Operand, Value, evaluate, shown
from warehouse.explain.recipe import Need, Recipe, Rows
from warehouse.explain.told import Ask, Explanation, Inputs, Line

__all__ = ["Ask", "Explanation", "Inputs", "Line", "explain"]

_COUNTS = ("ok", "zero")
_NAMED = re.compile(r"\$([a-z]\w*)")
#: Computed and published numbers that are closer than this are the same.
_CLOSE = 1e-9


def explain(
    ask: Ask,
    measure: str,
    student_id: str,
    *,
    platform: str | None = None,
    week: date | None = None,
    item: str | None = None,
    values: Values = DEFAULTS,
) -> Explanation:
    """How one measure of one student came about.

    `ask`: runs a SELECT on the published warehouse. `measure`: a column's name, or
    `view.column`. `week`: any day of it; without one, the latest week that counts. `item`: the
    id or title of an assignment, skill or test, or a subject. `values`: the district's thresholds.
    Raises HomeroomError where the measure is not known, what is asked is not one row, or what it
    is made of is not published.
    """
    place = places.place(ask, measure, platform, week)
    row = places.row(ask, place, student_id, platform, week, item)
    recipe, base = places.recipe(ask, place, row)
    told = _tables(ask, recipe, {**base, "item": base.get(place.item_column)}, values)
    names = _names(recipe, told, base, values)
    lines, value, says = _computed(recipe, base, names)
    published = row[place.value_column]
    word = says.partition(":")[0]
    first, last = _window(told)
    meaning = places.meaning(ask, place)
    return Explanation(
        measure=place.column,
        name=meaning.get("name", ""),
        view=place.view,
        student_id=student_id,
        platform=row.get("platform") or place.platform,
        week_start=base.get("week_start"),
        item_id=row.get(place.item_column),
        formula=meaning.get("formula", ""),
        minimum=meaning.get("minimum", ""),
        caution=meaning.get("caution", ""),
        source=meaning.get("source", ""),
        version=meaning.get("version", ""),
        inputs=told,
        steps=lines,
        value=value,
        published=published,
        agrees=_same(value, published),
        status=word or "ok",
        says=says,
        n=max((len(t.rows) for t in told), default=0),
        window_start=first,
        window_end=last,
        data_through=row.get("data_through"),
    )


def _tables(
    ask: Ask, recipe: Recipe, base: Mapping[str, Any], values: Values
) -> tuple[Inputs, ...]:
    known: dict[str, Any] = {
        **base,
        **values,
        "student": base["student_id"],
        "week": base.get("week_start"),
    }
    return tuple(_table(ask, rows, known) for rows in recipe.rows)


def _table(ask: Ask, rows: Rows, known: Mapping[str, Any]) -> Inputs:
    found = ask(rows.sql, {name: known[name] for name in _NAMED.findall(rows.sql)})
    columns = tuple(found[0]) if found else ()
    return Inputs(rows.title, columns, tuple(tuple(row.values()) for row in found))


def _names(
    recipe: Recipe, told: tuple[Inputs, ...], base: Mapping[str, Any], values: Values
) -> dict[str, Operand]:
    names: dict[str, Operand] = {**values, **base}
    for rows, table in zip(recipe.rows, told, strict=True):
        for i, column in enumerate(table.columns):
            cells = [row[i] for row in table.rows]
            names[column] = cells[0] if rows.one else cells
    return names


def _computed(
    recipe: Recipe, base: Mapping[str, Any], names: dict[str, Operand]
) -> tuple[tuple[Line, ...], Value, str]:
    """The lines, the value, and why there is none."""
    if recipe.counts and base["status"] not in _COUNTS:
        return (), None, f"{base['status']}: a week of this status does not count"
    lines: list[Line] = []
    waiting = list(recipe.needs)
    for step in recipe.steps:
        for need in list(waiting):
            lacks = _lacks(need, names, base.get(recipe.status))
            if lacks is None:
                continue  # a later line gives what it needs
            if lacks:
                return tuple(lines), None, lacks
            waiting.remove(need)
        result = evaluate(step.expression, _Names(names))
        names[step.name] = result.value
        lines.append(Line(step.name, step.expression, result.text, shown(result.value)))
    last = names[recipe.steps[-1].name]
    value = None if isinstance(last, list) else last
    if value is not None:
        return tuple(lines), value, ""
    status = base.get(recipe.status)
    word = status if status is not None and status not in _COUNTS else "no_feed"
    return tuple(lines), None, f"{word}: no file tells what goes in"


class _Names(dict[str, Operand]):
    """A table without rows has no columns: what is asked of it is an empty column."""

    def __missing__(self, name: str) -> Operand:
        return []


def _lacks(need: Need, names: Mapping[str, Operand], status: str | None) -> str | None:
    """What is lacking in words; empty where nothing is; None where it cannot be told yet."""
    left, least = (evaluate(e, _Names(names)) for e in (need.left, need.least))
    if left.value == [] or least.value == []:
        return None
    if _reaches(left.value, least.value):
        return ""
    word = status if status is not None and status not in _COUNTS else need.word
    if not need.unit:
        return f"{word}: {need.says}"
    return f"{word}: {shown(left.value)} of {shown(least.value)} {need.unit}"


def _reaches(left: Operand, least: Operand) -> bool:
    """A sum that misses by no more than rounding reaches."""
    if isinstance(left, int | float) and isinstance(least, int | float):
        return left >= least - _CLOSE
    return False


def _same(value: Value, published: Any) -> bool:
    if value is None or published is None:
        return value is None and published is None
    if isinstance(value, str) or isinstance(published, str):
        return bool(value == published)
    return abs(float(value) - float(published)) <= _CLOSE * max(1.0, abs(float(published)))  # type: ignore[arg-type]


def _window(told: tuple[Inputs, ...]) -> tuple[date | None, date | None]:
    """First and last day of the rows that went in."""
    days = [
        (day, day + timedelta(days=6) if column.startswith("week") else day)
        for table in told
        for i, column in enumerate(table.columns)
        for day in (row[i] for row in table.rows)
        if type(day) is date
    ]
    return min((d for d, _ in days), default=None), max((d for _, d in days), default=None)
