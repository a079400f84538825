"""Forgetting one student of the sample district, in which every oddity of real files stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fixtures import District
from tests.scenario import Scenario
from tests.warehouse.test_forgetting import forget, found, others


@pytest.mark.slow
def test_in_the_sample_district_nobody_else_changes_and_nobody_comes_back(
    district: Scenario, tmp_path: Path
) -> None:
    folder = tmp_path / "sample"
    north = District.__new__(District)
    north.folder, north.settings = folder, district.copied(folder).settings
    student = district.rows(
        """SELECT s.student_id, sis_id, username, email, given_name, family_name
           FROM roster.student s JOIN roster.identity_map USING (student_id)
           WHERE active AND (SELECT count(*) FROM roster.student t WHERE t.given_name = s.given_name
                             AND t.family_name = s.family_name) = 1
             AND (SELECT count(*) FROM roster.student t WHERE t.family_name = s.family_name) > 1
           GROUP BY ALL HAVING count(DISTINCT platform) = 3 ORDER BY 1 LIMIT 1"""
    )[0]
    given, family = student[4:]
    names = [f"{given}{between}{family}" for between in (" ", ",")] + [f"{family},{given}"]
    gone = [*(word for word in student[:4] if word), *names]
    home = north.settings.home
    assert len(found(home, *gone)) > 50
    was = others(north, student[0])
    told = forget(north, student[0])
    assert (found(home, *gone), told["left"]) == ([], [])
    assert others(north, student[0]) == was
    # Every file comes again, from another place.
    report = north.build()
    assert report.landed.new > 50
    assert found(home, *gone) == []
    assert set(was["roster.student"]) == set(others(north, student[0])["roster.student"])
