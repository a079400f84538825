"""Lexia: three generations of Detailed Student, classes in lists, the other exports, PowerUp."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fixtures import District, lines, roster

DETAILED = (
    "school_name,classes,class_names,staff,Lexia_ID,username,fname,lname,activity_id,activity_name,"
    "{flag},status_flag_complete,activity_start_time,{end},{time},levelname,{units},today_mins,"
    "week_time,{target}"
)
GENERATIONS = {
    "56 columns": DETAILED.format(
        flag="struggling_indicator",
        end="activity_end_time",
        time="activity_time",
        units="units_to_benchmark",
        target="weekly_usage_target",
    ),
    "current": DETAILED.format(
        flag="needs_instruction",
        end="activity_end_time",
        time="activity_time",
        units="units_to_benchmark",
        target="weekly_usage_target",
    ),
    "2015 to 2018": DETAILED.format(
        flag="struggling_indicator",
        end="activity_timestamp",
        time="duration_minutes",
        units="units_to_target",
        target="weekly_target",
    ),
}
ROW = (
    'North,"c1, c2","Reading 3A, Reading 3B","Ada Moss, Bo Hill",71,ann,Ann,Lee,A1,Vowels,1,1,'
    "09/02/2025 09:00,09/02/2025 09:20,20,Level 3,12,5,30,60"
)


def taken(folder: Path, name: str, text: str, platform: str = "lexia", extra: str = "") -> District:
    district = District(folder, (platform,), extra=extra)
    district.put(f"{platform}/{name}", text)
    district.take()
    return district


@pytest.mark.parametrize("generation", GENERATIONS)
def test_detailed_student_is_read_under_all_its_names(tmp_path: Path, generation: str) -> None:
    district = taken(tmp_path, "l_20250903.csv", lines(GENERATIONS[generation], ROW))
    assert district.lake("usage_snapshot", "week_minutes, today_minutes, target_minutes") == [
        (30.0, 5.0, 60.0)
    ]
    assert district.lake("skill_state", "skill_name, state, needs_instruction, minutes, level") == [
        ("Vowels", "complete", True, 20.0, "Level 3")
    ]
    assert district.lake("program_level", "account_key, program, moment, units_to_target") == [
        ("71", "Core5", "current", 12.0)
    ]


@pytest.mark.parametrize(
    ("lists", "classes"),
    [
        ('"c1, c2","Reading 3A, Math 3B","X, Y"', [("Math 3B", "c2"), ("Reading 3A", "c1")]),
        ('c1,Reading 3A,"Moss, Ada"', [("Reading 3A", "c1")]),
        ('c1,"Reading, 3A",X', [("Reading, 3A", "c1")]),
        ('"c1,c2","Reading, 3A, Math 3B","X, Y"', []),
        (',"Reading 3A,Math 3B","X, Y"', [("Math 3B", None), ("Reading 3A", None)]),
        (",--,", []),
    ],
)
def test_lists_of_classes_are_taken_apart_where_they_match(
    tmp_path: Path, lists: str, classes: list[tuple[str, str | None]]
) -> None:
    row = ROW.replace('"c1, c2","Reading 3A, Reading 3B","Ada Moss, Bo Hill"', lists)
    district = taken(tmp_path, "l_20250903.csv", lines(GENERATIONS["current"], row))
    assert district.lake("platform_class", "title, class_code") == classes
    assert len(district.lake("class_member", "class_key, account_key")) == len(classes)


@pytest.mark.slow
def test_a_class_of_lexia_becomes_the_rosters_by_its_title(tmp_path: Path) -> None:
    district = District(tmp_path, ("oneroster", "lexia"))
    district.put_all("oneroster", roster(["1 Ann Lee c1"], ["c1 Reading_3A"]))
    row = ROW.replace('"c1, c2","Reading 3A, Reading 3B"', 'x9,"Reading 3A"')
    for day in ("20250902", "20250903"):
        district.put(f"lexia/l_{day}.csv", lines(GENERATIONS["current"], row))
        row = row.replace(",5,30,60", ",,42,60")
    report = district.build()
    assert report.published is not None
    days = district.ask(
        "SELECT date, minutes, minutes_basis FROM facts.daily_activity ORDER BY date, minutes"
    )
    assert [(str(d["date"]), d["minutes"], d["minutes_basis"]) for d in days] == [
        ("2025-09-01", 25.0, "differenced"),
        ("2025-09-02", 5.0, "exported"),
        ("2025-09-03", 12.0, "differenced"),
    ]


SKILLS = (
    "School Name,Class,First Name,MI,Last Name,Username,Grade,GLM Status,GLM Status Label,"
    "GLM Program Level,Program Level,Core5 Focus,Skill Activity,Needs Instruction Indicator,"
    "Activity Accuracy"
)
MONTHLY = (
    "Customer Name,School Name,Classes,First Name,MI,Last Name,Username,Grade,Year,Month,Program,"
    "Start of Year Level,Start GLM,Start Status,Start Status Label,Something New"
)
TO_DATE = (
    "Customer Name,School Name,Classes,First Name,MI,Last Name,Username,Grade,First Use,Last Use,"
    "Program,Start GLM,Start Lexia Level,Start Status"
)
EXPORTS = {
    "skills": lines(
        SKILLS,
        "North,Reading 3A,Ann,,Lee,Ann,3rd Grade,2,On,Grade 3,Level 12,Phonics,Vowels,Yes,High",
        "North,Reading 3A,Ann,,Lee,Ann,3rd Grade,2,On,Grade 3,Level 12,Phonics,Blends,--,--",
    ),
    "monthly": lines(
        MONTHLY,
        "D,North,Reading 3A,Ann,,Lee,ann,3rd Grade,2025,September,Core5,Level 9,Grade 2,1,Below,x",
    ),
    "to_date": lines(
        TO_DATE,
        "D,North,Reading 3A,Ann,,Lee,ann,3rd Grade,9/1/2025,9/30/2025,Core5,Grade 2,Level 9,Below",
    ),
}
LEVELS = "account_key, program, moment, level, grade_level_material, status"


def test_class_detailed_skills_tell_skills_levels_and_the_class(tmp_path: Path) -> None:
    district = taken(tmp_path, "x_20251001.csv", EXPORTS["skills"])
    assert district.lake(
        "skill_state", "account_key, CAST(date AS VARCHAR), skill_name, needs_instruction, level"
    ) == [
        ("ann", "2025-10-01", "Blends", None, "Level 12"),
        ("ann", "2025-10-01", "Vowels", True, "Level 12"),
    ]
    assert district.lake("program_level", LEVELS) == [
        ("ann", "Core5", "current", "Level 12", "Grade 3", "On")
    ]
    assert district.lake("platform_class", "title") == [("Reading 3A",)]
    assert district.lake("account", "username, account_kind") == [("Ann", "login")]


@pytest.mark.parametrize("name", ["monthly", "to_date"])
def test_monthly_and_year_to_date_tell_where_a_student_began(tmp_path: Path, name: str) -> None:
    district = taken(tmp_path, "x_20251001.csv", EXPORTS[name])
    assert district.lake("program_level", LEVELS) == [
        ("ann", "Core5", "start_of_year", "Level 9", "Grade 2", "Below")
    ]


@pytest.mark.parametrize("name", EXPORTS)
@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [("Username", "Login", "missing_column"), ("\n", "\n", "header_only"), ("", "", "cut_file")],
    ids=["drifted", "empty", "cut"],
)
def test_an_export_that_is_not_whole_is_refused(
    tmp_path: Path, name: str, old: str, new: str, reason: str
) -> None:
    text = (
        EXPORTS[name].replace(old, new, 1) if old != "\n" else EXPORTS[name].split("\n")[0] + "\n"
    )
    if reason == "cut_file":
        text = text[: text.rindex(",") - 1]
    district = taken(tmp_path, "x.csv", text)
    assert district.states("lexia") == {"x.csv": ("refused", reason)}


MAPPING = """[source.columns.detailed_student]
lexia_id = ["Student number"]
username = ["Login"]
week_minutes = ["Minutes this week"]
"""


@pytest.mark.parametrize("platform", ["lexia_powerup", "lexia_english"])
def test_the_other_programs_come_in_by_the_districts_mapping(tmp_path: Path, platform: str) -> None:
    text = lines("Student number,Login,Minutes this week,Else", "71,ann,30,x")
    district = taken(tmp_path, "p_20250903.csv", text, platform, MAPPING)
    assert district.states(platform) == {"p_20250903.csv": ("loaded", None)}
    assert district.lake("usage_snapshot", "account_key, week_minutes, platform") == [
        ("71", 30.0, platform)
    ]


def test_without_a_mapping_the_missing_columns_are_named(tmp_path: Path) -> None:
    text = lines("Lexia_ID,Username,Minutes this week", "71,ann,30")
    district = taken(tmp_path, "p_20250903.csv", text, "lexia_powerup")
    file = district.files()["p_20250903.csv"]
    assert (file["reason"], file["culprit"]) == ("missing_column", "column week_time")


def test_the_verbatim_header_is_read(tmp_path: Path, shared_data: Path) -> None:
    formats = shared_data.parent / "formats"
    header = (formats / "lexia_core5_detailed_student_56col.csv").read_text().strip()
    told = {"Lexia_ID": "071", "username": "ann", "week_time": "30", "units_to_benchmark": "--"}
    row = ",".join(told.get(name, "") for name in header.split(","))
    district = taken(tmp_path, "l_20250903.csv", lines(header, row))
    assert district.lake("usage_snapshot", "account_key, week_minutes") == [("071", 30.0)]
