"""What cards were worth, on drawn views of a year: sixty students at most, everything countable."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

from tests.scenario import Scenario
from transforms.thresholds import DEFAULTS
from warehouse import publish
from warehouse.evidence import report
from warehouse.evidence.findings import Finding, findings
from warehouse.evidence.often_late import often_late
from warehouse.evidence.rules import busier, quieter, rules_of, what_if
from warehouse.evidence.starters import starters
from warehouse.reader import Reader

MONDAY = date(2026, 9, 7)


TABLES = """
    CREATE SCHEMA views; CREATE SCHEMA roster;
    CREATE TABLE views.card (student_id VARCHAR, week_start DATE, rule_id VARCHAR,
        platform VARCHAR, item_id VARCHAR);
    CREATE TABLE views.student_platform_week (student_id VARCHAR, platform VARCHAR,
        week_start DATE, status VARCHAR, minutes DOUBLE, target_minutes DOUBLE,
        judged_usual DOUBLE, previous_minutes DOUBLE, judged_share DOUBLE, pacing DOUBLE);
    CREATE TABLE views.assignment_timing (student_id VARCHAR, platform VARCHAR,
        assignment_id VARCHAR, kind VARCHAR, due_on DATE, due_at TIMESTAMP,
        submitted_at TIMESTAMP, closed BOOLEAN, state VARCHAR, below_threshold BOOLEAN,
        class_late_rate_others DOUBLE);
    CREATE TABLE views.collaboration_board (class_id VARCHAR, week_start DATE,
        student_id VARCHAR, block VARCHAR, rule_id VARCHAR);
    CREATE TABLE roster.class_section (class_id VARCHAR, class_type VARCHAR);
    CREATE TABLE roster.enrollment (class_id VARCHAR, person_id VARCHAR, role VARCHAR,
        begin_date DATE, end_date DATE);
"""


class Year:
    """A published warehouse with the columns that evidence reads, and the rows that are added."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.rows: list[tuple[str, Mapping[str, object]]] = []

    def add(self, table: str, *rows: Mapping[str, object]) -> None:
        self.rows += [(table, row) for row in rows]

    def read(self) -> Reader:
        with duckdb.connect(self.folder / "warehouse-1.duckdb") as db:
            db.execute(TABLES)
            db.execute("BEGIN")
            for table, row in self.rows:
                names, marks = ", ".join(row), ", ".join("?" for _ in row)
                db.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(row.values()))
            db.execute("COMMIT")
        (self.folder / publish.POINTER).write_text(
            json.dumps({"file": "warehouse-1.duckdb", "published_at": "", "inputs": ""})
        )
        return Reader(self.folder)

    def week(self, who: str, week: int, minutes: float, before: float = 60) -> None:
        self.add(
            "views.student_platform_week",
            {
                "student_id": who,
                "platform": "khan",
                "week_start": monday(week),
                "status": "ok",
                "minutes": minutes,
                "judged_usual": 60,
                "previous_minutes": before,
                "judged_share": minutes / 60,
            },
        )

    def card(self, who: str, week: int, rule: str = "quieter_than_usual") -> None:
        self.add(
            "views.card",
            {"student_id": who, "week_start": monday(week), "rule_id": rule, "platform": "khan"},
        )

    def due(self, who: str, on: date, state: str, kind: str = "essay", **more: object) -> None:
        self.add(
            "views.assignment_timing",
            {
                "student_id": who,
                "platform": "canvas",
                "assignment_id": f"{kind}-{on}",
                "kind": kind,
                "due_on": on,
                "closed": True,
                "state": state,
                **more,
            },
        )


@pytest.fixture
def year(tmp_path: Path) -> Year:
    return Year(tmp_path)


def monday(week: int) -> date:
    return MONDAY + timedelta(weeks=week)


def people(letter: str, count: int) -> list[str]:
    return [f"{letter}{number}" for number in range(count)]


def only(live: Reader, *kinds: str) -> Finding:
    [found] = findings(live, rules_of(live), kinds)
    return found


