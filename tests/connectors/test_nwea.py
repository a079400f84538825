"""NWEA: every layout into the facts, one school's export beside the district's, withdrawn tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from tests.fixtures import District, lines, roster, zipped

#: Whole runs of small districts.
pytestmark = pytest.mark.slow

OLD = (
    "TermName,StudentID,SchoolName,MeasurementScale,Discipline,GrowthMeasureYN,TestType,TestName,"
    "TestID,TestStartDate,TestDurationMinutes,TestRITScore,TestStandardError,TestPercentile,"
    "RITtoReadingScore,TestStartTime"
)
NEW = (
    "TermName,SchoolName,StudentID,Subject,Course,GrowthMeasureYN,TestName,TestID,TestStartDate,"
    "TestStartTime,TestRITScore,TestStandardError,FallToSpringProjectedGrowth,LexileScore"
)
PEOPLE = ("100001 Ann Lee c1", "100002 Bob Day c1", "100003 Cy Fox c1")


def results(*rows: str, header: str = NEW, term: str = "Fall 2025-2026") -> str:
    """Rows of `school student subject flag test score error`; `-` is empty."""
    drawn = [[c.replace("-", "") for c in row.split()] for row in rows]
    return lines(
        header,
        *(
            f"{term},{school},{who},{subject},{subject} K-12,{flag},Growth {subject},{test},"
            f"09/1{test[-1]}/2025,08:54:50,{rit},{error},7,805L"
            for school, who, subject, flag, test, rit, error in drawn
        ),
    )


def listed(
    district: District, columns: str = "account_key, result_id, status, score"
) -> list[tuple[object, ...]]:
    return [
        tuple(row.values())
        for row in district.ask(f"SELECT {columns} FROM facts.assessment_result ORDER BY ALL")
    ]


def built(folder: Path, *files: tuple[str, str | bytes]) -> District:
    district = District(folder, ("oneroster", "nwea"))
    district.put_all("oneroster", roster(PEOPLE))
    for name, content in files:
        district.put(f"nwea/{name}", content)
    district.build()
    return district


def test_the_layout_of_before_2015_is_read(tmp_path: Path) -> None:
    text = lines(
        OLD,
        "Fall 2013,100001,North,Mathematics,Mathematics,TRUE,Survey,Math 2-5,5001,09/16/2013,31,"
        "208,3.4,57,BR400L,08:54:50",
        "Spring 2014,100002,North,Reading,Reading,,Survey,Reading 2-5,5002,05/06/2014,31,"
        "190,3.1,40,,08:54:50",
    )
    district = built(tmp_path, ("AssessmentResults.csv", text))
    assert listed(district, "student_id, school_year, subject, score, growth_measure, lexile") == [
        ("U100001", "2013-2014", "Mathematics", 208.0, True, "BR400L"),
        ("U100002", "2013-2014", "Reading", 190.0, True, None),
    ]


@pytest.mark.parametrize(
    ("term", "day", "year"),
    [
        ("Fall 2021-2022", "09/16/2021", "2021-2022"),
        ("Fall 2013", "09/16/2013", "2013-2014"),
        ("Winter 2014", "01/16/2014", "2013-2014"),
        ("Winter 2013", "12/16/2013", "2013-2014"),
        ("Spring 2013", "05/16/2014", "2013-2014"),
        ("Spring 2012", "05/16/2014", None),
        ("Summer 2014", "07/16/2014", None),
        ("Fall", "09/16/2013", None),
    ],
)
def test_the_school_year_is_told_by_the_term_or_not_at_all(
    tmp_path: Path, term: str, day: str, year: str | None
) -> None:
    district = District(tmp_path, ("nwea",))
    row = f"{term},North,1,Math,Math,TRUE,Growth,9,{day},08:54:50,200,3.1,,"
    district.put("nwea/AssessmentResults.csv", lines(NEW, row))
    district.take()
    assert district.lake("assessment_result", "school_year") == [(year,)]


def test_of_several_tests_the_flag_decides_and_else_the_standard_error(tmp_path: Path) -> None:
    text = results(
        "North 100001 Math TRUE  11 200 3.9",
        "North 100001 Math FALSE 12 210 3.1",
        "North 100002 Math -     13 201 3.5",
        "North 100002 Math FALSE 14 202 3.2",
        "North 100003 Math TRUE  15 -   3.0",
        "North 100003 Math FALSE 16 190 3.8",
    )
    district = built(tmp_path, ("AssessmentResults.csv", text))
    assert listed(district, "result_id, status, growth_measure") == [
        ("11", "valid", True),
        ("12", "valid", False),
        ("13", "valid", False),
        ("14", "valid", True),
        ("15", "no_valid_score", False),
        ("16", "valid", True),
    ]


def test_a_test_that_a_newer_export_lacks_has_no_valid_score(tmp_path: Path) -> None:
    before = (
        "North 100001 Math TRUE 11 200 3.9",
        "North 100002 Math TRUE 12 210 3.1",
        "North 100003 Math TRUE 13 201 3.5",
        "North 100003 Math FALSE 14 202 3.2",
    )
    after = (before[0], before[3])
    district = built(
        tmp_path,
        ("fall_20250920.zip", zipped({"AssessmentResults.csv": results(*before)})),
        ("fall_20250927.zip", zipped({"AssessmentResults.csv": results(*after)})),
    )
    assert listed(district) == [
        ("100001", "11", "valid", 200.0),
        ("100002", "12", "no_valid_score", None),
        ("100003", "14", "valid", 202.0),
    ]
    assert district.ask("SELECT DISTINCT result_id FROM facts.assessment_growth ORDER BY 1") == [
        {"result_id": "11"},
        {"result_id": "14"},
    ]


def test_a_row_that_was_turned_away_is_not_a_withdrawn_test(tmp_path: Path) -> None:
    before = [f"North 10000{n} Math TRUE 1{n} 200 3.9" for n in (1, 2, 3)]
    after = [before[0], before[1].replace("100002", "1.00002E+05"), before[2]]
    district = built(
        tmp_path,
        ("f_20250920/AssessmentResults.csv", results(*before)),
        ("f_20250927/AssessmentResults.csv", results(*after)),
    )
    assert [row[1] for row in listed(district)] == ["11", "13"]


def test_a_broken_line_may_be_any_test(tmp_path: Path) -> None:
    before = [f"North 10000{n} Math TRUE 1{n} 200 3.9" for n in (1, 2, 3)]
    after = results(before[0], before[2]) + 'Fall 2025-2026,North,1"00002,Math\n'
    district = built(
        tmp_path,
        ("f_20250920/AssessmentResults.csv", results(*before)),
        ("f_20250927/AssessmentResults.csv", after),
    )
    assert [row[1] for row in listed(district)] == ["11", "13"]


@pytest.mark.slow
def test_exports_of_two_schools_stand_beside_each_other(tmp_path: Path) -> None:
    north, south = "North 100001 Math TRUE 11 200 3.9", "South 100002 Math TRUE 12 210 3.1"
    district = built(
        tmp_path,
        ("n_20250920/AssessmentResults.csv", results(north)),
        ("s_20250921/AssessmentResults.csv", results(south)),
    )
    assert [row[1:3] for row in listed(district)] == [("11", "valid"), ("12", "valid")]
    district.put("nwea/n_20250925/AssessmentResults.csv", results(north.replace(" 11 ", " 13 ")))
    district.build()
    assert [row[1:3] for row in listed(district)] == [("13", "valid"), ("12", "valid")]


@pytest.mark.slow
def test_a_newer_export_of_the_district_replaces_those_of_its_schools(tmp_path: Path) -> None:
    north = ("North 100001 Math TRUE 11 200 3.9", "North 100003 Math TRUE 13 190 3.9")
    south = "South 100002 Math TRUE 12 210 3.1"
    district = built(
        tmp_path,
        ("n_20250920/AssessmentResults.csv", results(*north)),
        ("all_20250922/AssessmentResults.csv", results(north[0], south)),
    )
    expected = [
        ("100001", "11", "valid", 200.0),
        ("100002", "12", "valid", 210.0),
        ("100003", "13", "no_valid_score", None),
    ]
    assert listed(district) == expected
    # One school's later export does not touch the other school.
    later = results(north[0].replace("200", "222"))
    district.put("nwea/n_20250925/AssessmentResults.csv", later)
    district.build()
    assert listed(district) == [("100001", "11", "valid", 222.0), *expected[1:]]


COMBO = (
    "TermName,SchoolName,StudentLastName,StudentFirstName,StudentID,Grade,Subject,Course,TestName,"
    "TestStartDate,TestStartTime,TestRITScore,TestStandardError"
)


def test_a_test_told_by_both_exports_is_listed_once(tmp_path: Path) -> None:
    row = "Fall 2025-2026,North,Lee,Ann,100001,3,Math,Math K-12,Growth Math,09/11/2025,08:54:50,"
    combined = lines(COMBO, f"{row}200,3.9", row.replace("09/11", "09/12") + "190,4.1")
    one = results("North 100001 Math TRUE 11 200 3.9")
    district = built(
        tmp_path, ("AssessmentResults.csv", one), ("ComboStudentAssessment.csv", combined)
    )
    assert listed(district, "score, growth_measure") == [(190.0, False), (200.0, True)]


def test_a_combined_export_without_its_score_is_named_not_taken_for_a_list(tmp_path: Path) -> None:
    district = District(tmp_path, ("nwea",))
    text = lines(COMBO, "Fall 2025-2026,North,Lee,Ann,1,3,M,M,G,09/11/2025,08:54:50,200,3.9")
    district.put("nwea/ComboStudentAssessment.csv", text.replace("TestRITScore", "RIT"))
    district.take()
    assert district.states("nwea") == {"ComboStudentAssessment.csv": ("refused", "missing_column")}


LISTS: Mapping[str, tuple[str, Sequence[tuple[object, ...]], str, str]] = {
    "StudentsBySchool.csv": (
        "TermName,DistrictName,SchoolName,StudentLastName,StudentFirstName,StudentMI,StudentID,"
        "StudentDateOfBirth,StudentEthnicGroup,StudentGender,Grade\n"
        "Fall 2013,D,North,Lee,Ann,,0071,01/02/2004,,F,K\n",
        [("0071", "Lee", "K", "North")],
        "account",
        "account_key, family_name, grade_level, school_name",
    ),
    "ClassAssignments.csv": (
        "TermName,StudentID,SchoolName,ClassName,TeacherName\n"
        "Fall 2013,0071,North,Reading 3A,Ada Moss\nFall 2013,0072,North,Reading 3A,Ada Moss\n",
        [("Reading 3A",)],
        "platform_class",
        "title",
    ),
    "ProgramAssignments.csv": (
        "TermName,StudentID,Student_StateID,Program,NWEAStandard_Program\n"
        "Fall 2020-2021,0071,,Tutoring,Other\nFall 2020-2021,0072,,Tutoring,Other\n",
        [("0071", "program", "Tutoring"), ("0072", "program", "Tutoring")],
        "student_program",
        "account_key, kind, name",
    ),
    "AccommodationAssignments.csv": (
        "TermName,StudentID,Student_StateID,TestID,AccommodationCategory,Accommodation\n"
        "Fall 2020-2021,0071,,12,Presentation,Text-to-speech\n"
        "Fall 2020-2021,0071,,13,Presentation,Text-to-speech\n",
        [("0071", "accommodation", "Presentation: Text-to-speech")],
        "student_program",
        "account_key, kind, name",
    ),
}


@pytest.mark.parametrize("name", LISTS)
def test_the_lists_beside_the_results_are_read(tmp_path: Path, name: str) -> None:
    text, expected, table, columns = LISTS[name]
    district = District(tmp_path, ("nwea",))
    district.put(f"nwea/{name}", text)
    district.take()
    assert district.states("nwea") == {name: ("loaded", None)}
    assert district.lake(table, columns) == expected


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda t: t.replace("StudentID,", "Pupil,", 1), "missing_column"),
        (lambda t: t.split("\n")[0] + "\n", "header_only"),
        (lambda t: t[: t.rindex(",")], "cut_file"),
    ],
    ids=["drifted", "empty", "cut"],
)
def test_a_list_that_is_not_whole_is_refused(
    tmp_path: Path, name: str, change: object, reason: str
) -> None:
    district = District(tmp_path, ("nwea",))
    district.put(f"nwea/{name}", change(LISTS[name][0]))  # type: ignore[operator]
    district.take()
    assert district.states("nwea") == {name: ("refused", reason)}


def test_members_of_a_class_have_its_key(tmp_path: Path) -> None:
    district = District(tmp_path, ("nwea",))
    district.put("nwea/ClassAssignments.csv", LISTS["ClassAssignments.csv"][0])
    district.take()
    keys = district.lake("platform_class", "class_key")
    assert district.lake("class_member", "class_key, account_key, role") == [
        (*keys[0], "0071", "student"),
        (*keys[0], "0072", "student"),
    ]


FLUENCY = (
    "\ufeffTermName,SchoolName,StudentID,Grade,AssignedTestType,ResultType,TestLanguage,"
    "TestCompletionDate,PhonicsWordRecognitionDomainScore,PhonicsWordRecognitionTestPercentile,"
    "OralReadingWCPMScaled"
)


def test_every_score_of_reading_fluency_is_a_row(tmp_path: Path) -> None:
    text = lines(
        FLUENCY,
        "Fall 2023-2024,,100001,K,Adaptive,Oral,English,9/26/2023,477,8,88",
        "Fall 2023-2024,,100002,1,Adaptive,Oral,English,9/22/2023,,,No Score",
    )
    district = built(tmp_path, ("MAP_Reading_Fluency.csv", text))
    assert listed(district, "student_id, test_name, status, score, percentile, growth_measure") == [
        ("U100001", "MAP Reading Fluency: OralReadingWCPMScaled", "valid", 88.0, None, None),
        (
            "U100001",
            "MAP Reading Fluency: PhonicsWordRecognitionDomainScore",
            "valid",
            477.0,
            8,
            None,
        ),
        ("U100002", "MAP Reading Fluency", "no_valid_score", None, None, None),
    ]


def test_the_vendor_sample_of_reading_fluency_is_read(tmp_path: Path, shared_data: Path) -> None:
    sample = (shared_data / "nwea" / "MAP_Reading_Fluency.csv").read_bytes()
    district = District(tmp_path, ("nwea",))
    district.put("nwea/MAP_Reading_Fluency.csv", sample)
    district.take()
    file = district.files()["MAP_Reading_Fluency.csv"]
    assert (file["status"], file["rows_kept"], file["rows_quarantined"]) == ("loaded", 9, 0)
    assert district.lake("assessment_result", "account_key, test_name", "score IS NULL") == [
        ("605001", "MAP Reading Fluency")
    ]


@pytest.mark.parametrize(
    "layout",
    [
        "AssessmentResults_64col_pre2015",
        "AssessmentResults_128col_2015to2019",
        "AssessmentResults_143col_2020plus",
        "ComboStudentAssessment_152col_2020plus",
    ],
)
def test_every_verbatim_header_of_the_results_is_read(
    tmp_path: Path, shared_data: Path, layout: str
) -> None:
    header = (shared_data.parent / "formats" / f"nwea_{layout}.csv").read_text().strip()
    told = {
        "TermName": "Fall 2013",
        "StudentID": "0071",
        "SchoolName": "North",
        "StudentLastName": "Lee",
        "StudentFirstName": "Ann",
        "MeasurementScale": "Reading",
        "Discipline": "Reading K-12",
        "Subject": "Reading",
        "Course": "Reading K-12",
        "TestName": "Growth",
        "TestID": "9",
        "TestStartDate": "09/16/2013",
        "TestStartTime": "08:54:50",
        "TestRITScore": "200",
        "RITtoReadingScore": "805L",
        "LexileScore": "805L",
        "FallToFallObservedGrowth": "4",
    }
    names = header.split(",")
    district = District(tmp_path, ("nwea",))
    file = f"{layout.split('_')[0]}.csv"
    district.put(f"nwea/{file}", lines(header, ",".join(told.get(n, "") for n in names)))
    district.take()
    assert district.states("nwea") == {file: ("loaded", None)}
    assert district.lake(
        "assessment_result", "account_key, school_year, subject, course, score, lexile"
    ) == [("0071", "2013-2014", "Reading", "Reading K-12", 200.0, "805L")]
    grown = district.lake("assessment_growth", "from_term, observed_growth")
    assert grown == ([("fall", 4.0)] if "FallToFallObservedGrowth" in names else [])
