"""From text to values: what fits, what is refused, and nothing guessed."""

from __future__ import annotations

from pathlib import Path
from tempfile import gettempdir
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.contract import Column, Feed, Kind, Match, Scope
from warehouse.intake import casting
from warehouse.intake.casting import settle_format
from warehouse.intake.normalise import connect

ISO, US, EU = "%Y-%m-%d", "%m/%d/%Y", "%d/%m/%Y"
_DB = connect("America/Chicago", Path(gettempdir()), threads=1, memory="256MB")
US_TIMES = ("%m/%d/%Y %H:%M:%S", "%m/%d/%Y %I:%M %p")


def cast(kind: Kind, text: str | None, **column: Any) -> tuple[Any, str | None]:
    """The value as the lake has it, and the reason where it was turned away."""
    one = Column("v", kind, ("v",), **column)
    match = Match(Feed("f", "f", (one,), (), Scope.WHOLE), {"v": 0}, (), ())
    raw = "(SELECT 0 AS _no, 2 AS _line, CAST(? AS VARCHAR) AS c0)"
    sql = f"SELECT CAST(v AS VARCHAR), _fault FROM ({casting.typed_sql(match, raw, {})})"
    value, fault = _DB.execute(sql, [text]).fetchall()[0]
    return value, fault.split("|")[1] if fault else None


def good(kind: Kind, text: str, **column: Any) -> Any:
    value, fault = cast(kind, text, **column)
    assert fault is None, (text, fault)
    return value


def reason(kind: Kind, text: str, **column: Any) -> str | None:
    return cast(kind, text, **column)[1]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", "12.0"), (" 12 ", "12.0"), ("12.50", "12.5"), ("-3", "-3.0"), ("1e3", "1000.0"),
        ("1,234", "1234.0"), ("1,234,567.5", "1234567.5"), ("", None), ("   ", None),
    ],
)  # fmt: skip
def test_numbers_are_read(text: str, value: str | None) -> None:
    assert good(Kind.NUMBER, text) == value


@pytest.mark.parametrize(
    "text",
    ["nan", "NaN", "inf", "-Infinity", "1e400", "3,5", "1,23,456", "12 min", "=1+1", "1_000", "1_5", "0x1F", "١٢",
     "true", "--", "1.2.3", "1 000"],
)  # fmt: skip
def test_what_is_no_plain_number_is_turned_away(text: str) -> None:
    assert reason(Kind.NUMBER, text) == "not_a_number"
    assert reason(Kind.INTEGER, text) == "not_a_number"


@pytest.mark.parametrize(
    ("text", "value"),
    [("12.0", "12"), ("1e3", "1000"), ("1,234", "1234"), ("1,234.0", "1234"), ("0012", "12"),
     ("9007199254740993", "9007199254740993")],
)  # fmt: skip
def test_whole_numbers_are_read(text: str, value: str) -> None:
    assert good(Kind.INTEGER, text) == value


@pytest.mark.parametrize("text", ["12.5", "1,234.5", "0.1", "99999999999999999999"])
def test_an_integer_is_never_rounded(text: str) -> None:
    assert reason(Kind.INTEGER, text) == "not_a_number"


def test_bounds_are_inclusive() -> None:
    bounds = {"low": 0, "high": 100}
    told = {t: reason(Kind.NUMBER, t, **bounds) for t in ("0", "100", "-0.1", "100.01")}
    assert told == {"0": None, "100": None, "-0.1": "out_of_range", "100.01": "out_of_range"}


@pytest.mark.parametrize(
    "text", ["004352", "F08000171", "ZZ-05-2458", "0", "1E5A", "12.5", "a.0", "007.1"]
)
def test_ids_stay_as_they_are_written(text: str) -> None:
    assert good(Kind.ID, text) == text


@pytest.mark.parametrize("text", ["123.0", "4352.00", "1.23E+08", "1E+05", "1,23E+08", "1.2e+10"])
def test_an_id_that_a_spreadsheet_has_rewritten_is_turned_away(text: str) -> None:
    assert reason(Kind.ID, text) == "damaged_id"


@pytest.mark.parametrize("text", ["\t004352", "004352\u00a0", " 004352\r", "004352\n"])
def test_blanks_of_any_kind_around_an_id_are_no_part_of_it(text: str) -> None:
    assert good(Kind.ID, text) == "004352"


@pytest.mark.parametrize("text", ["TRUE", "t", "Yes", "y", "1", "1.0"])
def test_these_mean_true(text: str) -> None:
    assert good(Kind.BOOLEAN, text) == "true"


@pytest.mark.parametrize("text", ["2", "ja", "x", "-1"])
def test_other_words_are_no_truth_value(text: str) -> None:
    assert reason(Kind.BOOLEAN, text) == "not_a_truth_value"


@pytest.mark.parametrize(
    ("text", "value"),
    [("09/05/2025", "2025-09-05"), ("9/5/2025", "2025-09-05"), ("02/29/2024", "2024-02-29")],
)
def test_dates_are_read_in_the_documented_format(text: str, value: str) -> None:
    assert good(Kind.DATE, text, formats=(US,)) == value


