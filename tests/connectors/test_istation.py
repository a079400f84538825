"""Istation end to end: each month with a score is a test."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.fixtures import District, lines, roster

HEAD = (
    "STUDENT_ID,LNAME,FNAME,DOMAIN,GRADE,RACE,"
    "September_SCORE,September_PTILE,September_OVERFLOW,September_TIER,September_ADMIN_DATE,"
    "January_SCORE,January_PTILE,January_OVERFLOW,January_TIER,January_ADMIN_DATE"
)
ANN = "11,Ash,Ann,north.x.org,3,"
BOB = "12,Bell,Bob,north.x.org,3,"


@pytest.fixture
def district(tmp_path: Path) -> District:
    return District(tmp_path, ("oneroster", "istation"))


def results(district: District) -> list[Any]:
    found = district.ask(
        "SELECT student_id, term, school_year, CAST(taken_on AS VARCHAR) AS taken, score, "
        "percentile, subject FROM facts.assessment_result ORDER BY ALL"
    )
    return [tuple(row.values()) for row in found]


def test_each_month_with_a_score_is_a_test_and_a_later_export_tells_it_again(
    district: District,
) -> None:
    district.put_all("oneroster", roster(("11 Ann Ash c1", "12 Bob Bell c1")))
    first = lines(HEAD, f"{ANN},335,52,0,1,9/6/2025,,,,,", f"{BOB},,,,,,,,,,")
    district.put("istation/isip_20250930.csv", first)
    second = lines(
        HEAD, f"{ANN},336,53,0,1,9/6/2025,375,58,0,1,1/11/2026", f"{BOB},,,,,,300,9,0,3,"
    )
    district.put("istation/isip_20260131.csv", second)
    last_year = lines(HEAD, f"{ANN},310,40,0,2,9/6/2024,,,,,")
    district.put("istation/isip_20240930.csv", last_year)
    district.build()
    assert results(district) == [
        ("U11", "January", "2025-2026", "2026-01-11", 375.0, 58, None),
        ("U11", "September", "2024-2025", "2024-09-06", 310.0, 40, None),
        ("U11", "September", "2025-2026", "2025-09-06", 336.0, 53, None),
        ("U12", "January", "2025-2026", None, 300.0, 9, None),
    ]


def test_subjects_in_files_of_their_own_stay_apart(district: District) -> None:
    for name, score in (("reading", 335), ("math", 400)):
        text = lines(HEAD, f"{ANN},{score},52,0,1,9/6/2025,,,,,")
        district.put(f"istation/isip_{name}.csv", text)
    district.take()
    told = district.lake("assessment_result", "score, count(DISTINCT result_id) OVER ()", "TRUE")
    assert [score for score, _ in told] == [335.0, 400.0]
    assert len(district.lake("assessment_result", "DISTINCT result_id")) == 2


@pytest.mark.parametrize(
    ("content", "state"),
    [
        ("", ("refused", "empty_file")),
        (lines(HEAD), ("refused", "header_only")),
        (lines(HEAD, f"{ANN},335,52,0,1,9/6/2025,,,,,")[:-12], ("refused", "cut_file")),
        (lines(HEAD.replace("DOMAIN", "SITE"), f"{ANN},3,5,0,1,9/6/2025,,,,,"), ("refused", "unknown_layout")),
        (lines(HEAD, f"{ANN},335,152,0,1,9/6/2025,,,,,"), ("refused", "nothing_survived")),
        (lines(HEAD.upper(), f"{ANN},335,52,0,1,9/6/2025,,,,,"), ("loaded", None)),
    ],
)  # fmt: skip
def test_what_becomes_of_odd_files(
    district: District, content: str, state: tuple[str, str | None]
) -> None:
    district.put("istation/isip.csv", content)
    district.take()
    assert district.states("istation")["isip.csv"] == state


def test_the_real_layout_is_read_whole(district: District, shared_data: Path) -> None:
    district.put(
        "istation/earthmover_istation.csv",
        (shared_data / "istation" / "earthmover_istation.csv").read_bytes(),
    )
    district.take()
    file = district.files()["earthmover_istation.csv"]
    assert (file["status"], file["rows_kept"], file["rows_quarantined"]) == ("loaded", 5, 0)
    columns = "term, school_year, score, percentile, CAST(taken_on AS VARCHAR)"
    ann = district.lake("assessment_result", columns, "account_key = '100'")
    assert len(ann) == 9
    assert ("September", "2023-2024", 369.0, 73, "2023-10-03") not in ann
    assert ("October", "2023-2024", 369.0, 73, "2023-10-03") in ann
    (three,) = district.lake("assessment_result", columns, "account_key = '300'")
    assert three == ("March", "2023-2024", 337.0, 2, "2024-03-08")
