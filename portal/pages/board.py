"""The board of a class or of a team of classes, for a week, and one card of it with its buttons."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response
from markupsafe import Markup

from portal.board.blocks import SORTS, in_order
from portal.board.reading import Board, read
from portal.decisions import ANSWERS, about
from portal.errors import Refused
from portal.rendering import render
from portal.rights import Right
from portal.visit import Visit, needs, own_path

router = APIRouter()
OfClass = Annotated[Visit, Depends(needs(Right.class_))]
SignedIn = Annotated[Visit, Depends(needs(Right.signed_in))]
Sort = Literal["name", "class", "adult", "last"]
#: A team of more classes than this has no meeting.
_MOST = 20
_BLOCKS = {
    "celebrate": "Celebrate",
    "whole_class": "The whole class",
    "not_seen_lately": "Not seen lately",
    "starter": "Conversation starters",
    "starter_more": "More to talk about, by name",
    "two_stories": "Two stories",
}
_SORTED_BY = dict(zip(SORTS, ("Name", "Class", "Adult", "Last check-in"), strict=True))


@router.get("/classes/{class_id}/board")
def of_class(
    class_id: str, visit: OfClass, week: date | None = None, sort: Sort = "name"
) -> Response:
    """The board of one class."""
    return _page(visit, read(visit, [class_id], week), f"/classes/{class_id}/board", {}, sort)


@router.get("/board")
def of_team(
    visit: SignedIn,
    class_: Annotated[list[str], Query(alias="class", min_length=1, max_length=_MOST)],
    week: date | None = None,
    sort: Sort = "name",
) -> Response:
    """The board of several classes as one, for those who may open each of them."""
    ids = list(dict.fromkeys(class_))
    for class_id in ids:
        visit.must(Right.class_, class_id)
    return _page(visit, read(visit, ids, week), "/board", {"class": ids}, sort)


@router.get("/classes/{class_id}/card")
def card(
    class_id: str,
    visit: OfClass,
    week: date,
    rule_id: str,
    student_id: str = "",
    platform: str = "",
    next: str = "",
) -> Response:
    """One card with its buttons."""
    board = read(visit, [class_id], week)
    wanted = (student_id, rule_id, platform)
    cards = [c for b in board.blocks for g in b.groups for c in g.cards if about(vars(c)) == wanted]
    if not cards:
        raise Refused("not_found")
    visit.log("view", "card of a board", [student_id] if student_id else [])
    back = own_path(next or f"/classes/{class_id}/board?week={week}")
    return visit.page("card.html", cards=cards, back=back, **_answers(visit, board))


def _page(
    visit: Visit, board: Board, path: str, asked: dict[str, list[str]], sort: Sort
) -> Response:
    def at(**changed: object) -> str:
        held = asked | {"week": board.week, "sort": sort} | changed
        shown = {
            k: v
            for k, v in held.items()
            if (k, v) not in (("week", board.weeks[0]), ("sort", "name"))
        }
        return f"{path}?{urlencode(shown, doseq=True)}" if shown else path

    visit.log("view", "board", sorted(board.shown))
    return visit.page(
        "board.html",
        board=board,
        names=_BLOCKS,
        children=in_order(board.children, sort),
        sort=sort,
        sorts=_SORTED_BY,
        at=at,
        back=at(),
        **_answers(visit, board),
    )


def choices(owners: Mapping[str, str], sleep_weeks: int) -> Markup:
    """The answers that any card of a class takes, once for all of them. `owners`: names by
    staff_id."""
    known = {"answers": ANSWERS, "sleep_weeks": sleep_weeks, "owners": owners}
    return Markup(render("_card_choices.html", known))


def _answers(visit: Visit, board: Board) -> dict[str, Any]:
    sleep_weeks = visit.settings.thresholds["sleep_weeks"]
    assert sleep_weeks is not None
    return {
        "answered": board.answered,
        "about": lambda one: about(vars(one)),
        "choices_of": {i: choices(held, int(sleep_weeks)) for i, held in board.owners.items()},
    }
