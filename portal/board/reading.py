"""What a board shows: one week of a few classes, with the check-ins and decisions of this moment.

Belongs here: which rows, and whose. Not here: how they are grouped (portal.board.blocks), words and
layout (the templates), who may open the class (the route).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar

from portal import decisions
from portal.board.blocks import Block, Card, Child, group_lines, not_seen_lately
from portal.conversations import last_check_ins
from portal.decisions import About, Decision
from portal.errors import Refused
from portal.live import Row, Version
from portal.people import adults_of_class
from portal.rights import Right
from portal.visit import Visit

Kept = TypeVar("Kept")


@dataclass(frozen=True)
class Board:
    """One board. `children`: everyone who is on it now, empty for an earlier week. `carried`:
    decisions of earlier weeks whose card is not on this board. `calendar`: days with a note."""

    classes: list[Row]
    week: date
    weeks: list[date]
    platforms: list[Row]
    calendar: list[Row]
    blocks: list[Block]
    children: list[Child]
    students: int
    answered: dict[About, list[Decision]]
    carried: list[Decision]
    owners: dict[str, dict[str, str]]

    @property
    def latest(self) -> bool:
        """Whether a later board is kept."""
        return self.week == self.weeks[0]

    @property
    def last_day(self) -> date:
        """The week's Friday: a board is about school days."""
        return self.week + timedelta(days=4)

    @property
    def shown(self) -> set[str]:
        """Every student whom the page tells of."""
        of_cards = {line.student_id for b in self.blocks for g in b.groups for line in g.cards}
        told = (
            of_cards | {d.student_id for d in self.carried} | {c.student_id for c in self.children}
        )
        return {student_id for student_id in told if student_id}


def read(visit: Visit, class_ids: Sequence[str], week: date | None) -> Board:
    """The board of classes that the adult may open. Raises Refused for a week without boards."""
    weeks = board_weeks(visit.live)
    if not weeks or (week is not None and week not in weeks):
        raise Refused("not_found")
    chosen = week or weeks[0]
    ids = list(class_ids)
    classes = visit.rows(_CLASSES, {"ids": ids})
    rules = _kept(visit.live, _RULES, lambda rows: {row.pop("measure"): row for row in rows})
    cards = [
        Card(**row, **rules.get(row["rule_id"], {"rule": None, "formula": None}))
        for row in visit.rows(_CARDS, {"ids": ids, "week": chosen})
        if row["student_id"] is None or visit.may(Right.student, row["student_id"]).allowed
    ]
    children = _children(visit, ids) if chosen == weeks[0] else []
    told = [d for i in ids for d in decisions.decisions(visit.rows, visit.notes, i, visit.adult)]
    answered = decisions.on_cards(told, chosen)
    standing = {decisions.about(vars(card)) for card in cards}
    members = {"ids": ids}
    return Board(
        classes,
        chosen,
        weeks,
        _platforms(visit, ids),
        visit.rows(_CALENDAR, members | {"first": chosen, "last": chosen + timedelta(days=6)}),
        group_lines(cards, not_seen_lately(children)),
        children,
        visit.rows(_SIZE, members)[0]["students"],
        answered,
        [d for about, held in answered.items() if about not in standing for d in held if d.open],
        {i: adults_of_class(visit.rows, i, visit.adult) for i in ids},
    )


def board_weeks(version: Version) -> list[date]:
    """Mondays of the weeks of which boards are kept, the latest first."""
    return _kept(version, _WEEKS, lambda rows: [row["week_start"] for row in rows])


def _platforms(visit: Visit, class_ids: list[str]) -> list[Row]:
    """Platforms with accounts: title, day up to which files tell of every class that they tell of
    (None: of none), students with an account."""
    covered = _kept(
        visit.live,
        _COVERED,
        lambda rows: {(row["platform"], row["class_id"]): row["through"] for row in rows},
    )
    accounts = {r["platform"]: r["students"] for r in visit.rows(_ACCOUNTS, {"ids": class_ids})}
    told = []
    for row in _kept(visit.live, _TITLES, list):
        # A class's own file may be newer than the platform's; a team is as fresh as its oldest.
        whole = covered.get((row["platform"], None))
        days = [covered.get((row["platform"], class_id)) for class_id in class_ids]
        newest = [max(day for day in (own, whole) if day) for own in days if own or whole]
        through = min(newest, default=None)
        if through or row["platform"] in accounts:
            told.append(row | {"through": through, "students": accounts.get(row["platform"], 0)})
    return told


def _kept(version: Version, sql: str, made: Callable[[list[Row]], Kept]) -> Kept:
    """What is the same for every reader of a version, asked once."""
    if sql not in version.kept:
        version.kept[sql] = made(version.rows(sql))
    found: Kept = version.kept[sql]
    return found


