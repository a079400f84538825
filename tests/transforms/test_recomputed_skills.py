"""Skills a second time in plain Python, held against the SQL row by row."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.independent import skills
from tests.independent.skills import Skills
from tests.transforms.conftest import Warehouse
from tests.transforms.districts import agree

SIZES = [(1, 60), *(pytest.param((seed, 800), marks=pytest.mark.slow) for seed in (2, 3))]


def filled(drawn: Skills) -> Warehouse:
    """A warehouse that holds them."""
    built = Warehouse(skills.PLATFORMS)
    names = list(drawn.group_of)
    people = [{"person_id": who, "role": "student", "sis_id": f"9{who}"} for who in names]
    built.add("person", people, platform="oneroster", enabled=True)
    groups = sorted(set(drawn.group_of.values()))
    built.add("class_section", [{"class_id": group} for group in groups], platform="oneroster")
    enrolled = [{"class_id": group, "person_id": who} for who, group in drawn.group_of.items()]
    built.add("enrollment", enrolled, platform="oneroster", role="student")
    links = [{"account_key": key, "student_id": who} for key, who in drawn.accounts.items()]
    end = skills.FIRST + timedelta(weeks=skills.WEEKS, days=-1)
    for platform in skills.PLATFORMS:
        built.add("identity.account_link", links, platform=platform, evidence="id")
        covers = [{"covers_from": skills.FIRST, "covers_to": end}]
        built.add("coverage", covers, platform=platform, of="activity", absence_is_zero=True)
    built.add("event", drawn.answers)
    return built.add("skill_state", drawn.flags)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"seed{size[0]}")
def test_skills_agree(size: tuple[int, int]) -> None:
    drawn = skills.draw(*size)
    told, built = skills.days(drawn), filled(drawn)
    latest = {key: skills.latest(rows) for key, rows in told.items()}
    rows = built.query("SELECT * FROM views.student_skill")
    agree(latest, rows, ("student_id", "platform", "skill_id"), least=100)
    assert {(row["skill_state"], row["basis"]) for row in latest.values()} == {
        *((state, "attempts") for state in ("mastered", "spinning", "indeterminate")),
        ("spinning_then_mastered", "attempts"),
        *((state, "own_flag") for state in ("mastered", "needs_instruction", "indeterminate")),
    }
    cards = {
        (*key, rule): {
            "window_start": since,
            "window_end": day,
            "week_start": skills.week(day),
            "n": n,
        }
        for key, rows in told.items()
        for rule, (since, day, n) in skills.cards(rows).items()
    }
    got = built.query("SELECT * FROM work.card_skill")
    agree(cards, got, ("student_id", "platform", "item_id", "rule_id"), least=50)
    got = built.query("SELECT * FROM work.shared_stuck")
    agree(skills.shared(drawn, told), got, ("class_id", "week_start", "platform", "skill_id"))
