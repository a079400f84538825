"""Skills: drawn flags and answers, how each skill is going, and on which ones a class is stuck."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from tests.independent.habits import Row

FIRST = date(2026, 9, 7)
WEEKS = 12
#: The first tells answers only; the second flags too, and gives some skills a percent alone.
PLATFORMS = ("answers", "flags")
STUCK = ("needs_instruction", "spinning")

Told = dict[tuple[str, str, str], dict[date, Row]]


@dataclass
class Skills:
    """Rows as the lake holds them. `group_of`: the only class of each student."""

    group_of: dict[str, str] = field(default_factory=dict)
    accounts: dict[str, str] = field(default_factory=dict)
    answers: list[Row] = field(default_factory=list)
    flags: list[Row] = field(default_factory=list)


def draw(seed: int, students: int) -> Skills:
    """Skills from a seed."""
    rng = random.Random(seed)
    drawn = Skills()
    for i in range(students):
        name = f"p{i:04}"
        drawn.group_of[name] = f"c{i % 4}"
        for number in range(rng.choice([0, 1, 1, 1, 2])):
            drawn.accounts[f"{name}-{number}"] = name
    for account in drawn.accounts:
        for platform in PLATFORMS:
            for skill in rng.sample(range(8), 4):
                _answers(rng, drawn, platform, account, f"s{skill}")
    for account in drawn.accounts:
        for skill in rng.sample(range(8), 4):
            _flags(rng, drawn, account, f"s{skill}")
    return drawn


def _answers(rng: random.Random, drawn: Skills, platform: str, account: str, skill: str) -> None:
    knows = rng.choice([0.2, 0.4, 0.7, 0.9])
    at = datetime.combine(FIRST, datetime.min.time()) + timedelta(hours=rng.randrange(24 * 40))
    for number in range(rng.randrange(1, 22)):
        # Now and then two at one instant.
        at += timedelta(hours=rng.choice([0, 1, 2, 30, 200]))
        if at.date() < FIRST + timedelta(weeks=WEEKS):
            drawn.answers.append(
                {
                    "platform": platform,
                    "event_id": f"{account}-{skill}-{number}",
                    "account_key": account,
                    "happened_at": at,
                    "date": at.date(),
                    "action": "answered",
                    "object_id": skill,
                    "correct": rng.random() < knows,
                }
            )


def _flags(rng: random.Random, drawn: Skills, account: str, skill: str) -> None:
    days = sorted(rng.sample(range(WEEKS * 7), rng.randrange(1, 7)))
    for attempts, day in enumerate(days, 1):
        row: Row = {
            "platform": "flags",
            "account_key": account,
            "skill_id": skill,
            "date": FIRST + timedelta(days=day),
            "attempts": rng.choice([None, attempts]),
            "percent_completed": 50.0,
        }
        # The last two skills have no flag, whoever works on them.
        if skill not in ("s6", "s7"):
            row["state"] = rng.choice([None, "in_progress", "in_progress", "complete"])
            row["state"] = rng.choice([row["state"]] * 5 + ["not_started"])
            row["needs_instruction"] = rng.choice([None, False, True, True])
            row["passed"] = rng.choice([None, None, None, True, False])
        drawn.flags.append(row)


def of_flag(row: Row) -> str | None:
    """What the platform's own flag says; None = it says nothing."""
    state, needs, passed = (row.get(c) for c in ("state", "needs_instruction", "passed"))
    if state is None and needs is None and passed is None:
        return None
    if state == "not_started":
        return "indeterminate"
    if passed or (passed is None and state == "complete"):
        return "mastered"
    return "needs_instruction" if needs else "indeterminate"


def of_answers(right: Sequence[bool]) -> tuple[str, int]:
    """What the answers so far say, and after how many of them it was so."""
    run = 0
    for number, told in enumerate(right, 1):
        run = run + 1 if told else 0
        if run == 3:
            return ("mastered" if number <= 10 else "spinning_then_mastered"), number
    return ("spinning", 10) if len(right) >= 10 else ("indeterminate", len(right))


