"""What the board says: plain sentences with their number, n and dates, and words that never appear."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from tests.transforms.classroom import (
    LATEST,
    QUIET,
    STEADY,
    USUAL,
    block,
    board,
    class_of,
    seen,
    task,
)
from tests.transforms.conftest import Warehouse, covered, days, loaded, monday, roster, run
from transforms import catalog
from transforms.drawn import Titled
from transforms.thresholds import DEFAULTS

#: Words on a child's character or prospects, and colours that stand for them.
TRAITS = (
    r"procrastinat\w*|delayers?|lazy|laz\w+ness|idle|slackers?|slack\w*|careless\w*|unmotivated"
    r"|motivation|effort|attitude|disengag\w*|engage[ds]?|at[ -]risk|risks?|risky|danger\w*"
    r"|low(er|est)?|low[ -]perform\w*|underperform\w*|perform(er|ers|ance)|weak\w*|poor\w*|bad\w*"
    r"|worse|worst|behind|lag|lags|lagging|lagg\w+|struggl\w*|fail(s|ed|ing|ure|ures)?|failures?"
    r"|deficien\w*|deficits?|remedial|slow|slower|slowest|gifted|smart|bright|able|unable|dumb"
    r"|problem|problems|problematic|concern\w*|worr\w+|alarm\w*|warn\w*|alerts?|flags?|flagged"
    r"|red|amber|yellow|green|traffic|probab\w*|predict\w*|likel\w+|forecast\w*|diagnos\w*"
    r"|disorder|truan\w*|delinquen\w*|cheat\w*|suspicious|gaming|excuse|excuses|blame|fault"
)
#: Comparisons among classmates, and single numbers for a child.
RANKS = (
    r"rank\w*|percentiles?|quartiles?|deciles?|top|bottom|best|better than|ahead|league|grade[ds]?"
    r"|score of engagement|engagement score|procrastination score|index|rating|z-score|outlier\w*"
)
NEVER = re.compile(rf"\b({TRAITS}|{RANKS})\b", re.IGNORECASE)


def full() -> Warehouse:
    """A class with a card of every kind that this folder's rules can make, and titled platforms."""
    built = class_of(
        {
            "ann": QUIET,
            "ben": [*USUAL, 90, 95],
            "cal": [*USUAL, 30, 70],
            **{f"s{n}": STEADY for n in range(6)},
        },
        target_minutes=65.0,
    )
    everybody = dict.fromkeys(("ann", "ben", "cal", "s0", "s1", "s2", "s3", "s4"), 90.0)
    for week in (7, 8):
        task(built, f"t{week}", monday(week), everybody)
    task(built, "Volume", LATEST, {**everybody, "ann": 64.995}, late=["s1", "s2", "s3", "s4"])
    seen(built, ann="2026-11-14", ben="2026-11-15")
    values = {**DEFAULTS, "screen_minutes": 90.0}
    for transform in catalog.load(("khan",), values, [Titled("khan", "Khan Academy")]):
        run(built.db, transform)
    built._built = True
    return built


@pytest.fixture(scope="module")
def told() -> Warehouse:
    return full()


def test_each_sentence_has_its_number_its_n_and_its_dates(told: Warehouse) -> None:
    got = {
        (row["kind"], row["student_id"]): row["sentence"]
        for row in board(told)
        if row["block"] in ("celebrate", "whole_class", "starter")
    }
    assert got[("quieter than own usual", "ann")] == (
        "12 and 9 minutes on Khan Academy in the weeks of 2 November and 9 November; "
        "own usual 60, from 8 weeks."
    )
    assert got[("busier than own usual", "ben")] == (
        "90 and 95 minutes on Khan Academy in the weeks of 2 November and 9 November; "
        "own usual 60, from 8 weeks."
    )
    assert got[("own target reached", "cal")] == (
        "70 minutes on Khan Academy in the week of 9 November; own target 65."
    )
    assert got[("below 65 on a task", "ann")] == (
        '64.9 percent on "Volume" on Khan Academy, due 9 November.'
    )
    assert got[("everything on time", "s0")] == (
        "All 3 tasks due on Khan Academy in the weeks of 19 October to 9 November were handed in "
        "on time."
    )
    assert got[("a lot of screen time", "ben")] == (
        "95 minutes on all platforms in the week of 9 November; the ceiling is 90."
    )
    assert got[("many late on one task", None)] == (
        '4 of 8 students handed in "Volume" on Khan Academy late or not at all (due 9 November).'
    )
    last = {row["student_id"]: row["sentence"] for row in block(told, "everyone")}
    assert last["ann"] == "Last check-in on 14 November, 1 day before the latest data."
    assert last["cal"] == "No check-in noted so far."


