"""Ask and Find: only the rows of the adult's own students, and no way out of the process."""

from __future__ import annotations

import csv
import io
import json
import resource
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from portal.ask import asking, child
from portal.ask.asking import Answered, Asking, Question
from portal.ask.examples import EXAMPLES
from portal.ask.judge import NotAllowed, tables_in
from portal.ask.tables import fills, rows_of
from portal.live import Version
from tests.fixtures import District
from tests.portal.conftest import OTHER, TEACHER, UNKNOWN, Portal, running
from warehouse import publish
from warehouse.notes import access_log


def version(portal: Portal) -> Version:
    found: Version = portal.app.state.live._current
    return found


def offered(portal: Portal) -> dict[str, str]:
    rows = version(portal).rows(
        "SELECT table_name, list(column_name) AS columns FROM duckdb_columns() "
        "WHERE schema_name = 'views' GROUP BY 1"
    )
    return fills({r["table_name"]: r["columns"] for r in rows})


def ask(portal: Portal, sql: str, students: tuple[str, ...] = ("U001",), **more: Any) -> Answered:
    """A question of somebody with these students, in its own process."""
    live = publish.live_file(portal.settings.warehouse)
    return asking.run(
        Question(sql, str(live), offered(portal), students, more.pop("classes", ()), **more)
    )


