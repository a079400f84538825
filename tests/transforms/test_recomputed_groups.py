"""Classes, boards and the audit a second time in plain Python, held against the SQL row by row."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest

from tests.independent import board, groups
from tests.independent.board import Answer, Card
from tests.independent.classes import Span
from tests.independent.habits import Row
from tests.independent.results import compute
from tests.independent.rows import COUNTS, Results
from tests.independent.world import PLATFORMS, START, World, draw
from tests.transforms.conftest import Warehouse
from tests.transforms.districts import agree, filled

SIZES = [(5, 90, 14), *(pytest.param((s, 500, 26), marks=pytest.mark.slow) for s in (6, 7))]


@dataclass
class Beside:
    """What a drawn district has beside its activity."""

    names: dict[str, tuple[str, str]] = field(default_factory=dict)
    talked: dict[str, list[date]] = field(default_factory=lambda: defaultdict(list))
    answers: list[Answer] = field(default_factory=list)
    letter: dict[str, str] = field(default_factory=dict)
    terms: list[tuple[str, date, date]] = field(default_factory=list)


def beside(world: World, seed: int) -> Beside:
    """Names, check-ins, answers to cards, groups and two terms; some of it is told of nobody."""
    rng, drawn = random.Random(seed), Beside()
    end = START + timedelta(weeks=world.weeks)
    half = START + timedelta(weeks=world.weeks // 2)
    drawn.terms = [
        ("Fall", START, half - timedelta(days=3)),
        ("Spring", half - timedelta(days=2), end + timedelta(days=30)),
    ]
    for name in world.school_of:
        family = rng.choice(["Adams", "adams", "Berg ", "Young", ""])
        drawn.names[name] = family, rng.choice(["Kim", "kim", "Ali"])
        for _ in range(rng.choice([0, 0, 1, 1, 2])):
            drawn.talked[name].append(START + timedelta(days=rng.randrange(7 * world.weeks)))
        if rng.random() < 0.95:
            drawn.letter[name] = rng.choice("AABBBBC")
        for _ in range(rng.choice([0, 1, 2])):
            rule = rng.choice(["below_threshold", "quieter_than_usual", "work_lands_at_end"])
            week = rng.choice(world.mondays[-10:])
            who = rng.choice([name, name, name, None])
            platform = "weekly" if rule == "below_threshold" else rng.choice(PLATFORMS)
            drawn.answers.append(Answer(who, week, rule, platform))
    return drawn


def told(built: Warehouse, world: World, drawn: Beside, seed: int) -> Warehouse:
    """The same warehouse with it, and with a task each week that some have a score in."""
    rng = random.Random(seed)
    for name, (family, given) in drawn.names.items():
        told = "UPDATE lake.person SET family_name = ?, given_name = ? WHERE person_id = ?"
        built.db.execute(told, [family, given, name])
    talks = [{"student_id": who, "date": day} for who, days in drawn.talked.items() for day in days]
    built.add("notes.check_in", talks)
    answers: list[Row] = [
        {
            "class_id": "c0",
            "student_id": a.student,
            "week_start": a.week,
            "rule_id": a.rule,
            "platform": a.platform,
        }
        for a in drawn.answers
    ]
    built.add("notes.card_action", answers, action="we_know_why")
    built.add("notes.card_action", [{**a, "action": "offer_time"} for a in answers[:5]])
    letters = [{"student_sis_id": f"9{who}", "group_value": x} for who, x in drawn.letter.items()]
    built.add("student_group", letters, platform="district", group_name="letter")
    terms = [{"title": t, "start_date": a, "end_date": b} for t, a, b in drawn.terms]
    built.add("term", terms, platform="oneroster", term_type="semester")
    tasks = [{"assignment_id": f"t{m}", "due_on": m, "due_at": f"{m} 15:00"} for m in world.mondays]
    built.add(
        "assignment", tasks, platform="weekly", listed_only=True, data_through=world.mondays[-1]
    )
    work = [
        {
            "assignment_id": row["assignment_id"],
            "account_key": account,
            "score_percent": rng.choice([50, 80]),
            "timing": "on_time",
        }
        for row in tasks
        for account in world.accounts["weekly"]
        if rng.random() < 0.6
    ]
    return built.add("submission", work, platform="weekly")


@dataclass
class Both:
    """A district, its weeks as plain Python computes them, the warehouse and its cards."""

    world: World
    drawn: Beside
    want: Results
    built: Warehouse
    cards: list[Card]

    def inside(self, group: str, monday: date) -> set[str]:
        """The students who are in the class on the week's Friday."""
        friday = monday + timedelta(days=4)
        return {s.student for s in self.world.spans if s.group == group and s.holds(friday)}

    @property
    def classes(self) -> list[str]:
        return sorted({span.group for span in self.world.spans})

    @property
    def boards(self) -> list[date]:
        """Weeks of the latest 8 boards; everything is told up to the last drawn Sunday."""
        off = self.world.off[None]
        complete = [
            monday
            for monday in self.world.mondays
            if sum(off.get(d, d.weekday() < 5) for d in (monday + timedelta(i) for i in range(7)))
            >= 3
        ]
        counted = [week for (*_, week), row in self.want.week.items() if row["status"] in COUNTS]
        return board.boards(counted, complete)

    @property
    def dips(self) -> dict[tuple[str, str, date], tuple[int, int]]:
        found = {}
        for week in self.boards:
            for group in self.classes:
                members = self.inside(group, week) - self.world.left
                for platform in PLATFORMS:
                    rows = [self.want.week.get((who, platform, week), {}) for who in members]
                    if dip := groups.dip(row.get("share_of_usual") for row in rows):
                        found[group, platform, week] = dip
        return found


