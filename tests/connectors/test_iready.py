"""i-Ready end to end: tests, lessons, and which of two snapshots counts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.fixtures import District, lines, roster

HEAD = "Last Name,First Name,Student ID,Student Grade,Academic Year,School"
OLD_FLAGS = "Diagnostic used to establish Growth Measures (Y/N),Most Recent Diagnostic (Y/N)"
NEW_FLAGS = "Baseline Diagnostic (Y/N),Most Recent Diagnostic YTD (Y/N)"
DATES = "Start Date,Completion Date"
SCORES = "Duration (min),Rush Flag,Overall Scale Score,Overall Placement,Percentile"
OLD_MATH = f"{HEAD},{DATES},{OLD_FLAGS},{SCORES},Quantile Measure,Number and Operations Scale Score"
NEW_ELA = f"{HEAD},User Name,{DATES},Norming Window,{NEW_FLAGS},{SCORES},Lexile Measure"
LESSON = (
    f"{HEAD},Subject,Domain,Lesson Grade,Lesson Level,Lesson ID,Lesson Name,Completion Date,"
    "Total Time on Lesson (min),Score,Passed or Not Passed"
)
ANN = "Ash,Ann,11,3,2025-2026,North"
BOB = "Bell,Bob,12,3,2025-2026,South"


def math(*rows: str) -> str:
    """Rows of `person,completed,minutes,score,percentile`, in the older layout."""
    drawn = [row.rsplit(",", 4) for row in rows]
    return lines(
        OLD_MATH,
        *(f"{who},{day},{day},Y,N,{m},,{score},Grade 3,{p},400Q,{score}" for who, day, m, score, p in drawn),
    )  # fmt: skip


def lessons(*rows: str) -> str:
    """Rows of `person,subject,lesson,completed,minutes,score,passed`."""
    drawn = [row.rsplit(",", 6) for row in rows]
    return lines(
        LESSON,
        *(f"{who},{s},Phonics,3,Mid,{i},Sounds,{day},{m},{score},{p}" for who, s, i, day, m, score, p in drawn),
    )  # fmt: skip


@pytest.fixture
def district(tmp_path: Path) -> District:
    return District(tmp_path, ("oneroster", "iready"))


def results(district: District) -> list[Any]:
    columns = "account_key, subject, CAST(taken_on AS VARCHAR), score"
    return district.lake("assessment_result", columns)


def test_both_years_layouts_become_tests_of_students(district: District) -> None:
    district.put_all("oneroster", roster(("11 Ann Ash c1", "12 Bob Bell c1")))
    district.put("iready/diagnostic_results_math.csv", math(f"{ANN},08/26/2025,87,509,71"))
    ela = lines(
        "\ufeff" + NEW_ELA,
        f"{ANN},ann,1/13/2026,1/14/2026,Winter (November 16 - March 1),Y,N,46,Red Rush Flag,424,"
        "Grade 1,10,215L",
        f"{BOB},bob,1/13/2026,1/13/2026,Winter (November 16 - March 1),Y,N,,,,Not Assessed,,",
        end="\r\n",
    )
    district.put("iready/diagnostic_results_ela.csv", ela)
    district.build()
    found = district.ask(
        "SELECT student_id, subject, term, school_year, CAST(taken_on AS VARCHAR) AS taken, "
        "duration_minutes AS minutes, score, percentile, standard_error, rapid_guess_percent, "
        "growth_measure FROM facts.assessment_result ORDER BY ALL"
    )
    winter, unknown = "Winter (November 16 - March 1)", (None, None, None)
    assert [tuple(row.values()) for row in found] == [
        ("U11", "Math", None, "2025-2026", "2025-08-26", 87.0, 509.0, 71, *unknown),
        ("U11", "Reading", winter, "2025-2026", "2026-01-14", 46.0, 424.0, 10, *unknown),
        ("U12", "Reading", winter, "2025-2026", "2026-01-13", None, None, None, *unknown),
    ]
    assert district.ask("SELECT count(*) AS n FROM facts.daily_activity") == [{"n": 0}]


def test_a_newer_snapshot_replaces_the_year_and_neither_the_other_subject_nor_school(
    district: District,
) -> None:
    ela = lines(NEW_ELA, f"{ANN},ann,1/13/2026,1/13/2026,,Y,N,46,,424,Grade 1,10,215L")
    district.put("iready/ela.csv", ela)
    district.put("iready/north/math.csv", math(f"{ANN},08/26/2025,87,509,71"))
    district.put("iready/south/math.csv", math(f"{BOB},08/26/2025,80,480,50"))
    last_year = ANN.replace("2025-2026", "2024-2025")
    district.put("iready/old/math.csv", math(f"{last_year},08/26/2024,70,450,60"))
    district.take()
    district.put(
        "iready/north/math_20260110.csv",
        math(f"{ANN},08/26/2025,87,510,71", f"{ANN},01/05/2026,60,520,72"),
    )
    district.take()
    assert results(district) == [
        ("11", "Math", "2024-08-26", 450.0),
        ("11", "Math", "2025-08-26", 510.0),
        ("11", "Math", "2026-01-05", 520.0),
        ("11", "Reading", "2026-01-13", 424.0),
        ("12", "Math", "2025-08-26", 480.0),
    ]


@pytest.mark.slow
def test_a_test_that_two_live_files_list_counts_once_as_the_newer_tells_it(
    district: District,
) -> None:
    district.put_all("oneroster", roster(("11 Ann Ash c1", "12 Bob Bell c1")))
    district.put("iready/north_20250901.csv", math(f"{ANN},08/26/2025,87,509,71"))
    both = math(f"{ANN},08/26/2025,87,515,72", f"{BOB},08/26/2025,80,480,50")
    district.put("iready/all_20250902.csv", both)
    district.build()
    found = district.ask("SELECT student_id, score FROM facts.assessment_result ORDER BY ALL")
    assert [tuple(row.values()) for row in found] == [("U11", 515.0), ("U12", 480.0)]


def test_two_tests_of_one_day_are_both_real_and_an_equal_row_is_not(district: District) -> None:
    row = f"{ANN},08/26/2025,87,509,71"
    district.put("iready/math.csv", math(row, row, f"{ANN},08/26/2025,30,480,50"))
    district.take()
    assert [score for *_, score in results(district)] == [480.0, 509.0]
    assert district.files()["math.csv"]["rows_duplicate"] == 1


@pytest.mark.slow
def test_lessons_become_skills_with_their_time_and_no_minutes_of_a_day(district: District) -> None:
    district.put_all("oneroster", roster(("11 Ann Ash c1",)))
    district.put(
        "iready/by_lesson_ela.csv",
        lessons(
            f"{ANN},Reading,DI.1,09/08/2025,20,50,Not Passed",
            f"{ANN},Reading,DI.1,09/08/2025,15,75,Passed",
            f"{ANN},Reading,DI.1,09/12/2025,5,100,Passed",
            f"{ANN},Reading,DI.2,09/12/2025,,,",
        ),
    )
    district.put("iready/by_lesson_math.csv", lessons(f"{ANN},Math,DI.9,09/09/2025,9,60,Passed"))
    district.build()
    found = district.ask(
        "SELECT skill_id, CAST(date AS VARCHAR) AS day, state, attempts, minutes, passed, "
        "score_percent, level FROM facts.skill_state WHERE student_id = 'U11' ORDER BY ALL"
    )
    assert [tuple(row.values()) for row in found] == [
        ("DI.1", "2025-09-08", "complete", 2, 35.0, True, 75.0, "3 Mid"),
        ("DI.1", "2025-09-12", "complete", 3, 40.0, True, 100.0, "3 Mid"),
        ("DI.2", "2025-09-12", "complete", 1, None, None, None, "3 Mid"),
        ("DI.9", "2025-09-09", "complete", 1, 9.0, True, 60.0, "3 Mid"),
    ]
    assert district.ask("SELECT count(*) AS n FROM facts.daily_activity") == [{"n": 0}]


@pytest.mark.parametrize(
    ("name", "content", "state"),
    [
        ("a", "", ("refused", "empty_file")),
        ("a", lines(OLD_MATH), ("refused", "header_only")),
        ("a", math(f"{ANN},08/26/2025,87,509,71")[:-30], ("refused", "cut_file")),
        ("a", math(f"{ANN},08/26/2025,87,509,71").replace("Student ID", "Pupil"), ("refused", "missing_column")),
        ("a", lines("x,y", "1,2"), ("refused", "unknown_layout")),
        ("a", math(f"{ANN},08/26/2025,87,509,71").replace(",", ";"), ("loaded", None)),
    ],
)  # fmt: skip
def test_what_becomes_of_odd_files(
    district: District, name: str, content: str, state: tuple[str, str | None]
) -> None:
    district.put(f"iready/{name}.csv", content)
    district.take()
    assert district.states("iready")[f"{name}.csv"] == state


def test_rows_with_damaged_values_are_turned_away_alone(district: District) -> None:
    good = [f"{ANN},0{m}/26/2025,87,509,71" for m in range(1, 6)]
    damaged = ANN.replace(",11,", ",1.10E+05,")
    district.put(
        "iready/math.csv",
        math(*good, f"{damaged},08/26/2025,1,1,1", f"{BOB},08/26/2025,1,many,1", f"{BOB},soon,1,1,1"),
    )  # fmt: skip
    district.take()
    assert [(column, reason) for _, column, reason in district.faults("math.csv")] == [
        ("student", "damaged_id"),
        ("score", "not_a_number"),
        ("started", "not_a_date"),
    ]


def test_the_real_layouts_are_read_whole(district: District, shared_data: Path) -> None:
    for path in sorted((shared_data / "iready").glob("*.csv")):
        district.put(f"iready/{path.name}", path.read_bytes())
    district.take()
    files = district.files()
    assert {f["status"] for f in files.values()} == {"loaded"}
    # One sample has 147 rows with a backslash before its quotes: no CSV, so they are listed.
    away = {name: f["rows_quarantined"] for name, f in files.items() if f["rows_quarantined"]}
    assert away == {"OEA_synthetic_personalized_instruction_by_lesson_math.csv": 147}
    kept = {name: f["rows_kept"] for name, f in files.items()}
    assert kept["OEA_synthetic_diagnostic_results_ela.csv"] == 1022
    assert kept["OEA_synthetic_diagnostic_results_math.csv"] == 1002
    assert kept["earthmover_diagnostic_results_math_2025-26.csv"] == 5
    (counts,) = district.lake("assessment_result", "count(*), count(DISTINCT result_id)")
    assert counts == (1022 + 1002 + 5 + 5, 1022 + 1002 + 5 + 5)
    keys = "count(*), count(DISTINCT (account_key, skill_id, date)), count(*) - count(passed)"
    (skills,) = district.lake("skill_state", keys)
    assert skills[0] == skills[1] > 18000
    assert skills[2] == 0
