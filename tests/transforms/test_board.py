"""The collaboration board: blocks and their order, the cap, sleeping cards, class notes, membership."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.transforms.classroom import (
    LAST,
    LATEST,
    QUIET,
    STEADY,
    USUAL,
    answered,
    block,
    board,
    class_of,
    seen,
    task,
    who,
)
from tests.transforms.conftest import ORACLES, Warehouse, monday, roster

STEADY_ONES = {f"s{n}": STEADY for n in range(6)}


def scored(
    students: list[str], due: date = LATEST + timedelta(days=2), score: float = 50
) -> Warehouse:
    """A class in which these students have one score under the line, handed in on time."""
    built = class_of(dict.fromkeys(students, STEADY))
    return task(built, "Volume", due, dict.fromkeys(students, score))


def test_blocks_come_in_their_order_with_strengths_first() -> None:
    built = class_of({"ann": QUIET, "ben": [*USUAL, 90, 95], **STEADY_ONES})
    task(built, "Volume", LATEST, dict.fromkeys(STEADY_ONES, 90.0), late=["s0", "s1", "s2"])
    rows = board(built)
    assert list(dict.fromkeys(row["block"] for row in rows)) == [
        "celebrate",
        "whole_class",
        "not_seen_lately",
        "starter",
        "everyone",
    ]
    assert [row["block_order"] for row in rows] == sorted(row["block_order"] for row in rows)
    assert who(block(built, "celebrate")) == ["ben"]
    assert who(block(built, "starter")) == ["ann"]
    assert who(block(built, "everyone")) == ["ann", "ben", "s0", "s1", "s2", "s3", "s4", "s5"]
    assert [row["position"] for row in block(built, "everyone")] == list(range(1, 9))


def test_at_most_eight_starters_and_the_rest_is_listed_by_name() -> None:
    names = [f"s{n:02}" for n in range(11)]
    built = scored(names)
    seen(built, s00="2026-11-10", s01="2026-11-09", s02="2026-10-01", s03="2026-11-09")
    assert who(block(built, "starter")) == [f"s{n:02}" for n in (4, 5, 6, 7, 8, 9, 10, 2)]
    assert who(block(built, "starter_more")) == ["s00", "s01", "s03"]


def test_starters_are_grouped_by_question_and_chosen_by_the_last_check_in() -> None:
    built = class_of({"ann": QUIET, "ben": QUIET, "cal": STEADY, **STEADY_ONES})
    task(built, "Volume", LATEST, {"ann": 40.0, "cal": 20.0})
    seen(built, ann=LATEST, ben=LATEST - timedelta(days=3))
    got = [(row["question"], row["student_id"]) for row in block(built, "starter")]
    changed, hard = "Has something changed?", "What was hard about this task?"
    assert got == [(changed, "ben"), (changed, "ann"), (hard, "cal"), (hard, "ann")]


def test_several_tasks_of_a_student_are_one_card_that_tells_how_many_more() -> None:
    built = scored(["ann"])
    task(built, "Angles", LATEST - timedelta(days=3), {"ann": 30.0})
    task(built, "Ratios", LATEST - timedelta(days=10), {"ann": 30.0})
    task(built, "Too old", LATEST - timedelta(days=15), {"ann": 30.0})
    (card,) = block(built, "starter")
    assert card["sentence"] == (
        '50 percent on "Volume" on khan, due 11 November. And 2 more in these weeks.'
    )


def test_a_task_stays_for_two_weeks_more_and_minutes_do_not() -> None:
    built = class_of({"ann": [*USUAL, 12, 9, 60, 60, 60], **STEADY_ONES})
    task(built, "Volume", LATEST, {"ann": 50.0})
    kinds = {
        week: sorted(row["kind"] for row in block(built, "starter", monday(LAST + week)))
        for week in range(4)
    }
    task_card = "below 65 on a task"
    assert kinds == {
        0: [task_card, "quieter than own usual"],
        1: [task_card],
        2: [task_card],
        3: [],
    }


def test_a_card_whose_reason_is_known_sleeps_for_three_weeks() -> None:
    built = class_of({"ann": [*USUAL, 12, 9, 8, 7, 6], "ben": STEADY, **STEADY_ONES})
    task(built, "Volume", LATEST, {"ann": 50.0})
    answered(built, "we_know_why", LATEST, "quieter_than_usual", student_id="ann")
    answered(built, "talk", LATEST, "below_threshold", student_id="ann")
    kinds = [
        [row["kind"] for row in block(built, "starter", monday(LAST + week))] for week in range(4)
    ]
    task_card = ["below 65 on a task"]
    assert kinds == [task_card, task_card, task_card, ["quieter than own usual"]]


def test_an_answer_on_another_platform_lets_the_card_stand() -> None:
    built = class_of({"ann": QUIET, **STEADY_ONES})
    answered(built, "we_know_why", LATEST, "quieter_than_usual", student_id="ann", platform="lexia")
    assert who(block(built, "starter")) == ["ann"]


def test_a_dip_that_much_of_a_class_shares_is_one_note_and_no_cards() -> None:
    case = ORACLES["O28"]
    students = case["input"]["students_with_data"]
    for below, expected in zip(case["input"]["below"], case["expected"], strict=True):
        built = class_of({f"s{n:02}": QUIET if n < below else STEADY for n in range(students)})
        notes = block(built, "whole_class")
        starters = [*block(built, "starter"), *block(built, "starter_more")]
        if expected["class_note"]:
            ((value, n),) = [(row["value"], row["n"]) for row in notes]
            assert value / n == pytest.approx(expected["share"], abs=1e-6)
            assert starters == []
        else:
            assert notes == []
            assert len(starters) == below


def test_exactly_the_share_is_enough_and_four_students_are_not() -> None:
    assert len(block(class_of({"a": QUIET, "b": QUIET} | dict.fromkeys("cde", STEADY)),
                     "whole_class")) == 1  # fmt: skip
    few = class_of({"a": QUIET, "b": QUIET, "c": STEADY, "d": STEADY})
    assert block(few, "whole_class") == []
    assert who(block(few, "starter")) == ["a", "b"]


def test_half_of_the_own_usual_is_a_dip() -> None:
    half = [*USUAL, 60, 30]
    built = class_of({"a": half, "b": half} | dict.fromkeys("cde", STEADY))
    assert [(row["value"], row["n"]) for row in block(built, "whole_class")] == [(2, 5)]


def test_a_task_that_many_hand_in_late_is_a_note_on_its_class() -> None:
    names = ["ann", "ben", "cal", "dan", "eve"]
    for late, notes in ((["ann"], 0), (["ann", "ben"], 1)):
        built = class_of(dict.fromkeys(names, STEADY))
        task(built, "Volume", LATEST, dict.fromkeys(names, 90.0), late=late)
        assert len(block(built, "whole_class")) == notes
    (note,) = block(built, "whole_class")
    assert (note["student_id"], note["kind"]) == (None, "many late on one task")
    assert note["sentence"] == (
        '2 of 5 students handed in "Volume" on khan late or not at all (due 9 November).'
    )


def test_a_note_on_a_task_stands_on_the_board_of_its_own_class_only() -> None:
    names = ["ann", "ben", "cal", "dan", "eve"]
    built = class_of(dict.fromkeys(names, STEADY))
    built.add("class_section", "class_id title class_type school_id\nc2 Maths scheduled s1")
    built.add("enrollment", [{"class_id": "c2", "person_id": n, "role": "student"} for n in names])
    built.add("identity.class_link", "platform class_key class_id\nkhan k1 c2")
    built.add("platform_class", "class_key\nk1", platform="khan")
    task(built, "Volume", LATEST, dict.fromkeys(names, 90.0), late=names)
    assert block(built, "whole_class") == []
    assert len(block(built, "whole_class", class_id="c2")) == 1


def test_a_student_counts_in_a_class_who_is_in_it_on_friday() -> None:
    built = class_of({"ann": QUIET, "ben": QUIET, **STEADY_ONES})
    wednesday = LATEST + timedelta(days=2)
    built.db.execute("DELETE FROM lake.enrollment WHERE person_id = 'ann'")
    built.add("class_section", "class_id title class_type school_id\nc2 Other homeroom s1")
    built.add(
        "enrollment",
        [
            {"class_id": "c1", "end_date": wednesday},
            {"class_id": "c2", "begin_date": wednesday + timedelta(days=1)},
        ],
        person_id="ann",
        role="student",
    )
    assert "ann" not in who(board(built))
    assert who(block(built, "starter", class_id="c2")) == ["ann"]
    before = who(board(built, LATEST - timedelta(weeks=1)))
    assert before == []  # nothing had happened yet
    assert who(block(built, "starter")) == ["ben"]


def test_who_has_left_is_on_no_board() -> None:
    built = class_of({"ann": QUIET, **STEADY_ONES})
    built.db.execute("UPDATE lake.person SET is_current = FALSE WHERE person_id = 'ann'")
    assert "ann" not in who(board(built))


def test_the_week_that_is_still_running_has_no_board() -> None:
    built = class_of({"ann": [*USUAL, 12, 9, 1], **STEADY_ONES})
    running = monday(LAST + 1)
    built.db.execute(
        f"UPDATE lake.coverage SET covers_to = DATE '{running}' + 2 "
        f"WHERE covers_from = DATE '{running}'"
    )
    built.db.execute(
        f"UPDATE lake.usage_week SET through = DATE '{running}' + 2 "
        f"WHERE week_start = DATE '{running}'"
    )
    assert board(built, running) == []
    assert who(block(built, "starter")) == ["ann"]
    assert len(block(built, "everyone")) == 7


def test_the_latest_eight_boards_are_kept_and_today_stands_on_the_latest() -> None:
    built = class_of({"ann": [60.0] * 12}, target_minutes=60.0)
    for week in range(12):
        task(built, f"t{week}", monday(week), {"ann": 50.0})
    weeks = built.query(
        "SELECT DISTINCT week_start FROM views.collaboration_board ORDER BY week_start"
    )
    assert [row["week_start"] for row in weeks] == [monday(week) for week in range(4, 12)]
    today = built.query(
        "SELECT DISTINCT block, week_start FROM views.collaboration_board "
        "WHERE block IN ('everyone', 'not_seen_lately')"
    )
    assert {row["week_start"] for row in today} == {monday(11)}


def test_every_card_has_an_id_of_its_own() -> None:
    built = class_of({"ann": QUIET, "ben": QUIET, **STEADY_ONES}, target_minutes=5.0)
    task(built, "Volume", LATEST, {"ann": 40.0, "s0": 20.0})
    got = built.one(
        "SELECT count(*) AS n, count(DISTINCT block || card_id) AS ids, "
        "count(sentence) AS told, count(else_it_could_be) AS other "
        "FROM views.collaboration_board"
    )
    assert len(set(got.values())) == 1
    (card,) = [row for row in block(built, "starter") if row["student_id"] == "s0"]
    assert card["card_id"] == f"c1|{LATEST}|s0|below_threshold|khan|Volume"


def test_an_empty_class_has_no_board() -> None:
    assert roster(Warehouse(("khan",))).query("SELECT * FROM views.collaboration_board") == []
