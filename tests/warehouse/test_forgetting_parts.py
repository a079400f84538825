"""What the lake keeps of files that cannot be read anew: no rows of the forgotten, none too old."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import duckdb
import pytest

from tests.fixtures import District, overview, roster, zipped
from tests.warehouse.test_forgetting import GONE, PEOPLE, ROOM, UID, forget, found, usage
from warehouse import nightly, retention, settings
from warehouse.forgetting import command
from warehouse.ledger import Ledger

pytestmark = pytest.mark.slow

INTERESTS = "student_id,date,said\nQX41,2025-10-02,bees\nQX43,2025-10-02,trains\n"
#: Small files of one feed share a part; the student is in the first of them alone.
OVERVIEWS = {
    "20250929_20251005": overview(
        "zephyrine@x.org 30 Zephyrine_Quackenbush", "milo@x.org 20 Milo_Reyes"
    ),
    "20251006_20251012": overview("milo@x.org 21 Milo_Reyes"),
    "20251013_20251019": overview("ada@x.org 22 Ada_Quackenbush"),
}


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> District:
    district = District(tmp_path_factory.mktemp("parts"))
    district.put("oneroster/roster_20251001.zip", zipped(dict(roster(PEOPLE, ROOM))))
    district.put("lexia/Lexia_20251002.csv", usage(10, 20, 30))
    for days, text in OVERVIEWS.items():
        district.put(f"khan/activity_overview_{days}.csv", text)
    district.put("district/interests.csv", INTERESTS)
    district.build()
    parts = list(district.settings.lake.glob("usage_week/**/*.parquet"))
    assert len(parts) == 1
    return district


@pytest.fixture
def district(before: District, tmp_path: Path) -> District:
    return before.copied(tmp_path / "d")


def keep(district: District, **days: int) -> None:
    """Set [retention], and apply it."""
    path = district.settings.file
    lines = "".join(f"{key} = {n}\n" for key, n in days.items())
    path.write_text(f"{path.read_text()}\n[retention]\n{lines}")
    district.settings = settings.load(path)
    with nightly.opened(district.settings) as ledger:
        assert all(one.count for one in retention.apply(district.settings, ledger))


def weeks_of_others(district: District) -> list[tuple[object, ...]]:
    rows = district.ask(
        f"SELECT * EXCLUDE (source_file) FROM facts.usage_week WHERE student_id <> '{UID}'"
    )
    return sorted(tuple(map(str, row.values())) for row in rows)


def test_a_part_that_small_files_share_keeps_no_row_of_the_forgotten(district: District) -> None:
    was = weeks_of_others(district)
    assert len(was) == 3
    told = forget(district, UID)
    assert (found(district.settings.home, *GONE), told["left"]) == ([], [])
    assert weeks_of_others(district) == was


def test_the_forgotten_leave_files_whose_landed_bytes_have_gone_by_age(district: District) -> None:
    with closing(Ledger(district.settings.ledger)) as ledger:
        ledger.run("UPDATE file SET landed_at = '2001-01-01T00:00:00+00:00' WHERE feed <> 'users'")
    keep(district, landing_days=3650)
    was = weeks_of_others(district)
    assert any(name.startswith("lake/") for name in found(district.settings.home, *GONE))
    with nightly.opened(district.settings) as ledger:
        would = command.would(district.settings, ledger, UID)["lake"]
    told = forget(district, UID)
    assert (found(district.settings.home, *GONE), told["left"]) == ([], [])
    assert told["places"]["lake"] == would
    assert would["rows of files that are gone"] > 0
    assert weeks_of_others(district) == was
    # Nothing is read again, and nothing comes back.
    with nightly.opened(district.settings) as ledger:
        nightly.put_live(district.settings, ledger, nightly.Report(), rebuild=True)
    assert found(district.settings.home, *GONE) == []
    assert weeks_of_others(district) == was


def test_rows_of_a_file_that_is_kept_no_longer_leave_the_part_that_it_shared(
    district: District,
) -> None:
    with closing(Ledger(district.settings.ledger)) as ledger:
        ledger.run(
            "UPDATE file SET exported_on = '2001-01-01' WHERE name LIKE '%20250929%' "
            "AND platform = 'khan'"
        )
    keep(district, lake_days=3650)
    (part,) = district.settings.lake.glob("usage_week/**/*.parquet")
    with duckdb.connect() as db:
        minutes = db.execute(f"SELECT minutes FROM '{part}' ORDER BY 1").fetchall()
    assert minutes == [(21.0,), (22.0,)]
