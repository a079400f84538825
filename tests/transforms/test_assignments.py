"""Work with due dates: states, delays, rates of the others, and who is missing."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from tests.transforms.conftest import ORACLES, Warehouse, roster

TIMING = "SELECT * FROM views.assignment_timing ORDER BY due_at, assignment_id, student_id"
WHEN = "SELECT * FROM views.student_procrastination WHERE student_id = 'ann'"
DUE = "2026-11-20 16:00:00"


def item(
    warehouse: Warehouse, name: str, due: str | None = DUE, known: str = "2026-12-01", **more: Any
) -> Warehouse:
    """One assignment of class c1; `known` is the last day its file tells of."""
    row = {
        "assignment_id": name,
        "title": name,
        "due_at": due,
        "due_on": due and due[:10],
        "data_through": known,
        "class_key": "k1",
        "listed_only": True,
        **more,
    }
    return warehouse.add("assignment", [row], platform="khan")


def hand_in(warehouse: Warehouse, name: str, account: str = "a1", **more: Any) -> Warehouse:
    """A line about one account's work on an assignment."""
    row = {"assignment_id": name, "account_key": account, **more}
    return warehouse.add("submission", [row], platform="khan")


def covers(warehouse: Warehouse, day: str = "2026-12-01") -> Warehouse:
    """The assignment files tell of everything up to this day."""
    return warehouse.add(
        "coverage",
        [{"covers_from": "2026-09-07", "covers_to": day}],
        platform="khan",
        of="assignments",
        absence_is_zero=False,
    )


def test_start_delay_is_the_part_of_the_time_that_passed(school: Warehouse) -> None:
    case = ORACLES["O16"]
    for i, started in enumerate(case["input"]["starts"]):
        item(school, f"t{i}", case["input"]["due"], assigned_at=case["input"]["open"])
        hand_in(school, f"t{i}", started_at=started)
    got = [row["start_delay"] for row in school.query(TIMING)]
    assert got == [
        value if value is None else pytest.approx(value, abs=1e-6) for value in case["expected"]
    ]


def test_lead_hours_and_the_due_instant_itself(school: Warehouse) -> None:
    case = ORACLES["O17"]
    for i, submitted in enumerate(case["input"]["submitted"]):
        hand_in(item(school, f"t{i}", case["input"]["due"]), f"t{i}", submitted_at=submitted)
    for row, expected in zip(school.query(TIMING), case["expected"], strict=True):
        assert row["lead_hours"] == pytest.approx(expected["lead_h"], abs=1e-6)
        assert (row["state"] == "late") is expected["late"]
        assert row["last_24h"] is expected["last24"]


def test_counts_are_of_closed_items_that_are_not_excused(school: Warehouse) -> None:
    case = ORACLES["O18"]["expected"]
    for i in range(5):
        hand_in(item(school, f"good{i}"), f"good{i}", submitted_at="2026-11-19 10:00")
    hand_in(item(school, "late"), "late", submitted_at="2026-11-21 10:00")
    hand_in(item(school, "gone"), "gone")
    hand_in(item(school, "open", "2026-12-05 16:00:00"), "open")
    hand_in(item(school, "off"), "off", excused=True)
    hand_in(item(school, "undated", None), "undated", submitted_at="2026-11-21 10:00")
    hand_in(item(school, "early", "2026-12-05 16:00:00"), "early", submitted_at="2026-11-21 10:00")
    got = covers(school).one(WHEN)
    assert got["closed_count"] == case["closed"]
    for name in ("on_time", "late", "missing"):
        assert got[f"{name}_count"] / got["closed_count"] == pytest.approx(case[name], abs=1e-6)
    states = {row["assignment_id"]: row["state"] for row in school.query(TIMING)}
    assert states["gone"] == "missing"
    assert states["open"] == "not_due"
    assert states["off"] == "excused"
    assert states["undated"] == "no_due_date"
    assert states["early"] == "on_time"


