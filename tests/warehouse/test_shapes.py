"""The same facts as OneRoster gradebook files and as Ed-Fi student assessments.

Each file is held against what the standard publishes (tests/published/).
"""

from __future__ import annotations

import csv
import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import jsonschema
import pytest

from tests.fixtures import CLASSES, COMBO, District, lines, roster
from tests.scenario import Scenario
from tests.warehouse.test_oneroster import ITEMS_12, RESULTS_12
from warehouse.exports.ed_fi import SUBJECTS
from warehouse.exports.shapes import Shaped, export_shape
from warehouse.lake.tables import LAKE
from warehouse.ledger import Ledger

PUBLISHED = Path(__file__).parents[1] / "published"
ONEROSTER = json.loads((PUBLISHED / "oneroster_1_2.json").read_text("utf-8"))
ED_FI = json.loads((PUBLISHED / "ed_fi_5_2.json").read_text("utf-8"))
Row = dict[str, str]
LONG = "Growth: Language 2-12 of a very long name that goes on and on for more than sixty signs"


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> District:
    """A gradebook that tells all, far east of Greenwich, and tests of every kind."""
    district = District(
        tmp_path_factory.mktemp("drawn"), ("oneroster", "nwea"), zone="Asia/Kolkata"
    )
    files = roster([f"{n:03} Kid{n} Ash c1" for n in range(1, 5)])
    files["classes.csv"] = lines(CLASSES, "c1,,,Reading,3,,,homeroom,,S1,T1,,,")
    files["lineItems.csv"] = lines(
        ITEMS_12,
        'w1,,,"Essay, the ""first""",,2025-09-01,2025-10-08,c1,,T1,0,20,S1',
        "w2,,,=Quiz,,2025-09-01T23:30:00+05:30,2025-10-08,c1,,T1,0,,S1",
    )
    files["results.csv"] = lines(
        RESULTS_12,
        "x1,,,w1,U001,fully graded,18,2025-10-15,,,c1,false,false,false,false",
        "x2,,,w1,U002,fully graded,10,10/16/2025,,,c1,false,false,true,false",
        "x3,,,w1,U003,not submitted,,2025-10-17T00:00:00Z,,,c1,false,false,false,true",
        "x4,,,w1,U004,exempt,,2025-10-15,,,c1,,,,",
        "x5,,,w2,U001,submitted,,2025-10-15,,,c1,false,false,false,false",
        "x6,,,w2,U002,fully graded,5,soon,,,c1,,,,",
    )
    district.put_all("oneroster", files)
    head = "Fall 2025-2026,U001,Ash,Kid1,3,North"
    district.put(
        "nwea/ComboStudentAssessment.csv",
        lines(
            COMBO,
            f"{head},Language Usage,Language,{LONG},10/01/2025,03:15:00,41,201,3.1,55",
            f"{head},Mathematics,Math K-12,Growth: Math 2-5,10/02/2025,,,199,3.0,50",
        ),
    )
    district.build()
    return district


def shaped(folder: Path, shape: str, to: Path) -> list[Shaped]:
    return export_shape(folder, shape, to, "Asia/Kolkata")


