"""The same facts as OneRoster gradebook files and as Ed-Fi student assessments."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from tests.scenario import Scenario
from warehouse.exports.shapes import export_shape

#: Headers of OneRoster 1.1, verbatim and in order.
HEADERS = {
    "categories": "sourcedId,status,dateLastModified,title",
    "lineItems": "sourcedId,status,dateLastModified,title,description,assignDate,dueDate,"
    "classSourcedId,categorySourcedId,gradingPeriodSourcedId,resultValueMin,resultValueMax",
    "results": "sourcedId,status,dateLastModified,lineItemSourcedId,studentSourcedId,scoreStatus,"
    "score,scoreDate,comment",
    "manifest": "propertyName,value",
}


@pytest.fixture(scope="module")
def oneroster(
    district: Scenario, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, list[dict[str, str]]]:
    folder = tmp_path_factory.mktemp("oneroster")
    export_shape(district.settings.warehouse, "oneroster", folder)
    for name, header in HEADERS.items():
        assert (folder / f"{name}.csv").read_text("utf-8").splitlines()[0] == header
    return {
        name: list(csv.DictReader((folder / f"{name}.csv").open(encoding="utf-8")))
        for name in HEADERS
    }


def test_every_reference_of_the_gradebook_leads_somewhere_and_no_id_stands_twice(
    oneroster: dict[str, list[dict[str, str]]],
) -> None:
    ids = {
        name: [r["sourcedId"] for r in oneroster[name]] for name in HEADERS if name != "manifest"
    }
    for name, held in ids.items():
        assert len(held) == len(set(held)) > 0, name
    assert {r["lineItemSourcedId"] for r in oneroster["results"]} <= set(ids["lineItems"])
    assert {r["categorySourcedId"] for r in oneroster["lineItems"]} == set(ids["categories"])


def test_the_scores_of_the_gradebook_are_those_sql_finds(
    district: Scenario, oneroster: dict[str, list[dict[str, str]]]
) -> None:
    scores = sorted(float(r["score"]) for r in oneroster["results"] if r["score"])
    found = district.rows(
        "SELECT max(s.score) FROM facts.submission AS s JOIN facts.assignment AS a"
        " USING (platform, assignment_id) WHERE s.student_id IS NOT NULL AND s.score IS NOT NULL"
        " AND a.class_id IS NOT NULL AND a.withdrawn IS NOT TRUE"
        " GROUP BY a.platform, a.assignment_id, s.student_id"
    )
    assert scores == sorted(row[0] for row in found)


def test_ed_fi_tells_every_test_of_a_known_student_and_nothing_that_is_not_known(
    district: Scenario, tmp_path: Path
) -> None:
    told = export_shape(district.settings.warehouse, "ed-fi", tmp_path)
    tests = json.loads((tmp_path / "studentAssessments.json").read_text("utf-8"))
    kinds = json.loads((tmp_path / "assessments.json").read_text("utf-8"))
    known = {(k["assessmentIdentifier"], k["namespace"]) for k in kinds}
    found = district.rows(
        "SELECT count(*), count(score) FROM facts.assessment_result"
        " WHERE student_id IS NOT NULL AND taken_on IS NOT NULL"
    )[0]
    scored = [
        s
        for t in tests
        for s in t["scoreResults"]
        if s["assessmentReportingMethodDescriptor"]
        == "uri://ed-fi.org/AssessmentReportingMethodDescriptor#Scale score"
    ]
    assert (len(tests), len(scored)) == found
    assert told == {"assessments.json": len(kinds), "studentAssessments.json": len(tests)}
    assert len({t["studentAssessmentIdentifier"] for t in tests}) == len(tests)
    for test in tests:
        assert tuple(test["assessmentReference"].values()) in known
        assert None not in test.values()
        assert all(isinstance(s["result"], str) for s in test["scoreResults"])
