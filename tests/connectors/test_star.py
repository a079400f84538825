"""Star end to end: valid tests have scores, mastery is a percent and no state."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.fixtures import District, lines, roster

WHO = "SchoolYear,StudentRenaissanceID,StudentSourcedID,StudentIdentifier,StudentUserID"
WHEN = "AssessmentID,LaunchDate,CompletedDate,CompletedDateLocal"
TESTS = (
    f"{WHO},StudentEmail,StudentFirstName,StudentLastName,ClassCode,{WHEN},AssessmentType,"
    "AssessmentStatus,DeactivationReason,ScaledScore,StandardErrorOfMeasurement,PercentileRank,"
    "TotalTimeInSeconds,ScreeningPeriodWindowName"
)
SKILLS = f"{WHO},{WHEN},FamilyName,DomainName,DomainScore,SkillAreaName,SkillAreaMasteryScore"
STANDARDS = (
    f"{WHO},{WHEN},DomainName,StandardName,StandardDescription,StandardPercentMastery,"
    "StandardConfidenceLevel,StandardMasteryLevel"
)
ANN = "2025-2026,g-1,11,11,ann"
BOB = "2025-2026,g-2,12,12,bob"
AT = "2025-09-09T03:00:00.000Z,2025-09-09T03:20:00.000Z,2025-09-08T22:20:00.000Z"


def row(who: str, number: str, status: str = "Active,", score: str = "512", code: str = "A") -> str:
    return f"{who},,,,{code},T{number},{AT},Enterprise,{status},{score},0.39,40,1230,Fall"


@pytest.fixture
def district(tmp_path: Path) -> District:
    made = District(tmp_path, ("oneroster", "star"))
    made.put_all("oneroster", roster(("11 Ann Ash c1", "12 Bob Bell c1")))
    return made


def results(district: District, columns: str) -> list[Any]:
    found = district.ask(f"SELECT {columns} FROM facts.assessment_result ORDER BY ALL")
    return [tuple(row.values()) for row in found]


def test_tests_become_results_of_students(district: District) -> None:
    district.put("star/SR_v2_20250910.csv", lines(TESTS, row(ANN, "1"), row(ANN, "1", code="B")))
    district.put("star/SM_v2_20250910.csv", lines(TESTS, row(BOB, "2", score="700")))
    district.put("star/extra.csv", lines(TESTS, row(BOB, "3", score="701")))
    district.build()
    columns = (
        "student_id, subject, test_name, CAST(taken_at AS VARCHAR), CAST(taken_on AS VARCHAR), "
        "duration_minutes, score, percentile, standard_error, term, school_year"
    )
    same = ("2025-09-09 03:00:00", "2025-09-08", 20.5)
    rest = (40, None, "Fall", "2025-2026")
    assert results(district, columns) == [
        ("U11", "Reading", "Star Reading Enterprise", *same, 512.0, *rest),
        ("U12", "Math", "Star Math Enterprise", *same, 700.0, *rest),
        ("U12", None, "Star Enterprise", *same, 701.0, *rest),
    ]


@pytest.mark.slow
def test_a_test_that_is_deactivated_later_keeps_no_score(district: District) -> None:
    district.put("star/SR_20250910.csv", lines(TESTS, row(ANN, "1"), row(BOB, "2")))
    off = row(ANN, "1", "Deactivated,Interrupted")
    district.put("star/SR_20250911.csv", lines(TESTS, off, row(BOB, "3", "Active,Invalid")))
    district.build()
    assert results(district, "account_key, result_id, score, percentile") == [
        ("g-1", "T1", None, None),
        ("g-2", "T2", 512.0, 40),
        ("g-2", "T3", None, None),
    ]


@pytest.mark.slow
def test_mastery_is_a_percent_and_no_state(district: District) -> None:
    later = AT.replace("T22:20", "T22:40")
    district.put(
        "star/SR_SkillArea_v1.csv",
        lines(
            SKILLS,
            f"{ANN},T1,{AT},Reading,Craft,84,Synonyms,91",
            f"{ANN},T2,{later},Reading,Craft,84,Synonyms,60",
            f"{BOB},T3,{AT},Reading,Craft,84,Synonyms,",
        ),
    )
    district.put(
        "star/SR_Dashboard_Standards_v2.csv",
        lines(STANDARDS, f"{ANN},T1,{AT},Craft,RL.8.1,Cite evidence,74,Medium,Developing"),
    )
    district.build()
    found = district.ask(
        "SELECT student_id, skill_id, skill_name, state, score_percent, level, "
        "CAST(date AS VARCHAR) AS day FROM facts.skill_state ORDER BY ALL"
    )
    craft = ("Reading / Craft / Synonyms", "Synonyms", None)
    assert [tuple(row.values()) for row in found] == [
        ("U11", "RL.8.1", "Cite evidence", None, 74.0, "Developing", "2025-09-08"),
        ("U11", *craft, 60.0, None, "2025-09-08"),
        ("U12", *craft, None, None, "2025-09-08"),
    ]


@pytest.mark.parametrize(
    ("content", "state"),
    [
        ("", ("refused", "empty_file")),
        (lines(TESTS), ("refused", "header_only")),
        (lines(TESTS, row(ANN, "1"))[:-60], ("refused", "cut_file")),
        (lines(TESTS, row(ANN, "1")).replace("ScaledScore", "Score"), ("refused", "missing_column")),
        (lines(TESTS, row(ANN, "1")).replace("Percentile", "Pct"), ("loaded", None)),
        (lines(TESTS, row(ANN, "1"), row(ANN, "1", score="9")), ("refused", "nothing_survived")),
    ],
)  # fmt: skip
def test_what_becomes_of_odd_files(
    district: District, content: str, state: tuple[str, str | None]
) -> None:
    district.put("star/SR.csv", content)
    district.take()
    assert district.states("star")["SR.csv"] == state


def test_the_real_layouts_are_read_whole(district: District, shared_data: Path) -> None:
    for path in sorted((shared_data / "star").glob("*.csv")):
        district.put(f"star/{path.name}", path.read_bytes())
    district.take()
    files = district.files()
    told = {
        f["feed"]: (f["rows_kept"], f["rows_quarantined"])
        for f in files.values()
        if f["platform"] == "star"
    }
    assert told == {"tests": (5, 0), "skill_areas": (5, 0), "standards": (5, 0)}
    columns = "account_key, subject, score, percentile, CAST(taken_on AS VARCHAR)"
    first = district.lake("assessment_result", columns)[0]
    assert first == ("00000000-0000-0000-0000-000000000001", "Reading", 8.0, 1, "2023-08-21")
    assert district.lake("skill_state", "count(*), count(score_percent)") == [(10, 10)]
