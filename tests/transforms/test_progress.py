"""What tests, paths and class assignments say of a student in a subject: drawn cases."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest

from tests.transforms.conftest import (
    ORACLES,
    Row,
    Warehouse,
    covered,
    drawn,
    monday,
    roster,
    run,
)
from transforms.drawn import Titled, platforms

TITLES = (
    Titled("lexia", "Lexia Core5", "Reading"),
    Titled("khan", "Khan Academy"),
    Titled("nwea", "NWEA MAP Growth", test_scale="RIT"),
    Titled("powerup", "Lexia PowerUp", "Reading"),
)
#: Sunday of the eighth drawn week: the day up to which the drawn files tell.
AS_OF = monday(7) + timedelta(days=6)


class Titles(Warehouse):
    """A warehouse whose platforms have titles and subjects."""

    def _make(self, table: str) -> None:
        told = platforms(TITLES)
        if table != told.table:
            super()._make(table)
        elif table not in self._made:
            self._made.add(table)
            run(self.db, told)


def district(*students: str) -> Warehouse:
    """These students in class c1, each with an account of that name on every platform; files tell
    through AS_OF."""
    built = roster(Titles(("lexia", "khan", "powerup")), *students)
    for platform in ("lexia", "khan", "powerup", "nwea", "star"):
        built.link(platform, **{who: who for who in students})
        built.add("account", [{"account_key": who} for who in students], platform=platform)
    return covered(built, "khan", 8, zero=False)


@pytest.fixture
def school() -> Warehouse:
    """Ann alone."""
    return district("ann")


def sat(warehouse: Warehouse, rows: str, platform: str = "nwea", who: str = "ann") -> Warehouse:
    """Tests of a student, drawn; id, day and subject are enough."""
    told = [{"growth_measure": platform == "nwea" or None, "score": 200, **r} for r in drawn(rows)]
    return warehouse.add("assessment_result", told, platform=platform, account_key=who)


def growth(warehouse: Warehouse, rows: str, who: str = "ann") -> Warehouse:
    """Growth that tests of a student end, drawn."""
    head = "result_id from_term to_term observed_growth observed_growth_se projected_growth\n"
    return warehouse.add("assessment_growth", head + rows, platform="nwea", account_key=who)


def path(
    warehouse: Warehouse,
    units: Sequence[float | None],
    target: float | None,
    platform: str = "lexia",
    first: int = 4,
    who: str = "ann",
) -> Warehouse:
    """Units of weeks from `first` on, with the own target of each."""
    rows = [
        {
            "week_start": monday(first + i),
            "through": monday(first + i) + timedelta(days=6),
            "minutes": 40,
            "units_completed": done,
            "target_units": target,
        }
        for i, done in enumerate(units)
    ]
    warehouse.add("usage_week", rows, platform=platform, account_key=who)
    return covered(warehouse, platform, 8, zero=False)


def group(warehouse: Warehouse, subject: str, *students: str) -> Warehouse:
    """A class c9 of that subject with these students, known on Khan as k9, and three assignments
    that are closed."""
    warehouse.add(
        "class_section",
        [{"class_id": "c9", "title": "Group", "subject": subject, "class_type": "scheduled"}],
        platform="oneroster",
    )
    warehouse.add(
        "enrollment",
        [{"class_id": "c9", "person_id": who, "role": "student"} for who in students],
        platform="oneroster",
    )
    warehouse.add(
        "identity.class_link",
        [{"platform": "khan", "class_key": "k9", "class_id": "c9", "evidence": "id"}],
    )
    return warehouse.add(
        "assignment",
        [{"assignment_id": name, "title": name} for name in ("i0", "i1", "i2")],
        platform="khan",
        class_key="k9",
        due_on=monday(6),
        due_at=f"{monday(6)} 20:00:00",
        listed_only=True,
        data_through=AS_OF,
    )


def scored(warehouse: Warehouse, scores: Sequence[float], who: str = "ann") -> Warehouse:
    """Scores of the first assignments, handed in on time."""
    rows = [{"assignment_id": f"i{n}", "score_percent": score} for n, score in enumerate(scores)]
    return warehouse.add("submission", rows, platform="khan", account_key=who, timing="on_time")


def reading(warehouse: Warehouse) -> Row:
    """The only row of reading."""
    return warehouse.one("SELECT * FROM views.student_progress WHERE subject = 'Reading'")


def by_student(
    warehouse: Warehouse, columns: str, subject: str = "Reading"
) -> dict[str, tuple[Any, ...]]:
    """These columns of every student with a row of the subject."""
    rows = warehouse.query(
        f"SELECT student_id, {columns} FROM views.student_progress WHERE subject = '{subject}'"
    )
    return {row.pop("student_id"): tuple(row.values()) for row in rows}


WINTER = "result_id subject term taken_on\nr1 Reading Winter_2026-2027 2026-10-20"


def test_growth_is_too_close_to_call_where_its_interval_holds_the_projection() -> None:
    cases = drawn("""
        who   observed error projected story
        ann   9        4.5   5         too_close_to_call
        bea   9.6      4.5   5         more_than_projected
        cem   0.4      4.5   5         less_than_projected
        dov   9.5      4.5   5         too_close_to_call
        eli   0.5      4.5   5         too_close_to_call
        fay   5        2.2   7.2       too_close_to_call
        gus   5        0     5         too_close_to_call""")
    warehouse = district(*(str(case["who"]) for case in cases))
    for case in cases:
        who = str(case["who"])
        sat(warehouse, WINTER, who=who)
        growth(
            warehouse, f"r1 fall winter {case['observed']} {case['error']} {case['projected']}", who
        )
    assert by_student(warehouse, "growth_story, growth_status") == {
        str(case["who"]): (case["story"], "ok") for case in cases
    }


def test_growth_of_the_school_year_goes_before_growth_over_a_year(school: Warehouse) -> None:
    sat(
        school,
        """result_id subject term taken_on
           r0 Reading Fall_2026-2027 2026-09-10
           r1 Reading Winter_2026-2027 2026-10-20""",
    )
    growth(
        school,
        """r1 winter winter 12 3 5
           r1 fall winter 4 3 5
           r0 fall fall 9 3 5""",
    )
    got = reading(school)
    assert (got["term"], got["from_term"], got["observed_growth"]) == (
        "Winter 2026-2027",
        "fall",
        4,
    )
    assert (got["from_taken_on"], got["tests_counted"]) == (date(2026, 9, 10), 2)


def test_a_pair_without_its_error_gives_way_to_one_that_has_it(school: Warehouse) -> None:
    sat(school, "result_id subject term taken_on\nr1 Reading Winter_2026-2027 2026-10-20")
    growth(
        school,
        """r1 winter winter 12 3 5
           r1 fall winter 4 - 5""",
    )
    got = reading(school)
    assert (got["from_term"], got["observed_growth"]) == ("winter", 12)


def test_growth_that_is_not_known_has_no_story_but_a_status() -> None:
    told = {
        "ann": ("nwea", "r1 fall winter - - 5", "not_enough_history"),
        "bea": ("nwea", "r1 fall winter 4 - 5", "no_feed"),
        "cem": ("nwea", "", "not_enough_history"),
        "dov": ("star", "", "no_feed"),
    }
    warehouse = district(*told)
    for who, (platform, pair, _) in told.items():
        sat(warehouse, WINTER, platform, who)
        growth(warehouse, pair, who)
    assert by_student(warehouse, "growth_story, growth_status") == {
        who: (None, status) for who, (_, _, status) in told.items()
    }


def test_the_worked_cases_of_rapid_guessing() -> None:
    case = ORACLES["O15"]
    students = ["ann", "bea", "cem", "dov"]
    warehouse = district(*students)
    for who, (rapid, asked) in zip(students, case["input"], strict=True):
        percent = "-" if rapid is None else repr(100 * rapid / asked)
        sat(
            warehouse,
            f"result_id subject taken_on rapid_guess_percent\nr1 Reading 2026-10-20 {percent}",
            who=who,
        )
    got = by_student(warehouse, "rapid_guess_percent, score_may_understate")
    for who, expected in zip(students, case["expected"], strict=True):
        assert got[who][0] == pytest.approx(expected["pct"], abs=1e-5)
        assert got[who][1] is expected["retest"]
    cards = warehouse.query("SELECT student_id, rule_id FROM work.card_test ORDER BY student_id")
    assert [tuple(card.values()) for card in cards] == [
        (who, "score_may_understate")
        for who, expected in zip(students, case["expected"], strict=True)
        if expected["retest"]
    ]


def test_only_a_valid_test_that_counts_is_shown(school: Warehouse) -> None:
    """The last one is a retest that the platform sets aside, the middle one has no valid score."""
    sat(
        school,
        """result_id subject taken_on score growth_measure
           r1 Reading 2026-09-10 195 true
           r2 Reading 2026-10-10 - true
           r3 Reading 2026-10-12 190 false""",
    )
    got = reading(school)
    assert (got["taken_on"], got["rit_score"], got["tests_counted"]) == (date(2026, 9, 10), 195, 1)


def test_a_student_whose_tests_are_all_without_a_score_has_no_score(school: Warehouse) -> None:
    sat(school, "result_id subject taken_on score\nr1 Reading 2026-09-10 -")
    got = reading(school)
    assert (got["rit_score"], got["test_status"], got["status"]) == (None, "too_few", "too_few")


def test_a_test_of_another_scale_is_no_rit_score(school: Warehouse) -> None:
    sat(school, "result_id subject taken_on score\ns1 Reading 2026-10-20 480", "star")
    got = reading(school)
    assert (got["test_platform"], got["rit_score"], got["test_score"]) == ("star", None, 480)


@pytest.mark.parametrize(("taken_on", "chosen"), [("2026-05-10", "nwea"), ("2025-05-10", "star")])
def test_a_test_that_tells_growth_goes_before_a_later_one_within_a_year(
    school: Warehouse, taken_on: str, chosen: str
) -> None:
    sat(school, f"result_id subject taken_on\nr1 Reading {taken_on}")
    sat(school, "result_id subject taken_on\ns1 Reading 2026-10-20", "star")
    assert reading(school)["test_platform"] == chosen


def test_a_subject_has_one_name_whatever_the_file_calls_it() -> None:
    cases = drawn("""
        who   subject             course           named
        ann   Reading             -                Reading
        bea   reading             Reading          Reading
        cem   Language_Arts       Reading          Reading
        dov   Language_Arts       Language_Usage   Language_Usage
        eli   Language_Arts       -                Language_Arts
        fay   Math                Math_K-12        Mathematics
        gus   Mathematics         Algebra_1        Mathematics
        hal   Reading_(Spanish)   -                Reading_(Spanish)""")
    warehouse = district(*(str(case["who"]) for case in cases))
    for case in cases:
        warehouse.add(
            "assessment_result",
            [{"result_id": "r1", "subject": case["subject"], "course": case["course"]}],
            platform="star",
            account_key=case["who"],
            taken_on=date(2026, 10, 20),
            score=200,
        )
    rows = warehouse.query("SELECT student_id, subject FROM views.student_progress ORDER BY 1")
    assert [(r["student_id"], r["subject"]) for r in rows] == [
        (case["who"], case["named"]) for case in cases
    ]


def test_the_own_path_is_units_against_the_own_target() -> None:
    """Of the latest 4 weeks; a target of 0 is none."""
    cases: dict[str, tuple[list[float | None], float | None, tuple[Any, ...]]] = {
        "ann": ([5, 5, 5, 5], 5, ("own target reached", "ok", 4, 20, 20)),
        "bea": ([5, 5, 5, 4], 5, ("under the own target", "ok", 4, 19, 20)),
        "cem": ([9, 9, 0, 5, 5, 5], 5, ("under the own target", "ok", 4, 15, 20)),
        "dov": ([5, 5, 5], 5, (None, "too_few", 3, 15, 15)),
        "eli": ([5, 5, 5, 5], None, (None, "target_na", 4, 20, None)),
        "fay": ([5, 5, 5, 5], 0, (None, "target_na", 4, 20, None)),
        "gus": ([None] * 4, 5, (None, "no_feed", 0, None, None)),
    }
    warehouse = district(*cases)
    for who, (units, target, _) in cases.items():
        path(warehouse, units, target, first=8 - len(units), who=who)
    assert by_student(
        warehouse, "path_story, path_status, path_weeks, units_completed, units_target"
    ) == {who: expected for who, (_, _, expected) in cases.items()}


def test_weeks_of_long_ago_are_no_path(school: Warehouse) -> None:
    path(school, [5, 5, 5, 5], 5, first=0)
    covered(school, "khan", 14, zero=False)
    got = reading(school)
    assert (got["units_completed"], got["path_status"]) == (None, "no_feed")


def test_of_two_platforms_the_path_is_one_and_named(school: Warehouse) -> None:
    path(path(school, [5, 5, 5, 5], 5), [9, 9], 5, "powerup", first=6)
    got = reading(school)
    assert (got["path_platform"], got["path_platforms"], got["units_completed"]) == ("lexia", 2, 20)


def test_a_platform_of_several_subjects_is_nobodys_path(school: Warehouse) -> None:
    path(school, [5, 5, 5, 5], 5, "khan")
    assert school.query("SELECT * FROM views.student_progress") == []


def test_path_and_class_stand_side_by_side() -> None:
    """5 units a week are the target, 5 points of growth the projection, their error is 3."""
    cases = drawn("""
        who   units  grown  scores          agreement           stories
        ann   5      12     -               agree               2
        bea   1      -2     -               agree               2
        cem   5      -2     -               two_stories         2
        dov   1      12     -               two_stories         2
        eli   5      6      -               too_close_to_call   2
        fay   5      -      -               one_source_only     1
        gus   -      12     90/90/90        one_source_only     2
        hal   5      -      90/90/90        agree               2
        ida   5      -      64.995/60/90    two_stories         2
        jon   5      6      90/90/90        agree               3
        kim   5      12     20/20/20        two_stories         3
        lou   5      -      20/20           one_source_only     1
        mia   -      -      20/20           -                   0""")
    names = [str(case["who"]) for case in cases]
    warehouse = group(district(*names), "Reading", *names)
    for case in cases:
        who = str(case["who"])
        if case["units"]:
            path(warehouse, [float(case["units"])] * 4, 5, who=who)
        if case["grown"]:
            sat(warehouse, WINTER, who=who)
            growth(warehouse, f"r1 fall winter {case['grown']} 3 5", who)
        scored(warehouse, [float(x) for x in (case["scores"] or "").split("/") if x], who)
    assert by_student(warehouse, "agreement, stories") == {
        str(case["who"]): (case["agreement"], int(str(case["stories"]))) for case in cases
    }


def test_growth_of_more_than_half_a_year_ago_is_shown_and_decides_nothing(
    school: Warehouse,
) -> None:
    path(school, [5, 5, 5, 5], 5)
    sat(school, "result_id subject term taken_on\nr1 Reading Spring 2026-04-20")
    growth(
        school,
        "r1 fall spring -2 3 5",
    )
    got = reading(school)
    assert (got["growth_story"], got["agreement"]) == ("less than projected", "one source only")


def test_a_homerooms_assignments_are_of_no_subject(school: Warehouse) -> None:
    scored(group(school, "Homeroom", "ann"), [90, 90, 90])
    assert len(school.query("SELECT * FROM views.assignment_timing")) == 3
    assert school.query("SELECT * FROM views.student_progress") == []


def test_class_scores_are_counted_with_their_window(school: Warehouse) -> None:
    got = reading(scored(group(school, "Reading", "ann"), [50, 80, 90]))
    assert (got["class_closed_count"], got["class_on_time_count"]) == (3, 3)
    assert (got["class_score_median"], got["class_through"]) == (80, monday(6))
    assert got["class_story"] == "middle score at the threshold or above"


def test_a_test_is_a_card_in_its_week(school: Warehouse) -> None:
    sat(
        school,
        """result_id subject test_name term taken_on rapid_guess_percent
           r0 Reading Growth Fall_2026-2027 2026-09-10 2
           r1 Reading Growth Winter_2026-2027 2026-10-20 40""",
    )
    growth(
        school,
        "r1 fall winter 12 3 5",
    )
    rows = school.query(
        "SELECT rule_id, week_start, item_id, item_title, value, reference, n, window_start, "
        "window_end FROM work.card_test ORDER BY rule_id"
    )
    told = date(2026, 10, 20)
    assert [tuple(row.values()) for row in rows] == [
        ("grew_more_than_projected", monday(6), "r1", "Growth", 12, 5, 2, date(2026, 9, 10), told),
        ("score_may_understate", monday(6), "r1", "Growth", 40, 30, 1, told, told),
    ]


def test_a_retest_that_is_set_aside_gives_no_card(school: Warehouse) -> None:
    sat(
        school,
        "result_id subject taken_on rapid_guess_percent growth_measure\n"
        "r1 Reading 2026-10-20 40 false",
    )
    assert school.query("SELECT * FROM work.card_test") == []
