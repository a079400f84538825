"""Random assignments and hand-ins as plain data, and each student's items read from them."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from tests.independent.items import Item

Row = dict[str, Any]
FIRST = datetime.fromisoformat("2026-10-01 16:00")
#: The last day any file tells of, within the drawn due days.
KNOWN = date(2026, 11, 10)


@dataclass
class Homework:
    """One platform's assignments. `members`: class, student, first and last day in it."""

    members: list[tuple[str, str, date | None, date | None]] = field(default_factory=list)
    accounts: dict[str, str] = field(default_factory=dict)
    assignments: list[Row] = field(default_factory=list)
    submissions: list[Row] = field(default_factory=list)


def draw(seed: int, students: int, items: int) -> Homework:
    """Homework from a seed, in three classes."""
    rng = random.Random(seed)
    work = Homework()
    for i in range(students):
        name = f"p{i:04}"
        for number in range(rng.choice([0, 1, 1, 1, 1, 1, 1, 2])):
            work.accounts[f"k{name}-{number}"] = name
        begin = FIRST.date() + timedelta(days=rng.randrange(40))
        span = rng.choice([(None, None), (None, None), (begin, None), (None, begin)])
        work.members.append((f"c{rng.randrange(3)}", name, *span))
    for number in range(items):
        _assignment(rng, work, f"t{number:03}")
    return work


def _assignment(rng: random.Random, work: Homework, name: str) -> None:
    due = FIRST + timedelta(hours=rng.randrange(24 * 50))
    opened = due - timedelta(hours=rng.randrange(-5, 200))
    dated = rng.random() < 0.95
    group = rng.choice(["c0", "c1", "c2"])
    work.assignments.append(
        {
            "assignment_id": name,
            "class_key": f"k{group}",
            "due_at": due if dated else None,
            "due_on": due.date() if dated else None,
            "assigned_at": opened if rng.random() < 0.9 else None,
            "listed_only": rng.random() < 0.2,
            "data_through": KNOWN,
            # Made on the last day it tells of: that day is not known to its end.
            "exported_on": KNOWN + timedelta(days=rng.choice([0, 1, 1])),
        }
    )
    tardy = rng.choice([500, 1500, 4000])
    for account, who in work.accounts.items():
        if group not in {row[0] for row in work.members if row[1] == who} or rng.random() < 0.15:
            continue
        row: Row = {"assignment_id": name, "account_key": account}
        if rng.random() < 0.75:
            row["submitted_at"] = due + timedelta(minutes=rng.randrange(-3000, tardy))
            row["score_percent"] = rng.choice([None, 100.0, 65.0, 64.995, 20.0])
        else:
            row["timing"] = rng.choice([None, "on_time", "late", "not_submitted", "unknown"])
            row["attempts"] = rng.choice([None, 0, 1])
        if rng.random() < 0.8:
            row["started_at"] = opened + timedelta(minutes=rng.randrange(-600, 15000))
        if rng.random() < 0.05:
            row["excused"] = True
        work.submissions.append(row)


def items(work: Homework) -> dict[str, dict[str, tuple[Item, float | None]]]:
    """Each assignment's students, with their item and its score."""
    told: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in work.submissions:
        told[row["assignment_id"], work.accounts[row["account_key"]]].append(row)
    found: dict[str, dict[str, tuple[Item, float | None]]] = {}
    for one in work.assignments:
        name, group = one["assignment_id"], one["class_key"][1:]
        due_day = one["due_on"] or KNOWN
        having = {who for item, who in told if item == name}
        if not one["listed_only"]:
            having |= {
                who
                for of, who, first, last in work.members
                if of == group and (first or date.min) <= due_day <= (last or date.max)
            }
        found[name] = {who: _item(one, told.get((name, who), [])) for who in having}
    return found


def _item(one: Row, rows: list[Row]) -> tuple[Item, float | None]:
    def earlier(row: Row) -> tuple[Any, ...]:
        score = row.get("score_percent")
        return (
            "submitted_at" not in row,
            row.get("submitted_at", FIRST),
            -score if score is not None else 1,
            row["account_key"],
        )

    row = min(rows, key=earlier, default={})
    known = one["data_through"] - timedelta(days=one["exported_on"] <= one["data_through"])
    worked = row.get("score_percent") is not None or bool(row.get("attempts"))
    item = Item(
        one["assigned_at"],
        one["due_at"],
        one["due_on"],
        row.get("started_at"),
        row.get("submitted_at"),
        known,
        row.get("excused", False),
        row.get("timing"),
        worked,
    )
    return item, row.get("score_percent")
