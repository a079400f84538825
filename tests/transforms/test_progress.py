"""What tests, paths and class assignments say of a student in a subject: drawn cases."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import pytest

from tests.transforms.conftest import (
    MONDAY,
    ORACLES,
    Row,
    Warehouse,
    covered,
    drawn,
    loaded,
    monday,
    roster,
)
from transforms.drawn import Titled, platform_title

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

    def build(self) -> Warehouse:
        """Run every transform in order, with the titles."""
        told = platform_title(TITLES)
        for transform in loaded(tuple(self.platforms)):
            sql = told.sql if transform.table == told.table else transform.sql
            self.db.execute(f"CREATE TABLE {transform.table} AS {sql}")
        self._built = True
        return self


@pytest.fixture
def school() -> Warehouse:
    """Ann in class c1, with an account a1 on every platform; files tell through AS_OF."""
    built = roster(Titles(("lexia", "khan", "powerup")), "ann")
    for platform in ("lexia", "khan", "powerup", "nwea", "star"):
        built.link(platform, a1="ann").add("account", "account_key\na1", platform=platform)
    return covered(built, "khan", 8, zero=False)


def tests(warehouse: Warehouse, rows: str, platform: str = "nwea") -> Warehouse:
    """Tests of account a1, drawn; id, day and subject are enough."""
    told = [{"growth_measure": platform == "nwea" or None, "score": 200, **r} for r in drawn(rows)]
    return warehouse.add("assessment_result", told, platform=platform, account_key="a1")


def growth(warehouse: Warehouse, rows: str) -> Warehouse:
    """Growth that tests of account a1 end, drawn."""
    return warehouse.add("assessment_growth", rows, platform="nwea", account_key="a1")


def path(
    warehouse: Warehouse,
    units: Sequence[float | None],
    target: float | None,
    platform: str = "lexia",
    first: int = 0,
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
    warehouse.add("usage_week", rows, platform=platform, account_key="a1")
    return covered(warehouse, platform, 8, zero=False)


def items(warehouse: Warehouse, scores: Sequence[float], subject: str = "Reading") -> Warehouse:
    """Closed assignments of a class of that subject, handed in on time with these scores."""
    due = monday(6)
    warehouse.add(
        "class_section",
        [{"class_id": "c9", "title": "Group", "subject": subject, "class_type": "scheduled"}],
        platform="oneroster",
    )
    warehouse.add(
        "enrollment",
        [{"class_id": "c9", "person_id": "ann", "role": "student"}],
        platform="oneroster",
    )
    warehouse.add(
        "identity.class_link",
        [{"platform": "khan", "class_key": "k9", "class_id": "c9", "evidence": "id"}],
    )
    names = [f"i{number}" for number in range(len(scores))]
    warehouse.add(
        "assignment",
        [{"assignment_id": name, "title": name} for name in names],
        platform="khan",
        class_key="k9",
        due_on=due,
        due_at=f"{due} 20:00:00",
        listed_only=True,
        data_through=AS_OF,
    )
    return warehouse.add(
        "submission",
        [
            {"assignment_id": n, "score_percent": s} for n, s in zip(names, scores, strict=True)
        ],
        platform="khan",
        account_key="a1",
        timing="on_time",
    )


def reading(warehouse: Warehouse) -> Row:
    """Ann's row of reading."""
    return warehouse.one("SELECT * FROM views.student_progress WHERE subject = 'Reading'")


@pytest.mark.parametrize(
    ("observed", "error", "projected", "story"),
    [
        (9, 4.5, 5, "too close to call"),
        (9.6, 4.5, 5, "more than projected"),
        (0.4, 4.5, 5, "less than projected"),
        (9.5, 4.5, 5, "too close to call"),
        (0.5, 4.5, 5, "too close to call"),
        (5, 2.2, 7.2, "too close to call"),
        (5, 0, 5, "too close to call"),
    ],
)
def test_growth_is_too_close_to_call_where_its_interval_holds_the_projection(
    school: Warehouse, observed: float, error: float, projected: float, story: str
) -> None:
    tests(school, "result_id subject term taken_on\nr1 Reading Winter_2026-2027 2026-10-20")
    growth(
        school,
        "result_id from_term to_term observed_growth observed_growth_se projected_growth\n"
        f"r1 fall winter {observed} {error} {projected}",
    )
    got = reading(school)
    assert (got["growth_story"], got["growth_status"]) == (story, "ok")


