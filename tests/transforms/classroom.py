"""Drawn classes for the board's tests: students with weeks on Khan, tasks and check-ins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from tests.transforms.conftest import Row, Warehouse, covered, monday, roster

#: Eight weeks of an hour each: the usual of a student who is at home in them.
USUAL = [60.0] * 8
QUIET = [*USUAL, 12, 9]
STEADY = [*USUAL, 60, 60]
#: Number of the last drawn week of these, and its Monday.
LAST = len(QUIET) - 1
LATEST = monday(LAST)


def class_of(weeks: Mapping[str, Sequence[float | None]], **same: float) -> Warehouse:
    """Class c1 whose students have these minutes on Khan; their family names are their ids."""
    built = roster(Warehouse(("khan",)), *weeks)
    built.db.execute("UPDATE lake.person SET family_name = person_id, given_name = 'Kim'")
    built.link("khan", **{f"a_{who}": who for who in weeks})
    built.add("account", [{"account_key": f"a_{who}"} for who in weeks], platform="khan")
    built.add(
        "usage_week",
        [
            {
                "account_key": f"a_{who}",
                "week_start": monday(i),
                "through": monday(i) + timedelta(days=6),
                "minutes": told,
                **same,
            }
            for who, minutes in weeks.items()
            for i, told in enumerate(minutes)
            if told is not None
        ],
        platform="khan",
    )
    return covered(built, "khan", max(map(len, weeks.values())), zero=False)


def task(
    warehouse: Warehouse,
    name: str,
    due: date,
    scores: Mapping[str, float | None],
    *,
    late: Sequence[str] = (),
    class_key: str = "k1",
) -> Warehouse:
    """A task that these students handed in the day before it was due, or the day after."""
    warehouse.add(
        "assignment",
        [
            {
                "assignment_id": name,
                "title": name,
                "due_at": f"{due} 16:00:00",
                "due_on": due,
                "data_through": "2027-06-01",
                "class_key": class_key,
                "listed_only": True,
            }
        ],
        platform="khan",
    )
    day = timedelta(days=1)
    return warehouse.add(
        "submission",
        [
            {
                "assignment_id": name,
                "account_key": f"a_{who}",
                "submitted_at": f"{due + day if who in late else due - day} 10:00:00",
                "score_percent": score,
            }
            for who, score in scores.items()
        ],
        platform="khan",
    )


def seen(warehouse: Warehouse, **days: date | str) -> Warehouse:
    """Check-ins: student=day."""
    return warehouse.add(
        "notes.check_in", [{"student_id": who, "date": day} for who, day in days.items()]
    )


def answered(warehouse: Warehouse, action: str, week: date, rule: str, **more: str) -> Warehouse:
    """A team's answer to a card on Khan."""
    row = {"class_id": "c1", "week_start": week, "rule_id": rule, "platform": "khan", **more}
    return warehouse.add("notes.card_action", [{**row, "action": action}])


def board(warehouse: Warehouse, week: date = LATEST, class_id: str = "c1") -> list[Row]:
    """A board from top to bottom."""
    return warehouse.query(
        f"""SELECT * FROM views.collaboration_board
            WHERE week_start = DATE '{week}' AND class_id = '{class_id}'
            ORDER BY block_order, position"""
    )


def block(warehouse: Warehouse, name: str, week: date = LATEST, class_id: str = "c1") -> list[Row]:
    """One block of a board, from top to bottom."""
    return [row for row in board(warehouse, week, class_id) if row["block"] == name]


def who(rows: Sequence[Row]) -> list[str]:
    """The students of these cards, in order."""
    return [row["student_id"] for row in rows]
