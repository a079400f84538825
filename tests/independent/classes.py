"""Classes: in which one a student uses a platform in a week, and what the classmates do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True)
class Span:
    """A student's time in a class; None = from the start, or still there."""

    student: str
    group: str
    first: date | None
    last: date | None

    def holds(self, day: date) -> bool:
        """Whether the student is in the class on this day."""
        return (self.first or date.min) <= day <= (self.last or date.max)

    def counts(self) -> bool:
        """Whether it holds any Friday."""
        if self.first is None or self.last is None:
            return True
        return self.holds(self.first + timedelta(days=(4 - self.first.weekday()) % 7))


def order(spans: Sequence[Span], users: set[str], homerooms: set[str]) -> list[str]:
    """Classes by the share of their students on the platform; homerooms first, then by id.

    Who was never in a class on a Friday is none of its students.
    """
    members: dict[str, set[str]] = {}
    for span in spans:
        if span.counts():
            members.setdefault(span.group, set()).add(span.student)
    return sorted(
        members,
        key=lambda group: (
            -len(members[group] & users) / len(members[group]),
            group not in homerooms,
            group,
        ),
    )


def class_of(
    student: str, monday: date, spans: Mapping[str, Sequence[Span]], ranked: Sequence[str]
) -> str | None:
    """The class of the week: of those the student is in on its Friday, the first of the order."""
    friday = monday + timedelta(days=4)
    groups = {span.group for span in spans.get(student, ()) if span.holds(friday)}
    return next((group for group in ranked if group in groups), None)


@dataclass(frozen=True)
class Run:
    """Means over the latest 4 weeks with pacing, beside the classmates' in the same weeks."""

    weeks: int
    mean_day: float
    pacing: float
    last_day_share: float | None
    class_pacing: float | None
    at_end: bool | None


def run(
    weeks: Sequence[Mapping[str, float]],
    mates: Sequence[Sequence[float]],
    *,
    below: float = -0.5,
    above: float = -0.3,
) -> Run:
    """`weeks`: the latest weeks with pacing, at most 4; `mates`: pacing of the classmates in each."""
    pacing = sum(week["pacing"] for week in weeks) / len(weeks)
    last = [week["last_day_share"] for week in weeks if "last_day_share" in week]
    others = [value for week in mates for value in week]
    beside = sum(others) / len(others) if others else None
    at_end: bool | None = None
    if len(weeks) == 4 and round(pacing, 9) > below:
        at_end = False
    elif len(weeks) == 4 and beside is not None:
        at_end = round(beside, 9) > above
    return Run(
        len(weeks),
        sum(week["mean_day"] for week in weeks) / len(weeks),
        pacing,
        sum(last) / len(last) if last else None,
        beside,
        at_end,
    )
