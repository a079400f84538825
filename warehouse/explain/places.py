"""Where a measure stands: which view and column is meant, which row, and whose recipe tells it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from difflib import get_close_matches
from typing import Any

from connectors.errors import HomeroomError
from warehouse.explain import (
    cards,
    check_ins,
    engagement,
    progress,
    skills,
    summary,
    timing,
    weeks,
)
from warehouse.explain.recipe import Recipe, Recipes
from warehouse.explain.told import Ask

_COUNTS = ("ok", "zero")
_WEEK = "student_platform_week"
_WEEKLY = "weekly_summary"
_CARD = "card"
_SKILL = "student_skill"
#: The recipes of each view, in the order in which a bare name is looked for.
RECIPES: Mapping[str, Recipes] = {
    _WEEK: weeks.RECIPES,
    "student_engagement": {
        c: weeks.OF_TWO.get(r) or weeks.RECIPES[r] for c, r in engagement.OF_THE_WEEK.items()
    }
    | engagement.RECIPES,
    "assignment_timing": timing.ASSIGNMENT,
    "student_procrastination": timing.PROCRASTINATION,
    _WEEKLY: summary.RECIPES,
    "student_progress": progress.RECIPES,
    _SKILL: skills.RECIPES,
    "student_check_in": check_ins.RECIPES,
    _CARD: cards.RECIPES,
}
_PER_PLATFORM = {
    "student_engagement", _WEEK, "assignment_timing", "student_procrastination", _SKILL, _CARD
}  # fmt: skip
_PER_WEEK = {_WEEK, _WEEKLY, _CARD}
#: Views with a row for each item: the columns of its id and of its title.
_PER_ITEM = {
    "assignment_timing": ("assignment_id", "title"),
    "student_progress": ("subject", "subject"),
    _SKILL: ("skill_id", "skill_name"),
    _CARD: ("item_id", "item_title"),
}


@dataclass(frozen=True)
class Place:
    """A column of a view, or the rule of a card. `of_platform`: the measure of that platform's week
    that it is."""

    view: str
    column: str
    platform: str | None = None
    of_platform: str = ""

    @property
    def value_column(self) -> str:
        """The column that holds the number: of a card, what was seen."""
        return "value" if self.view == _CARD else self.column

    @property
    def item_column(self) -> str:
        """The column with the id of the item; empty where the view has none."""
        return _PER_ITEM.get(self.view, ("", ""))[0]


def place(ask: Ask, measure: str, platform: str | None, week: date | None) -> Place:
    """The column that a name means; with a week asked for, rather one that has weeks."""
    view, dot, column = measure.removeprefix("views.").rpartition(".")
    told = [Place(v, column) for v in RECIPES if column in RECIPES[v] and (not dot or v == view)]
    if not told and view in ("", _WEEKLY):
        told = _repeated(ask, column, platform)
    if not told:
        raise _unknown(ask, measure)
    if week is not None:
        told.sort(key=lambda p: p.view not in _PER_WEEK)
    return told[0]


def _repeated(ask: Ask, column: str, platform: str | None) -> list[Place]:
    """A column that weekly_summary has for each platform: lexia_minutes."""
    platforms = [r["platform"] for r in ask(
        "SELECT DISTINCT platform FROM views.student_engagement ORDER BY platform", {}
    )]  # fmt: skip
    return [
        Place(_WEEKLY, column, name, of)
        for name in platforms
        for kind, of in summary.OF_THE_PLATFORM.items()
        if column == f"{name}_{kind}" and platform in (None, name)
    ]


def _unknown(ask: Ask, measure: str) -> HomeroomError:
    known = [r["measure"] for r in ask("SELECT measure FROM views.measure_dictionary", {})]
    if measure.rpartition(".")[2] in known:
        return HomeroomError(
            "is not a number or a yes or no of one student",
            culprit=measure,
            fix="docs/measures.md tells how it is found",
        )
    names = sorted({c for recipes in RECIPES.values() for c in recipes})
    near = get_close_matches(measure.rpartition(".")[2], names, 4, 0.5)
    return HomeroomError(
        "is no measure",
        culprit=measure,
        fix=f"perhaps {', '.join(near)}" if near else "docs/measures.md lists them",
    )


def row(
    ask: Ask,
    place: Place,
    student_id: str,
    platform: str | None,
    week: date | None,
    item: str | None,
) -> dict[str, Any]:
    """The one row that is asked for. Raises HomeroomError where there is none, or several."""
    asked: dict[str, Any] = {"student": student_id}
    sql = f"SELECT * FROM views.{place.view} WHERE student_id = $student"
    if platform is not None and place.view in _PER_PLATFORM:
        sql, asked["platform"] = sql + " AND platform = $platform", platform
    if week is not None and place.view in _PER_WEEK:
        monday = week - timedelta(days=week.weekday())
        sql, asked["week"] = sql + " AND week_start = $week", monday
    if item is not None and place.view in _PER_ITEM:
        of, title = _PER_ITEM[place.view]
        asked["item"] = item
        sql += f" AND ({of} = $item OR lower({title}) = lower($item))"
    if place.view == _CARD:
        sql, asked["rule"] = sql + " AND rule_id = $rule", place.column
    found = ask(sql, asked)
    if not found:
        raise HomeroomError(
            "nothing is published of this student, platform, week or item",
            culprit=f"views.{place.view}",
            fix="ask without --platform, --week and --item to see what there is",
        )
    if place.view in _PER_PLATFORM:
        _one_of(found, "platform", "--platform")
    if place.view in _PER_WEEK:
        found.sort(key=lambda r: (r.get("status", "ok") in _COUNTS, r["week_start"]))
        found = [r for r in found if r["week_start"] == found[-1]["week_start"]]
    if place.view in _PER_ITEM:
        _one_of(found, place.item_column, "--item")
    return found[-1]


def _one_of(found: list[dict[str, Any]], column: str, option: str) -> None:
    there = sorted({r[column] or "" for r in found})
    if len(there) > 1:
        raise HomeroomError(
            f"there are {len(there)}: {', '.join(there[:10])}{' ...' if len(there) > 10 else ''}",
            culprit=column,
            fix=f"name one with {option}",
        )


def recipe(ask: Ask, place: Place, row: Mapping[str, Any]) -> tuple[Recipe, Mapping[str, Any]]:
    """The recipe of a row's column, and the row whose other columns it may use."""
    name = place.of_platform or engagement.OF_THE_WEEK.get(place.column, "")
    if place.of_platform or (place.view == "student_engagement" and name):
        platform = place.platform or row["platform"]
        week = ask(
            f"SELECT * FROM views.{_WEEK} WHERE student_id = $student AND platform = $platform "
            "AND week_start = $week",
            {"student": row["student_id"], "platform": platform, "week": row["week_start"]},
        )
        # Without a week that counts there is nothing to compute from, and the row says why.
        base = week[0] if week else {"status": "not_enough_history", **row, "platform": platform}
        return weeks.OF_TWO.get(name) or weeks.RECIPES[name], base
    if place.view == _SKILL or place.column in skills.OF_CARDS:
        skills.refuse_answers(ask, row, row[place.item_column])
    return RECIPES[place.view][place.column], row


def meaning(ask: Ask, place: Place) -> dict[str, Any]:
    """What the dictionary tells of it."""
    kind = place.column.removeprefix(f"{place.platform}_") if place.of_platform else ""
    name = f"@platform_{kind}" if kind else place.column
    found = ask(
        "SELECT * FROM views.measure_dictionary WHERE measure = $name "
        "ORDER BY table_name = $table DESC, table_name LIMIT 1",
        {"name": name, "table": f"views.{place.view}"},
    )
    return found[0] if found else {}
