"""Three kinds of nothing: which weeks count, and why the others do not."""

from __future__ import annotations

from datetime import date, timedelta

from tests.transforms.conftest import (
    ORACLES,
    Warehouse,
    absent,
    covered,
    days,
    holiday,
    monday,
    roster,
    weekly,
)

WEEKS = """
    SELECT week_start, status, minutes, observed_minutes, school_days_missing, data_through
    FROM views.student_platform_week WHERE platform = '{}' AND student_id = '{}' ORDER BY week_start
"""


def statuses(warehouse: Warehouse, platform: str = "lexia", who: str = "ann") -> list[str]:
    """Status of each week, oldest first."""
    return [row["status"] for row in warehouse.query(WEEKS.format(platform, who))]


def test_in_an_event_log_no_row_in_a_covered_week_is_zero(school: Warehouse) -> None:
    got = covered(days(school, 0, [30]), "lexia", 2, zero=True).query(WEEKS.format("lexia", "ann"))
    assert [(row["status"], row["minutes"]) for row in got] == [("ok", 30), ("zero", 0)]


def test_in_a_snapshot_no_row_is_not_rostered_and_a_row_with_nothing_is_zero(
    school: Warehouse,
) -> None:
    weekly(school, [30, None, 0])
    assert statuses(school, "khan") == ["ok", "not_rostered", "zero"]


def test_a_week_no_file_tells_of_has_no_feed(school: Warehouse) -> None:
    covered(weekly(school, [30]), "lexia", 3, zero=True)
    assert statuses(school, "khan") == ["ok", "no_feed", "no_feed"]


def test_a_student_without_an_account_is_not_rostered(school: Warehouse) -> None:
    built = roster(school, "ben", school="s2")
    weekly(built, [30, 20])
    assert statuses(built, "khan", "ben") == ["not_rostered", "not_rostered"]
    got = built.one("SELECT * FROM views.student_engagement WHERE student_id = 'ben'")
    assert (got["status"], got["minutes"], got["weeks_eligible"]) == ("not_rostered", None, 0)


def test_a_week_with_two_school_days_is_a_break(school: Warehouse) -> None:
    covered(days(holiday(school, 0, [2, 3, 4]), 0, [30]), "lexia", 2, zero=True)
    holiday(school, 1, [3, 4])
    got = school.query(WEEKS.format("lexia", "ann"))
    assert [row["status"] for row in got] == ["break_week", "zero"]
    assert (got[0]["minutes"], got[0]["observed_minutes"]) == (None, 30)


def test_a_schools_own_calendar_comes_before_the_districts(school: Warehouse) -> None:
    holiday(school, 0, [0, 1, 2, 3])
    school.add(
        "calendar_day",
        [
            {"date": monday(0), "is_school_day": True, "school_id": "s1"},
            {"date": monday(0) + timedelta(days=1), "is_school_day": True, "school_id": "s1"},
        ],
        platform="district",
    )
    covered(days(school, 0, [30]), "lexia", 1, zero=True)
    assert statuses(school) == ["ok"]


def test_present_on_one_day_is_absent_and_on_two_counts(school: Warehouse) -> None:
    absent(school, 0, [0, 1, 2, 3])
    absent(school, 1, [0, 1, 2])
    covered(school, "lexia", 2, zero=True)
    assert statuses(school) == ["absent", "zero"]


def test_a_day_noted_twice_as_absent_and_present_is_present(school: Warehouse) -> None:
    absent(school, 0, [0, 1, 2, 3])
    school.add(
        "attendance", [{"date": monday(0), "student_sis_id": "9ann", "present": True}], scope="two"
    )
    covered(school, "lexia", 1, zero=True)
    assert statuses(school) == ["zero"]


def test_data_that_ends_before_the_last_school_day_gives_a_partial_week(school: Warehouse) -> None:
    case = ORACLES["O31"]
    end = date.fromisoformat(case["input"]["data_through"].split()[1])
    as_of = date.fromisoformat(case["input"]["as_of"].split()[1])
    school.add(
        "coverage",
        [{"covers_from": end - timedelta(days=9), "covers_to": end}],
        of="activity",
        absence_is_zero=True,
    )
    school.add(
        "coverage", [{"covers_from": as_of, "covers_to": as_of}], of="assignments", platform="khan"
    )
    school.add("daily_activity", [{"date": end, "minutes": 30}], account_key="a1")
    got = school.query(WEEKS.format("lexia", "ann"))[-1]
    assert got["week_start"] == date(2026, 11, 16)
    assert got["status"] == case["expected"]["week_status"]
    assert got["school_days_missing"] == case["expected"]["school_days_missing"]
    assert got["data_through"] == end
    assert got["minutes"] is None
    engagement = school.one("SELECT * FROM views.student_engagement")
    assert engagement["latest_status"] == "partial_week"
    assert engagement["as_of"] == as_of


def test_data_up_to_the_last_school_day_is_a_whole_week(school: Warehouse) -> None:
    school.add(
        "coverage",
        [{"covers_from": monday(0), "covers_to": monday(0) + timedelta(days=3)}],
        of="activity",
        absence_is_zero=True,
    )
    assert statuses(holiday(school, 0, [4])) == ["zero"]


def test_a_day_missing_in_the_middle_of_an_event_log_is_a_gap_too(school: Warehouse) -> None:
    school.add(
        "coverage",
        [
            {
                "covers_from": monday(0) + timedelta(days=day),
                "covers_to": monday(0) + timedelta(days=day),
            }
            for day in (0, 1, 3, 4)
        ],
        of="activity",
        absence_is_zero=True,
    )
    assert statuses(school) == ["partial_week"]


