"""How skills are going: by the platform's own flag, and by answers right and wrong."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.transforms.conftest import ORACLES, Row, Warehouse, drawn, monday, roster


@pytest.fixture
def school() -> Warehouse:
    """Ann with an account on Lexia, which flags skills, and on a platform that tells answers."""
    warehouse = roster(Warehouse(("lexia", "xapi")), "ann")
    for platform in ("lexia", "xapi"):
        warehouse.link(platform, a1="ann", a2="ann")
        warehouse.add("account", "account_key\na1\na2", platform=platform)
    return warehouse


def answers(
    warehouse: Warehouse,
    right: str,
    skill: str = "s1",
    account: str = "a1",
    week: int = 0,
) -> Warehouse:
    """One answer a day, 1 right and 0 wrong."""
    rows = [
        {
            "event_id": f"{skill}-{account}-{week}-{number}",
            "happened_at": f"{monday(week) + timedelta(days=number)} 15:00:00",
            "date": monday(week) + timedelta(days=number),
            "correct": told == "1",
        }
        for number, told in enumerate(right)
    ]
    return warehouse.add(
        "event", rows, platform="xapi", account_key=account, object_id=skill, action="answered"
    )


def flags(warehouse: Warehouse, rows: str) -> Warehouse:
    """What Lexia says of the skills of account a1, drawn; days are counted from the first Monday."""
    told: list[Row] = [
        {
            **row,
            "date": monday(0) + timedelta(days=int(str(row["date"]))),
            "state": (row.get("state") or "").replace(" ", "_") or None,
        }
        for row in drawn(rows)
    ]
    return warehouse.add("skill_state", told, platform="lexia", account_key="a1")


def skill(warehouse: Warehouse) -> Row:
    """The only skill."""
    return warehouse.one("SELECT * FROM views.student_skill")


def cards(warehouse: Warehouse) -> list[tuple[str, str, date, date, date]]:
    """Rule, skill, week, since and day of every card."""
    rows = warehouse.query(
        "SELECT rule_id, item_id, week_start, window_start, window_end FROM work.card_skill "
        "ORDER BY item_id, week_start, rule_id"
    )
    return [tuple(row.values()) for row in rows]


def test_the_worked_cases_of_answers(school: Warehouse) -> None:
    case = ORACLES["O14"]
    for number, right in enumerate(case["input"]):
        answers(school, right, f"s{number}")
    rows = school.query(
        "SELECT skill_state, attempts_to_state, basis FROM views.student_skill ORDER BY skill_id"
    )
    assert [tuple(row.values()) for row in rows] == [
        (state, tries, "attempts") for state, tries in case["expected"]
    ]


def test_answers_of_two_accounts_are_one_students(school: Warehouse) -> None:
    answers(school, "11")
    answers(school, "1", account="a2", week=1)
    assert (skill(school)["skill_state"], skill(school)["attempts"]) == ("mastered", 3)


def test_an_answer_that_comes_twice_counts_once(school: Warehouse) -> None:
    answers(answers(school, "11"), "11")
    assert (skill(school)["skill_state"], skill(school)["attempts"]) == ("indeterminate", 2)


def test_events_that_are_no_answers_are_of_no_skill(school: Warehouse) -> None:
    school.add(
        "event",
        [{"event_id": "e1", "happened_at": "2026-09-07 15:00:00", "date": "2026-09-07"}],
        platform="xapi",
        account_key="a1",
        object_id="page",
    )
    assert school.query("SELECT * FROM views.student_skill") == []


def test_the_platforms_own_flag_is_used_as_it_is(school: Warehouse) -> None:
    """The latest day counts. A lesson done and not passed is not mastered."""
    flags(
        school,
        """skill_id date state        needs_instruction passed
           done     0    in_progress  true              -
           done     2    complete     true              -
           stuck    0    in_progress  false             -
           stuck    2    in_progress  true              -
           going    2    in_progress  false             -
           waiting  2    not_started  true              -
           failed   2    complete     -                 false
           passed   2    -            -                 true""",
    )
    rows = school.query(
        "SELECT skill_id, skill_state, since, basis FROM views.student_skill ORDER BY skill_id"
    )
    wednesday = monday(0) + timedelta(days=2)
    assert [tuple(row.values()) for row in rows] == [
        ("done", "mastered", wednesday, "own_flag"),
        ("failed", "indeterminate", wednesday, "own_flag"),
        ("going", "indeterminate", wednesday, "own_flag"),
        ("passed", "mastered", wednesday, "own_flag"),
        ("stuck", "needs_instruction", wednesday, "own_flag"),
        ("waiting", "indeterminate", wednesday, "own_flag"),
    ]


def test_a_percent_or_a_level_alone_is_no_state_of_a_skill(school: Warehouse) -> None:
    flags(school, "skill_id date score_percent level\ns1 0 95 Mastered")
    assert school.query("SELECT * FROM views.student_skill") == []


def test_a_flag_goes_before_answers_to_the_same_skill(school: Warehouse) -> None:
    answers(school, "111")
    school.add(
        "skill_state",
        [{"skill_id": "s1", "date": monday(1), "needs_instruction": True}],
        platform="xapi",
        account_key="a1",
    )
    assert (skill(school)["skill_state"], skill(school)["basis"]) == (
        "needs_instruction",
        "own_flag",
    )


def test_a_state_is_told_since_the_first_day_of_its_unbroken_run(school: Warehouse) -> None:
    flags(
        school,
        """skill_id date state       needs_instruction
           s1       0    in_progress true
           s1       1    in_progress false
           s1       3    in_progress true
           s1       9    in_progress true""",
    )
    got = skill(school)
    assert got["since"] == monday(0) + timedelta(days=3)
    assert (got["last_worked"], got["n"]) == (monday(1) + timedelta(days=2), 4)


def test_a_stuck_skill_is_a_card_in_the_week_it_was_last_worked_on_while_so(
    school: Warehouse,
) -> None:
    flags(
        school,
        """skill_id date state       needs_instruction
           open     0    in_progress true
           open     8    in_progress true
           solved   1    in_progress true
           solved   8    in_progress false
           sameweek 1    in_progress true
           sameweek 4    complete    true""",
    )
    first, friday = monday(0), monday(0) + timedelta(days=4)
    assert cards(school) == [
        ("stuck_skill", "open", monday(1), first, first + timedelta(days=8)),
        ("skill_mastered", "sameweek", first, friday, friday),
        ("stuck_skill", "solved", first, first + timedelta(days=1), first + timedelta(days=1)),
    ]


def test_a_skill_is_mastered_once_even_where_the_platform_opens_it_again(
    school: Warehouse,
) -> None:
    flags(
        school,
        """skill_id date state       needs_instruction
           s1       0    complete    -
           s1       8    in_progress -
           s1       15   complete    -""",
    )
    assert cards(school) == [("skill_mastered", "s1", monday(0), monday(0), monday(0))]


def test_ten_tries_without_mastery_are_a_card_that_tells_the_tries(school: Warehouse) -> None:
    answers(school, "11011011011")
    row = school.one("SELECT rule_id, week_start, value, reference FROM work.card_skill")
    assert tuple(row.values()) == ("stuck_skill", monday(1), 11, 10)