def _children(visit: Visit, class_ids: list[str]) -> list[Child]:
    rows = [
        row
        for row in visit.rows(_EVERYONE, {"ids": class_ids})
        if visit.may(Right.student, row["student_id"]).allowed
    ]
    due_after = visit.settings.thresholds["check_in_days"]
    assert due_after is not None
    seen = last_check_ins(visit.rows, visit.notes, (r["student_id"] for r in rows), due_after)
    return [Child(**row, seen=seen[row["student_id"]]) for row in rows]


_WEEKS = "SELECT DISTINCT week_start FROM views.collaboration_board ORDER BY week_start DESC"
_RULES = """SELECT measure, min(name) AS rule, min(formula) AS formula
FROM views.measure_dictionary GROUP BY measure"""
_MEMBER = """SELECT enrollment.person_id AS student_id, enrollment.class_id
    FROM roster.enrollment AS enrollment
    CROSS JOIN (SELECT max(as_of) AS as_of FROM views.student_check_in) AS as_of
    WHERE list_contains($ids, enrollment.class_id) AND enrollment.role = 'student'
        AND coalesce(enrollment.begin_date <= as_of.as_of, TRUE)
        AND coalesce(enrollment.end_date >= as_of.as_of, TRUE)"""
_SIZE = f"SELECT count(DISTINCT student_id) AS students FROM ({_MEMBER})"
_CLASSES = """SELECT class_id, title, subject FROM roster.class_section
WHERE list_contains($ids, class_id) ORDER BY title, class_id"""
#: A student of two of the classes has a card of each; the first class by id keeps it.
_CARDS = """SELECT board.class_id, section.title AS class_title, board.week_start, block,
    block_order, position, board.student_id,
    concat_ws(' ', coalesce(student.preferred_name, student.given_name), student.family_name)
        AS student,
    kind, question, board.platform, sentence, else_it_could_be, board.rule_id, board.data_through,
    board.window_end,
    substr(card_id, 1 + length(concat_ws('|', board.class_id, board.week_start,
        coalesce(board.student_id, ''), board.rule_id, coalesce(board.platform, ''), ''))) AS item
FROM views.collaboration_board AS board
JOIN roster.class_section AS section USING (class_id)
LEFT JOIN roster.student AS student ON student.student_id = board.student_id
WHERE list_contains($ids, board.class_id) AND board.week_start = $week
    AND block NOT IN ('not_seen_lately', 'everyone')
QUALIFY board.student_id IS NULL OR row_number() OVER (
    PARTITION BY board.student_id, board.rule_id, board.platform, item
    ORDER BY board.class_id) = 1
ORDER BY block_order, position, section.title, board.class_id"""
#: On the latest boards, A to Z, each with a homeroom, or else the class of the board.
_EVERYONE = """SELECT board.student_id, any_value(concat_ws(' ',
        coalesce(student.preferred_name, student.given_name), student.family_name)) AS student,
    any_value(coalesce(student.family_name, '')) AS family_name,
    min(board.class_id) AS class_id, min(coalesce(home.title, section.title)) AS class_title,
    any_value(board.staff_id) AS staff_id,
    any_value(concat_ws(' ', adult.given_name, adult.family_name)) AS adult,
    any_value(coalesce(adult.family_name, '')) AS adult_family_name
FROM views.collaboration_board AS board
JOIN roster.class_section AS section USING (class_id)
JOIN roster.student AS student ON student.student_id = board.student_id
LEFT JOIN roster.staff AS adult ON adult.staff_id = board.staff_id
LEFT JOIN (SELECT enrollment.person_id, min(homeroom.title) AS title
    FROM roster.enrollment AS enrollment
    JOIN roster.class_section AS homeroom USING (class_id)
    CROSS JOIN (SELECT max(as_of) AS as_of FROM views.student_check_in) AS as_of
    WHERE enrollment.role = 'student' AND homeroom.class_type = 'homeroom'
        AND coalesce(enrollment.begin_date <= as_of.as_of, TRUE)
        AND coalesce(enrollment.end_date >= as_of.as_of, TRUE)
    GROUP BY enrollment.person_id) AS home ON home.person_id = board.student_id
WHERE list_contains($ids, board.class_id) AND block = 'everyone'
GROUP BY board.student_id
ORDER BY any_value(lower(trim(coalesce(student.family_name, '')))),
    any_value(lower(trim(coalesce(student.given_name, '')))), board.student_id"""
_COVERED = """SELECT platform, class_id, max(covers_to) AS through FROM facts.coverage
WHERE platform IN (SELECT platform FROM facts.account) GROUP BY platform, class_id"""
_TITLES = "SELECT platform, title FROM roster.platform ORDER BY title, platform"
_ACCOUNTS = f"""SELECT held.platform, count(DISTINCT member.student_id) AS students
FROM ({_MEMBER}) AS member JOIN facts.account AS held USING (student_id) GROUP BY held.platform"""
_CALENDAR = """SELECT DISTINCT date, note FROM roster.calendar_day
WHERE note IS NOT NULL AND date BETWEEN $first AND $last AND school_id IN (
    SELECT school_id FROM roster.class_section WHERE list_contains($ids, class_id))
ORDER BY date, note"""
