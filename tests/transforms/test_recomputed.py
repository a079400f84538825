"""The same measures a second time in plain Python, on random districts, held against the SQL."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import date, datetime, timedelta
from statistics import median
from typing import Any

import pytest

from tests.transforms.conftest import Row, Warehouse, absent, holiday, monday, roster

WEEKS = 14
STUDENTS = ("ann", "ben", "cem")


def draw_snapshots(rng: random.Random) -> list[Row]:
    """Exports on some days; a glitch now and then; the day's own minutes told or not."""
    rows = []
    for who in STUDENTS:
        tells_today = rng.random() < 0.5
        for week in range(WEEKS):
            total, pace = 0.0, rng.choice([0.0, 5.0, 20.0])
            if rng.random() < 0.1:
                continue
            for day in range(7):
                today = float(rng.randrange(0, 20)) * (pace / 10) if day < 6 else 0.0
                total += today
                if rng.random() < 0.75:
                    glitch = 40.0 if rng.random() < 0.05 else 0.0
                    rows.append(
                        {
                            "account_key": f"k{who}",
                            "date": monday(week) + timedelta(days=day),
                            "week_start": monday(week),
                            "week_minutes": total + glitch,
                            "today_minutes": today if tells_today else None,
                            "target_minutes": 45.0,
                        }
                    )
    return rows


def district(
    rng: random.Random,
) -> tuple[Warehouse, list[Row], list[set[int]], dict[Any, set[int]]]:
    """A warehouse, its snapshots, the school days of each week and each student's absences."""
    built = roster(Warehouse(), *STUDENTS).link("lexia", **{f"k{who}": who for who in STUDENTS})
    school, away = [], defaultdict[Any, set[int]](set)
    for week in range(WEEKS):
        off = set(rng.sample(range(5), rng.choice([0, 0, 0, 1, 1, 3])))
        if off:
            holiday(built, week, sorted(off))
        school.append(set(range(5)) - off)
        for who in STUDENTS:
            gone = set(rng.sample(range(5), rng.choice([0, 0, 1, 4])))
            if gone:
                absent(built, week, sorted(gone), who)
            away[who, week] = gone
    rows = draw_snapshots(rng)
    built.add("usage_snapshot", rows)
    for day in sorted({row["date"] for row in rows}):
        built.add(
            "coverage",
            [{"covers_from": day, "covers_to": day}],
            of="activity",
            absence_is_zero=False,
        )
    return built, rows, school, away


def place(rows: list[Row], start: date, school: set[int]) -> list[tuple[int, int, float]]:
    """First possible day, last possible day and minutes, from the snapshots of one week."""
    kept = [
        row
        for i, row in enumerate(rows)
        if all(row["week_minutes"] <= later["week_minutes"] for later in rows[i + 1 :])
    ]
    placed, before, seen = [], -1, 0.0
    for row in kept:
        day, gain = (row["date"] - start).days, row["week_minutes"] - seen
        first, last, rest = before + 1, day, gain
        if row["today_minutes"] is not None:
            own = min(row["today_minutes"], gain)
            placed.append((day, day, own))
            rest = gain - own
            last = day - 1
            if first > last:
                first = last = before if before >= 0 else day
        if rest > 0.01:
            possible = [d for d in range(first, last + 1) if d in school]
            possible = possible or list(range(first, last + 1))
            placed.append((possible[0], possible[-1], rest))
        before, seen = day, row["week_minutes"]
    return placed


def expected_week(rows: list[Row], start: date, school: set[int], away: set[int]) -> Row:
    """One student's week without its history."""
    got: Row = {"status": "not_rostered"}
    if not rows:
        return got
    got["minutes"] = rows[-1]["week_minutes"]
    through = (rows[-1]["date"] - start).days
    if len(school) < 3:
        got["status"] = "break_week"
    elif len(school - away) < 2:
        got["status"] = "absent"
    elif max(school) > through:
        got["status"] = "partial_week"
    else:
        got["status"] = "ok" if got["minutes"] else "zero"
    number = {day: i + 1 for i, day in enumerate(sorted(school))}
    inside = [part for part in place(rows, start, school) if part[1] in school]
    total = sum(part[2] for part in inside)
    if total >= 20 and len(school) >= 3:
        size = len(school)
        early = sum(number[first] * told for first, _, told in inside) / total
        late = sum(number[last] * told for _, last, told in inside) / total
        got["low"] = (size + 1 - 2 * late) / (size - 1)
        got["high"] = (size + 1 - 2 * early) / (size - 1)
    return got


