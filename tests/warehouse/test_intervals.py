"""Intervals against worked values, and what holds for any counts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse.intervals import Share, clustered, mean, ratio, wilson

ORACLES: dict[str, Any] = {
    case["id"]: case
    for case in json.loads(
        (Path(__file__).parents[1] / "transforms" / "oracles.json").read_text("utf-8")
    )
}
COUNTS = st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@pytest.mark.parametrize("number", [0, 1])
def test_wilson_gives_the_worked_intervals(number: int) -> None:
    case = ORACLES["O19"]
    hits, cases = case["input"]["cases"][number]
    assert wilson(Share(hits, cases)) == pytest.approx(case["expected"][number]["wilson"], abs=1e-6)


def test_the_ratio_of_two_shares_gives_the_worked_interval() -> None:
    # O29: 6 of 30 beside 12 of 30.
    told = ratio(Share(6, 30), Share(12, 30))
    assert told == pytest.approx((0.5, 0.216023, 1.157283), abs=1e-6)


def test_without_cases_or_without_a_hit_there_is_nothing_to_say() -> None:
    assert Share(0, 0).value is None
    assert wilson(Share(0, 0)) is None
    assert ratio(Share(0, 10), Share(5, 10)) is None
    assert ratio(Share(5, 10), Share(0, 0)) is None


@given(COUNTS)
def test_a_share_lies_within_its_interval_and_the_interval_within_0_and_1(
    counts: tuple[int, int],
) -> None:
    hits, cases = counts
    low, high = wilson(Share(hits, cases)) or (2, -1)
    assert 0 <= low <= hits / cases + 1e-12
    assert hits / cases - 1e-12 <= high <= 1


def moments(groups: list[tuple[int, int]]) -> Share:
    return clustered(
        sum(k for k, _ in groups),
        sum(n for _, n in groups),
        sum(k * k for k, _ in groups),
        sum(k * n for k, n in groups),
        sum(n * n for _, n in groups),
    )


def test_weeks_that_are_all_alike_for_a_child_are_worth_one_week_of_each_child() -> None:
    one_each = [(1, 1)] * 5 + [(0, 1)] * 15
    ten_alike = [(10, 10)] * 5 + [(0, 10)] * 15
    assert moments(one_each).worth == pytest.approx(20)
    assert moments(ten_alike).worth == pytest.approx(20)
    assert moments(ten_alike).value == moments(one_each).value == 0.25


@given(st.lists(COUNTS, min_size=1, max_size=30))
def test_cases_in_groups_are_worth_no_more_than_their_number(groups: list[tuple[int, int]]) -> None:
    share = moments(groups)
    assert 0 < share.worth <= share.cases
    assert share.value == pytest.approx(share.hits / share.cases)


def test_the_mean_of_trials_has_the_interval_of_the_normal_distribution() -> None:
    assert mean([1.0, 2.0, 3.0]) == pytest.approx((2, 2 - 1.131586, 2 + 1.131586), abs=1e-6)
    with pytest.raises(ValueError, match="two trials"):
        mean([1.0])
