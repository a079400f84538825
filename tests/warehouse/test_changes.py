"""What a newer file of a scope changed: rows gained, lost, changed, whatever came first."""

from __future__ import annotations

import itertools
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests.fixtures import SCORES, District, lexia, lines, roster, zipped
from warehouse.intake.naming import class_key, time_in
from warehouse.ledger import Ledger

HEADER = "student_id,date,present"
FIRST = lines(HEADER, "1,2025-09-05,yes", "2,2025-09-05,yes", "3,2025-09-05,yes", "4,2025-09-05,no")
#: Against the first: 5 gained, 3 and 4 lost, 2 changed.
SECOND = lines(HEADER, "1,2025-09-05,yes", "2,2025-09-05,no", "5,2025-09-05,yes")
THIRD = lines(HEADER, "5,2025-09-05,yes")


def changes(district: District) -> dict[str, tuple[Any, ...]]:
    """Gained, lost, changed of every file that was compared."""
    return {
        name: (f["rows_gained"], f["rows_lost"], f["rows_changed"])
        for name, f in district.files().items()
        if f["compared_to"] is not None
    }


@pytest.mark.parametrize("runs", ["one run", "in order", "the correction first"])
def test_a_correction_counts_what_it_gained_lost_and_changed(tmp_path: Path, runs: str) -> None:
    district = District(tmp_path, ("district",))
    sent = [("20250906/attendance.csv", FIRST, 1), ("20250907/attendance.csv", SECOND, 2)]
    for name, text, at in reversed(sent) if runs == "the correction first" else sent:
        district.put(f"district/{name}", text, at=at)
        if runs != "one run":
            district.take()
    district.take()
    files = district.files()
    assert changes(district) == {"20250907/attendance.csv": (1, 2, 1)}
    assert files["20250907/attendance.csv"]["compared_to"] == files["20250906/attendance.csv"]["id"]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_each_file_is_compared_with_the_next_older_one_that_still_has_rows(
    tmp_path: Path, order: tuple[int, ...]
) -> None:
    district = District(tmp_path, ("district",))
    names = [f"2025090{n}/attendance.csv" for n in (1, 2, 3)]
    for n in order:
        district.put(f"district/{names[n]}", (FIRST, SECOND, THIRD)[n], at=n + 1)
        district.take()
    found = changes(district)
    wanted = {names[1]: (1, 2, 1), names[2]: (0, 2, 0)}
    # Where the newest came before both others were there, the older's rows were gone by then.
    if order[2] != 2:
        del wanted[names[1]]
    assert found == wanted


def test_the_same_bytes_again_and_the_same_rows_written_otherwise_change_nothing(
    tmp_path: Path,
) -> None:
    district = District(tmp_path, ("district",))
    district.put("district/20250901/attendance.csv", FIRST)
    district.take()
    district.put("district/20250902/attendance.csv", FIRST)
    district.put("district/20250903/attendance.csv", FIRST.replace(",", ";"))
    district.take()
    assert changes(district) == {"20250903/attendance.csv": (0, 0, 0)}
    assert district.status()["changes"] == []


def test_an_export_of_a_later_day_with_equal_rows_has_changed_nothing(tmp_path: Path) -> None:
    """What a file can know of (its coverage, the day it was made) is not among its rows."""
    district = District(tmp_path, ("khan",))
    for day, points in (("0905", 3), ("0912", 3), ("0919", 4)):
        rows = [f'Ann Ash,Sums,Exercise,"Sep 1, 2025",3,{points},5,1', f"Bo Bell,Sums,Exercise,\"Sep 1, 2025\",,,5,{' ' * (day == '0912')}"]  # fmt: skip
        district.put(f"khan/math_2025{day}.csv", lines(SCORES, *rows))
        district.take()
    assert changes(district) == {"math_20250912.csv": (0, 0, 0), "math_20250919.csv": (0, 0, 1)}


def test_changes_reach_ops_file_and_the_status(tmp_path: Path) -> None:
    district = District(tmp_path, ("oneroster", "lexia"))
    for day, kids in (
        ("01", ["1 Ann Ash c1", "2 Bob Bell c1"]),
        ("02", ["1 Ann Ash c1", "3 Cy Cole c1"]),
    ):
        district.put(f"oneroster/r_202509{day}.zip", zipped(dict(roster(kids))))
    district.put("lexia/l_20250905.csv", lexia("1 ann Ann Ash 30"))
    district.put("lexia/l_20250905_corrected.csv", lexia("1 ann Ann Ash 35"))
    district.build()
    told = district.ask(
        "SELECT name, rows_gained AS g, rows_lost AS l, rows_changed AS c FROM ops.file "
        "WHERE compared_to IS NOT NULL ORDER BY name"
    )
    assert [tuple(row.values()) for row in told] == [
        ("l_20250905_corrected.csv", 0, 0, 1),
        ("r_20250902.zip/enrollments.csv", 1, 1, 0),
        ("r_20250902.zip/users.csv", 1, 1, 0),
    ]
    assert district.status()["changes"] == [
        {"platform": "lexia", "feed": "detailed_student", "files": 1, "gained": 0, "lost": 0, "changed": 1},
        {"platform": "oneroster", "feed": "enrollments", "files": 1, "gained": 1, "lost": 1, "changed": 0},
        {"platform": "oneroster", "feed": "users", "files": 1, "gained": 1, "lost": 1, "changed": 0},
    ]  # fmt: skip