def test_students_with_a_card_are_held_against_those_who_could_have_had_one(year: Year) -> None:
    for number, who in enumerate(people("quiet", 10)):
        year.week(who, 0, 5, before=5)
        year.card(who, 0)
        year.due(who, monday(2), "missing" if number < 5 else "late" if number < 7 else "on_time")
    for number, who in enumerate(people("other", 20)):
        year.week(who, 0, 60)
        year.due(who, monday(2), "missing" if number < 2 else "on_time")
    # Whom the rule cannot judge is not among the others.
    year.add(
        "views.student_platform_week",
        {"student_id": "new", "platform": "khan", "week_start": monday(0), "status": "ok"},
    )
    year.due("new", monday(2), "missing")
    with year.read() as live:
        found = only(live)
    assert found.flagged is not None
    assert found.others is not None
    assert (found.flagged.students, found.flagged.missed.hits, found.flagged.missed.cases) == (
        10,
        5,
        10,
    )
    assert (found.flagged.not_on_time.hits, found.flagged.not_on_time.cases) == (7, 10)
    assert (found.others.students, found.others.missed.hits, found.others.missed.cases) == (
        20,
        2,
        20,
    )
    assert (found.student_weeks, found.judged_weeks) == (31, 30)
    assert found.per_week(found.cards) == pytest.approx(60 * 10 / 31)


def test_the_next_hand_in_is_the_first_due_in_the_two_weeks_after_the_week(year: Year) -> None:
    for who in people("in", 10):
        year.week(who, 0, 5)
        year.card(who, 0)
        year.due(who, monday(0) + timedelta(days=6), "missing")  # Sunday of the week itself
        year.due(who, monday(2) + timedelta(days=6), "late")  # the last day that counts
        year.due(who, monday(3), "missing")
    for who in people("out", 10):
        year.week(who, 0, 5)
        year.card(who, 0)
        year.due(who, monday(3), "missing")  # a day too late
    with year.read() as live:
        found = only(live)
    assert found.flagged is not None
    assert (found.flagged.missed.hits, found.flagged.not_on_time.hits) == (0, 10)
    assert found.flagged.not_on_time.cases == 10


def test_open_excused_and_unknown_work_is_no_hand_in_and_kinds_can_be_chosen(year: Year) -> None:
    for who in people("ann", 10):
        year.week(who, 0, 5)
        year.card(who, 0)
        year.due(who, monday(1), "excused", closed=True)
        year.due(who, monday(1) + timedelta(1), "not_due", closed=False)
        year.due(who, monday(1) + timedelta(2), "missing", kind="quiz")
        year.due(who, monday(1) + timedelta(3), "on_time", kind="teacher's essay")
    with year.read() as live:
        everything, essays = only(live), only(live, "teacher's essay")
    assert everything.flagged is not None
    assert essays.flagged is not None
    assert everything.flagged.missed.hits == 10
    assert essays.flagged.missed.hits == 0
    assert essays.flagged.missed.cases == 10


@pytest.mark.parametrize("count", [9, 10])
def test_fewer_than_ten_students_are_not_told(year: Year, count: int) -> None:
    for who in people("quiet", count):
        for week in (0, 1):
            year.week(who, week, 5)
            year.card(who, week)
        year.due(who, monday(2), "missing")
    for who in people("other", 30):
        year.week(who, 0, 60)
        year.due(who, monday(1), "on_time")
    with year.read() as live:
        found = only(live)
        told = report.gather(live, DEFAULTS)
    assert (found.cards is None) == (found.new_cards is None) == (found.flagged is None)
    assert (found.cards is None) == (count < 10)
    lines = " ".join(cell for line in report.lines(found) for cell in line)
    assert (report.HIDDEN in lines) == (count < 10)
    figures = [f for f in report.figures(told) if f.part == "rule" and "others" not in f.figure]
    # Without a missed hand-in among the others no ratio can be told in either case.
    hidden = [f.figure for f in figures if f.value is None and "ratio" not in f.figure]
    assert len(hidden) == (4 if count < 10 else 0)
    assert all(f.hits is None and f.students is None for f in figures if f.value is None)


