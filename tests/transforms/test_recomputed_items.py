"""Work with due dates a second time in plain Python, held against the SQL row by row."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta

import pytest

from tests.independent import homework, items
from tests.independent.habits import Row
from tests.independent.homework import Homework
from tests.independent.items import Item
from tests.transforms.conftest import Warehouse
from tests.transforms.districts import agree

Items = dict[str, dict[str, tuple[Item, float | None]]]
SIZES = [(1, 40, 40), *(pytest.param((s, 400, 80), marks=pytest.mark.slow) for s in (2, 3, 4))]


def filled(work: Homework) -> Warehouse:
    """A warehouse that holds the homework."""
    built = Warehouse(("khan",))
    names = [who for _, who, _, _ in work.members]
    people = [{"person_id": who, "role": "student", "sis_id": f"9{who}"} for who in names]
    built.add("person", people, platform="oneroster", enabled=True)
    groups = ["c0", "c1", "c2"]
    built.add("class_section", [{"class_id": group} for group in groups], platform="oneroster")
    built.add(
        "enrollment",
        [
            {"class_id": group, "person_id": who, "begin_date": first, "end_date": last}
            for group, who, first, last in work.members
        ],
        platform="oneroster",
        role="student",
    )
    links = [{"class_key": f"k{group}", "class_id": group} for group in groups]
    built.add("identity.class_link", links, platform="khan", evidence="title")
    accounts = [{"account_key": key, "student_id": who} for key, who in work.accounts.items()]
    built.add("identity.account_link", accounts, platform="khan", evidence="id")
    built.add("assignment", work.assignments, platform="khan")
    built.add("submission", work.submissions, platform="khan")
    covers: list[Row] = [{"covers_from": homework.FIRST.date(), "covers_to": homework.KNOWN}]
    return built.add("coverage", covers, platform="khan", of="assignments", absence_is_zero=False)


def others(found: Items, name: str, who: str) -> list[Item]:
    """The same item of everybody else."""
    return [item for other, (item, _) in found[name].items() if other != who]


def timing(found: Items) -> dict[tuple[str, str], Row]:
    """Rows of views.assignment_timing."""
    rows = {}
    for name, by_student in found.items():
        for who, (item, score) in by_student.items():
            lead = items.lead_hours(item)
            beside = others(found, name, who)
            rate = items.late_rate(beside)
            rows[who, name] = {
                "state": items.state(item),
                "closed": items.closed(item),
                "lead_hours": lead,
                "last_24h": None if lead is None else 0 <= lead < 24,
                "start_delay": items.start_delay(item),
                "below_threshold": None if item.excused or score is None else score < 65,
                "class_late_rate_others": None if rate is None else float(rate),
                "others_counted": sum(items.counts(other) for other in beside),
            }
    return rows


def by_student(found: Items) -> dict[str, Row]:
    """Rows of views.student_procrastination, by student."""
    own: dict[str, list[tuple[str, Item]]] = defaultdict(list)
    for name, students in found.items():
        for who, (item, _) in students.items():
            own[who].append((name, item))
    rows = {}
    for who, mine in own.items():
        # Oldest due first; of two due at once by name.
        counted = sorted(
            ((item.due, name, item) for name, item in mine if items.counts(item) and item.due),
            key=lambda told: told[:2],
        )
        states = [items.state(item) for _, _, item in counted]
        beside = [
            (items.state(item) == "late", rate)
            for _, name, item in counted
            if (rate := items.late_rate(others(found, name, who))) is not None
        ]
        expected, often = items.expected(beside)
        low, high = items.wilson(states.count("late"), len(states)) or (None, None)
        rows[who] = {
            "start_delay_median": items.start_median([item for _, item in mine]),
            "started_count": sum(items.start_delay(item) is not None for _, item in mine),
            "on_time_count": states.count("on_time"),
            "late_count": states.count("late"),
            "missing_count": states.count("missing"),
            "closed_count": len(states),
            "late_low": low,
            "late_high": high,
            "compared_count": len(beside),
            "compared_late": sum(late for late, _ in beside),
            "expected_late": expected,
            "often_late": often,
            "due_status": "ok" if len(states) >= 3 else "too_few",
        }
    return rows


def by_week(found: Items) -> dict[tuple[str, date], Row]:
    """Counts of views.weekly_summary."""
    rows: dict[tuple[str, date], Row] = defaultdict(
        lambda: dict.fromkeys(("closed", "on_time", "late", "missing"), 0)
    )
    for students in found.values():
        for who, (item, _) in students.items():
            if items.counts(item) and item.due_day is not None:
                row = rows[who, item.due_day - timedelta(days=item.due_day.weekday())]
                row["closed"] += 1
                row[str(items.state(item))] += 1
    return {key: {f"assignments_{name}": n for name, n in row.items()} for key, row in rows.items()}


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"seed{size[0]}")
def test_work_with_due_dates_agrees(size: tuple[int, int, int]) -> None:
    work = homework.draw(*size)
    found, warehouse = homework.items(work), filled(work)
    rows = warehouse.query("SELECT * FROM views.assignment_timing")
    agree(timing(found), rows, ("student_id", "assignment_id"))
    rows = warehouse.query("SELECT * FROM views.student_procrastination")
    agree({(who,): row for who, row in by_student(found).items()}, rows, ("student_id",))
    rows = warehouse.query("SELECT * FROM views.weekly_summary")
    agree(by_week(found), rows, ("student_id", "week_start"))
    assert {row["often_late"] for row in by_student(found).values()} >= {True, False}
    assert {row["state"] for row in timing(found).values()} == {
        *("on_time", "late", "missing", "not_due", "excused", "no_due_date", None)
    }
