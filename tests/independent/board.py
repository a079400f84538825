"""A class's board: which weeks have one, and whose cards start the conversation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

#: Rules of conversation starters in their order, and for how many more weeks a card stays.
STARTERS = {
    "quieter_than_usual": 0,
    "stuck_skill": 2,
    "work_lands_at_end": 0,
    "below_threshold": 2,
    "score_may_understate": 2,
    "screen_time": 0,
}


@dataclass(frozen=True)
class Card:
    """A student's card in the week in which it happened. `platform`: empty = of several."""

    student: str
    week: date
    rule: str
    platform: str


@dataclass(frozen=True)
class Answer:
    """That the team knows why, said of a card on the board of that week."""

    student: str | None
    week: date
    rule: str
    platform: str


def boards(counted: Sequence[date], complete: Sequence[date]) -> list[date]:
    """The latest 8: to the latest week that counts for anybody, or that is told to its end."""
    latest = max([*counted, *complete])
    return [latest - timedelta(weeks=back) for back in range(8)]


def starters(
    board: date,
    members: Sequence[str],
    cards: Sequence[Card],
    answers: Sequence[Answer],
    dips: set[str],
    talked: Mapping[str, Sequence[date]],
) -> list[Card]:
    """A class's starters in the order of their choice; the first 8 are shown.

    `members`: A to Z; `dips`: platforms on which the class shares a dip; `talked`: check-ins.
    """
    standing = {
        Card(card.student, board, card.rule, card.platform)
        for card in cards
        if card.rule in STARTERS
        and card.student in members
        and timedelta(0) <= board - card.week <= timedelta(weeks=STARTERS[card.rule])
        and not (card.rule == "quieter_than_usual" and card.platform in dips)
        and not any(_sleeps(card, board, answer) for answer in answers)
    }

    def order(card: Card) -> tuple[date, int, int, str]:
        days = [d for d in talked.get(card.student, ()) if d <= board + timedelta(days=6)]
        last = max(days, default=date.min)
        return last, members.index(card.student), list(STARTERS).index(card.rule), card.platform

    return sorted(standing, key=order)


def _sleeps(card: Card, board: date, answer: Answer) -> bool:
    same = (answer.student, answer.rule, answer.platform) == (
        card.student,
        card.rule,
        card.platform,
    )
    return same and timedelta(0) <= board - answer.week < timedelta(weeks=3)
