"""Whoever asks where a row went is told the truth: line by line, and file by file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from connectors.errors import HomeroomError
from tests import scenario
from tests.fixtures import District, lexia, overview, roster
from warehouse import nightly, trace
from warehouse.ledger import Ledger
from warehouse.reader import Reader
from warehouse.trace import arrivals
from warehouse.trace import student as students
from warehouse.watch import status

STUDENTS = ["001 Ann Ash c1", "002 Bob Bell c1", "003 Cy Ash c1"]
WEEK = date(2025, 9, 1)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> District:
    made = District(tmp_path_factory.mktemp("d"), ("oneroster", "lexia", "khan"))
    made.put_all("oneroster", roster(STUDENTS))
    whole = lexia("1 ann Ann Ash 30", "2 bob Bob Bell 40")
    made.put("lexia/l_20250901.csv", whole)
    made.put("lexia/l_20250901_copy.csv", whole)
    made.put("lexia/l_20250902.csv", lexia("1 ann Ann Ash no", "2 bob Bob Bell 40"))
    made.put("lexia/l_20250903.csv", whole[: len(whole) - 9])
    made.put("lexia/l_20250904.csv", lexia("1 ann Ann Ash 44").replace("today_mins", "mins_today"))
    first = overview("ann@x.org 5 Ann_Ash", "zoe@x.org 9 Zoe_Z")
    made.put("khan/o_20250901_20250907.csv", first)
    made.put(
        "khan/o_20250901_20250907_again.csv", overview("ann@x.org 6 Ann_Ash", "zoe@x.org 9 Zoe_Z")
    )
    made.build()
    made.put("khan/late_20250908_20250914.csv", overview("ann@x.org 1 Ann_Ash"))
    made.put("khan/half_20250908_20250914.csv.part", "x")
    return made


def traced(district: District, name: str, lines: Sequence[int] = ()) -> trace.Trace:
    with nightly.opened(district.settings) as ledger:
        found = arrivals.called(ledger, name)
        with trace.working(district.settings) as work:
            return trace.of_file(district.settings, ledger, found[0], lines, work)


def test_a_line_that_was_turned_away_names_the_files_own_column(small: District) -> None:
    told = traced(small, "l_20250902.csv", [2, 3]).read
    assert told is not None
    assert [(t.line, t.reason, t.header) for t in told.turned_away] == [
        (2, "not_a_number", "week_time")
    ]
    assert told.kept == (3,)


def test_a_kept_line_is_followed_to_its_view_and_student(small: District) -> None:
    fates = traced(small, "l_20250901.csv", [3]).fates
    assert {(f.table, f.outcome, f.view, f.week) for f in fates} >= {
        ("usage_snapshot", "in_views", "views.student_platform_week", WEEK),
    }
    assert {f.student_id for f in fates if f.table == "account"} == {"U002"}


def test_an_account_that_waits_is_told_with_its_reference_and_its_reason(small: District) -> None:
    fates = traced(small, "o_20250901_20250907_again.csv", [3]).fates
    week = next(f for f in fates if f.table == "usage_week")
    assert (week.outcome, week.waits_for, week.week) == ("waiting", "no_match", WEEK)
    with Reader(small.settings.warehouse) as live:
        for asked in ("zoe@x.org", week.account_ref):
            (found,) = students.accounts(live.rows, "khan", asked)
            assert (found["account_ref"], found["student_id"]) == (week.account_ref, None)


def test_a_file_that_was_replaced_names_the_newer_one(small: District) -> None:
    replaced = traced(small, "o_20250901_20250907.csv").arrival
    assert (replaced.status, replaced.instead) == ("superseded", "o_20250901_20250907_again.csv")


def test_a_file_of_known_bytes_names_the_one_that_is_live(small: District) -> None:
    told = traced(small, "l_20250901_copy.csv").arrival
    assert (told.status, told.instead) == ("duplicate", "l_20250901.csv")


def test_a_refused_file_and_a_renamed_column_are_told(small: District) -> None:
    assert traced(small, "l_20250903.csv").arrival.reason == "cut_file"
    renamed = traced(small, "l_20250904.csv", [2]).read
    assert renamed is not None
    assert ("today_minutes", "today_mins") in renamed.absent
    assert renamed.unread == ("mins_today",)


def test_a_line_that_the_file_does_not_have_is_an_error(small: District) -> None:
    with pytest.raises(HomeroomError, match="ends with line 3"):
        traced(small, "l_20250901.csv", [99])


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("late_20250908_20250914.csv", "was not taken yet"),
        ("half_20250908_20250914.csv.part", "an unfinished file"),
        ("other.csv", "no file of that name came"),
    ],
)
def test_a_file_that_never_came_is_told_apart(small: District, name: str, said: str) -> None:
    with nightly.opened(small.settings) as ledger:
        assert arrivals.called(ledger, name) == []
    assert said in arrivals.absent(small.settings, name)


def test_a_students_week_lists_every_file_with_the_students_own_lines(small: District) -> None:
    with nightly.opened(small.settings) as ledger, Reader(small.settings.warehouse) as live:
        told = students.of_student(
            small.settings, ledger, live.rows, "U001", "lexia", WEEK
        )  # fmt: skip
    lines = {f.trace.arrival.name: f.sure for f in told.files}
    assert lines == {
        "l_20250901.csv": (2,),
        "l_20250901_copy.csv": None,
        "l_20250902.csv": (2,),
        "l_20250903.csv": None,
        "l_20250904.csv": (2,),
    }
    turned = {t.line for f in told.files if f.trace.read for t in f.trace.read.turned_away}
    assert turned == {2}
    assert (len(told.linked), told.waiting) == (1, [])
    assert told.shown is not None


def test_a_file_that_was_mended_under_its_name_wants_no_look_any_more(tmp_path: Path) -> None:
    made = District(tmp_path, ("oneroster", "lexia"))
    made.put_all("oneroster", roster(STUDENTS))
    whole = lexia("1 ann Ann Ash 30", "2 bob Bob Bell 40")
    made.put("lexia/l_20250901.csv", whole[:-9])
    made.put("lexia/l_20250902.csv", whole[:-9].replace("30", "31"))
    made.take()
    assert wanting_a_look(made) == ["l_20250901.csv", "l_20250902.csv"]
    made.put("lexia/l_20250901.csv", whole)
    made.take()
    assert wanting_a_look(made) == ["l_20250902.csv"]


def wanting_a_look(district: District) -> list[str]:
    with closing(Ledger(district.settings.ledger)) as ledger:
        return [row["file"] for row in status.attention(ledger)]


@pytest.mark.slow
def test_every_line_of_the_sample_goes_where_the_rows_counted_by_file_went(
    district: scenario.Scenario,
) -> None:
    """The lines of a file, followed one way, are ops.row_flow's counts, made another way."""
    compared: Counter[str] = Counter()
    asked = """SELECT any_value(f.id), any_value(f.name), max(f.rows_in), q.of_table
        FROM ops.row_flow AS q JOIN ops.file AS f ON f.sha256 = q.source_file AND f.feed = q.feed
        WHERE q.step = 'views' AND f.status IN ('loaded', 'waiting')
        GROUP BY q.source_file, q.of_table, q.feed
        QUALIFY row_number() OVER (PARTITION BY q.of_table, q.feed ORDER BY q.source_file) <= 3"""
    made = district
    for number, name, rows, table in made.rows(asked):
        counted: dict[str, int] = dict(
            made.rows(
                f"""SELECT outcome, sum(q.rows)::BIGINT FROM ops.row_flow q
                    JOIN ops.file f ON f.sha256 = q.source_file
                    WHERE f.id = {number} AND of_table = '{table}' AND q.rows > 0
                      AND (step = 'views' OR step = 'facts' AND outcome <> 'linked')
                    GROUP BY 1"""
            )
        )
        with nightly.opened(made.settings) as ledger:
            (arrival,) = [a for a in arrivals.called(ledger, name) if a.id == number]
            with trace.working(made.settings) as work:
                told = trace.of_file(
                    made.settings, ledger, arrival, range(2, rows + 2), work
                )  # fmt: skip
        went: Counter[str] = Counter()
        for fate in told.fates:
            if fate.table == table:
                went[fate.outcome] += fate.rows
        if sum(went.values()) == 0:
            # Its rows became this fact under another name of the lake.
            continue
        assert dict(went) == counted, (name, table)
        compared[table] += 1
    assert set(compared) >= {"usage_week", "submission", "skill_state", "assessment_result"}