def test_a_ledger_of_the_first_days_is_opened_and_gets_the_new_columns(tmp_path: Path) -> None:
    district = District(tmp_path, ("district",))
    district.put("district/20250901/attendance.csv", FIRST)
    district.take()
    with sqlite3.connect(district.settings.ledger) as db:
        for name in ("exported_at", "compared_to", "rows_gained", "rows_lost", "rows_changed"):
            db.execute(f"ALTER TABLE file DROP COLUMN {name}")
        # Its layout had no number yet.
        db.execute("PRAGMA user_version = 0")
    db.close()
    district.put("district/20250902/attendance.csv", SECOND)
    district.take()
    assert changes(district) == {"20250902/attendance.csv": (1, 2, 1)}
    Ledger(district.settings.ledger).close()


# -- several versions on one day ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("2020-09-17-15-04-23.csv", "15:04:23"),
        ("l_20250917T1504.csv", "15:04:00"),
        ("l_20250917T150423Z.csv", "15:04:23"),
        ("l_20250917_150423.csv", "15:04:23"),
        ("l_20250917150423.csv", "15:04:23"),
        ("l_20250917_1504.csv", "15:04:00"),
        ("l 2025-09-17 15:04.csv", "15:04:00"),
        ("export 2025-09-17 at 15.04.23.csv", "15:04:23"),
        ("l_09-17-2025_15-04-23.csv", "15:04:23"),
        ("o_20250901_20250907_20250909T0801.csv", "08:01:00"),
        ("o_20250901T0000_20250907T2359.csv", "23:59:00"),
        ("o_20250901T0801_20250907.csv", None),
        ("o_20250901_20250907.csv", None),
        ("l_20250905.csv", None),
        ("l_20250905_2024-2025.csv", None),
        ("l_20250905_1234567.csv", None),
        ("l_20250905_2561.csv", None),
        ("l_20250905_2.csv", None),
        ("l_20250905_v1504.csv", None),
        ("l_1504.csv", None),
    ],
)
def test_a_name_tells_this_time(name: str, told: str | None) -> None:
    assert time_in(name) == told


@pytest.mark.parametrize("stem", ["2020-09-17-15-04-23", "20250917T1504", "20250917150423"])
def test_a_time_is_no_part_of_a_classs_name(stem: str) -> None:
    assert class_key(f"reading3a_{stem}.csv") == "/reading3a"


def test_a_number_that_may_be_the_classs_stays_in_its_name() -> None:
    assert class_key("math_20250917_150423.csv") == "/math 150423"


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
@pytest.mark.parametrize("one_run", [True, False])
def test_of_one_days_files_the_later_time_in_the_name_wins(
    tmp_path: Path, order: tuple[int, ...], one_run: bool
) -> None:
    """Times of change tell the opposite, and other days."""
    district = District(tmp_path, ("lexia",))
    drawn = [("2025-09-05-09-30-00", 30, 900), ("20250905T1015", 35, 600), ("20250905_235900", 40, 0)]  # fmt: skip
    for n in order:
        name, minutes, at = drawn[n]
        district.put(f"lexia/{name}.csv", lexia(f"1 ann Ann Ash {minutes}"), at=at)
        if not one_run:
            district.take()
    district.take()
    assert district.lake("usage_snapshot", "week_minutes") == [(40.0,)]


@pytest.mark.parametrize(("changed", "live"), [("10:00", 30.0), ("16:00", 35.0)])
def test_a_file_without_a_time_counts_as_made_when_it_was_changed(
    tmp_path: Path, changed: str, live: float
) -> None:
    """One that tells its time was changed days later; the tests' clock starts at 7:00 there."""
    district = District(tmp_path, ("lexia",))
    minute = 60 * (int(changed[:2]) - 7)
    district.put("lexia/l_20251001_corrected.csv", lexia("1 ann Ann Ash 35"), at=minute)
    district.put("lexia/l_20251001T1504.csv", lexia("1 ann Ann Ash 30"), at=6000)
    district.take()
    assert district.lake("usage_snapshot", "week_minutes") == [(live,)]
