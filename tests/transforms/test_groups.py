"""Groups: a class's week, small cells kept back, the fairness audit and who may read demographics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.transforms.conftest import (
    ORACLES,
    Warehouse,
    covered,
    days,
    loaded,
    monday,
    roster,
    run,
    weekly,
)
from transforms import suppression
from transforms.catalog import load
from transforms.portable import offences
from transforms.thresholds import DEFAULTS

CLASS = "SELECT * FROM views.class_week WHERE platform = 'khan' ORDER BY class_id, week_start"


def after(cells: Sequence[int]) -> list[int | None]:
    """The cells of one split, as the SQL of the rule shows them."""
    sql = f"SELECT {suppression.shown('n', 'cells')} FROM (SELECT ? AS n, ? AS cells)"
    return [database().execute(sql, [n, list(cells)]).fetchall()[0][0] for n in cells]


@cache
def database() -> duckdb.DuckDBPyConnection:
    """An empty one for all examples."""
    return duckdb.connect()


def test_a_single_small_cell_hides_its_next_smallest_too() -> None:
    case = ORACLES["O26"]
    for cells, hidden in zip(case["input"], case["expected"], strict=True):
        told = dict(zip(cells, after(list(cells.values())), strict=True))
        assert [name for name, n in told.items() if n is None] == hidden


@settings(deadline=None)
@given(st.lists(st.integers(0, 60), min_size=1, max_size=7))
def test_no_hidden_cell_follows_from_the_total(cells: list[int]) -> None:
    told = after(cells)
    assert all(n is None for n, cell in zip(told, cells, strict=True) if 0 < cell < 10)
    assert all(n in (None, cell) for n, cell in zip(told, cells, strict=True))
    hidden = [cell for n, cell in zip(told, cells, strict=True) if n is None]
    others = [n for n in told if n]
    assert len(hidden) != 1 or not others
    assert 0 not in hidden


def test_the_rule_reads_the_same_on_both_engines() -> None:
    assert offences(f"SELECT {suppression.shown('n', 'cells')} AS n FROM t") == ()


def crowd(minutes: Sequence[float], target: float | None = None, weeks: int = 1) -> Warehouse:
    """One class with one student per number of minutes, the same in every week."""
    names = [f"k{i:02}" for i in range(len(minutes))]
    built = roster(Warehouse(("khan",)), *names)
    built.link("khan", **{f"a{name}": name for name in names})
    for name, told in zip(names, minutes, strict=True):
        weekly(built, [told] * weeks, f"a{name}", target_minutes=target)
    return built


def test_a_class_week_tells_the_middle_and_the_part_that_met_its_target() -> None:
    got = crowd([*[70.0] * 12, *[20.0] * 10], target=60).one(CLASS)
    assert (got["students"], got["with_data"], got["status"]) == (22, 22, "ok")
    assert (got["with_target"], got["target_met"]) == (22, 12)
    assert got["target_met_share"] == 12 / 22
    assert got["minutes_median"] == 70
    assert got["with_usual"] == 0
    assert got["share_of_usual_median"] is None


def test_a_class_of_nine_shows_nothing() -> None:
    got = crowd([30.0] * 9, target=20).one(CLASS)
    kept = {"class_id", "platform", "week_start", "status", "data_through"}
    assert got["status"] == "too_few"
    assert {name for name, value in got.items() if value is not None} == kept


def test_nine_who_missed_their_target_hide_those_who_met_it_too() -> None:
    got = crowd([*[70.0] * 12, *[20.0] * 9], target=60).one(CLASS)
    assert (got["with_target"], got["target_met"], got["target_met_share"]) == (21, None, None)
    assert got["minutes_median"] == 70


def test_a_few_without_data_hide_how_many_have_some_and_all_that_is_split_of_them() -> None:
    built = crowd([*[70.0] * 12, *[20.0] * 10], target=60)
    for name in ("x", "y", "z"):
        built.add(
            "person", [{"person_id": name, "role": "student"}], platform="oneroster", enabled=True
        )
        built.add(
            "enrollment",
            [{"class_id": "c1", "person_id": name, "role": "student"}],
            platform="oneroster",
        )
    got = built.one(CLASS)
    assert (got["students"], got["status"], got["minutes_median"]) == (25, "ok", 70)
    hidden = ("with_data", "with_target", "target_met", "target_met_share", "with_usual", "quieter")
    assert [got[name] for name in hidden] == [None] * len(hidden)


def test_students_count_once_in_each_class_they_are_in_on_the_weeks_friday() -> None:
    built = crowd([30.0] * 12, weeks=3)
    built.add("class_section", "class_id title school_id\nc2 Two s1", platform="oneroster")
    for i in range(11):
        rows: list[dict[str, Any]] = [
            {"begin_date": monday(1).replace(day=18), "end_date": None},
            {"begin_date": monday(2), "end_date": monday(2).replace(day=24)},
        ]
        built.add(
            "enrollment",
            rows,
            platform="oneroster",
            class_id="c2",
            person_id=f"k{i:02}",
            role="student",
        )
    got = built.query(CLASS)
    assert [(r["class_id"], r["week_start"], r["students"]) for r in got] == [
        *[("c1", monday(week), 12) for week in range(3)],
        *[("c2", monday(week), 11) for week in (1, 2)],
    ]


def masks(weeks: Sequence[Sequence[str]]) -> Warehouse:
    """Ann, active on these weekdays."""
    names = ["Mon", "Tue", "Wed", "Thu", "Fri"]
    built = roster(Warehouse(), "ann").link("lexia", a1="ann")
    for week, active in enumerate(weeks):
        days(built, week, [10 if name in active else 0 for name in names])
    return covered(built, "lexia", len(weeks), zero=True)


def ask(built: Warehouse, sql: str, **told: Any) -> list[dict[str, Any]]:
    """Rows of a SELECT after all transforms have run with these settings of the district."""
    for transform in load(built.platforms, **told):
        run(built.db, transform)
    cursor = built.db.execute(sql)
    names = [column[0] for column in cursor.description or []]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


HABIT = "SELECT weekday_habit h FROM views.student_engagement WHERE platform = 'lexia'"


def test_the_same_days_each_week_is_the_mean_over_pairs_of_weeks() -> None:
    case = ORACLES["O07"]
    weeks = case["input"]["weeks"]
    assert masks(weeks).one(HABIT)["h"] is None
    # A week alike by a third to two of the three and by nothing to the other keeps their mean.
    four = [*weeks, ["Tue", "Thu", "Fri"]]
    assert masks(four).one(HABIT)["h"] == pytest.approx(case["expected"], abs=1e-6)


def test_the_same_days_each_week_looks_at_the_latest_eight() -> None:
    same = [["Mon", "Wed"]] * 8
    assert masks([["Fri"], ["Thu"], *same]).one(HABIT)["h"] == 1
    assert masks([*same[:3], []]).one(HABIT)["h"] == pytest.approx(0.5)
    assert masks([[], [], [], []]).one(HABIT)["h"] is None


def audited(groups: Mapping[str, tuple[int, int]]) -> dict[str, dict[str, Any]]:
    """The audit of a district whose students are, by group: so many with a card, of so many."""
    names = {f"{g}{i}": g for g, (_, n) in groups.items() for i in range(n)}
    built = roster(Warehouse(("khan",)), *names).link("khan", **{f"a{n}": n for n in names})
    rows = []
    for name, group in names.items():
        over = int(name[1:]) < groups[group][0]
        rows.append(
            {
                "account_key": f"a{name}",
                "week_start": monday(0),
                "through": date(2026, 9, 13),
                "minutes": 300 if over else 30,
            }
        )
    built.add("usage_week", rows, platform="khan")
    built.add(
        "student_group",
        [{"student_sis_id": f"9{n}", "group_value": g} for n, g in names.items()],
        platform="district",
        group_name="letter",
    )
    covered(built, "khan", 1, zero=False)
    sql = "SELECT * FROM ops.fairness_audit WHERE rule_id = 'screen_time' AND group_name = 'letter'"
    return {row["group_value"]: row for row in ask(built, sql, ceilings={"s1": 240})}


def test_the_audit_tells_a_ratio_of_rates_with_its_interval() -> None:
    case = ORACLES["O29"]
    counts = {name: of.split("/") for name, of in case["input"].items()}
    got = audited({name: (int(k), int(n)) for name, (k, n) in counts.items()})["A"]
    assert got["ratio"] == pytest.approx(case["expected"]["ratio"], abs=1e-6)
    assert [got["ci_low"], got["ci_high"]] == pytest.approx(case["expected"]["ci95"], abs=1e-6)
    assert got["review"] is case["expected"]["review"]
    assert (got["n"], got["n_others"], got["flagged"], got["rate"]) == (30, 30, None, None)
    assert (got["rate_others"], got["status"]) == (0.4, "ok")


def test_the_audit_asks_for_a_look_where_the_interval_excludes_one() -> None:
    got = audited({"A": (0, 60), "B": (40, 60)})
    assert (got["A"]["ratio"], got["A"]["review"]) == (0, True)
    assert got["A"]["ci_high"] < 1
    assert (got["B"]["ratio"], got["B"]["review"]) == (None, True)


def test_the_audit_says_nothing_of_small_groups_and_hides_the_next_smallest() -> None:
    got = audited({"A": (10, 30), "B": (10, 20), "C": (9, 9)})
    assert [got[name]["n"] for name in "ABC"] == [30, None, None]
    assert [got[name]["status"] for name in "ABC"] == ["ok", "too_few", "too_few"]
    told = ("n_others", "flagged", "rate", "rate_others", "ratio", "ci_low", "ci_high")
    assert all(got[name][column] is None for name in "BC" for column in told)
    assert not got["C"]["review"]


def test_demographics_and_the_roster_are_groups_and_the_others_are_not_told() -> None:
    built = roster(Warehouse(("khan",)), *[f"k{i}" for i in range(30)])
    told = [
        {
            "person_id": f"k{i}",
            "sex": "Female" if i < 15 else "male",
            "races": "asian;white",
            "hispanic_or_latino": "TRUE",
        }
        for i in range(28)
    ]
    built.add("demographic", told, platform="oneroster")
    built.link("khan", **{f"a{i}": f"k{i}" for i in range(30)})
    for i in range(30):
        weekly(built, [300], f"a{i}")
    sql = "SELECT group_name, group_value, n FROM ops.fairness_audit ORDER BY ALL"
    got = ask(built, sql, ceilings={"s1": 240})
    assert [tuple(row.values()) for row in got] == [
        ("ethnicity", "Hispanic or Latino", None),
        ("ethnicity", "not told", None),
        ("race", "not told", None),
        ("race", "two or more", None),
        ("school", "s1", 30),
        ("sex", "female", 15),
        ("sex", "male", None),
        ("sex", "not told", None),
    ]


#: What tells of sex, race, ethnicity and the like.
PRIVATE = {"lake.demographic", "lake.student_group", "lake.student_program"}


def test_demographics_reach_the_fairness_audit_and_nothing_else() -> None:
    readers = {t.table for t in loaded(("lexia", "khan")) if t.references & PRIVATE}
    assert readers == {"ops.fairness_audit"}
    after_it = {t.table for t in loaded(("lexia", "khan")) if "ops.fairness_audit" in t.references}
    assert after_it == set()


def test_no_birth_date_is_read() -> None:
    sql: Any = " ".join(t.sql for t in loaded(("lexia", "khan"))).lower()
    assert "birth" not in sql


def test_a_schools_own_ceiling_comes_before_the_districts() -> None:
    def cards(**told: Any) -> list[tuple[Any, ...]]:
        built = roster(Warehouse(("khan",)), "ann").link("khan", a1="ann")
        weekly(built, [250])
        sql = "SELECT value, reference, rule_version FROM views.card WHERE rule_id = 'screen_time'"
        return [tuple(row.values()) for row in ask(built, sql, **told)]

    values = {**DEFAULTS, "screen_minutes": 240.0}
    assert cards() == []
    assert cards(ceilings={"s1": 240}) == [(250, 240, "1 (screen_minutes 240 in s1)")]
    assert cards(ceilings={"s2": 240}) == []
    assert cards(values=values) == [(250, 240, "1 (screen_minutes 240)")]
    assert cards(values=values, ceilings={"s1": 300}) == []
