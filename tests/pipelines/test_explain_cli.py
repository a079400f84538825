"""`homeroom explain` as a person uses it."""

from __future__ import annotations

import json

import pytest

from tests.pipelines.test_cli import homeroom
from tests.scenario import Scenario

#: On the whole sample district.
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def quiet(district: Scenario) -> tuple[str, str]:
    """A student who is quieter than usual: id and number."""
    (row,) = district.rows(
        "SELECT student_id, sis_id FROM views.student_engagement JOIN roster.student USING (student_id) "
        "WHERE platform = 'lexia' AND quieter_than_usual ORDER BY student_id LIMIT 1"
    )
    return row[0], row[1]


def test_a_number_is_taken_apart_and_agrees(district: Scenario, quiet: tuple[str, str]) -> None:
    ran = homeroom(
        "explain", quiet[1], "student_engagement.share_of_usual", "--platform", "lexia",
        folder=district.folder,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    assert "Formula: minutes / usual_minutes" in ran.stdout
    assert "judged_usual = median(" in ran.stdout
    assert "It agrees." in ran.stdout
    assert "Keep in mind: " in ran.stdout


def test_programs_get_the_same_as_json(district: Scenario, quiet: tuple[str, str]) -> None:
    ran = homeroom(
        "explain", quiet[0], "quieter_than_usual", "--platform", "lexia", "--json",
        folder=district.folder,
    )  # fmt: skip
    told = json.loads(ran.stdout)
    assert (told["agrees"], told["value"], told["student_id"]) == (True, True, quiet[0])
    assert told["steps"][-1]["result"] == "yes"
    assert {"title", "columns", "rows"} == set(told["inputs"][0])


def test_a_threshold_that_was_changed_after_the_run_ends_with_1(
    district: Scenario, quiet: tuple[str, str]
) -> None:
    changed = district.folder / "changed.toml"
    text = (district.folder / "homeroom.toml").read_text("utf-8")
    changed.write_text(text + "\n[measures]\nusual_minutes_least = 600\n", "utf-8")
    asked = ("explain", quiet[0], "quieter_than_usual", "--platform", "lexia", "-c", changed)
    ran = homeroom(*asked, folder=district.folder)
    changed.unlink()
    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert "IT DIFFERS" in ran.stdout
    assert ">= 600" in ran.stdout


def test_of_two_students_with_one_name_none_is_guessed(district: Scenario) -> None:
    name, ids = district.rows(
        "SELECT given_name || ' ' || family_name AS name, list(student_id) FROM roster.student "
        "GROUP BY name HAVING count(*) > 1 ORDER BY name LIMIT 1"
    )[0]
    ran = homeroom("explain", name, "minutes", folder=district.folder)
    assert ran.returncode == 2
    assert all(one in ran.stdout for one in ids)
    assert name not in ran.stderr
    assert f"{len(ids)} students are called that" in ran.stderr


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("minuts",), "perhaps minutes"),
        (("agreement",), "is not a number"),
        (("minutes",), "name one with --platform"),
        (("minutes", "--platform", "lexia", "--week", "1999-01-01"), "nothing is published"),
    ],
)
def test_what_cannot_be_told_ends_with_2_and_a_way_on(
    district: Scenario, quiet: tuple[str, str], words: tuple[str, ...], says: str
) -> None:
    ran = homeroom("explain", quiet[0], *words, folder=district.folder)
    assert ran.returncode == 2
    assert says in ran.stderr
    assert "Traceback" not in ran.stderr


def test_why_a_row_is_missing_is_told_without_a_value_of_it(district: Scenario) -> None:
    (row,) = district.rows(
        "SELECT f.name, q.line FROM ops.quarantine q JOIN ops.file f ON f.sha256 = q.source_file "
        "WHERE f.status = 'loaded' AND q.reason = 'out_of_range' LIMIT 1"
    )
    ran = homeroom("why", "file", row[0], "--line", str(row[1]), folder=district.folder)
    assert ran.returncode == 0, ran.stderr
    assert f"line {row[1]}: turned away: the value is outside of what is possible" in ran.stdout
    (sent,) = district.folder.glob(f"exports/*/{row[0]}")
    cells = sent.read_text("utf-8").splitlines()[row[1] - 1].split(",")
    assert [c for c in cells if len(c) > 5 and c in ran.stdout] == []


def test_a_students_week_is_told_file_by_file(district: Scenario, quiet: tuple[str, str]) -> None:
    ran = homeroom(
        "why", "student", quiet[1], "--platform", "lexia", "--week", "2025-10-22",
        folder=district.folder,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    assert f"{quiet[0]} on lexia, week of 2025-10-20" in ran.stdout
    assert "shown in a view, views.student_platform_week, week of 2025-10-20" in ran.stdout


def test_several_files_of_a_name_are_listed_and_none_is_guessed(district: Scenario) -> None:
    ran = homeroom("why", "file", "Detailed_Student_202510", folder=district.folder)
    assert ran.returncode == 2
    assert "Lexia_Core5_Detailed_Student_20251022.csv" in ran.stdout
    assert "several files are called that" in ran.stderr