@pytest.fixture(scope="module")
def still(small: District, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """The app over the small district, for questions alone: none of them changes anything."""
    with running(small.settings, tmp_path_factory.mktemp("still") / "home") as made:
        yield made


@pytest.mark.parametrize(
    ("table", "columns", "expected"),
    [
        ("student_x", ["student_id", "n"], "student"),
        ("class_x", ["class_id", "n"], "class_section"),
        ("board", ["class_id", "student_id"], "both"),
        ("new_table", ["school_id", "n"], None),
        ("student_access", ["staff_id", "student_id"], None),
        ("class_access", ["staff_id", "class_id"], None),
    ],
)
def test_a_table_gives_rows_by_its_columns_and_none_by_default(
    table: str, columns: list[str], expected: str | None
) -> None:
    told = rows_of(table, columns)
    if expected is None:
        assert told is None
    else:
        assert told is not None
        assert ("may.student" in told, "may.class_section" in told) == {
            "student": (True, False),
            "class_section": (False, True),
            "both": (True, True),
        }[expected]


def test_no_table_of_the_views_gives_a_row_of_anybody_else(portal: Portal) -> None:
    """Every view there is, for one student and one class of the sample district."""
    live = version(portal)
    (some,) = live.rows(
        "SELECT class_id, min(student_id) AS student_id FROM views.collaboration_board "
        "WHERE student_id IS NOT NULL GROUP BY 1 ORDER BY 1 LIMIT 1"
    )
    student, class_ = some["student_id"], some["class_id"]
    tables = offered(portal)
    views = live.rows("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'views'")
    assert len(views) > 8
    seen = 0
    for name in [
        *(f"views.{v['table_name']}" for v in views),
        "mine.student",
        "mine.class_section",
    ]:
        told = ask(portal, f"SELECT * FROM {name}", (student,), classes=(class_,), rows=100_000)
        if name not in tables:
            assert "none of the tables" in told.problem
            continue
        assert not told.problem, name
        at = {c: i for i, c in enumerate(told.columns)}
        for row in told.rows:
            whose = row[at["student_id"]] if "student_id" in at else None
            assert whose in (None, student), name
            if "class_id" in at and whose is None:
                assert row[at["class_id"]] == class_, name
        if "student_id" in at:
            known = (
                live.rows(f"SELECT count(*) AS n FROM {name} WHERE student_id = '{student}'")
                if name.startswith("views.")
                else [{"n": 1}]
            )
            whole = sum(1 for r in told.rows if r[at["student_id"]] is None)
            assert len(told.rows) - whole == known[0]["n"], name
            seen += len(told.rows)
    assert seen > 20


@pytest.mark.slow
def test_whoever_has_nobody_gets_no_row(still: Portal) -> None:
    for table in offered(still):
        told = ask(still, f"SELECT * FROM {table}", ())
        assert not told.problem
        assert told.rows == () or table == "views.measure_dictionary"


HOSTILE = """
SELECT * FROM 'homeroom.toml'
SELECT * FROM '/etc/passwd'
SELECT * FROM read_csv('/etc/passwd')
SELECT * FROM read_csv_auto('/etc/passwd', sep = ':')
SELECT * FROM read_text('/etc/passwd')
SELECT * FROM read_blob('/proc/self/environ')
SELECT * FROM read_json('x.json')
SELECT * FROM read_ndjson_objects('x.json')
SELECT * FROM read_parquet('../lake/*.parquet')
SELECT * FROM parquet_metadata('x')
SELECT * FROM parquet_scan('x')
SELECT * FROM sniff_csv('/etc/passwd')
SELECT * FROM glob('/*')
SELECT * FROM sqlite_scan('ledger.sqlite', 'file')
SELECT * FROM duckdb_settings()
SELECT * FROM duckdb_secrets()
SELECT * FROM duckdb_databases()
SELECT * FROM duckdb_tables
SELECT * FROM duckdb_extensions()
SELECT * FROM duckdb_logs
SELECT * FROM pg_settings
SELECT * FROM pg_catalog.pg_settings
SELECT * FROM pragma_database_list
SELECT * FROM pragma_table_info('student')
SELECT * FROM information_schema.tables
SELECT * FROM sqlite_master
SELECT current_setting('home_directory')
SELECT getenv('HOME')
SELECT getvariable('x')
SELECT system.main.current_setting('home_directory')
SELECT main.pg_get_viewdef(1)
SELECT * FROM query('SELECT 1')
SELECT * FROM query_table('mine.student')
SELECT (SELECT max(staff_id) FROM views.student_access)
SELECT * FROM live.views.student_access
SELECT * FROM may.student
SELECT * FROM roster.student
SELECT * FROM facts.account
SELECT * FROM ops.file
SELECT * FROM memory.views.student_check_in
WITH pg_settings AS (SELECT 1) SELECT * FROM pg_settings
WITH duckdb_secrets AS (SELECT 1) SELECT * FROM duckdb_secrets
SELECT * FROM (DESCRIBE mine.student)
SELECT * FROM (SHOW ALL TABLES)
FROM (SUMMARIZE mine.student)
DESCRIBE mine.student
SHOW TABLES
EXPLAIN SELECT 1
EXPLAIN ANALYZE SELECT 1
SELECT 1; SELECT 2
SELECT 1; ATTACH 'x.db'
ATTACH 'warehouse.duckdb'
DETACH memory
COPY (SELECT 1) TO '/tmp/homeroom-ask-out.csv'
COPY mine.student FROM '/etc/passwd'
EXPORT DATABASE '/tmp/homeroom-ask-out'
IMPORT DATABASE '/tmp'
INSTALL httpfs
LOAD httpfs
SET enable_external_access = true
SET lock_configuration = false
RESET memory_limit
PRAGMA database_list
PRAGMA memory_limit = '10GB'
CALL pragma_version()
CREATE TABLE x AS SELECT 1
CREATE SECRET (TYPE s3)
CREATE MACRO f() AS TABLE SELECT * FROM '/etc/passwd'
INSERT INTO mine.student VALUES (1)
UPDATE mine.student SET student_id = 'x'
DELETE FROM mine.student
DROP TABLE mine.student
PREPARE p AS SELECT 1
EXECUTE p
USE memory
VACUUM
CHECKPOINT
BEGIN
PIVOT mine.student ON grade_level USING count(*)
""".strip().splitlines()


@pytest.mark.parametrize("sql", HOSTILE, ids=[f"{i:02}" for i in range(len(HOSTILE))])
def test_nothing_but_the_offered_tables_can_be_read_or_done(still: Portal, sql: str) -> None:
    told = ask(still, sql)
    assert told.problem
    assert told.rows == ()
    assert not Path("/tmp/homeroom-ask-out.csv").exists()


def test_the_lock_holds_where_the_judge_would_let_something_through(
    school: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second wall, tried alone: a process that filled and locked, asked without a judge."""

    tried = """
        read_text('/etc/passwd') | read_csv('/etc/passwd') | glob('/etc/*') | '/etc/passwd'
    """
    monkeypatch.setattr(resource, "setrlimit", lambda what, limits: None)
    db = duckdb.connect(config={"threads": "1"})
    job = {
        "warehouse": str(publish.live_file(school.settings.warehouse)),
        "tables": offered(school), "students": ["U001"], "classes": [],
        "seconds": 5, "bytes": 10**9,
    }  # fmt: skip
    child.fill(db, job, {"mine.student"})
    child.lock(db, job)
    for place in tried.strip().split(" | "):
        with pytest.raises(duckdb.Error):
            db.execute(f"SELECT * FROM {place}").fetchall()
    for word in ("SET enable_external_access = true", "ATTACH 'x.db'", "INSTALL httpfs", "LOAD x"):
        with pytest.raises(duckdb.Error):
            db.execute(word)
    held = db.execute("SELECT database_name FROM duckdb_databases() WHERE NOT internal").fetchall()
    assert held == [("memory",)]
    tables = db.execute("SELECT schema_name || '.' || table_name FROM duckdb_tables()").fetchall()
    assert tables == [("mine.student",)]
    assert db.execute("SELECT student_id FROM student").fetchall() == [("U001",)]


BOMBS = {
    "a long count": "SELECT count(*) FROM range(1000000000000000)",
    "a cross join": "SELECT count(*) FROM range(1000000) a, range(1000000) b, range(1000000) c",
    "endless recursion": (
        "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r) SELECT max(n) FROM r"
    ),
    "a large sort": "SELECT * FROM range(1000000000) ORDER BY 1 DESC",
    "a large text": "SELECT repeat('x', 2000000000)",
    "large texts": "SELECT string_agg(repeat('x', 1000000)) FROM range(100000)",
    "a large list": "SELECT list(range) FROM range(1000000000)",
    "a large hash": "SELECT count(*) FROM (SELECT range, count(*) FROM range(1000000000) GROUP BY 1)",
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("kind", sorted(BOMBS))
def test_a_question_that_is_too_large_is_stopped_and_says_so(still: Portal, kind: str) -> None:
    told = ask(still, BOMBS[kind])
    assert "Ask for less at a time" in told.problem


def test_many_rows_are_cut_and_a_long_text_too(school: Portal) -> None:
    told = ask(school, "SELECT range, repeat('x', 12000) FROM range(1000000000000)", rows=7)
    assert told.cut
    assert len(told.rows) == 7
    assert len(told.rows[0][1]) < 11_000
    told = ask(school, "SELECT repeat('x', 9000) FROM range(100000)", rows=100_000)
    assert told.cut
    assert len(told.rows) < 1000


@pytest.mark.parametrize("depth", [50, 4000], ids=str)
def test_deep_nesting_breaks_nothing(still: Portal, depth: int) -> None:
    told = ask(still, f"SELECT {'(' * depth}1{')' * depth}")
    assert told.problem or told.rows == ((1,),)


def test_an_adult_asks_one_question_at_a_time_and_a_worker_answers_few(
    school: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on = threading.Semaphore(0), threading.Event()

    def slow(question: Question) -> Answered:
        begun.release()
        go_on.wait(20)
        return Answered(("one",), ((1,),))

    monkeypatch.setattr(asking, "run", slow)
    monkeypatch.setattr(asking, "PATIENCE", 0.05)
    asked, question = Asking(), Question("SELECT 1", "", {}, (), ())
    told: list[Answered] = []
    threads = [
        threading.Thread(target=lambda who=f"T{i}": told.append(asked.ask(who, question)))
        for i in range(asking.PLACES)
    ]
    for thread in threads:
        thread.start()
        assert begun.acquire(timeout=20)
    assert "Others are asking" in asked.ask("T0", question).problem
    assert "Others are asking" in asked.ask("T99", question).problem
    go_on.set()
    for thread in threads:
        thread.join(20)
    assert [t.problem for t in told] == [""] * asking.PLACES
    assert asked.ask("T99", question).rows == ((1,),)


def test_the_judge_finds_the_tables_and_knows_the_questions_own_parts() -> None:
    db = duckdb.connect()
    sql = "WITH x AS (FROM student_week) SELECT * FROM x, mine.student, VIEWS.Class_Week"
    (tree,) = db.execute("SELECT json_serialize_sql(?)", [sql]).fetchone() or ("",)
    every = {"views.student_week", "mine.student", "views.class_week", "views.other"}
    assert tables_in(json.loads(tree), every) == every - {"views.other"}
    with pytest.raises(NotAllowed):
        tables_in(json.loads(tree), every - {"mine.student"})


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: e.key)
def test_every_example_runs_and_is_about_something(portal: Portal, example: Any) -> None:
    students = tuple(
        r["student_id"] for r in version(portal).rows("SELECT student_id FROM roster.student")
    )
    told = ask(portal, example.sql, students)
    assert told.problem == ""
    assert told.rows


def test_a_teacher_asks_and_gets_a_table_and_a_file(school: Portal) -> None:
    browser = school.browser(TEACHER)
    page = browser.get("/ask?example=due")
    assert page.status_code == 200
    assert "assignment_timing" in page.text
    sql = "SELECT family_name, '=1+1' AS \"@sum\" FROM mine.student ORDER BY 1"
    answer = school.post(browser, "/ask", sql=sql)
    assert "<td>Ash</td>" in answer.text
    assert "Cole" not in answer.text
    sent = school.post(browser, "/ask.csv", sql=sql)
    assert sent.headers["content-type"].startswith("text/csv")
    assert list(csv.reader(io.StringIO(sent.text))) == [
        ["family_name", "'@sum"],
        ["Ash", "'=1+1"],
        ["Bell", "'=1+1"],
    ]
    entries = access_log.about(school.notes, "U001")
    assert [(e.staff_id, e.action, e.what) for e in entries] == [
        (TEACHER, "view", "ask"),
        (TEACHER, "export", "ask"),
    ]


def test_what_a_question_says_is_escaped_on_the_page(school: Portal) -> None:
    for sql in ("SELECT '<script>x</script>' AS \"<b>\"", "SELECT </textarea><script>x</script>"):
        page = school.post(school.browser(TEACHER), "/ask", sql=sql).text
        assert "<script>x" not in page
        assert "&lt;script&gt;x" in page


def test_another_teachers_question_gives_other_rows_and_an_unknown_adults_none(
    school: Portal,
) -> None:
    sql = "SELECT family_name FROM mine.student"
    assert "Cole" in school.post(school.browser(OTHER), "/ask", sql=sql).text
    answer = school.post(school.browser(UNKNOWN), "/ask", sql=sql)
    assert answer.status_code in (200, 403)
    assert "No row fits" in answer.text or answer.status_code == 403


def test_find_shows_whom_it_finds_a_to_z_with_the_question_it_stands_for(portal: Portal) -> None:
    live = version(portal)
    (who,) = live.rows("SELECT staff_id FROM views.student_access GROUP BY 1 ORDER BY count(*) DESC LIMIT 1")  # fmt: skip
    browser = portal.browser(who["staff_id"])
    weeks = live.rows("SELECT max(week_start) AS w FROM views.collaboration_board WHERE rule_id = 'target_reached'")  # fmt: skip
    chosen = f"/find?fact=target_reached&fact=not_handed_in&fact=check_in_due&week={weeks[0]['w']}"
    page = browser.get(chosen).text
    assert "target_reached" in page
    names = [line.split(">")[2].split("<")[0] for line in page.splitlines() if '<th scope="row">' in line]  # fmt: skip
    assert len(names) == 50
    assert names == sorted(names)
    assert "Page 1 of" in page
    second = browser.get(f"{chosen}&page=2").text
    assert "Page 2 of" in second
    assert names[0] not in second
    opened = portal.post(browser, "/ask", sql="SELECT 1 AS opened", only_open="yes").text
    assert "SELECT 1 AS opened" in opened
    assert 'id="answer"' not in opened


@pytest.mark.parametrize(
    "query",
    [
        "fact=target_reached&platform=x' OR 1=1 --",
        "fact=x'; DROP TABLE y",
        "fact=target_reached&week=2025-01-01' OR 1=1",
        "page=-5&fact=check_in_due",
        "page=99999999999999999999&fact=check_in_due",
    ],
    ids=["platform", "fact", "week", "before", "after"],
)
def test_an_address_that_was_written_by_hand_finds_nothing_more(portal: Portal, query: str) -> None:
    live = version(portal)
    teacher = live.rows("SELECT min(staff_id) AS s FROM views.student_access")[0]["s"]
    page = portal.browser(teacher).get(f"/find?{query}")
    assert page.status_code == 200
    assert "OR 1=1" not in page.text
    assert "DROP" not in page.text


def test_a_class_of_somebody_else_cannot_be_chosen(school: Portal) -> None:
    answer = school.browser(OTHER).get("/find?class_id=c1&fact=check_in_due")
    assert answer.status_code == 403