def test_a_small_number_of_items_comes_with_its_interval(school: Warehouse) -> None:
    case = ORACLES["O19"]
    (late, closed), _ = case["input"]["cases"]
    for i in range(closed):
        day = "21" if i < late else "19"
        hand_in(item(school, f"t{i}"), f"t{i}", submitted_at=f"2026-11-{day} 10:00")
    got = covers(school).one(WHEN)
    low, high = case["expected"][0]["wilson"]
    assert got["late_low"] == pytest.approx(low, abs=1e-6)
    assert got["late_high"] == pytest.approx(high, abs=1e-6)


def test_ten_items_need_no_interval_and_two_give_none(school: Warehouse) -> None:
    for i in range(2):
        hand_in(item(school, f"t{i}"), f"t{i}", submitted_at="2026-11-19 10:00")
    assert covers(school).one(WHEN)["late_low"] is None
    many = roster(Warehouse(), "ann").link("khan", a1="ann")
    for i in range(10):
        hand_in(item(many, f"t{i}"), f"t{i}", submitted_at="2026-11-19 10:00")
    assert covers(many).one(WHEN)["late_low"] is None


def test_late_is_expected_as_often_as_the_others_are_late_on_the_same_items() -> None:
    case = ORACLES["O23"]
    names = ["ann"] + [f"s{i}" for i in range(59)]
    built = roster(Warehouse(), *names).link("khan", **{f"k{name}": name for name in names})
    for i, ((late, _), mine) in enumerate(
        zip(case["input"]["class_late"], case["input"]["student_late"], strict=True)
    ):
        item(built, f"t{i}")
        late_names = set(names[1 : 1 + late - mine]) | ({"ann"} if mine else set())
        built.add(
            "submission",
            [
                {
                    "assignment_id": f"t{i}",
                    "account_key": f"k{name}",
                    "submitted_at": f"2026-11-{21 if name in late_names else 19} 10:00",
                }
                for name in names
            ],
            platform="khan",
        )
    got = covers(built).one(WHEN)
    assert got["expected_late"] == pytest.approx(case["expected"]["expected"], abs=1e-6)
    assert got["late_count"] == case["expected"]["observed"]
    difference = got["compared_late"] - got["expected_late"]
    assert difference == pytest.approx(case["expected"]["difference"], abs=1e-6)
    assert got["often_late"] is True


def test_often_late_looks_at_the_latest_eight_items() -> None:
    built = roster(Warehouse(), "ann", "ben").link("khan", kann="ann", kben="ben")
    for i in range(12):
        due = datetime.fromisoformat("2026-10-01 16:00") + timedelta(days=i)
        item(built, f"t{i:02}", str(due))
        shift = 1 if i < 4 else -1
        hand_in(built, f"t{i:02}", "kann", submitted_at=due + timedelta(hours=shift))
        hand_in(built, f"t{i:02}", "kben", submitted_at=due - timedelta(hours=1))
    got = covers(built).one(WHEN)
    assert (got["late_count"], got["often_late"]) == (4, False)


def test_without_others_nothing_is_expected(school: Warehouse) -> None:
    for i in range(3):
        hand_in(item(school, f"t{i}"), f"t{i}", submitted_at="2026-11-21 10:00")
    got = covers(school).one(WHEN)
    assert (got["expected_late"], got["often_late"], got["late_count"]) == (None, None, 3)


def test_below_the_threshold_is_judged_before_rounding(school: Warehouse) -> None:
    case = ORACLES["O27"]
    for i, told in enumerate(case["input"]):
        row: dict[str, Any] = {}
        points = None
        if isinstance(told, float):
            row["score_percent"] = told
        elif isinstance(told, str) and "/" in told:
            score, points = (float(part) for part in told.split("/"))
            row["score"] = score
        elif isinstance(told, str):
            row = {"score_percent": 0.0, "excused": told.endswith("excused")}
        item(school, f"t{i}", points_possible=points)
        hand_in(school, f"t{i}", submitted_at="2026-11-19 10:00", **row)
    assert [row["below_threshold"] for row in school.query(TIMING)] == case["expected"]