#: Of two accounts on one day the first of these counts.
_NEWS = ("mastered", "needs_instruction", "indeterminate")


def days(drawn: Skills) -> Told:
    """Each day that tells of a student's skill, with the state at its end."""
    found: Told = defaultdict(dict)
    flagged = {(r["platform"], r["skill_id"]) for r in drawn.flags if of_flag(r) is not None}
    for row in drawn.flags:
        if (state := of_flag(row)) is not None:
            key = drawn.accounts[row["account_key"]], row["platform"], row["skill_id"]
            before = found[key].get(row["date"])
            tries = [r["attempts"] for r in (before, row) if r and r["attempts"] is not None]
            if before:
                state = min(state, before["skill_state"], key=_NEWS.index)
            found[key][row["date"]] = {
                "skill_state": state,
                "basis": "own_flag",
                "attempts": max(tries, default=None),
                "attempts_to_state": None,
            }
    by_skill: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
    for row in drawn.answers:
        if (row["platform"], row["object_id"]) not in flagged:
            key = drawn.accounts[row["account_key"]], row["platform"], row["object_id"]
            by_skill[key].append(row)
    for key, rows in by_skill.items():
        rows.sort(key=lambda row: (row["happened_at"], row["correct"]))
        for number, row in enumerate(rows, 1):
            state, after = of_answers([r["correct"] for r in rows[:number]])
            # The last answer of a day stays.
            found[key][row["date"]] = {
                "skill_state": state,
                "basis": "attempts",
                "attempts": number,
                "attempts_to_state": after,
            }
    return found


def latest(told: Mapping[date, Row]) -> Row:
    """The row of views.student_skill."""
    order = sorted(told)
    states = [told[day]["skill_state"] for day in order]
    since = len(order) - 1
    while since and states[since - 1] == states[-1]:
        since -= 1
    mastered = [d for d, s in zip(order, states, strict=True) if s.endswith("mastered")]
    return {
        **told[order[-1]],
        "n": len(order),
        "since": order[since],
        "mastered_on": min(mastered, default=None),
        "last_worked": order[-1],
    }


def week(day: date) -> date:
    """Its Monday."""
    return day - timedelta(days=day.weekday())


def cards(told: Mapping[date, Row]) -> dict[str, tuple[date, date, int]]:
    """By rule: first day of the run of that state, day of the card, and days told until then."""
    found: dict[str, tuple[date, date, int]] = {}
    order = sorted(told)
    for number, day in enumerate(order, 1):
        upto = latest({d: told[d] for d in order[:number]})
        if upto["mastered_on"] == day:
            found["skill_mastered"] = upto["since"], day, number
        # Stuck at the end of a week of work, the last such week.
        if upto["skill_state"] in STUCK and (
            number == len(order) or week(order[number]) > week(day)
        ):
            found["stuck_skill"] = upto["since"], day, number
    return found


def shared(drawn: Skills, told: Told) -> dict[tuple[str, date, str, str], Row]:
    """Rows of work.shared_stuck on the boards of the latest 8 weeks."""
    stuck = {
        key: cards(rows)["stuck_skill"]
        for key, rows in told.items()
        if "stuck_skill" in cards(rows)
    }
    found: dict[tuple[str, date, str, str], list[tuple[date, date]]] = defaultdict(list)
    for number in range(WEEKS - 8, WEEKS):
        board = FIRST + timedelta(weeks=number)
        for (name, platform, skill), (since, day, _) in stuck.items():
            if board - timedelta(weeks=2) <= week(day) <= board:
                found[drawn.group_of[name], board, platform, skill].append((since, day))
    return {
        key: {
            "students": len(rows),
            "members": list(drawn.group_of.values()).count(key[0]),
            "window_start": min(since for since, _ in rows),
            "window_end": max(day for _, day in rows),
        }
        for key, rows in found.items()
        if len(rows) >= 3
    }