def test_the_dip_of_a_class_is_told_with_its_level() -> None:
    built = class_of({"a": QUIET, "b": QUIET} | dict.fromkeys("cde", STEADY))
    (note,) = block(built, "whole_class")
    assert note["sentence"] == (
        "2 of 5 students had at most 50 percent of their own usual minutes on khan in the week of "
        "9 November."
    )
    assert (note["value"], note["n"]) == (2, 5)
    assert (note["window_start"], note["window_end"]) == (LATEST, LATEST + timedelta(days=6))


def test_pacing_is_told_as_a_way_through_the_week() -> None:
    built = roster(Warehouse(), "ann", "ben").link("lexia", a1="ann", b1="ben")
    for week in range(4):
        days(built, week, [0, 0, 0, 10, 30])
        days(built, week, [10, 10, 10, 10, 10], "b1")
    (card,) = block(covered(built, "lexia", 4, zero=True), "starter", monday(3))
    assert card["sentence"] == (
        "The middle of the minutes on lexia came 94 percent of the way through the school week, "
        "over 4 weeks from 7 September to 4 October; classmates: 50 percent."
    )


def test_weeks_of_a_clock_change_keep_their_days() -> None:
    # 1 November 2026 has 25 hours in Chicago; it ends the week of 26 October.
    built = class_of({"ann": [*USUAL[:6], 12, 9], **{f"s{n}": [60.0] * 8 for n in range(6)}})
    (card,) = block(built, "starter", monday(7))
    assert str(monday(7)) == "2026-10-26"
    assert "weeks of 19 October and 26 October" in card["sentence"]
    assert str(card["window_end"]) == "2026-11-01"


def test_no_sentence_holds_a_name(told: Warehouse) -> None:
    names = {"ann", "ben", "cal", "kim", *(f"s{n}" for n in range(6))}
    for row in board(told):
        words = set(re.findall(r"\w+", f"{row['sentence']} {row['question']}".lower()))
        assert not words & names, row["sentence"]


def spoken(warehouse: Warehouse) -> dict[str, str]:
    """Every text that a team may read, by where it stands."""
    texts = {
        f"{row['rule_id']} {name}": row[name]
        for row in warehouse.query("SELECT * FROM views.collaboration_board")
        for name in ("sentence", "question", "else_it_could_be", "kind")
    }
    for row in warehouse.query("SELECT * FROM work.card_rule"):
        for name in ("question", "else_it_could_be", "kind"):
            texts[f"{row['rule_id']} {name}"] = row[name]
    for transform in loaded(("khan",)):
        for measure in transform.measures:
            texts[f"title of {measure.measure}"] = measure.name
            if transform.group == "board":
                texts[f"formula of {measure.measure}"] = measure.formula
                texts[f"caution of {measure.measure}"] = measure.caution
    return texts


def test_words_that_may_never_appear_do_not(told: Warehouse) -> None:
    # The percentile within the publisher's norms is the publisher's and says so.
    found = {
        place: match[0]
        for place, text in spoken(told).items()
        if (match := NEVER.search(text.replace("Percentile in the publisher's norms", "")))
    }
    assert found == {}


@pytest.mark.parametrize(
    "text",
    [
        "The student procrastinates.",
        "A low performer.",
        "At risk of failing.",
        "She is behind the others.",
        "Rank 3 of 20.",
        "In the 12th percentile.",
        "A red light.",
        "A weak reader who struggles.",
    ],
)
def test_the_list_finds_what_it_is_meant_to_find(text: str) -> None:
    assert NEVER.search(text)


def test_the_list_lets_plain_facts_stand() -> None:
    assert not NEVER.search("Below 65 percent on a task due in the week of 9 November; score 59.9.")
