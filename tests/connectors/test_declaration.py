"""A declaration in TOML becomes the same value as a module's; every mistake names its place."""

from __future__ import annotations

import tomllib
from pathlib import Path

import duckdb
import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors import declaration, platforms, registry
from connectors.contract import Kind, Platform, Scope
from connectors.declaration_rules import Place
from connectors.errors import ConfigError
from connectors.registry import PLATFORMS
from warehouse.intake.normalise import connect
from warehouse.lake.tables import LAKE

GOOD = """
name = "newthing"
title = "New thing"
sends_activity = true
[feed.sessions]
files = ["sessions_*.csv"]
scope = "day"
key = ["student", "began"]
dated_by = "began"
[feed.sessions.columns]
student = { headers = ["Student ID", "SIS"], type = "id", filled = true }
began = { headers = ["Began"], type = "time", filled = true, formats = ["%m/%d/%Y %H:%M"] }
minutes = { headers = ["Minutes"], type = "number", low = 0, high = 1440, nothing = ["N/A"] }
items = { headers = ["Items"], type = "integer", required = false }
status = { headers = ["Status"], required = false }
[feed.sessions.into.account]
account_key = "student"
account_kind = { constant = "sis_id" }
sis_id = "student"
[feed.sessions.into.daily_activity]
account_key = "student"
date = { date_of = "began" }
minutes = { sum = "minutes" }
items_attempted = { sum = "items" }
[feed.sessions.into.coverage]
covers_from = { min = { date_of = "began" } }
covers_to = { max = { date_of = "began" } }
of = { constant = "activity" }
absence_is_zero = { constant = false }
"""


def load(folder: Path, text: str, name: str = "newthing") -> Platform:
    path = folder / f"{name}.toml"
    path.write_text(text)
    return declaration.load(path)


