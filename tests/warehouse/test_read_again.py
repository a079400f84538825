"""Files of a week, of a school year or all are read again, and nothing else is."""

from __future__ import annotations

from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from tests.fixtures import District, overview, roster, zipped
from warehouse.intake import read_again
from warehouse.intake.read_again import Span
from warehouse.ledger import Ledger


@pytest.fixture(scope="module")
def district(tmp_path_factory: pytest.TempPathFactory) -> District:
    made = District(tmp_path_factory.mktemp("d"), ("khan",))
    for minutes, day in enumerate(("20240905", "20250905", "20250912", "20250919")):
        made.put(f"khan/o_{day}.csv", overview(f"ann@x.org {minutes} Ann_Ash"))
    made.put("khan/empty_20250912.csv", "")
    made.take()
    return made


@pytest.mark.parametrize(
    ("span", "names"),
    [
        (
            read_again.week_of(date(2025, 9, 10)),
            ["empty_20250912.csv", "o_20250912.csv"],
        ),
        (read_again.year_from(2024), ["o_20240905.csv"]),
        (read_again.year_from(2023), []),
        (
            None,
            [
                "empty_20250912.csv", "o_20240905.csv", "o_20250905.csv", "o_20250912.csv",
                "o_20250919.csv",
            ],
        ),
    ],
    ids=["a week", "a year", "a year without files", "all"],
)  # fmt: skip
def test_only_files_of_the_span_wait_and_the_lake_comes_out_as_it_was(
    district: District, span: Span | None, names: list[str]
) -> None:
    columns = "account_key, minutes, source_file"
    before, states = district.lake("daily_activity", columns), district.states("khan")
    assert before
    with closing(Ledger(district.settings.ledger)) as ledger:
        count = read_again.set_pending(district.settings, ledger, span)
    waiting = sorted(n for n, (status, _) in district.states("khan").items() if status == "pending")
    # A file without content is of no day: only `all` takes it.
    expected = names if span is None else [n for n in names if not n.startswith("empty")]
    assert (count, waiting) == (len(expected), expected)
    district.take()
    assert district.lake("daily_activity", columns) == before
    assert district.states("khan") == states


def test_a_lost_part_of_the_lake_is_made_again(tmp_path: Path) -> None:
    district = District(tmp_path, ("khan",))
    district.put("khan/o_20250905.csv", overview("ann@x.org 5 Ann_Ash"))
    district.take()
    before = district.lake("daily_activity", "account_key, minutes")
    assert before
    for part in district.settings.lake.rglob("*.parquet"):
        part.unlink()
    # The source is gone as well: what was received is enough.
    (tmp_path / "khan" / "o_20250905.csv").unlink()
    with closing(Ledger(district.settings.ledger)) as ledger:
        assert read_again.set_pending(district.settings, ledger, None) == 1
    district.take()
    assert district.lake("daily_activity", "account_key, minutes") == before


def test_weeks_begin_on_monday_and_school_years_in_july() -> None:
    assert read_again.week_of(date(2025, 9, 14)) == Span(date(2025, 9, 8), date(2025, 9, 14))
    assert read_again.year_from(2024) == Span(date(2024, 7, 1), date(2025, 6, 30))


@pytest.mark.slow
def test_a_lost_lake_is_made_again_with_those_who_have_left_the_roster(tmp_path: Path) -> None:
    district = District(tmp_path, ("oneroster", "khan"))
    district.put("oneroster/a_20250901.zip", zipped(roster(["001 Ann Ash c1", "002 Bo Bay c1"])))
    district.put("khan/o_20250905.csv", overview("ann@x.org 5 Ann_Ash"))
    district.take()
    later = roster(["001 Ann Ash c1", "003 Cy Cole c1"])
    district.put("oneroster/b_20250908.zip", zipped(later))
    district.put("khan/o_20250905_new.csv", overview("ann@x.org 6 Ann_Ash"), at=9000)
    district.build()
    tables = ("person", "enrollment", "daily_activity", "account")
    columns = "source_file, exported_on, arrival"
    before = [district.lake(table, columns) for table in tables]
    students = district.ask("FROM roster.student ORDER BY ALL")
    states = district.states("oneroster"), district.states("khan")
    for part in district.settings.lake.rglob("*.parquet"):
        part.unlink()
    with closing(Ledger(district.settings.ledger)) as ledger:
        read_again.set_pending(district.settings, ledger, None)
    district.build()
    assert (district.states("oneroster"), district.states("khan")) == states
    assert [district.lake(table, columns) for table in tables] == before
    assert district.ask("FROM roster.student ORDER BY ALL") == students