def test_a_card_is_new_where_the_observed_week_before_had_none(year: Year) -> None:
    for who in people("quiet", 10):
        for week in (0, 1, 3, 6):  # weeks 2, 4 and 5 were not observed
            year.week(who, week, 5)
        for week in (0, 1, 6):
            year.card(who, week)
    with year.read() as live:
        found = only(live)
    assert (found.cards, found.new_cards) == (30, 20)


def test_what_if_counts_both_weeks_against_one_usual(year: Year) -> None:
    for who in people("half", 10):
        year.week(who, 0, 30, before=30)
    for who in people("fifth", 10):
        year.week(who, 0, 12, before=12)
    for who in people("once", 10):
        year.week(who, 0, 12, before=60)
    for who in people("twice", 10):
        year.week(who, 0, 120, before=120)
    with year.read() as live:
        rules = (quieter(0.5, 20), quieter(0.2, 20), quieter(0.5, 61), busier(2, 20))
        assert [one.cards for one in findings(live, rules)] == [20, 10, 0, 10]


def test_being_late_so_far_is_counted_from_the_fourth_closed_item(year: Year) -> None:
    for who in people("late", 10):
        for week in range(4):
            year.due(who, monday(week), "late", class_late_rate_others=0.25)
    for who in people("never", 10):
        for week in range(4):
            year.due(who, monday(week), "on_time", class_late_rate_others=0.5)
    with year.read() as live:
        told = often_late(live)
    assert [(g.low, g.students, g.others_late) for g in told] == [
        (None, 10, 0.5),
        (-0.5, None, None),
        (0.5, None, None),
        (1.0, None, None),
        (2.0, 10, 0.25),
    ]
    assert [g.late.value for g in told if g.late] == [0, 1]


def test_starters_that_stay_are_held_against_a_lot(year: Year) -> None:
    year.add("roster.class_section", {"class_id": "c1", "class_type": "homeroom"})
    pupils = people("p", 40)
    year.add(
        "roster.enrollment",
        *({"class_id": "c1", "person_id": who, "role": "student"} for who in pupils),
    )
    # Ten starters, of whom four are there a week later, beside six others.
    for week, named in ((0, pupils[:10]), (1, pupils[6:16])):
        year.add(
            "views.collaboration_board",
            *(
                {
                    "class_id": "c1",
                    "week_start": monday(week),
                    "student_id": who,
                    "block": "starter",
                    "rule_id": "quieter_than_usual",
                }
                for who in named
            ),
        )
    with year.read() as live:
        told = starters(live)
        assert starters(live, "scheduled") == []
    assert [one.rule_id for one in told] == ["", "quieter_than_usual"]
    assert [(one.stayed.hits, one.stayed.cases, one.chance) for one in told] == [(4, 10, 0.25)] * 2


@pytest.fixture(scope="module")
def sample(district: Scenario) -> Iterator[Reader]:
    with Reader(district.settings.warehouse) as live:
        yield live


def test_the_thresholds_as_set_give_the_cards_that_were_made(
    sample: Reader, district: Scenario
) -> None:
    made = {one.rule_id: one for one in findings(sample, rules_of(sample))}
    tried = {
        (one.rule_id, one.setting): one
        for one in findings(sample, what_if(district.settings.thresholds))
    }
    for rule, setting in (
        ("quieter_than_usual", "quieter_share one third"),
        ("quieter_than_usual", "usual_minutes_least 20"),
        ("busier_than_usual", "busier_share 1.5"),
    ):
        one, other = made[rule], tried[rule, setting]
        assert (one.cards, one.new_cards, one.flagged, one.others, one.judged_weeks) == (
            other.cards,
            other.new_cards,
            other.flagged,
            other.others,
            other.judged_weeks,
        )
    assert made["busier_than_usual"].cards


def test_every_card_of_the_year_is_counted_once(sample: Reader) -> None:
    for one in findings(sample, rules_of(sample)):
        told = sample.rows(
            "SELECT count(*) AS cards, count(DISTINCT student_id) AS students FROM views.card "
            f"WHERE rule_id = '{one.rule_id}'"
        )[0]
        assert one.cards == (told["cards"] if told["students"] >= 10 else None)
        assert one.cards is None or (one.new_cards or 0) <= one.cards