@pytest.fixture(scope="module", params=SIZES, ids=lambda size: f"seed{size[0]}")
def both(request: pytest.FixtureRequest) -> Both:
    """One district for all of them. The cards are the SQL's own: they have tests of their own."""
    seed, students, weeks = request.param
    world = draw(seed, students, weeks)
    # A class large enough for its parts to be shown.
    world.spans += [Span(who, "all", None, None) for who in sorted(world.school_of)[::2]]
    drawn = beside(world, seed)
    built = told(filled(world), world, drawn, seed)
    rows = built.query("SELECT student_id, week_start, rule_id, platform FROM views.card")
    cards = [
        Card(r["student_id"], r["week_start"], r["rule_id"], r["platform"] or "") for r in rows
    ]
    return Both(world, drawn, compute(world), built, cards)


def test_weeks_of_classes_agree(both: Both) -> None:
    weeks: Mapping[tuple[str, date], list[tuple[str, Row]]] = defaultdict(list)
    for (who, platform, monday), row in both.want.week.items():
        weeks[platform, monday].append((who, row))
    want = {}
    for (platform, monday), seen in weeks.items():
        for group in both.classes:
            members = both.inside(group, monday)
            if own := [row for who, row in seen if who in members]:
                want[group, platform, monday] = groups.class_week(own)
    rows = both.built.query("SELECT * FROM views.class_week")
    agree(want, rows, ("class_id", "platform", "week_start"), least=100)
    assert {row["status"] for row in want.values()} >= {"ok", "too_few"}
    assert any(row["pacing_median"] is not None for row in want.values())
    assert any(row["target_met"] is not None for row in want.values())


def test_the_use_of_licences_agrees(both: Both) -> None:
    weeks: Mapping[tuple[str, str, date], list[Row]] = defaultdict(list)
    for (who, platform, monday), row in both.want.week.items():
        school = both.world.school_of[who]
        if school and who not in both.world.left and row["status"] != "not_rostered":
            weeks[school, platform, monday].append(row)
    want = {key: groups.licence_use(held) for key, held in weeks.items()}
    rows = both.built.query("SELECT * FROM views.licence_use")
    agree(want, rows, ("school_id", "platform", "week_start"), least=50)
    assert any(row["used_share"] for row in want.values())
    assert any(row["used"] is None and row["licensed"] for row in want.values())


def test_dips_that_classes_share_agree(both: Both) -> None:
    want = {key: {"students": n, "dipped": low} for key, (n, low) in both.dips.items()}
    rows = both.built.query("SELECT * FROM work.shared_dip")
    agree(want, rows, ("class_id", "platform", "week_start"))


def test_the_choice_of_starters_agrees(both: Both) -> None:
    names = {
        who: (family.strip().lower(), given.strip().lower(), who)
        for who, (family, given) in both.drawn.names.items()
    }
    dips, want = both.dips, {}
    for week in both.boards:
        for group in both.classes:
            members = sorted(both.inside(group, week) - both.world.left, key=names.__getitem__)
            low = {platform for platform in PLATFORMS if (group, platform, week) in dips}
            chosen = board.starters(
                week, members, both.cards, both.drawn.answers, low, both.drawn.talked
            )
            for place, card in enumerate(chosen, 1):
                key = group, week, card.student, card.rule, card.platform
                want[key] = {"choice": place, "block": "starter" if place <= 8 else "starter_more"}
    rows = both.built.query(
        """SELECT choice.*, board.block
           FROM work.board_starter AS choice
           JOIN views.collaboration_board AS board USING (class_id, week_start, student_id, rule_id)
           WHERE choice.platform = coalesce(board.platform, '')"""
    )
    agree(want, rows, ("class_id", "week_start", "student_id", "rule_id", "platform"), least=50)
    assert {row["block"] for row in want.values()} == {"starter", "starter_more"}


def test_the_audit_of_rules_agrees(both: Both) -> None:
    known = START + timedelta(weeks=both.world.weeks, days=-1)
    want: dict[tuple[str, ...], Row] = {}
    for term, first, last in both.drawn.terms:

        def within(monday: date, first: date = first, last: date = last) -> bool:
            return first <= monday + timedelta(days=4) <= min(last, known)

        carded: dict[str, set[str]] = defaultdict(set)
        for card in both.cards:
            if within(card.week):
                carded[card.rule].add(card.student)
        everybody = {
            who
            for (who, _, monday), row in both.want.week.items()
            if within(monday) and row["status"] in COUNTS
        }.union(*carded.values())
        parts: dict[str, Mapping[str, str | None]] = {
            "letter": dict(both.drawn.letter),
            "school": both.world.school_of,
        }
        for name, value in parts.items():
            members: dict[str, set[str]] = defaultdict(set)
            for who in everybody:
                members[value.get(who) or "not told"].add(who)
            for rule, flagged in carded.items():
                for part, row in groups.audit(flagged, members).items():
                    want[term, name, part, rule] = row
    rows = both.built.query("SELECT * FROM ops.fairness_audit")
    agree(want, rows, ("term", "group_name", "group_value", "rule_id"), least=20)
    assert any(row["ratio"] is not None for row in want.values())