@pytest.mark.parametrize(
    "text",
    ["02/30/2025", "02/29/2025", "13/01/2025", "9/5/25", "0000-00-00", "45905", "infinity", "epoch", "-infinity",
     "09/05/20255", "09/05/1850", "today", "09/05/2025 x"],
)  # fmt: skip
def test_what_is_no_day_is_turned_away(text: str) -> None:
    assert reason(Kind.DATE, text, formats=(US,)) == "not_a_date"


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2025-09-05 10:00:00", "2025-09-05 15:00:00"),  # local, five hours behind UTC
        ("2025-12-05T10:00:00", "2025-12-05 16:00:00"),
        ("09/05/2025 10:00:00", "2025-09-05 15:00:00"),
        ("09/05/2025 10:00 PM", "2025-09-06 03:00:00"),
        ("2025-09-05", "2025-09-05 05:00:00"),
        ("2025-09-05T10:00:00Z", "2025-09-05 10:00:00"),
        ("2025-09-05T10:00:00+02:00", "2025-09-05 08:00:00"),
        ("2025-09-05T10:00:00.250-0500", "2025-09-05 15:00:00.25"),
        ("2025-09-05 10:00:00+02", "2025-09-05 08:00:00"),
        ("2025-09-05 10:00:00 +02:00", "2025-09-05 08:00:00"),
        ("2025-09-05 10:00:00 -05:00", "2025-09-05 15:00:00"),
        ("2025-09-05 10:00:00 UTC", "2025-09-05 10:00:00"),
        ("2025-09-05T10:00Z", "2025-09-05 10:00:00"),
    ],
)
def test_instants_become_utc_whatever_offset_they_carry(text: str, utc: str) -> None:
    assert good(Kind.TIME, text, formats=US_TIMES) == utc


@pytest.mark.parametrize(
    "text",
    ["2025-09-05 10:00 PM", "2025-09-05 10:00:00 CST", "2025-09-05 10:00:00 America/Chicago", "infinity", "epoch",
     "20250-01-01", "0025-01-01 10:00:00", "2025-09-05 (BC)", "2025-09-05 25:00:00", "2025-09-05 10:00:00 foo",
     "9999-12-31 23:59:59", "2025-02-30 10:00:00", "now"],
)  # fmt: skip
def test_an_instant_that_is_not_wholly_understood_is_turned_away(text: str) -> None:
    assert reason(Kind.TIME, text, formats=US_TIMES) == "not_a_date"


@pytest.mark.parametrize("text", ["25:00:00", "12:30 PM", "10", "10:00:00+02", "noon"])
def test_a_clock_is_hours_minutes_seconds(text: str) -> None:
    assert reason(Kind.CLOCK, text) == "not_a_date"
    assert good(Kind.CLOCK, "9:05") == "09:05:00"


def test_an_empty_value_is_turned_away_only_where_one_is_needed() -> None:
    assert reason(Kind.TEXT, "", filled=True) == "missing_value"
    assert reason(Kind.ID, "--", filled=True, nothing=("--",)) == "missing_value"
    assert good(Kind.NUMBER, "--", nothing=("-", "--")) is None
    assert reason(Kind.NUMBER, "--") == "not_a_number"
    assert reason(Kind.TEXT, "9999Q", choices=("2013J",)) == "unknown_choice"


@given(st.text(max_size=12), st.sampled_from(list(Kind)))
@settings(max_examples=200, deadline=None)
def test_no_text_whatever_ends_in_an_exception_or_in_its_own_fault(text: str, kind: Kind) -> None:
    if "\x00" in text:
        return
    value, fault = cast(kind, text)
    assert fault is None or value is None or kind in (Kind.ID, Kind.NUMBER, Kind.INTEGER)
    assert fault in (None, "not_a_number", "not_a_date", "not_a_truth_value", "damaged_id")


@pytest.mark.parametrize(
    ("counts", "filled", "settled"),
    [
        ({}, 0, ISO),
        ({ISO: 10}, 10, ISO),
        ({US: 10, EU: 4}, 10, US),
        ({US: 4, EU: 10}, 10, EU),
        ({US: 10, EU: 10}, 10, None),
        ({US: 10, EU: 10, "same": 10}, 10, US),
        ({US: 9, EU: 9}, 10, None),  # one value that is no date does not settle the others
        ({US: 9, EU: 9, "same": 9}, 10, US),
        ({US: 10, EU: 9}, 12, US),
        ({"%m/%d/%y": 3, "%d/%m/%y": 3}, 3, None),
        ({"%m/%d/%y": 3, "%d/%m/%y": 1}, 3, "%m/%d/%y"),
        ({"%d.%m.%Y": 3}, 3, "%d.%m.%Y"),
        ({}, 5, ISO),
    ],
)
def test_the_format_of_a_date_column_is_settled_or_left_open(
    counts: dict[str, int], filled: int, settled: str | None
) -> None:
    assert settle_format(counts, filled) == (None if settled is None else (settled,))