def test_a_declaration_is_read_into_the_same_values_as_a_module(tmp_path: Path) -> None:
    platform = load(tmp_path, GOOD)
    feed = platform.feeds[0]
    assert (platform.name, platform.sends_activity, feed.scope) == ("newthing", True, Scope.DAY)
    assert (feed.stems, feed.key, feed.dated_by) == (
        ("sessions_*",),
        ("student", "began"),
        "began",
    )
    assert feed.column("minutes").nothing == ("n/a",)
    assert feed.column("began").kind is Kind.TIME
    assert [o.table for o in feed.outputs] == ["account", "daily_activity", "coverage"]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("title =", "titel ="), "titel|did you mean title"),
        (('title = "New thing"', ""), "title: is missing|add title"),
        (('"newthing"', '"other"'), 'name: the file is called newthing|write name = "newthing"'),
        (('scope = "day"', 'scope = "days"'), 'feed.sessions.scope: "days" is no scope|mean day'),
        (('scope = "day"', 'scope = "value"'), "scope_column: is missing"),
        (('type = "id"', 'type = "idd"'), 'columns.student.type: "idd" is no type|mean id'),
        (('"%m/%d/%Y %H:%M"', '"MM/DD"'), "columns.began.formats: is not a date format|%m/%d/%Y"),
        (('"%m/%d/%Y %H:%M"', '"%Q"'), "columns.began.formats: is not a date format"),
        (("low = 0", 'low = "a"'), "columns.minutes.low: should be a number"),
        (("filled = true }", "filled = 1 }"), "columns.student.filled: should be true or false"),
        (('headers = ["Items"]', "headers = []"), "columns.items.headers: is missing"),
        (('headers = ["Items"]', 'headers = ["minutes"]'), None),
        (('headers = ["Status"]', 'headers = ["sis"], type = "id"'), 'status: has the header "sis" of student'),
        (("items = {", "order = {"), "columns.order: order is taken|order_told"),
        (("items = {", "t_x = {"), "columns.t_x: t_x is taken"),
        (("items = {", '"a b" = {'), "columns.a b: is no plain name"),
        (('key = ["student"', 'key = ["studnt"'), 'key: "studnt" is no column|mean student'),
        (('dated_by = "began"', 'dated_by = "student"'), "dated_by: is no date or time"),
        (("into.daily_activity", "into.daily_activities"), 'into: "daily_activities" is no table of the lake|mean daily_activity'),
        (("\nminutes = { sum", "\nminuts = { sum"), 'into.daily_activity: "minuts" is no column of lake.daily_activity|mean minutes'),
        (('{ sum = "minutes" }', '{ sum = "minuts" }'), 'into.daily_activity.minutes.sum: "minuts" is no column of the feed'),
        (('{ sum = "minutes" }', '{ summ = "minutes" }'), "into.daily_activity.minutes: is neither a column nor one function|sum"),
        (('{ sum = "minutes" }', '"minutes"'), "into.daily_activity.minutes: several rows|{sum = ...}"),
        (('{ sum = "minutes" }', '{ sum = "status" }'), "minutes.sum: is a text, not an integer or a number"),
        (('{ sum = "items" }', '{ sum = "minutes" }'), "items_attempted: is a number|integer"),
        (('{ date_of = "began" }', '"began"'), "date: is an instant, and lake.daily_activity.date is a day|date_of"),
        (('date = { date_of = "began" }\n', ""), "into.daily_activity.date: is missing"),
        (('date = { date_of = "began" }', 'date = { date_of = "began", of = "x" }'), "date.of: date_of knows no such word"),
        (('type = "id", filled = true', 'type = "id"'), "account_key: needs student, which may be empty|filled = true"),
        (('[feed.sessions.into.account]\naccount_key = "student"\naccount_kind = { constant = "sis_id" }\nsis_id = "student"\n', ""), "into.account: is missing, and daily_activity speaks of accounts"),
        (('sis_id = "student"\n', ""), "into.account: nothing in it can lead to a student"),
        (('account_kind = { constant = "sis_id" }\n', ""), "account.account_kind: is missing"),
        (('daily_activity]\naccount_key = "student"', 'daily_activity]\naccount_key = {lower = "student"}'), "account_key: is not the account_key of into.account"),
        (('sis_id = "student"', 'sis_id = { map = {a = 1}, of = "student" }'), "sis_id: is an integer"),
        (('sis_id = "student"', 'sis_id = { wide = "label" }'), "sis_id.wide: the feed has no wide columns"),
        (('sis_id = "student"', 'sis_id = { file = "path" }'), 'sis_id.file: "path" is no fact of a file'),
        (('sis_id = "student"', 'sis_id = { file = "class" }'), 'feed.sessions.scope: only files of one class|"class"'),
        (('sis_id = "student"', 'sis_id = "student"\nwhere = { sql = "1=1" }'), "account.where: is no condition"),
        (('sis_id = "student"', 'sis_id = "student"\nwhere = { equals = { items = "x" } }'), "where.equals.items: the column is an integer"),
        (("into.coverage]", "into.resource]"), "into.coverage: is missing, so nobody can tell"),
        (("[feed.sessions]", "[feed.sessions"), "not TOML|mend that line"),
    ],
)  # fmt: skip
def test_a_mistake_names_file_feed_key_and_mending(
    tmp_path: Path, change: tuple[str, str], says: str | None
) -> None:
    text = GOOD.replace(*change)
    assert text != GOOD
    if says is None:
        load(tmp_path, text)
        return
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text)
    for part in [str(tmp_path / "newthing.toml"), *says.split("|")]:
        assert part in str(caught.value)


WIDE = """
name = "grid"
title = "Grid"
[feed.book]
scope = "class"
key = ["student"]
[feed.book.columns]
student = { headers = ["Student"], filled = true }
[feed.book.wide]
pattern = '(?P<title>.+) \\((?P<day>\\d+/\\d+/\\d{4})\\)'
example = "Map (09/12/2025)"
[feed.book.into.assignment]
assignment_id = { join = [{ file = "class" }, { wide = "label" }] }
title = { wide = "title" }
due_on = { wide = "day", format = "%m/%d/%Y" }
"""


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("(?P<title>.+)", "(?P<title>.+"), "book.wide.pattern: is no pattern"),
        (("(?P<title>.+)", "(?P<title>(?=.).+)"), "book.wide.pattern: uses what not every engine"),
        (("Map (09/12/2025)", "Map"), "book.wide.example: does not fit"),
        (('{ wide = "title" }', '{ wide = "titel" }'), '"titel" is no part of the wide columns'),
        (("%m/%d/%Y", "x"), "due_on.wide.format: is not a date format"),
    ],
)
def test_a_mistake_of_wide_columns_is_named(
    tmp_path: Path, change: tuple[str, str], says: str
) -> None:
    load(tmp_path, WIDE, "grid")
    with pytest.raises(ConfigError, match=r"grid\.toml") as caught:
        load(tmp_path, WIDE.replace(*change), "grid")
    assert says in str(caught.value)


