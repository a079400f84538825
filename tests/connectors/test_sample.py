"""The sample district: what its folder promises to tests, docs and demo."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import subprocess
import sys
import time
import zipfile
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from connectors.errors import FILE_REASONS, ROW_REASONS
from connectors.sample import SampleSummary, write_district
from connectors.sample.calendar import FIRST_MONDAY, SchoolCalendar, export_time
from connectors.sample.names import normalised, school_name
from connectors.sample.nwea_columns import ASSESSMENT_RESULTS

LEXIA_HEADER = (
    "district_id,District_name,school_id,school_name,classes,class_names,staff,Lexia_ID,username,fname,lname,"
    "grade_label,Predictor_date,Predictor,risk_level,activity_id,activity_name,reading_focus,struggling_indicator,"
    "accuracy,rate,percent_completed,current_unit,max_unit,status_flag_complete,advanced,activity_start_time,"
    "activity_end_time,activity_time,attempts_at_standard,attempts_at_practice,attempts_at_instruction,levelname,"
    "grade_level_material,units_to_benchmark,today_mins,today_units,week_time,weekly_usage_target,"
    "meeting_target_usage,week_units,weekly_units_target,certificate_delivered,skillbuilder_delivered,"
    "lessons_delivered,date_of_birth,gender,race,hispanic_latino,meal_status,IDEA,esl_ell,title_I,studentrefid,"
    "schoolrefid,classrefid"
)
KHAN_HEADER = (
    "Student Name,Assignment Name,Assignment Type,Due Date,Score At Due Date,Score Best Ever,Points Possible,"
    "Number Of Attempts"
)
SHARED_FORMATS = Path(__file__).parents[3] / "shared" / "formats"


@pytest.fixture(scope="module")
def district(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sample") / "district"
    write_district(folder)
    return folder


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sample") / "clean"
    write_district(folder, students=60, weeks=10, oddities=False)
    return folder


def digests(folder: Path) -> dict[str, tuple[str, float]]:
    return {
        str(path.relative_to(folder)): (
            hashlib.sha256(path.read_bytes()).hexdigest(),
            path.stat().st_mtime,
        )
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def rows_of(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def member(archive: Path, name: str) -> bytes:
    with zipfile.ZipFile(archive) as opened:
        return opened.read(name)


def truth(folder: Path, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect() as connection:
        for table in ("minutes", "students", "absences", "school_days", "assignments", "accounts"):
            path = folder / "truth" / f"{table}.parquet"
            connection.execute(f"CREATE VIEW {table} AS FROM read_parquet('{path}')")
        return connection.execute(sql).fetchall()


def planted(folder: Path) -> list[dict[str, str]]:
    return rows_of((folder / "truth" / "oddities.csv").read_bytes())


def lexia_day(folder: Path, when: date) -> list[dict[str, str]]:
    name = f"Lexia_Core5_Detailed_Student_{when:%Y%m%d}.csv"
    return rows_of((folder / "exports" / "lexia" / name).read_bytes())


# -- the same again, and only inside ------------------------------------------------------------


def test_the_same_seed_gives_the_same_bytes_and_times_whatever_the_machines_zone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = []
    for zone in ("Asia/Tokyo", "America/New_York"):
        with monkeypatch.context() as machine:
            machine.setenv("TZ", zone)
            time.tzset()
            folder = tmp_path / zone.replace("/", "-")
            write_district(folder, students=60, weeks=10, seed=3)
        told.append(digests(folder))
    time.tzset()
    assert told[0] == told[1]


def test_another_seed_gives_another_district(clean: Path, tmp_path: Path) -> None:
    write_district(tmp_path / "other", students=60, weeks=10, seed=8, oddities=False)
    one, other = digests(clean), digests(tmp_path / "other")
    assert one.keys() == other.keys()
    differing = {name for name in one if one[name][0] != other[name][0]}
    assert "exports/lexia/Lexia_Core5_Detailed_Student_20250818.csv" in differing
    assert "truth/minutes.parquet" in differing


def test_nothing_is_written_outside_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "neighbour.txt").write_text("mine")
    write_district(tmp_path / "inside", students=60, weeks=10)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["inside", "neighbour.txt"]


def test_a_folder_that_holds_anything_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(FileExistsError, match="not empty"):
        write_district(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["notes.txt"]


@pytest.mark.parametrize(("students", "weeks"), [(59, 14), (240, 9), (240, 41)])
def test_a_district_too_small_for_its_oddities_or_too_long_a_year_is_refused(
    tmp_path: Path, students: int, weeks: int
) -> None:
    with pytest.raises(ValueError, match=r"students|weeks"):
        write_district(tmp_path / "x", students=students, weeks=weeks)
    assert not (tmp_path / "x").exists()


def test_the_summary_counts_what_is_there_and_progress_ends_at_one(tmp_path: Path) -> None:
    told: list[float] = []
    summary = write_district(
        tmp_path / "d", students=60, weeks=10, progress=lambda stage, share: told.append(share)
    )
    files = [p for p in (tmp_path / "d").rglob("*") if p.is_file()]
    assert isinstance(summary, SampleSummary)
    assert summary.files == len(files)
    assert summary.size == sum(p.stat().st_size for p in files)
    assert summary.oddities == len(planted(tmp_path / "d"))
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_no_file_is_younger_than_the_last_day(district: Path) -> None:
    last = export_time(date(2025, 11, 21), "23:59")
    late = [name for name, (_, mtime) in digests(district).items() if mtime > last]
    assert late == []


def test_it_says_that_it_is_synthetic(district: Path) -> None:
    assert "invented" in (district / "README.txt").read_text()
    assert "(synthetic)" in (district / "homeroom.toml").read_text()
    assert lexia_day(district, FIRST_MONDAY)[0]["District_name"] == "Sample District (synthetic)"


# -- layouts ------------------------------------------------------------------------------------


def test_lexia_and_khan_headers_are_verbatim(district: Path) -> None:
    lexia = (district / "exports/lexia/Lexia_Core5_Detailed_Student_20250818.csv").read_text()
    assert lexia.split("\n", 1)[0] == LEXIA_HEADER
    for path in (district / "exports/khan/assignment_scores").iterdir():
        assert path.read_bytes().startswith(b"\xef\xbb\xbf" + KHAN_HEADER.encode() + b"\n")


def test_nwea_has_143_columns_in_the_order_of_2020(district: Path) -> None:
    header = member(next(district.glob("exports/nwea/Winter*.zip")), "AssessmentResults.csv").split(
        b"\n"
    )[0]
    columns = header.decode().split(",")
    assert columns == list(ASSESSMENT_RESULTS)
    assert len(columns) == len(set(columns)) == 143
    assert columns[28:31] == [
        "RapidGuessingPercentage",
        "FallToFallProjectedGrowth",
        "FallToFallObservedGrowth",
    ]
    assert columns[71:78] == [
        "LexileScore",
        "LexileMin",
        "LexileMax",
        "QuantileScore",
        "QuantileMin",
        "QuantileMax",
        "Goal1Name",
    ]
    assert columns[-1] == "ProjectedProficiencyLevel10"


@pytest.mark.skipif(
    not SHARED_FORMATS.is_dir(), reason="the folder of collected header lines is not here"
)
def test_every_header_equals_the_collected_one(district: Path) -> None:
    archive = next(district.glob("exports/nwea/Winter*.zip"))
    for name, collected in {
        "AssessmentResults.csv": "nwea_AssessmentResults_143col_2020plus.csv",
        "StudentsBySchool.csv": "nwea_StudentBySchool_16col_2020plus.csv",
        "ClassAssignments.csv": "nwea_ClassAssignments_11col_2020plus.csv",
        "ProgramAssignments.csv": "nwea_ProgramAssignments_5col_2020plus.csv",
        "AccommodationAssignment.csv": "nwea_AccommodationAssignment_6col_2020plus.csv",
    }.items():
        assert (
            member(archive, name).decode().split("\n")[0]
            == (SHARED_FORMATS / collected).read_text().strip()
        )
    assert (
        SHARED_FORMATS / "lexia_core5_detailed_student_56col.csv"
    ).read_text().strip() == LEXIA_HEADER


def test_every_row_has_as_many_cells_as_its_header_where_nothing_is_damaged(clean: Path) -> None:
    pages = {str(p): p.read_bytes() for p in clean.glob("exports/**/*.csv")}
    for archive in clean.glob("exports/**/*.zip"):
        with zipfile.ZipFile(archive) as opened:
            pages |= {f"{archive}/{name}": opened.read(name) for name in opened.namelist()}
    for name, page in pages.items():
        widths = Counter(
            len(row) for row in csv.reader(io.StringIO(page.decode("utf-8-sig"), newline=""))
        )
        assert len(widths) == 1, name
        assert page.endswith(b"\n"), name


def test_sis_ids_keep_their_leading_zeros_wherever_they_are_told(district: Path) -> None:
    users = rows_of(member(district / "exports/oneroster/oneroster_20250930.zip", "users.csv"))
    students = {u["identifier"] for u in users if u["role"] == "student"}
    attendance = {
        r["student_id"]
        for r in rows_of((district / "exports/district/attendance.csv").read_bytes())
    }
    tests = rows_of(
        member(next(district.glob("exports/nwea/Winter*.zip")), "AssessmentResults.csv")
    )
    assert "004217" in students
    for ids in (students, attendance, {r["StudentID"] for r in tests}):
        assert all(len(i) == 6 and i.startswith("0") for i in ids)


def test_rosters_show_the_arrival_the_transfer_and_the_withdrawal(district: Path) -> None:
    def people(day: str) -> dict[str, dict[str, str]]:
        return {
            u["sourcedId"]: u
            for u in rows_of(
                member(district / f"exports/oneroster/oneroster_{day}.zip", "users.csv")
            )
        }

    first, second, last = people("20250815"), people("20250902"), people("20250930")
    moved = {
        str(i): str(m)
        for i, m in truth(district, "SELECT student_id, move FROM students WHERE move <> ''")
    }
    assert sorted(moved.values()) == ["arrival", "transfer", "withdrawal"]
    who = {move: student for student, move in moved.items()}
    assert who["arrival"] not in first
    assert who["arrival"] in second
    assert who["withdrawal"] in second
    assert who["withdrawal"] not in last
    assert second[who["transfer"]]["orgSourcedIds"] != last[who["transfer"]]["orgSourcedIds"]
    stays = [
        (r["beginDate"], r["endDate"])
        for r in rows_of(
            member(district / "exports/oneroster/oneroster_20250930.zip", "enrollments.csv")
        )
        if r["userSourcedId"] == who["transfer"]
    ]
    assert stays == [("2025-08-18", "2025-09-28"), ("2025-09-29", "")]


def test_class_titles_are_unique_but_for_the_planted_pair(district: Path, clean: Path) -> None:
    for folder, most in ((district, 2), (clean, 1)):
        classes = rows_of(
            member(folder / "exports/oneroster/oneroster_20250815.zip", "classes.csv")
        )
        counts = Counter(normalised(c["title"]) for c in classes)
        assert max(counts.values()) == most
        assert sum(n > 1 for n in counts.values()) == most - 1


def test_two_hundred_schools_have_two_hundred_names() -> None:
    assert len({school_name(n) for n in range(200)}) == 200


# -- what the files tell is what happened -------------------------------------------------------


def test_lexia_repeats_a_students_figures_and_they_add_up_to_the_truth(clean: Path) -> None:
    ids = dict(
        truth(clean, "SELECT account, student_id FROM accounts WHERE account_kind = 'lexia_id'")
    )
    true = {
        (s, d): m
        for s, d, m in truth(
            clean, "SELECT student_id, date, minutes FROM minutes WHERE platform = 'lexia'"
        )
    }
    calendar = SchoolCalendar(10, 2)
    told: dict[tuple[object, date], int] = {}
    for week in range(calendar.weeks):
        sums: Counter[object] = Counter()
        for day in calendar.school_days(week):
            when = calendar.date_of(day)
            figures: dict[object, set[tuple[str, ...]]] = {}
            for row in lexia_day(clean, when):
                figures.setdefault(ids[row["Lexia_ID"]], set()).add(
                    (
                        row["today_mins"],
                        row["week_time"],
                        row["week_units"],
                        row["weekly_usage_target"],
                    )
                )
            for student, sets in figures.items():
                ((today, so_far, _, _),) = sets
                sums[student] += int(today)
                assert int(so_far) == sums[student]
                if int(today):
                    told[student, when] = int(today)
    assert told == true


def test_khans_weekly_overview_is_the_sum_of_the_true_days(clean: Path) -> None:
    logins = dict(
        truth(
            clean,
            "SELECT account, student_id FROM accounts WHERE platform = 'khan' AND account_kind = 'login'",
        )
    )
    true = {
        (s, w): m
        for s, w, m in truth(
            clean,
            "SELECT student_id, CAST(date_trunc('week', date) AS DATE), CAST(sum(minutes) AS BIGINT) "
            "FROM minutes WHERE platform = 'khan' GROUP BY ALL",
        )
    }
    told: dict[tuple[object, date], int] = {}
    for path in clean.glob("exports/khan/activity_overview_*.csv"):
        monday = date.fromisoformat(path.stem.split("_")[2])
        for row in rows_of(path.read_bytes()):
            if int(row["Total learning minutes"]):
                told[logins[row["Username / Email"]], monday] = int(row["Total learning minutes"])
    assert told == true


def test_khans_scores_tell_on_time_late_and_missing_as_they_were(clean: Path) -> None:
    names = {
        (normalised(str(title)), name): student
        for title, name, student in truth(
            clean,
            "SELECT class_title, name, student_id FROM accounts WHERE account_kind = 'name_in_class'",
        )
    }
    true = {
        (s, t): (state, score)
        for s, t, state, score in truth(
            clean, "SELECT student_id, title, state, score FROM assignments"
        )
    }
    told = {}
    for path in clean.glob("exports/khan/assignment_scores/*_20251024.csv"):
        for row in rows_of(path.read_bytes()):
            at_due, best = row["Score At Due Date"], row["Score Best Ever"]
            state = "on_time" if at_due else "late" if best else "open"
            student = names[path.stem.split("_")[0], row["Student Name"]]
            told[student, row["Assignment Name"]] = (state, int(best) if best else None)
    plain = {
        k: ("open" if state in ("missing", "not_due") else state, score)
        for k, (state, score) in true.items()
    }
    assert told == plain
    assert {state for state, _ in true.values()} == {"on_time", "late", "missing", "not_due"}


def test_nobody_works_on_a_day_of_absence_or_before_arriving(district: Path) -> None:
    assert truth(district, "SELECT count(*) FROM absences")[0][0] > 50
    assert truth(district, "FROM minutes JOIN absences USING (student_id, date)") == []
    worked = """SELECT student_id FROM assignments a JOIN absences b USING (student_id)
        WHERE date IN (CAST(submitted_at - INTERVAL 6 HOUR AS DATE), CAST(started_at - INTERVAL 6 HOUR AS DATE))"""
    assert truth(district, worked) == []
    moves = "SELECT min(date), max(date) FROM minutes JOIN students USING (student_id) WHERE move = '{}'"
    assert truth(district, moves.format("arrival"))[0][0] >= date(2025, 9, 1)
    assert truth(district, moves.format("withdrawal"))[0][1] < date(2025, 9, 29)


def test_attendance_lists_the_true_absences_and_nothing_else(district: Path) -> None:
    rows = rows_of((district / "exports/district/attendance.csv").read_bytes())
    away = {(r["student_id"], r["date"]) for r in rows if r["present"] == "false"}
    true = truth(
        district,
        "SELECT sis_id, CAST(date AS VARCHAR) FROM absences JOIN students USING (student_id)",
    )
    assert away == set(true)
    assert len(rows) == len(away)
    own_day_off = {r["student_id"] for r in rows if r["date"] == "2025-10-13"}
    closed = {
        i for (i,) in truth(district, "SELECT sis_id FROM students WHERE school_id = 'SCH-002'")
    }
    assert not own_day_off & closed


def test_assignment_times_follow_one_another(district: Path) -> None:
    wrong = """SELECT count(*) FROM assignments WHERE assigned_at >= due_at OR started_at < assigned_at
        OR started_at > submitted_at
        OR state <> CASE WHEN submitted_at <= due_at THEN 'on_time' WHEN submitted_at IS NOT NULL THEN 'late'
                         WHEN due_at < TIMESTAMP '2025-11-22 02:00' THEN 'missing' ELSE 'not_due' END"""
    assert truth(district, wrong) == [(0,)]
    late = truth(district, "SELECT count(*) FILTER (state = 'late') / count(*) FROM assignments")[
        0
    ][0]
    assert 0.05 < late < 0.3


def test_quiet_spells_in_the_last_two_weeks_are_under_a_third_of_usual(tmp_path: Path) -> None:
    write_district(tmp_path / "d", students=2000, oddities=False)
    spells = """WITH week AS (
            SELECT student_id, (date - DATE '2025-08-18') // 7 AS week, sum(minutes) AS minutes
            FROM minutes WHERE platform = 'lexia' GROUP BY ALL),
        usual AS (SELECT student_id, sum(minutes) / 8 AS usual FROM week WHERE week BETWEEN 4 AND 11 GROUP BY ALL),
        last AS (SELECT student_id, sum(minutes) / 2 AS latest FROM week WHERE week >= 12 GROUP BY ALL)
        SELECT spell, median(coalesce(latest, 0) / usual) FROM students JOIN usual USING (student_id)
        LEFT JOIN last USING (student_id)
        WHERE on_lexia AND behaviour = 'even' AND usual > 20 AND (spell = 'none' OR spell_begins = DATE '2025-11-10')
        GROUP BY spell"""
    shares = dict(truth(tmp_path / "d", spells))
    assert shares["quiet"] < 1 / 3
    assert 0.7 < shares["none"] < 1.3
    assert shares["busy"] > 1.5


def test_growth_is_told_only_for_pairs_that_end_in_the_exported_term(district: Path) -> None:
    for season, told in (("Fall", []), ("Winter", ["FallToWinter"]), ("Spring", [])):
        archive = max(district.glob(f"exports/nwea/{season}_*.zip"))
        rows = rows_of(member(archive, "AssessmentResults.csv"))
        filled = {c for r in rows for c, v in r.items() if v and c.endswith("ObservedGrowth")}
        assert all(c.split("To")[1].startswith(season) for c in filled)
        assert {f"{pair}ObservedGrowth" for pair in told} <= filled


def test_winter_growth_is_the_difference_to_the_falls_exported_score(district: Path) -> None:
    fall, winter = (
        rows_of(member(max(district.glob(f"exports/nwea/{season}_*.zip")), "AssessmentResults.csv"))
        for season in ("Fall", "Winter")
    )
    first = {
        (r["StudentID"], r["Subject"]): int(r["TestRITScore"])
        for r in fall
        if r["GrowthMeasureYN"] == "TRUE"
    }
    compared = 0
    for row in winter:
        key = row["StudentID"], row["Subject"]
        if row["FallToWinterObservedGrowth"] and key in first:
            assert int(row["FallToWinterObservedGrowth"]) == int(row["TestRITScore"]) - first[key]
            compared += 1
    assert compared > 100
    assert {r["GrowthMeasureYN"] for r in winter} == {"TRUE", "FALSE"}
    assert any(float(r["RapidGuessingPercentage"]) >= 30 for r in winter)


# -- oddities -----------------------------------------------------------------------------------


@pytest.mark.parametrize("students", [60, 240, 2000])
def test_every_listed_oddity_is_there_at_every_size(tmp_path: Path, students: int) -> None:
    write_district(tmp_path / "d", students=students)
    listed = planted(tmp_path / "d")
    assert {o["oddity"] for o in listed} == {
        "shrunken_roster", "earlier_export", "invalidated_test", "spreadsheet_id", "id_without_zeros", "cp1252",
        "byte_order_mark", "old_layout", "header_only", "missing_day", "utf16", "corrected", "unknown_column",
        "broken_quote", "cut", "gzip", "same_bytes", "stale_twin", "lone_returns", "out_of_range", "same_name",
        "same_name_equal_rows", "same_title", "no_name", "stub_row", "test_account", "due_without_year",
        "strange_title", "empty_file", "unknown_account", "user_name_handed_on", "semicolons_crlf",
    }  # fmt: skip
    for oddity in listed:
        found = list((tmp_path / "d").glob(oddity["file"]))
        assert bool(found) == (oddity["expected_status"] != "absent"), oddity
        reason = oddity["expected_reason"]
        assert not reason or reason in FILE_REASONS or reason in ROW_REASONS, oddity


def test_a_clean_district_lists_no_damage(clean: Path) -> None:
    assert {o["expected_reason"] for o in planted(clean)} <= {""}
    assert {o["expected_status"] for o in planted(clean)} <= {"superseded"}


def damaged(folder: Path, oddity: str) -> Path:
    return folder / next(o["file"] for o in planted(folder) if o["oddity"] == oddity)


def test_damaged_lexia_files_are_damaged_as_listed(district: Path) -> None:
    lexia = district / "exports/lexia"
    accented = damaged(district, "cp1252").read_bytes()
    with pytest.raises(UnicodeDecodeError):
        accented.decode("utf-8")
    assert accented.decode("cp1252")
    assert damaged(district, "byte_order_mark").read_bytes().startswith(b"\xef\xbb\xbf")
    old = damaged(district, "old_layout").read_text().split("\n")[0].split(",")
    assert {"activity_timestamp", "duration_minutes", "units_to_target", "weekly_target"} <= set(
        old
    )
    assert old[0] == "classrefid"
    assert damaged(district, "header_only").read_text() == f"{LEXIA_HEADER}\n"
    assert damaged(district, "cut").read_bytes()[-1:] != b"\n"
    assert (lexia / "Lexia_Core5_Detailed_Student_20250925_complete.csv").exists()
    assert not (lexia / "Lexia_Core5_Detailed_Student_20251001_complete.csv").exists()
    stale = damaged(district, "stale_twin")
    assert stale.read_bytes() == (lexia / "Lexia_Core5_Detailed_Student_20251008.csv").read_bytes()
    copy = damaged(district, "same_bytes")
    assert copy.read_bytes() == (lexia / copy.name.replace("_copy", "")).read_bytes()
    assert damaged(district, "broken_quote").read_text().count('"') % 2 == 1
    weeks = [r["week_time"] for r in rows_of(damaged(district, "out_of_range").read_bytes())]
    assert weeks.count("99999") == 1
    first = damaged(district, "corrected")
    second = first.with_name(f"{first.stem}_corrected.csv")
    assert second.stat().st_mtime > first.stat().st_mtime
    assert sum(int(r["week_time"]) for r in rows_of(first.read_bytes())) < sum(
        int(r["week_time"]) for r in rows_of(second.read_bytes())
    )


def test_no_two_exports_of_the_clean_district_are_alike(clean: Path) -> None:
    prints = [d for name, (d, _) in digests(clean).items() if name.startswith("exports")]
    assert len(prints) == len(set(prints))


def test_khans_oddities_are_there_as_listed(district: Path) -> None:
    assert damaged(district, "utf16").read_bytes().startswith(b"\xff\xfe")
    assert gzip.decompress(damaged(district, "gzip").read_bytes()).startswith(b"Student,")
    assert b"\n" not in damaged(district, "lone_returns").read_bytes()
    assert damaged(district, "empty_file").read_bytes() == b""
    same = rows_of(damaged(district, "same_name").read_bytes())
    keys = Counter((r["Student Name"], r["Assignment Name"]) for r in same)
    listed = {o["oddity"]: int(o["rows"]) for o in planted(district)}
    twice = sum(n for n in keys.values() if n > 1)
    assert twice == listed["same_name"] + 2 * listed["same_name_equal_rows"] > 0
    due = {r["Due Date"] for r in rows_of(damaged(district, "due_without_year").read_bytes())}
    assert "Aug 22" in due
    titles = {
        normalised(c["title"])
        for c in rows_of(
            member(district / "exports/oneroster/oneroster_20250815.zip", "classes.csv")
        )
    }
    assert damaged(district, "strange_title").stem.split("_")[0] not in titles
    assert damaged(district, "same_title").stem.split("_")[0] in titles


def test_spreadsheet_damage_to_ids_is_in_the_final_fall_export_only(district: Path) -> None:
    fall = damaged(district, "spreadsheet_id")
    ids = [r["StudentID"] for r in rows_of(member(fall, "AssessmentResults.csv"))]
    odd = [i for i in ids if len(i) != 6 or not i.isdigit()]
    assert sorted(("." in i, "E" in i) for i in odd) == [
        (False, False),
        (True, False),
        (True, True),
    ]
    bare = next(i for i in odd if i.isdigit())
    assert truth(
        district, f"SELECT expect FROM accounts WHERE platform = 'nwea' AND account = '{bare}'"
    ) == [("linked",)]


def test_accounts_of_nobody_are_in_the_files_and_have_no_student(district: Path) -> None:
    rows = lexia_day(district, FIRST_MONDAY)
    nobody = {
        str(a): str(e)
        for a, e in truth(district, "SELECT account, expect FROM accounts WHERE student_id IS NULL")
    }
    assert sorted(set(nobody.values())) == ["never", "waiting"]
    handed_on = next(r for r in rows if r["Lexia_ID"] == "2990002")
    owner = truth(district, f"SELECT name FROM students WHERE username = '{handed_on['username']}'")
    assert owner
    assert owner[0][0] != f"{handed_on['fname']} {handed_on['lname']}"
    assert nobody[handed_on["username"]] == "never"
    assert nobody["summer.visitor1"] == "waiting"


def test_every_account_of_the_lexia_files_is_known_to_the_truth(district: Path) -> None:
    known = {
        a
        for (a,) in truth(district, "SELECT account FROM accounts WHERE account_kind = 'lexia_id'")
    }
    assert {r["Lexia_ID"] for r in lexia_day(district, date(2025, 11, 21))} <= known


def test_students_of_one_class_share_no_name_but_for_the_planted_pair(tmp_path: Path) -> None:
    write_district(tmp_path / "d", students=2000, weeks=10)
    twice = truth(
        tmp_path / "d",
        "SELECT expect, count(*) FROM accounts WHERE account_kind = 'name_in_class' "
        "GROUP BY class_id, name, expect HAVING count(*) > 1",
    )
    assert twice == [("ambiguous", 2)]


@pytest.mark.slow
def test_memory_stays_far_below_what_is_written(tmp_path: Path) -> None:
    # In a process of its own, whose peak is that of this run alone: libraries, then the district.
    program = """
import resource, sys
from pathlib import Path
from connectors.sample import write_district

write_district(Path(sys.argv[1]) / "small", students=60, weeks=10, oddities=False)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
size = write_district(Path(sys.argv[1]) / "large", students=3000, weeks=20, oddities=False).size
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
sys.stdout.write(f"{size} {(peak - before) * 1024}")
"""
    root = Path(__file__).parents[2]
    ran = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    )
    size, grown = (int(word) for word in ran.stdout.split())
    assert grown < size / 2