@pytest.mark.parametrize("seed", range(6))
def test_weeks_agree_with_a_second_computation(seed: int) -> None:
    built, rows, school, away = district(random.Random(seed))
    found = {
        (row["student_id"], row["week_start"]): row
        for row in built.query("SELECT * FROM views.student_platform_week WHERE platform = 'lexia'")
    }
    compared = 0
    for who in STUDENTS:
        history: list[float] = []
        for week in range(WEEKS):
            mine = [
                row
                for row in rows
                if row["account_key"] == f"k{who}" and row["week_start"] == monday(week)
            ]
            want = expected_week(mine, monday(week), school[week], away[who, week])
            got = found[who, monday(week)]
            where = (seed, who, week)
            assert got["status"] == want["status"], where
            if want["status"] not in ("ok", "zero"):
                assert got["minutes"] is None, where
                continue
            compared += 1
            assert got["minutes"] == want["minutes"], where
            assert got["pacing_low"] == approx(want.get("low")), where
            assert got["pacing_high"] == approx(want.get("high")), where
            wide = "low" in want and want["high"] - want["low"] > 0.25 + 1e-9
            assert (got["pacing"] is None) == ("low" not in want or wide), where
            before = history[-8:]
            usual = median(before) if len(before) >= 6 else None
            assert got["usual_minutes"] == approx(usual), where
            share = want["minutes"] / usual if usual and usual >= 20 else None
            assert got["share_of_usual"] == approx(share), where
            if usual is not None:
                spread = 1.4826 * median(abs(value - usual) for value in before)
                scale = max(spread, 5.0, 0.1 * abs(usual))
                assert got["change_z"] == approx((want["minutes"] - usual) / scale), where
            history.append(want["minutes"])
    assert compared > 10


def approx(value: float | None) -> Any:
    """Equal but for the last digits."""
    return value if value is None else pytest.approx(value, abs=1e-9)


@pytest.mark.parametrize("seed", range(4))
def test_assignment_timing_agrees_with_a_second_computation(seed: int) -> None:
    rng = random.Random(seed)
    names = [f"s{i}" for i in range(6)]
    built = roster(Warehouse(), *names).link("khan", **{f"k{name}": name for name in names})
    built.add("identity.class_link", "platform class_key class_id\nkhan k1 c1", evidence="title")
    known = date(2026, 10, 20)
    want: dict[tuple[str, str], Row] = {}
    for number in range(25):
        due = datetime.fromisoformat("2026-10-01 16:00") + timedelta(
            hours=rng.randrange(0, 24 * 30)
        )
        opened = due - timedelta(hours=rng.randrange(1, 200))
        item = f"t{number}"
        built.add(
            "assignment",
            [
                {
                    "assignment_id": item,
                    "class_key": "k1",
                    "due_at": due,
                    "due_on": due.date(),
                    "assigned_at": opened,
                    "listed_only": False,
                    "data_through": known,
                }
            ],
            platform="khan",
        )
        for name in names:
            started = opened + timedelta(minutes=rng.randrange(-600, 15000))
            handed = due + timedelta(minutes=rng.randrange(-3000, 1500))
            kind = rng.choice(["nothing", "line", "handed", "handed", "handed", "excused"])
            row: Row = {"state": "missing" if due.date() <= known else "not_due"}
            if kind != "nothing":
                line: Row = {"assignment_id": item, "account_key": f"k{name}"}
                if kind != "line":
                    line |= {"started_at": started, "submitted_at": handed}
                    passed = (started - opened) / (due - opened)
                    row = {
                        "state": "late" if handed > due else "on_time",
                        "lead": (due - handed).total_seconds() / 3600,
                        "delay": min(1.0, max(0.0, passed)),
                    }
                if kind == "excused":
                    line["excused"] = True
                    row["state"] = "excused"
                built.add("submission", [line], platform="khan")
            row["counted"] = row["state"] == "late" or (
                row["state"] in ("on_time", "missing") and due.date() <= known
            )
            want[name, item] = row
    found = built.query("SELECT * FROM views.assignment_timing")
    assert len(found) == len(want)
    for got in found:
        mine = want[got["student_id"], got["assignment_id"]]
        others = [
            row
            for (name, item), row in want.items()
            if item == got["assignment_id"] and name != got["student_id"] and row["counted"]
        ]
        rate = sum(row["state"] == "late" for row in others) / len(others) if others else None
        assert got["state"] == mine["state"]
        assert got["lead_hours"] == approx(mine.get("lead"))
        assert got["start_delay"] == approx(mine.get("delay"))
        assert got["class_late_rate_others"] == approx(rate)
        assert got["others_counted"] == len(others)
