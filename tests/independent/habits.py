"""What an account does in the drawn weeks, as each kind of platform writes it down."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from typing import Any

from tests.independent.minutes import local_day

Row = dict[str, Any]
ZONE = "America/Chicago"


def _paces(rng: random.Random, weeks: int) -> list[float]:
    """How busy each week is: steady, stopping, growing, or anything."""
    kind, level = rng.randrange(4), rng.choice([6.0, 20.0, 60.0])
    turn = rng.randrange(weeks)
    return [
        level * (rng.choice([0, 1, 2]) if kind == 3 else [1, 0.2, 2][kind] if i >= turn else 1)
        for i in range(weeks)
    ]


def _days(rng: random.Random, monday: date, pace: float) -> list[tuple[date, float]]:
    """Minutes on some days: early, late, even, or at the weekend."""
    weights = rng.choice([(5, 1, 0, 0, 0, 0, 0), (0, 0, 0, 1, 6, 0, 0), (1, 1, 1, 1, 1, 1, 0)])
    return [
        (monday + timedelta(days=i), round(pace * weight / 6 * rng.uniform(0.5, 1.5), 1))
        for i, weight in enumerate(weights)
        if weight and rng.random() < 0.9
    ]


def _log(rng: random.Random, mondays: list[date], rows: list[Row], account: str) -> None:
    for monday, pace in zip(mondays, _paces(rng, len(mondays)), strict=True):
        for day, minutes in _days(rng, monday, pace):
            items = rng.choice([None, rng.randrange(20)])
            rows.append(
                {
                    "account_key": account,
                    "date": day,
                    "minutes": minutes if rng.random() < 0.97 else None,
                    "items_attempted": items,
                    "items_correct": None if items is None else items // 2,
                    "units_completed": rng.choice([None, 0.0, 1.0, 2.0]),
                    "events": rng.choice([None, rng.randrange(5)]),
                }
            )


def _counter(rng: random.Random, mondays: list[date], rows: list[Row], account: str) -> None:
    tells_today, target = rng.random() < 0.5, rng.choice([None, 0.0, 45.0])
    for monday, pace in zip(mondays, _paces(rng, len(mondays)), strict=True):
        if rng.random() < 0.1:
            continue
        done, total, units = dict(_days(rng, monday, pace)), 0.0, 0.0
        for i in range(7):
            day = monday + timedelta(days=i)
            total, units = total + done.get(day, 0.0), units + rng.choice([0, 0, 1])
            if rng.random() < (0.8 if i < 5 else 0.3):
                glitch = 40.0 if rng.random() < 0.04 else 0.0
                rows.append(
                    {
                        "account_key": account,
                        "date": day,
                        "week_start": monday,
                        "week_minutes": total + glitch,
                        "today_minutes": done.get(day, 0.0) if tells_today else None,
                        "week_units": units,
                        "target_minutes": target,
                    }
                )


def _weekly(rng: random.Random, mondays: list[date], rows: list[Row], account: str) -> None:
    target = rng.choice([None, 0.0, 30.0, 60.0])
    for monday, pace in zip(mondays, _paces(rng, len(mondays)), strict=True):
        if rng.random() < 0.1:
            continue
        through = rng.choice([6] * 9 + [4, 2, None])
        rows.append(
            {
                "account_key": account,
                "week_start": monday,
                "through": None if through is None else monday + timedelta(days=through),
                "minutes": round(pace * rng.choice([0, 0.5, 1, 1, 1.5]), 1),
                "units_completed": rng.choice([None, 0.0, 1.0, 3.0, 8.0]),
                "target_minutes": target,
            }
        )


def _events(rng: random.Random, mondays: list[date], rows: list[Row], account: str) -> None:
    for monday, pace in zip(mondays, _paces(rng, len(mondays)), strict=True):
        for day, _ in _days(rng, monday, pace):
            # Some sittings go over midnight of the zone, which is 5 or 6 hours behind.
            at = datetime.combine(day, datetime.min.time()) + timedelta(
                hours=rng.choice([15, 18, 28, 29]), seconds=rng.randrange(3600)
            )
            for _ in range(rng.randrange(1, 8)):
                at += timedelta(seconds=rng.choice([30, 200, 420, 600, 601, 1500]))
                rows.append(
                    {
                        "event_id": f"e{len(rows)}",
                        "account_key": account,
                        "happened_at": at,
                        "date": local_day(at, ZONE),
                        "action": rng.choice([None, "Viewed"]),
                        "correct": rng.choice([None, True, False]),
                    }
                )


HABITS = {"alog": _log, "counter": _counter, "weekly": _weekly, "events": _events}