def test_sunday_belongs_to_the_week_of_the_monday_before(school: Warehouse) -> None:
    for case in ORACLES["O30"]["expected"]:
        school.add("daily_activity", [{"date": case["local"][:10], "minutes": 5}], account_key="a1")
    school.add(
        "coverage",
        [{"covers_from": "2026-10-26", "covers_to": "2026-11-01"}],
        of="activity",
        absence_is_zero=True,
    )
    got = school.one(WEEKS.format("lexia", "ann"))
    assert str(got["week_start"]) == ORACLES["O30"]["expected"][1]["week"]
    assert got["minutes"] == 10


def test_weeks_outside_the_time_in_classes_appear_only_with_activity() -> None:
    built = roster(Warehouse(), "ben")
    built.add("person", "person_id role sis_id\nann student 9ann", platform="oneroster")
    built.add(
        "enrollment",
        [
            {
                "class_id": "c1",
                "person_id": "ann",
                "role": "student",
                "begin_date": monday(2),
                "end_date": monday(3),
            }
        ],
        platform="oneroster",
    )
    built.link("lexia", a1="ann")
    covered(days(built, 0, [30]), "lexia", 6, zero=True)
    got = [row["week_start"] for row in built.query(WEEKS.format("lexia", "ann"))]
    assert got == [monday(0), monday(2), monday(3)]


def test_who_left_the_roster_keeps_weeks_with_activity_and_gets_no_others(
    school: Warehouse,
) -> None:
    school.add("person", "person_id role sis_id\nzoe student 9zoe", is_current=False)
    school.add("person", "person_id role sis_id\nyan student 9yan", is_current=False)
    school.link("lexia", z1="zoe", y1="yan")
    covered(days(school, 1, [30], "z1"), "lexia", 3, zero=True)
    assert statuses(school, who="zoe") == ["ok"]
    assert statuses(school, who="yan") == []
    got = school.query("SELECT student_id FROM views.student_engagement ORDER BY student_id")
    assert [row["student_id"] for row in got] == ["ann", "zoe"]
    left = school.one("SELECT active FROM roster.student WHERE student_id = 'zoe'")
    assert left["active"] is False


def test_clicks_are_not_minutes(school: Warehouse) -> None:
    school.add(
        "daily_activity",
        [{"date": monday(0), "events": 7}, {"date": monday(0) + timedelta(days=5), "events": 2}],
        account_key="a1",
        minutes_basis="clicks",
    )
    covered(school, "lexia", 2, zero=True)
    first, second = school.query(
        "SELECT * FROM views.student_platform_week WHERE platform = 'lexia' ORDER BY week_start"
    )
    assert (first["status"], first["minutes"], first["events"]) == ("ok", None, 9)
    assert (first["active_days"], first["weekend_active_days"]) == (1, 1)
    assert (second["status"], second["minutes"], second["events"]) == ("zero", None, 0)
    assert first["baseline_status"] == "no_feed"


def test_a_class_log_tells_only_of_its_own_class() -> None:
    built = roster(Warehouse(), "ann", "ben").link("lexia", a1="ann", b1="ben")
    for key, account, weeks in (("k1", "a1", (0, 1)), ("k2", "b1", (0, 1, 2))):
        built.add("account", [{"account_key": account, "class_key": key}])
        built.add(
            "coverage",
            [{"covers_from": monday(i), "covers_to": monday(i) + timedelta(days=6)} for i in weeks],
            class_key=key,
            of="activity",
            absence_is_zero=True,
        )
    built.add(
        "daily_activity", [{"date": monday(1), "minutes": 9.0}], account_key="a1", class_key="k1"
    )
    assert statuses(built, who="ann") == ["zero", "ok", "no_feed"]
    assert statuses(built, who="ben") == ["zero", "zero", "zero"]


def test_minutes_of_two_classes_on_one_day_make_one_active_day(school: Warehouse) -> None:
    school.add(
        "daily_activity",
        [{"date": monday(0), "minutes": 2.0, "class_key": key} for key in ("k1", "k2")],
        account_key="a1",
    )
    covered(school, "lexia", 1, zero=True)
    assert (
        school.one("SELECT active_days FROM views.student_platform_week WHERE platform = 'lexia'")[
            "active_days"
        ]
        == 1
    )


def test_a_weekly_export_made_on_wednesday_is_a_partial_week(school: Warehouse) -> None:
    school.add(
        "usage_week",
        [
            {
                "account_key": "a1",
                "week_start": monday(0),
                "through": monday(0) + timedelta(days=2),
                "minutes": 20,
            }
        ],
        platform="khan",
    )
    covered(school, "khan", 1, zero=False)
    assert statuses(school, "khan") == ["partial_week"]


def test_the_export_of_a_week_that_reaches_further_wins(school: Warehouse) -> None:
    for through, minutes in ((2, 20), (6, 45)):
        school.add(
            "usage_week",
            [
                {
                    "account_key": "a1",
                    "week_start": monday(0),
                    "minutes": minutes,
                    "through": monday(0) + timedelta(days=through),
                }
            ],
            platform="khan",
            scope=str(through),
        )
    covered(school, "khan", 1, zero=False)
    assert school.one(WEEKS.format("khan", "ann"))["minutes"] == 45


def test_a_student_whose_school_is_unknown_follows_the_general_calendar() -> None:
    built = Warehouse().add("person", "person_id role sis_id\nann student 9ann")
    built.link("lexia", a1="ann")
    covered(days(built, 0, [30]), "lexia", 1, zero=True)
    assert statuses(built) == ["ok"]
    calendar = built.query("SELECT DISTINCT school_id FROM roster.calendar_day")
    assert [row["school_id"] for row in calendar] == [None]