def test_missing_waits_until_the_file_was_made_after_the_due_day(school: Warehouse) -> None:
    made = {"exported_on": "2026-11-20"}
    hand_in(item(school, "same", known="2026-11-20", **made), "same")
    hand_in(item(school, "next", known="2026-11-20", exported_on="2026-11-21"), "next")
    hand_in(item(school, "before", known="2026-11-19", **made), "before")
    states = {row["assignment_id"]: row["state"] for row in school.query(TIMING)}
    assert states == {"same": "not_due", "next": "missing", "before": "not_due"}


def test_a_day_of_handing_in_is_late_only_from_the_next_day_on(school: Warehouse) -> None:
    item(school, "t", "2026-11-20 23:59:59", class_starts_on=date(2026, 11, 1))
    hand_in(school, "t", submitted_day=19)
    item(school, "u", "2026-11-21 23:59:59", class_starts_on=date(2026, 11, 1))
    hand_in(school, "u", submitted_day=21)
    on_time, late = school.query(TIMING)
    assert (on_time["state"], on_time["lead_hours"]) == ("on_time", 0)
    assert (late["state"], late["lead_hours"]) == ("late", -24)
    assert on_time["submitted_basis"] == "day"


def test_the_platforms_own_word_is_taken_where_no_time_is_told(school: Warehouse) -> None:
    for word in ("on_time", "late", "not_submitted"):
        hand_in(item(school, word), word, timing=word, attempts=1)
    hand_in(item(school, "silent"), "silent", score=5.0)
    got = {row["assignment_id"]: (row["state"], row["lead_hours"]) for row in school.query(TIMING)}
    assert got == {
        "on_time": ("on_time", None),
        "late": ("late", None),
        "not_submitted": ("missing", None),
        "silent": (None, None),
    }


def test_the_whole_class_is_expected_unless_the_file_lists_who_has_it() -> None:
    built = roster(Warehouse(), "ann", "ben").link("khan", a1="ann")
    built.add("identity.class_link", "platform class_key class_id\nkhan k1 c1", evidence="title")
    built.add(
        "enrollment",
        "class_id person_id role begin_date end_date\nc1 cem student 2026-12-01 -",
        platform="oneroster",
    )
    built.add("person", "person_id role sis_id\ncem student 9cem", platform="oneroster")
    hand_in(item(built, "all", listed_only=False), "all", submitted_at="2026-11-19 10:00")
    hand_in(item(built, "some", listed_only=True), "some", submitted_at="2026-11-19 10:00")
    item(built, "later", "2026-12-24 10:00:00", listed_only=False)
    got = {
        (row["assignment_id"], row["student_id"]): row["state"]
        for row in covers(built).query(TIMING)
    }
    assert got == {
        ("all", "ann"): "on_time",
        ("all", "ben"): "missing",
        ("some", "ann"): "on_time",
        ("later", "ann"): "not_due",
        ("later", "ben"): "not_due",
        ("later", "cem"): "not_due",
    }


def test_the_newer_export_of_the_same_item_wins(school: Warehouse) -> None:
    item(school, "t", "2026-11-18 16:00:00", known="2026-11-19", exported_on="2026-11-20")
    item(school, "t", DUE, known="2026-11-30", exported_on="2026-12-01", scope="two")
    hand_in(school, "t", exported_on="2026-11-20")
    hand_in(school, "t", submitted_at="2026-11-20 12:00", exported_on="2026-12-01", scope="two")
    got = school.one(TIMING)
    assert (got["state"], str(got["due_at"])) == ("on_time", DUE)


def test_two_accounts_of_one_student_give_one_line(school: Warehouse) -> None:
    school.link("khan", a2="ann")
    item(school, "t")
    hand_in(school, "t", submitted_at="2026-11-21 10:00")
    hand_in(school, "t", "a2", submitted_at="2026-11-19 10:00")
    assert school.one(TIMING)["state"] == "on_time"
