"""Find: children of whom something is known, by class, platform, week and kind of fact."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response

from portal.finding import FACTS, Wanted, question
from portal.pages.ask import asked
from portal.paging import page_of
from portal.rights import Right
from portal.visit import Visit, needs

router = APIRouter()
SignedIn = Annotated[Visit, Depends(needs(Right.signed_in))]
#: Students whom one search finds at most.
_MOST = 1000
_KEPT = "find"


@router.get("/find")
def find(
    visit: SignedIn,
    fact: Annotated[list[str] | None, Query()] = None,
    class_id: str = "",
    platform: str = "",
    week: str = "",
    page: int = 1,
) -> Response:
    """The form, and below it whom it finds, A to Z."""
    choices = _choices(visit)
    weeks: list[date] = choices["weeks"]
    if class_id:
        visit.must(Right.class_, class_id)
    facts = tuple(f for f in choices["facts"] if f in (fact or ()))
    chosen = next((w for w in weeks if str(w) == week), weeks[0] if weeks else None)
    platform = platform if platform in choices["platforms"] else ""
    sql, found, problem = "", None, ""
    if facts and chosen:
        sql = question(Wanted(chosen, facts, class_id, platform))
        answer = asked(visit, sql, _MOST, "view", "find")
        problem = answer.problem
        found = None if problem else page_of(answer.rows, page, more=answer.cut)
    return visit.page(
        "find.html",
        **choices,
        classes=visit.rows(
            "SELECT class_id, title FROM roster.class_section "
            "WHERE list_contains($ids, class_id) ORDER BY title, class_id",
            {"ids": list(visit.adult.classes)},
        ),
        chosen={"facts": facts, "class_id": class_id, "platform": platform, "week": chosen},
        sql=sql,
        found=found,
        problem=problem,
        here=_here(facts, class_id, platform, chosen),
    )


def _here(
    facts: tuple[str, ...], class_id: str, platform: str, week: date | None
) -> list[tuple[str, str]]:
    return [
        *(("fact", f) for f in facts),
        ("class_id", class_id),
        ("platform", platform),
        ("week", str(week or "")),
    ]


def _choices(visit: Visit) -> dict[str, Any]:
    """What can be chosen, the same for everybody."""
    kept = visit.live.kept
    if _KEPT not in kept:
        weeks = visit.rows(
            "SELECT DISTINCT week_start FROM views.collaboration_board ORDER BY 1 DESC"
        )
        names = {
            row["measure"]: row["name"]
            for row in visit.rows("SELECT measure, name FROM views.measure_dictionary")
        }
        names["not_handed_in"] = "Not handed in"
        used = set(visit.settings.platforms)
        kept[_KEPT] = {
            "weeks": [row["week_start"] for row in weeks],
            "facts": {f: names[f] for f in FACTS if f in names},
            "platforms": {t.platform: t.title for t in visit.settings.titles if t.platform in used},
        }
    found: dict[str, Any] = kept[_KEPT]
    return found