@pytest.mark.parametrize("name", sorted(p.stem for p in declaration.SHIPPED.glob("*.toml")))
def test_a_declaration_that_comes_with_homeroom_says_that_it_is_invented(name: str) -> None:
    platform = PLATFORMS[name]
    assert "invented" in " ".join(platform.about.split())
    assert "Unknown:" in platform.about
    assert platform.tested_on == "an invented sample"


def test_a_text_of_a_declaration_is_never_sql(tmp_path: Path) -> None:
    evil = "x'), (SELECT content FROM read_text('/etc/passwd')) --"
    text = GOOD.replace('{ constant = "sis_id" }', f'{{ constant = "{evil}" }}')
    select = load(tmp_path, text).feeds[0].outputs[0].select
    with duckdb.connect() as db:
        db.execute("CREATE TABLE rows AS SELECT 1 AS _no, 'a' AS student")
        assert db.execute(select).fetchall() == [(1, "a", evil, "a")]


EVERY = """
name = "every"
title = "Every function"
[feed.a]
scope = "class"
key = ["student", "title"]
[feed.a.columns]
student = { headers = ["Student"], filled = true }
title = { headers = ["Title"], filled = true }
mail = { headers = ["Mail"], required = false }
day = { headers = ["Day"], type = "date", formats = ["%m/%d/%Y"] }
clock = { headers = ["Clock"], type = "clock" }
spent = { headers = ["Spent"], type = "clock" }
seconds = { headers = ["Seconds"], type = "number" }
score = { headers = ["Score"], type = "number" }
possible = { headers = ["Possible"], type = "number" }
done = { headers = ["Done"], type = "boolean" }
status = { headers = ["Status"] }
[feed.a.wide]
pattern = 'Week (?P<n>\\d+)'
example = "Week 1"
[feed.a.into.account]
account_key = { name_key = "student" }
account_kind = { constant = "name_in_class" }
full_name = "student"
class_key = { file = "class" }
email = { first_of = ["mail", { constant = "none" }] }
[feed.a.into.assignment]
assignment_id = { join = [{ file = "class" }, "title"] }
title = { words = ["title", "status"] }
due_at = { at = ["day", "clock"] }
due_on = "day"
points_possible = { max = "possible" }
[feed.a.into.submission]
where = { filled = ["score"], equals = { status = ["Done", "Late"], done = true }, differs = { mail = "x" } }
assignment_id = { join = [{ file = "class" }, "title"] }
account_key = { name_key = "student" }
due_at = { day_end = "day" }
score_percent = { max = { percent = ["score", "possible"] } }
excused = { some = "done" }
attempts = { count = "score" }
timing = { map = { Done = "on_time", Late = "late" }, of = "status" }
[feed.a.into.skill_state]
account_key = { name_key = "student" }
skill_id = { wide = "n" }
date = { file = "exported_on" }
minutes = { sum = { minutes_from_seconds = "seconds" } }
percent_completed = { any = { wide = "value" } }
level = { lower = "status" }
[feed.a.into.daily_activity]
account_key = { name_key = "student" }
date = { file = "exported_on" }
minutes = { sum = { minutes_from_clock = "spent" } }
items_attempted = { count = "score" }
[feed.a.into.usage_week]
account_key = { name_key = "student" }
week_start = { week_of = { file = "exported_on" } }
minutes = { max = { minutes_from_hours = "seconds" } }
[feed.a.into.coverage]
covers_from = { file = "exported_on" }
covers_to = { file = "exported_on" }
of = { constant = "activity" }
absence_is_zero = { constant = false }
"""
TYPES = {
    Kind.TEXT: "VARCHAR", Kind.ID: "VARCHAR", Kind.INTEGER: "BIGINT", Kind.NUMBER: "DOUBLE",
    Kind.BOOLEAN: "BOOLEAN", Kind.DATE: "DATE", Kind.TIME: "TIMESTAMP", Kind.CLOCK: "TIME",
}  # fmt: skip


