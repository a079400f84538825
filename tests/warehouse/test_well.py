"""One word and one line for a monitor."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from tests.fixtures import District, overview, roster, zipped
from warehouse.watch import well
from warehouse.watch.standing import Problem

NOW = datetime(2025, 9, 10, 12, tzinfo=UTC)
REFUSED = {"khan/overview": Problem("refused", "a file was refused", "look")}


@pytest.mark.parametrize(
    ("hours", "published", "problems", "is_well", "says"),
    [
        (7, "2025-09-10", {}, True, "published 2025-09-10, nothing wants a look"),
        (7, None, {}, False, "nothing has been published yet"),
        (81, "2025-09-07", {}, False, "no run has ended for 80 hours (last: 2025-09-07T03:00+00:00)"),
        (None, "2025-09-07", {}, False, "no run has ended for 80 hours (last: never)"),
        (-0.5, "2025-09-10", {}, True, "published 2025-09-10, nothing wants a look"),
        (-24, "2025-09-11", {}, False, "the last run ended at 2025-09-11T12:00+00:00, which has not come: the clock was moved"),
        (7, "2025-09-10", REFUSED, False, "khan/overview: refused"),
        (81, "2025-09-07", REFUSED, False, "no run has ended for 80 hours (last: 2025-09-07T03:00+00:00); khan/overview: refused"),
    ],
    ids=["well", "nothing published", "an old run", "no run", "clocks differ", "a clock moved back", "a problem", "both"],
)  # fmt: skip
def test_a_district_is_well_where_a_run_ended_of_late_and_nothing_wants_a_look(
    hours: float | None,
    published: str | None,
    problems: Mapping[str, Problem],
    is_well: bool,
    says: str,
) -> None:
    ended = None if hours is None else NOW - timedelta(hours=hours)
    verdict = well.judged(ended, published, problems, NOW, timedelta(hours=80))
    assert (verdict.well, verdict.line) == (is_well, says)


@pytest.mark.slow
def test_a_run_makes_a_district_well_and_a_refused_file_does_not(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    district = District(tmp_path_factory.mktemp("d"), ("oneroster", "khan"))
    assert well.look(district.settings, timedelta(hours=1)).line == "nothing has been published yet"
    district.put("oneroster/r_20250901.zip", zipped(roster(["1 Ann Ash c1"])))
    district.put("khan/o_20250905.csv", overview("ann@x.org 30 Ann_Ash"))
    district.build()
    assert well.look(district.settings, timedelta(hours=1)).well
    (district.folder / "khan" / "o_20250912.csv").write_text("what is this\n1\n")
    district.build()
    seen = well.look(district.settings, timedelta(hours=1))
    assert not seen.well
    assert "khan" in seen.line
    assert "o_20250912" not in seen.line