def test_growth_of_the_school_year_goes_before_growth_over_a_year(school: Warehouse) -> None:
    tests(
        school,
        """result_id subject term taken_on
           r0 Reading Fall_2026-2027 2026-09-10
           r1 Reading Winter_2026-2027 2026-10-20""",
    )
    growth(
        school,
        """result_id from_term to_term observed_growth observed_growth_se projected_growth
           r1 winter winter 12 3 5
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
    tests(school, "result_id subject term taken_on\nr1 Reading Winter_2026-2027 2026-10-20")
    growth(
        school,
        """result_id from_term to_term observed_growth observed_growth_se projected_growth
           r1 winter winter 12 3 5
           r1 fall winter 4 - 5""",
    )
    got = reading(school)
    assert (got["from_term"], got["observed_growth"]) == ("winter", 12)


@pytest.mark.parametrize(
    ("platform", "told", "status"),
    [
        ("nwea", "r1 fall winter - - 5", "not_enough_history"),
        ("nwea", "r1 fall winter 4 - 5", "no_feed"),
        ("nwea", None, "not_enough_history"),
        ("star", None, "no_feed"),
    ],
)
def test_growth_that_is_not_known_has_no_story_but_a_status(
    school: Warehouse, platform: str, told: str | None, status: str
) -> None:
    tests(school, "result_id subject term taken_on\nr1 Reading Winter 2026-10-20", platform)
    if told:
        growth(
            school,
            "result_id from_term to_term observed_growth observed_growth_se projected_growth\n"
            + told,
        )
    got = reading(school)
    assert (got["growth_story"], got["growth_status"]) == (None, status)


@pytest.mark.parametrize("place", range(4))
def test_the_worked_cases_of_rapid_guessing(school: Warehouse, place: int) -> None:
    rapid, asked = ORACLES["O15"]["input"][place]
    expected = ORACLES["O15"]["expected"][place]
    percent = None if rapid is None else 100 * rapid / asked
    school.add(
        "assessment_result",
        [{"result_id": "r1", "rapid_guess_percent": percent}],
        platform="nwea",
        account_key="a1",
        subject="Reading",
        taken_on=date(2026, 10, 20),
        score=200,
        growth_measure=True,
    )
    got = reading(school)
    assert got["rapid_guess_percent"] == pytest.approx(expected["pct"], abs=1e-5)
    assert got["score_may_understate"] is expected["retest"]
    cards = school.query("SELECT * FROM work.card_test")
    assert [card["rule_id"] for card in cards] == ["score_may_understate"] * bool(
        expected["retest"]
    )


def test_only_a_valid_test_that_counts_is_shown(school: Warehouse) -> None:
    """The last one is a retest that the platform sets aside, the middle one has no valid score."""
    tests(
        school,
        """result_id subject taken_on score growth_measure
           r1 Reading 2026-09-10 195 true
           r2 Reading 2026-10-10 - true
           r3 Reading 2026-10-12 190 false""",
    )
    got = reading(school)
    assert (got["taken_on"], got["rit_score"], got["tests_counted"]) == (date(2026, 9, 10), 195, 1)


def test_a_student_whose_tests_are_all_without_a_score_has_no_score(school: Warehouse) -> None:
    tests(school, "result_id subject taken_on score\nr1 Reading 2026-09-10 -")
    got = reading(school)
    assert (got["rit_score"], got["test_status"], got["status"]) == (None, "too_few", "too_few")


def test_a_test_of_another_scale_is_no_rit_score(school: Warehouse) -> None:
    tests(school, "result_id subject taken_on score\ns1 Reading 2026-10-20 480", "star")
    got = reading(school)
    assert (got["test_platform"], got["rit_score"], got["test_score"]) == ("star", None, 480)


@pytest.mark.parametrize(
    ("taken_on", "chosen"), [("2026-05-10", "nwea"), ("2025-05-10", "star")]
)
def test_a_test_that_tells_growth_goes_before_a_later_one_within_a_year(
    school: Warehouse, taken_on: str, chosen: str
) -> None:
    tests(school, f"result_id subject taken_on\nr1 Reading {taken_on}")
    tests(school, "result_id subject taken_on\ns1 Reading 2026-10-20", "star")
    assert reading(school)["test_platform"] == chosen


@pytest.mark.parametrize(
    ("subject", "course", "named"),
    [
        ("Reading", None, "Reading"),
        (" reading ", "Reading", "Reading"),
        ("Language Arts", "Reading", "Reading"),
        ("Language Arts", "Language Usage", "Language Usage"),
        ("Language Arts", None, "Language Arts"),
        ("Math", "Math K-12", "Mathematics"),
        ("Mathematics", "Algebra 1", "Mathematics"),
        ("Reading (Spanish)", None, "Reading (Spanish)"),
    ],
)
def test_a_subject_has_one_name_whatever_the_file_calls_it(
    school: Warehouse, subject: str, course: str | None, named: str
) -> None:
    school.add(
        "assessment_result",
        [{"result_id": "r1", "subject": subject, "course": course}],
        platform="star",
        account_key="a1",
        taken_on=date(2026, 10, 20),
        score=200,
    )
    rows = school.query("SELECT subject FROM views.student_progress WHERE test_platform = 'star'")
    assert [row["subject"] for row in rows] == [named]


@pytest.mark.parametrize(
    ("units", "target", "story", "status", "weeks"),
    [
        ([5, 5, 5, 5], 5, "own target reached", "ok", 4),
        ([5, 5, 5, 4], 5, "under the own target", "ok", 4),
        ([9, 9, 0, 5, 5, 5], 5, "under the own target", "ok", 4),
        ([5, 5, 5], 5, None, "too_few", 3),
        ([5, 5, 5, 5], None, None, "target_na", 4),
        ([5, 5, 5, 5], 0, None, "target_na", 4),
        ([None, None, None, None], 5, None, "no_feed", 0),
    ],
)
def test_the_own_path_is_units_against_the_own_target(
    school: Warehouse,
    units: Sequence[float | None],
    target: float | None,
    story: str | None,
    status: str,
    weeks: int,
) -> None:
    got = reading(path(school, units, target, first=8 - len(units)))
    assert (got["path_story"], got["path_status"], got["path_weeks"]) == (story, status, weeks)
    if status == "ok":
        assert got["units_target"] == 20
        assert got["units_completed"] == sum(filter(None, units[-4:]))


def test_weeks_of_long_ago_are_no_path(school: Warehouse) -> None:
    path(school, [5, 5, 5, 5], 5)
    covered(school, "khan", 14, zero=False)
    got = reading(school)
    assert (got["units_completed"], got["path_status"]) == (None, "no_feed")


def test_of_two_platforms_the_path_is_one_and_named(school: Warehouse) -> None:
    path(path(school, [5, 5, 5, 5], 5, first=4), [9, 9], 5, "powerup", first=6)
    got = reading(school)
    assert (got["path_platform"], got["path_platforms"], got["units_completed"]) == ("lexia", 2, 20)


def test_a_platform_of_several_subjects_is_nobodys_path(school: Warehouse) -> None:
    path(school, [5, 5, 5, 5], 5, "khan")
    assert {r["path_platform"] for r in school.query("SELECT * FROM views.student_progress")} == {
        "lexia"
    }


UP, DOWN = [5.0] * 4, [1.0] * 4
MORE, LESS, CLOSE = 12, -2, 6


@pytest.mark.parametrize(
    ("units", "grown", "scores", "agreement", "stories"),
    [
        (UP, MORE, [], "agree", 2),
        (DOWN, LESS, [], "agree", 2),
        (UP, LESS, [], "two stories", 2),
        (DOWN, MORE, [], "two stories", 2),
        (UP, CLOSE, [], "too close to call", 2),
        (UP, None, [], "one source only", 1),
        (None, MORE, [90, 90, 90], "one source only", 2),
        (UP, None, [90, 90, 90], "agree", 2),
        (UP, None, [64.995, 64.995, 90], "two stories", 2),
        (UP, CLOSE, [90, 90, 90], "agree", 3),
        (UP, MORE, [20, 20, 20], "two stories", 3),
        (UP, None, [20, 20], "one source only", 1),
        (None, None, [20, 20], None, 0),
    ],
)
def test_path_and_class_stand_side_by_side(
    school: Warehouse,
    units: Sequence[float] | None,
    grown: float | None,
    scores: Sequence[float],
    agreement: str | None,
    stories: int,
) -> None:
    if units:
        path(school, units, 5, first=4)
    if grown is not None:
        tests(school, "result_id subject term taken_on\nr1 Reading Winter 2026-10-20")
        growth(
            school,
            "result_id from_term to_term observed_growth observed_growth_se projected_growth\n"
            f"r1 fall winter {grown} 3 5",
        )
    if scores:
        items(school, scores)
    got = reading(school)
    assert (got["agreement"], got["stories"]) == (agreement, stories)


def test_growth_of_more_than_half_a_year_ago_is_shown_and_decides_nothing(
    school: Warehouse,
) -> None:
    path(school, UP, 5, first=4)
    tests(school, "result_id subject term taken_on\nr1 Reading Spring 2026-04-20")
    growth(
        school,
        "result_id from_term to_term observed_growth observed_growth_se projected_growth\n"
        "r1 fall spring -2 3 5",
    )
    got = reading(school)
    assert (got["growth_story"], got["agreement"]) == ("less than projected", "one source only")


def test_a_homerooms_assignments_are_of_no_subject(school: Warehouse) -> None:
    items(school, [90, 90, 90], subject="Homeroom")
    rows = school.query("SELECT subject, class_score_count FROM views.student_progress")
    assert [tuple(row.values()) for row in rows] == [("Reading", 0)]


def test_class_scores_are_counted_with_their_window(school: Warehouse) -> None:
    got = reading(items(school, [50, 80, 90]))
    assert (got["class_closed_count"], got["class_on_time_count"]) == (3, 3)
    assert (got["class_score_median"], got["class_through"]) == (80, monday(6))
    assert got["class_story"] == "middle score at the threshold or above"


def test_a_test_is_a_card_in_its_week(school: Warehouse) -> None:
    tests(
        school,
        """result_id subject test_name term taken_on rapid_guess_percent
           r0 Reading Growth Fall_2026-2027 2026-09-10 2
           r1 Reading Growth Winter_2026-2027 2026-10-20 40""",
    )
    growth(
        school,
        "result_id from_term to_term observed_growth observed_growth_se projected_growth\n"
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
    assert monday(6) - MONDAY == timedelta(weeks=6)


def test_a_retest_that_is_set_aside_gives_no_card(school: Warehouse) -> None:
    tests(
        school,
        "result_id subject taken_on rapid_guess_percent growth_measure\n"
        "r1 Reading 2026-10-20 40 false",
    )
    assert school.query("SELECT * FROM work.card_test") == []