def bind(db: duckdb.DuckDBPyConnection, platform: Platform) -> None:
    """Every SELECT of a platform can be run over what the reading gives it."""
    for feed in platform.feeds:
        own = "".join(f", {c.name} {TYPES[c.kind]}" for c in feed.columns)
        wide = feed.wide and f", _wide STRUCT(label VARCHAR, value {TYPES[feed.wide.kind]})[]"
        db.execute(
            "CREATE OR REPLACE TABLE rows (_no BIGINT, _exported_on DATE, _covers_from DATE, "
            f"_covers_to DATE, _class_key VARCHAR, _stem VARCHAR, _folder VARCHAR{own}{wide or ''})"
        )
        for output in feed.outputs:
            told = {row[0]: row[1] for row in db.execute(f"DESCRIBE {output.select}").fetchall()}
            for name, kind in told.items():
                wanted = {f.name: f.type for f in LAKE[output.table].fields}
                assert name == "_no" or kind in (wanted[name], "BIGINT")


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    return connect("America/Chicago", tmp_path_factory.mktemp("work"), threads=1, memory="500MB")


def test_every_function_gives_what_its_table_takes(db: duckdb.DuckDBPyConnection) -> None:
    bind(db, declaration.parse(Place("every.toml"), "every", tomllib.loads(EVERY)))


def test_several_rows_become_one_as_the_declaration_says(db: duckdb.DuckDBPyConnection) -> None:
    feed = declaration.parse(Place("e"), "every", tomllib.loads(EVERY)).feeds[0]
    db.execute(
        "CREATE OR REPLACE TABLE rows AS SELECT 1 AS _no, DATE '2025-09-05' AS _exported_on, "
        "'a/b' AS _class_key, 'Ann' AS student, t AS title, NULL::VARCHAR AS mail, "
        "DATE '2025-09-01' AS day, TIME '08:30' AS clock, TIME '00:10:30' AS spent, 90.0 AS seconds, "
        "5.0 AS score, p AS possible, TRUE AS done, 'Done' AS status, "
        "[{'label': 'Week 1', 'value': 3.0}, {'label': 'week 2', 'value': 4.0}] AS _wide "
        "FROM (VALUES ('x', 10.0), ('y', 0.0)) v(t, p)"
    )
    made = {
        o.table: db.execute(f"SELECT * EXCLUDE (_no) FROM ({o.select}) ORDER BY ALL").fetchall()
        for o in feed.outputs
    }
    assert len(made["account"]) == 1
    assert [row[-1] for row in made["daily_activity"]] == [2]
    assert [row[2] for row in made["daily_activity"]] == [21.0]
    assert {(row[1], row[3], row[4]) for row in made["skill_state"]} == {
        ("1", 3.0, 3.0),
        ("2", 3.0, 4.0),
    }
    assert sorted((row[0], row[3]) for row in made["submission"]) == [
        ("a/b|x", 50.0),
        ("a/b|y", None),
    ]
    assert {str(row[2]) for row in made["assignment"]} == {"2025-09-01 13:30:00"}


JUNK = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8),
    st.sampled_from(["student", "day", "score", "title", "order", "sum", "x'y", "%d", "(", "\x00"]),
    st.lists(st.sampled_from(["student", "day", "score", 1]), max_size=3),
    st.dictionaries(st.sampled_from(["sum", "join", "map", "of", "wide", "constant", "at", "file",
                                     "filled", "equals", "percent", "words", "lower"]),
                    st.sampled_from(["student", "day", "score", 3, ["student", "day"], {"a": 1}, {}]),
                    max_size=2),
    st.dates(),
)  # fmt: skip


def places(value: object, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    if not isinstance(value, dict):
        return [path]
    return [path, *(p for k, v in value.items() for p in places(v, (*path, k)))]


@given(st.data())
@hypothesis.settings(max_examples=400, deadline=None)
def test_whatever_stands_in_a_declaration_is_an_error_with_a_place_or_can_be_run(
    db: duckdb.DuckDBPyConnection, data: st.DataObject
) -> None:
    raw = tomllib.loads(EVERY)
    *way, last = data.draw(st.sampled_from([p for p in places(raw) if p]))
    at = raw
    for key in way:
        at = at[key]
    at[last] = data.draw(JUNK)
    try:
        platform = declaration.parse(Place("every.toml"), "every", raw)
    except ConfigError as error:
        assert error.fix
        assert "every.toml" in str(error)
        return
    bind(db, platform)


def test_a_module_is_found_by_itself_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "invented_here.py").write_text(
        "from connectors.contract import *\n"
        "PLATFORM = Platform('invented_here', 'Invented', (Feed('a', 'a', "
        "(Column('x', Kind.TEXT, ('X',)),), (), Scope.WHOLE),))\n"
    )
    monkeypatch.setattr(platforms, "__path__", [*platforms.__path__, str(tmp_path)])
    assert registry.shipped()["invented_here"].title == "Invented"
