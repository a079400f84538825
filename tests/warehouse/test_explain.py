"""What homeroom explain computes from the published rows is what the views hold."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from typing import Any

import duckdb
import pytest

from connectors.errors import HomeroomError
from tests.independent.world import draw
from tests.scenario import Scenario
from tests.transforms.conftest import Warehouse, covered, days, monday, roster, weekly
from tests.transforms.districts import filled
from transforms.catalog import load
from warehouse.explain import Ask, Explanation, explain, places, students
from warehouse.reader import Reader

PLACES = [f"{view}.{column}" for view, recipes in places.RECIPES.items() for column in recipes]
#: Measures of a student that are words put together from several others.
WORDS = {"state", "agreement"}
#: Of a whole class or group, or several measures side by side.
NOT_OF_ONE = {
    "shared_dip", "shared_late", "shared_stuck", "two_stories", "minutes_median",
    "target_met_share", "used_share", "fairness_ratio",
}  # fmt: skip
ITEMS = ("assignment_id", "subject", "skill_id", "item_id")


def asking(db: duckdb.DuckDBPyConnection) -> Ask:
    def ask(sql: str, parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
        cursor = db.execute(sql, dict(parameters))
        names = [column[0] for column in cursor.description or []]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    return ask


def rows_of(ask: Ask, view: str) -> list[dict[str, Any]]:
    """The keys of every row of a view."""
    there = {row["column_name"] for row in ask(f"DESCRIBE views.{view}", {})}
    named = ("platform", "week_start", "rule_id", *ITEMS)
    keys = ["student_id", *(k for k in named if k in there)]
    return ask(f"SELECT {', '.join(keys)} FROM views.{view} ORDER BY ALL", {})


def of(ask: Ask, measure: str, row: Mapping[str, Any]) -> Explanation:
    return explain(
        ask,
        measure,
        row["student_id"],
        platform=row.get("platform"),
        week=None if measure.startswith("student_engagement.") else row.get("week_start"),
        item=next((row[name] for name in ITEMS if row.get(name)), None),
    )


def differing(ask: Ask, rng: random.Random, most: int) -> Iterator[str]:
    """Every measure of so many rows of its view that does not come out as published."""
    keys = {view: rows_of(ask, view) for view in places.RECIPES}
    for measure in PLACES:
        view, _, column = measure.partition(".")
        rows = [r for r in keys[view] if r.get("rule_id", column) == column]
        for row in rng.sample(rows, min(most, len(rows))):
            one = of(ask, measure, row)
            if not one.agrees:
                yield f"{measure} {row}: {one.value} is not {one.published}: {one.steps}"


@pytest.mark.slow
def test_every_measure_of_the_sample_district_comes_out_as_published(district: Scenario) -> None:
    with Reader(district.settings.warehouse) as live:
        assert list(differing(live.rows, random.Random(5), 6)) == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_every_measure_of_random_histories_comes_out_as_published(seed: int) -> None:
    rng = random.Random(seed)
    built = filled(draw(seed, 20, 14))
    assert list(differing(asking(built.build().db), rng, 8)) == []


def test_every_number_and_yes_or_no_of_a_student_can_be_explained() -> None:
    transforms = load(("lexia", "khan"))
    missing = [
        f"{t.table}.{c.name}"
        for t in transforms
        for c in t.columns
        if t.table.removeprefix("views.") in places.RECIPES
        and c.measure is not None
        and not c.measure.measure.startswith("@platform")
        and c.name not in WORDS
        and c.name not in places.RECIPES[t.table.removeprefix("views.")]
    ]
    assert missing == []


def test_every_measure_of_the_dictionary_is_explained_or_is_of_no_single_student() -> None:
    explained = {column for recipes in places.RECIPES.values() for column in recipes}
    left = {
        m.measure
        for t in load(("lexia", "khan"))
        for m in t.measures
        if m.measure not in explained and not m.measure.startswith("@platform")
    }
    assert left == WORDS | NOT_OF_ONE


@pytest.fixture(scope="module")
def drawn() -> Warehouse:
    """Ann and Ben: nine weeks on khan, days on lexia, assignments with begin and due times."""
    built = roster(Warehouse(), "ann", "ben")
    for who in ("ann", "ben"):
        built.link("khan", **{f"k{who}": who}).link("lexia", **{f"l{who}": who})
    weekly(built, [50, 55, 60, 45, 52, 58, 50, 17, 10], "kann", target_minutes=60)
    weekly(built, [40, 40, 40, 40], "kben", target_minutes=60)
    covered(built, "lexia", 9, zero=True)
    for week in range(9):
        days(built, week, [0, 5, 0, 10, 45], "lann")
        days(built, week, [20, 10, 10, 10, 10], "lben")
    built.add(
        "assignment",
        [
            {
                "assignment_id": f"i{n}",
                "class_key": "k",
                "title": f"Task {n}",
                "assigned_at": f"{monday(n)} 08:00:00",
                "due_at": f"{monday(n)} 18:00:00",
                "due_on": monday(n),
                "listed_only": True,
                "data_through": monday(9),
            }
            for n in range(5)
        ],
        platform="khan",
    )
    built.add(
        "submission",
        [
            {
                "account_key": f"k{who}",
                "assignment_id": f"i{n}",
                "started_at": f"{monday(n)} {10 + n:02}:00:00",
                "submitted_at": f"{monday(n)} {late if n % 2 else 17:02}:30:00",
                "score_percent": 64.995,
                "data_through": monday(9),
            }
            for who, late in (("ann", 20), ("ben", 17))
            for n in range(5)
        ],
        platform="khan",
    )
    return built.build()


def test_every_measure_of_a_drawn_history_comes_out_as_published(drawn: Warehouse) -> None:
    ask = asking(drawn.db)
    assert list(differing(ask, random.Random(1), 1)) == []
    some = {"start_delay": 0.6, "start_delay_median": 0.4, "lead_hours": 0.5, "late_count": 2}
    for measure, value in some.items():
        one = explain(ask, measure, "ann", platform="khan", item="task 4")
        assert one.agrees
        assert one.value == pytest.approx(value)


def test_an_explanation_reads_as_arithmetic(drawn: Warehouse) -> None:
    one = explain(asking(drawn.db), "share_of_usual", "ann", platform="khan", week=monday(7))
    assert [f"{line.name} = {line.filled} = {line.result}" for line in one.steps] == [
        "usual_minutes = median(50, 58, 52, 45, 60, 55, 50) = 52",
        "share_of_usual = 17 / 52 = 0.326923",
    ]
    assert (one.n, one.window_start, one.version) == (7, monday(0), "1")
    assert [table.columns for table in one.inputs] == [("week", "week_minutes", "week_units")]
    assert one.formula == "minutes / usual_minutes"


@pytest.mark.parametrize(
    ("measure", "week", "says"),
    [
        ("usual_minutes", 4, "not_enough_history: 4 of 6 weeks"),
        ("dosage", 9, "no_feed: a week of this status does not count"),
        ("lexia_dosage", 3, "target_na: no target is told"),
        ("student_procrastination.expected_late", 0, "too_few: 0 of 3 items"),
    ],
)
def test_what_is_not_known_says_why(drawn: Warehouse, measure: str, week: int, says: str) -> None:
    platform = "lexia" if "expected" in measure or "lexia" in measure else "khan"
    drawn_week = monday(week) if week != 9 else monday(8)
    if week == 9:
        drawn.db.execute("BEGIN")
        drawn.db.execute(
            "UPDATE views.student_platform_week SET status = 'no_feed', dosage_status = 'no_feed', "
            "dosage = NULL WHERE student_id = 'ann' AND week_start = ? AND platform = 'khan'",
            [drawn_week],
        )
    try:
        one = explain(asking(drawn.db), measure, "ann", platform=platform, week=drawn_week)
    finally:
        if week == 9:
            drawn.db.execute("ROLLBACK")
    assert (one.value, one.published, one.agrees, one.says) == (None, None, True, says)
    assert one.status == says.partition(":")[0]


def test_a_published_number_that_the_rows_do_not_give_is_called_out(drawn: Warehouse) -> None:
    drawn.db.execute("BEGIN")
    drawn.db.execute("UPDATE views.student_platform_week SET change_z = change_z + 1e-6")
    one = explain(asking(drawn.db), "change_z", "ann", platform="khan", week=monday(7))
    drawn.db.execute("ROLLBACK")
    assert not one.agrees
    assert isinstance(one.value, float)


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"measure": "share_of_usal"}, "perhaps share_of_usual"),
        ({"measure": "agreement"}, "is not a number"),
        ({"measure": "minutes_median"}, "is not a number or a yes or no of one student"),
        ({"measure": "minutes"}, "khan, lexia"),
        ({"measure": "lead_hours", "platform": "khan"}, "i0, i1, i2, i3, i4"),
        ({"measure": "minutes", "platform": "mars"}, "nothing is published"),
    ],
)
def test_what_is_not_one_number_is_refused_with_a_way_on(
    drawn: Warehouse, asked: dict[str, str], says: str
) -> None:
    with pytest.raises(HomeroomError) as refused:
        explain(asking(drawn.db), student_id="ann", **asked)  # type: ignore[arg-type]
    assert says in str(refused.value)


def test_a_name_that_two_students_share_is_never_guessed(district: Scenario) -> None:
    with Reader(district.settings.warehouse) as live:
        twice = live.rows(
            "SELECT given_name || ' ' || family_name AS name, count(*) AS n FROM roster.student "
            "GROUP BY name HAVING n > 1 ORDER BY name LIMIT 1"
        )[0]
        assert len(students.meant(live.rows, twice["name"])) == twice["n"]
        (single,) = live.rows(
            "SELECT student_id, sis_id, given_name, family_name FROM roster.student "
            "WHERE given_name || ' ' || family_name <> $name ORDER BY student_id LIMIT 1",
            {"name": twice["name"]},
        )
        name = f"{single['given_name']} {single['family_name']}"
        for asked in (single["student_id"], single["sis_id"]):
            assert [s.student_id for s in students.meant(live.rows, asked)] == [
                single["student_id"]
            ]
        assert students.meant(live.rows, f"{name}x") == []
        assert single["student_id"] in [s.student_id for s in students.near(live.rows, f"{name}x")]