@pytest.fixture(scope="module")
def oneroster(district: Scenario, drawn: District, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Of the sample district and of the drawn one: the files' rows, and what was told of them."""
    made = []
    for warehouse in (district.settings.warehouse, drawn.settings.warehouse):
        to = tmp_path_factory.mktemp("oneroster")
        told = shaped(warehouse, "oneroster", to)
        made.append((told, {file.name: read(to / file.name) for file in told}))
    return made


def read(path: Path) -> list[Row]:
    """A file's rows; its header is what is published, verbatim and in order."""
    text = path.read_text("utf-8")
    assert text.splitlines()[0] == ",".join(c[0] for c in ONEROSTER["files"][path.name])
    return list(csv.DictReader(text.splitlines()))


def fits(kind: str, value: str) -> bool:
    """Whether a cell that is filled has its column's type."""
    if kind == "date":
        return date.fromisoformat(value).isoformat() == value
    if kind == "scoreStatus":
        return value in ONEROSTER["scoreStatus"]
    patterns = {"guid": r"\S{1,255}", "float": r"-?\d+(\.\d+)?", "integer": r"\d+"}
    patterns |= {"boolean": "true|false", "bulk": "", "string": ".+"}
    return re.fullmatch(patterns[kind], value) is not None


def test_every_cell_of_the_gradebook_is_as_oneroster_publishes_it(oneroster: Any) -> None:
    for told, files in oneroster:
        lacking = {file.name: file.lacking for file in told}
        assert set(files) == set(ONEROSTER["files"])
        for name, rows in files.items():
            assert rows
            empty = dict.fromkeys((c[0] for c in ONEROSTER["files"][name] if c[2]), 0)
            for column, kind, required in ONEROSTER["files"][name]:
                for row in rows:
                    assert row[column] == "" or fits(kind, row[column]), (name, column, row[column])
                    empty[column] = empty.get(column, 0) + (required and not row[column])
            # What is asked for and not known is told, and nothing else is told.
            assert {c: n for c, n in empty.items() if n} == lacking[name]


def test_every_reference_of_the_gradebook_leads_somewhere_and_no_id_stands_twice(
    oneroster: Any, district: Scenario, drawn: District
) -> None:
    for (_, files), ask in zip(oneroster, (district.rows, drawn_rows(drawn)), strict=True):
        ids = {n: [r["sourcedId"] for r in rows] for n, rows in files.items() if n[0] != "m"}
        for name, held in ids.items():
            assert len(held) == len(set(held)) > 0, name
        items, results = files["lineItems.csv"], files["results.csv"]
        assert {r["lineItemSourcedId"] for r in results} <= set(ids["lineItems.csv"])
        assert {r["categorySourcedId"] for r in items} == set(ids["categories.csv"])
        known = [
            {row[0] for row in ask(f"SELECT {column} FROM {table}")}
            for column, table in (
                ("class_id", "roster.class_section"),
                ("school_id", "roster.school"),
                ("student_id", "roster.student"),
            )
        ]
        assert {r["classSourcedId"] for r in (*items, *results)} <= known[0]
        assert {r["schoolSourcedId"] for r in items} <= known[1]
        assert {r["studentSourcedId"] for r in results} <= known[2]


def drawn_rows(drawn: District) -> Any:
    return lambda sql: [tuple(row.values()) for row in drawn.ask(sql)]


def test_the_manifest_names_every_file_of_the_standard_and_those_that_are_there(
    oneroster: Any,
) -> None:
    for _, files in oneroster:
        told = {row["propertyName"]: row["value"] for row in files["manifest.csv"]}
        modes = {n[5:]: mode for n, mode in told.items() if n.startswith("file.")}
        assert set(modes) == set(ONEROSTER["data_files"].split())
        assert set(modes.values()) <= set(ONEROSTER["modes"])
        written = {name[:-4] for name in files} - {"manifest"}
        assert {name for name, mode in modes.items() if mode != "absent"} == written
        assert ONEROSTER["versions"].items() <= told.items()


def test_what_a_gradebook_told_comes_out_as_it_went_in(oneroster: Any) -> None:
    told, files = oneroster[1]
    items = {r["title"]: r for r in files["lineItems.csv"]}
    # Midnight in Kolkata is the day before in Greenwich; text of machines is left as it is.
    assert {t: (r["assignDate"], r["dueDate"]) for t, r in items.items()} == {
        'Essay, the "first"': ("2025-09-01", "2025-10-08"),
        "=Quiz": ("2025-09-01", "2025-10-08"),
    }
    assert {r["academicSessionSourcedId"] for r in items.values()} == {"T1"}
    essay = items['Essay, the "first"']["sourcedId"]
    columns = ("studentSourcedId", "scoreStatus", "score", "scoreDate", "late", "missing")
    assert sorted(
        (r["lineItemSourcedId"] == essay, *(r[c] for c in columns)) for r in files["results.csv"]
    ) == [
        (False, "U001", "submitted", "", "2025-10-15", "false", "false"),
        (False, "U002", "fully graded", "5.0", "", "", ""),
        (True, "U001", "fully graded", "18.0", "2025-10-15", "false", "false"),
        (True, "U002", "fully graded", "10.0", "2025-10-16", "true", "false"),
        (True, "U003", "not submitted", "", "2025-10-17", "", ""),
        (True, "U004", "exempt", "", "2025-10-15", "", ""),
    ]
    assert {file.name: file.lacking for file in told if file.lacking} == {
        "results.csv": {"scoreDate": 1}
    }


def test_the_scores_of_the_gradebook_are_those_sql_finds(
    district: Scenario, oneroster: Any
) -> None:
    scores = sorted(float(r["score"]) for r in oneroster[0][1]["results.csv"] if r["score"])
    found = district.rows(
        "SELECT max(s.score) FROM facts.submission AS s JOIN facts.assignment AS a"
        " USING (platform, assignment_id) WHERE s.student_id IS NOT NULL AND s.score IS NOT NULL"
        " AND a.class_id IS NOT NULL AND a.withdrawn IS NOT TRUE"
        " GROUP BY a.platform, a.assignment_id, s.student_id"
    )
    assert scores == sorted(row[0] for row in found)


def bodies(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """What was written, each body as Ed-Fi publishes it."""
    found = {}
    for name in ("assessments.json", "studentAssessments.json"):
        found[name] = json.loads((folder / name).read_text("utf-8"))
        valid = jsonschema.Draft202012Validator(
            {"$ref": f"#/$defs/{name}", "$defs": ED_FI["$defs"]}
        )
        for body in found[name]:
            valid.validate(body)
            for uri in re.findall(r'"(uri://[^"]+Descriptor#[^"]*)"', json.dumps(body)):
                space, kind, value = re.split(r"/(\w+)Descriptor#", uri)
                listed = value in ED_FI["vocabularies"][kind]
                assert space == ("uri://ed-fi.org" if listed else "uri://homeroom"), uri
    known = {(k["assessmentIdentifier"], k["namespace"]) for k in found["assessments.json"]}
    assert len(known) == len(found["assessments.json"])
    told = found["studentAssessments.json"]
    assert {tuple(t["assessmentReference"].values()) for t in told} == known
    assert len({t["studentAssessmentIdentifier"] for t in told}) == len(told)
    return found


def test_ed_fi_tells_every_test_of_a_known_student_and_nothing_that_is_not_known(
    district: Scenario, tmp_path: Path
) -> None:
    told = shaped(district.settings.warehouse, "ed-fi", tmp_path)
    found = bodies(tmp_path)
    tests = found["studentAssessments.json"]
    assert {file.name: file.rows for file in told} == {n: len(b) for n, b in found.items()}
    assert not any(file.lacking for file in told)
    wanted = district.rows(
        "SELECT count(*), count(score), count(lexile) FROM facts.assessment_result"
        " WHERE student_id IS NOT NULL AND taken_on IS NOT NULL"
    )[0]
    methods = [
        s["assessmentReportingMethodDescriptor"].split("#")[1]
        for t in tests
        for s in t["scoreResults"]
    ]
    assert (len(tests), *map(methods.count, ("Scale score", "Lexile Measure"))) == wanted


def test_a_long_name_an_unlisted_subject_and_a_day_without_a_time_are_written_as_ed_fi_takes_them(
    drawn: District, tmp_path: Path
) -> None:
    shaped(drawn.settings.warehouse, "ed-fi", tmp_path)
    found = bodies(tmp_path)
    told = {k["assessmentTitle"]: k for k in found["assessments.json"]}
    assert [
        k["academicSubjects"][0]["academicSubjectDescriptor"] for _, k in sorted(told.items())
    ] == [
        "uri://homeroom/AcademicSubjectDescriptor#Language Usage",
        "uri://ed-fi.org/AcademicSubjectDescriptor#Mathematics",
    ]
    assert told[LONG]["assessmentIdentifier"].startswith(LONG[:27] + " ")
    # 3:15 in the morning in Kolkata; and midnight there, where only the day is told.
    assert sorted(t["administrationDate"] for t in found["studentAssessments.json"]) == [
        "2025-09-30T21:45:00Z",
        "2025-10-01T18:30:00Z",
    ]


@pytest.mark.slow
def test_what_ed_fi_asks_for_and_nobody_told_is_counted(tmp_path: Path) -> None:
    long_id, files = "a" * 33, roster(["001 Kid1 Ash c1"])
    own = District(tmp_path / "other", ("oneroster", "nwea"))
    own.put_all("oneroster", {n: t.replace("U001", long_id) for n, t in files.items()})
    row = f"Fall 2025-2026,{long_id},Ash,Kid1,3,North,,Math,Growth,10/01/2025,,,201,3.1,55"
    own.put("nwea/ComboStudentAssessment.csv", lines(COMBO, row))
    own.build()
    assert [file.lacking for file in shaped(own.settings.warehouse, "ed-fi", tmp_path / "out")] == [
        {"academicSubjects": 1},
        {"studentUniqueId of at most 32 signs": 1},
    ]


def test_the_sql_of_the_docs_finds_the_live_rows_of_every_table_of_the_lake(
    district: Scenario,
) -> None:
    text = (Path(__file__).parents[2] / "docs" / "exports.md").read_text("utf-8")
    (told,) = re.findall(r"```sql\n(.*?)```", text, re.S)
    settings, ledger, counted = district.settings, Ledger(district.settings.ledger), 0
    with duckdb.connect() as db:
        db.execute(f"ATTACH '{district.warehouse}' AS w (READ_ONLY)")
        for table in LAKE:
            live = ledger.live_rows(table)
            if live:
                sql = told.replace("lake/submission/", f"{settings.lake}/{table}/")
                (rows,) = db.execute(f"SELECT count(*) FROM ({sql})").fetchall()[0]
                assert rows == sum(n for _, n in live), table
                counted += 1
    ledger.close()
    assert counted > 20


def test_the_subjects_are_those_ed_fi_lists() -> None:
    assert list(SUBJECTS) == ED_FI["vocabularies"]["AcademicSubject"]
