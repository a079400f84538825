"""A platform nobody has written: one TOML file, and everything else is as for the others."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors import declaration
from connectors.errors import ConfigError
from tests.connectors.test_declaration import GOOD
from tests.fixtures import District, accounted, lines, roster
from warehouse import nightly, settings
from warehouse.intake.landing import land
from warehouse.intake.redeclared import fingerprints

HEADER = "Student ID,Began,Minutes,Items,Status"


def declared(folder: Path, text: str = GOOD, name: str = "newthing") -> District:
    """A district with a roster and one platform of its own."""
    (folder / "platforms").mkdir(parents=True, exist_ok=True)
    (folder / "platforms" / f"{name}.toml").write_text(text)
    district = District(folder, ("oneroster", name))
    district.put_all("oneroster", roster(["001 Ann Ash c1", "002 Bo Birch c1"]))
    return district


def redeclare(district: District, old: str, new: str) -> None:
    path = district.folder / "platforms" / "newthing.toml"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))
    district.settings = settings.load(district.folder / "homeroom.toml")


SESSIONS = lines(
    HEADER,
    "001,09/01/2025 09:00,30,5,done",
    "001,09/01/2025 13:00,12.5,2,done",
    "002,09/02/2025 10:00,N/A,,open",
    "002,09/03/2025 10:00,5000,1,done",
    ",09/03/2025 10:00,5,1,done",
)


@pytest.mark.slow
def test_a_new_platform_is_one_file_and_nothing_else(tmp_path: Path) -> None:
    district = declared(tmp_path)
    district.put("newthing/sessions_20250903.csv", SESSIONS)
    report = district.build()
    assert report.published is not None
    assert all(r.passed for r in report.checks)
    assert district.ask(
        "SELECT student_id, CAST(date AS VARCHAR) AS day, minutes, items_attempted AS items "
        "FROM facts.daily_activity ORDER BY ALL"
    ) == [
        {"student_id": "U001", "day": "2025-09-01", "minutes": 42.5, "items": 7},
        {"student_id": "U002", "day": "2025-09-02", "minutes": None, "items": None},
    ]
    file = district.files()["sessions_20250903.csv"]
    assert accounted(file)
    assert district.faults("sessions_20250903.csv") == [
        (5, "minutes", "out_of_range"),
        (6, "student", "missing_value"),
    ]
    (week,) = district.ask(
        "SELECT observed_minutes AS minutes FROM views.student_platform_week "
        "WHERE platform = 'newthing' AND student_id = 'U001' AND observed_minutes IS NOT NULL"
    )
    assert week["minutes"] == 42.5


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "empty_file"),
        (HEADER + "\n", "header_only"),
        (lines("Student ID,Began,Items", "001,09/01/2025 09:00,3"), "missing_column"),
        (lines(HEADER, "001,never,30,5,done"), "nothing_survived"),
        (lines(HEADER, "001,09/01/2025 09:00,30,5,done") + "001,09/0", "cut_file"),
    ],
)
def test_bad_files_of_a_declared_platform_are_refused_like_others(
    tmp_path: Path, content: str, reason: str
) -> None:
    district = declared(tmp_path)
    district.put("newthing/sessions_20250902.csv", SESSIONS)
    district.put("newthing/sessions_20250903.csv", content)
    district.take()
    assert district.states("newthing") == {
        "sessions_20250902.csv": ("loaded", None),
        "sessions_20250903.csv": ("refused", reason),
    }


@pytest.mark.slow
def test_a_changed_declaration_leaves_no_stale_warehouse(tmp_path: Path) -> None:
    district = declared(tmp_path)
    district.put("newthing/sessions_20250903.csv", SESSIONS)
    first = district.build()
    redeclare(district, 'minutes = { sum = "minutes" }', 'minutes = { max = "minutes" }')
    second = district.build()
    assert second.published != first.published
    assert district.lake("daily_activity", "minutes", "minutes IS NOT NULL") == [(30.0,)]
    assert district.build().published is None


def test_files_refused_before_are_read_when_the_declaration_fits_them(tmp_path: Path) -> None:
    district = declared(tmp_path)
    other = SESSIONS.replace("Minutes", "Time spent")
    district.put("newthing/sessions_20250903.csv", other)
    district.put("newthing/readme.csv", "a,b\n1,2\n")
    district.take()
    assert {s for s, _ in district.states("newthing").values()} == {"refused"}
    redeclare(district, '["Minutes"]', '["Minutes", "Time spent"]')
    district.take()
    assert district.states("newthing") == {
        "sessions_20250903.csv": ("loaded", None),
        "readme.csv": ("refused", "unknown_layout"),
    }


def test_words_for_the_documentation_do_not_read_anything_again(tmp_path: Path) -> None:
    before = fingerprints([declared(tmp_path).settings.registry["newthing"]])
    changed = declared(tmp_path, GOOD.replace('"New thing"', '"Newer thing"'))
    assert fingerprints([changed.settings.registry["newthing"]]) == before


def test_a_platform_that_is_gone_from_the_settings_stops_nothing(tmp_path: Path) -> None:
    district = declared(tmp_path)
    district.put("newthing/sessions_20250903.csv", SESSIONS)
    with_it = (tmp_path / "homeroom.toml").read_text()
    with nightly.opened(district.settings) as ledger:
        land(district.settings, ledger)
    (tmp_path / "homeroom.toml").write_text(with_it.split('[[source]]\nplatform = "newthing"')[0])
    (tmp_path / "platforms" / "newthing.toml").unlink()
    district.settings = settings.load(tmp_path / "homeroom.toml")
    district.take()
    assert district.states("newthing") == {"sessions_20250903.csv": ("pending", None)}
    assert district.status()["files"]


def test_a_draft_that_nobody_uses_stops_nobody(tmp_path: Path) -> None:
    declared(tmp_path)
    path = tmp_path / "homeroom.toml"
    (tmp_path / "platforms" / "draft.toml").write_text("name = ")
    settings.load(path)
    (tmp_path / "draft").mkdir()
    used = '[[source]]\nplatform = "draft"\nlocation = "draft"\n'
    path.write_text(path.read_text() + used)
    with pytest.raises(ConfigError, match=r"draft\.toml"):
        settings.load(path)


def test_a_declaration_with_the_name_of_one_of_ours_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"lexia\.toml.*Homeroom has a platform lexia already"):
        declared(tmp_path, GOOD.replace('"newthing"', '"lexia"'), "lexia")


SAMPLES = sorted((declaration.SHIPPED / "samples").iterdir())


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> District:
    """A district that has every declaration that comes with Homeroom, with its invented sample."""
    names = tuple(p.stem for p in sorted(declaration.SHIPPED.glob("*.toml")))
    district = District(tmp_path_factory.mktemp("shipped"), ("oneroster", *names))
    district.put_all("oneroster", roster(["001 Ann Ash c1", "002 Bo Birch c1", "003 Cy Cedar c1"]))
    for sample in SAMPLES:
        name = next(n for n in names if sample.name.startswith(n))
        told = sample.name.removeprefix(f"{name}_")
        text = sample.read_text("utf-8").replace("example.org", "x.org")
        district.put(f"{name}/Reading 3A/{told}", text)
    report = district.build()
    assert all(r.passed for r in report.checks)
    return district


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(p.stem for p in declaration.SHIPPED.glob("*.toml")))
def test_the_invented_samples_of_the_shipped_declarations_come_through(
    shipped: District, name: str
) -> None:
    assert {s for s, _ in shipped.states(name).values()} == {"loaded"}
    (count,) = shipped.ask(
        "SELECT count(*) AS accounts, count(student_id) AS linked FROM facts.account "
        f"WHERE platform = '{name}'"
    )
    assert count["linked"] == count["accounts"] >= 2


@pytest.mark.slow
def test_project_checkpoints_keep_each_students_own_due_day_and_excuse(shipped: District) -> None:
    states = {
        (r["student_id"], r["title"]): r["state"]
        for r in shipped.ask(
            "SELECT student_id, title, state FROM views.assignment_timing "
            "WHERE platform = 'summit_style'"
        )
    }
    assert states == {
        ("U001", "River stories Outline"): "on_time",
        ("U001", "River stories Draft"): "late",
        ("U002", "River stories Outline"): "missing",
        ("U002", "River stories Draft"): "not_due",
        ("U003", "River stories Outline"): "excused",
    }


@pytest.mark.slow
def test_a_gradebook_of_columns_calls_nobody_missing(shipped: District) -> None:
    told = shipped.ask(
        "SELECT a.title, CAST(a.due_on AS VARCHAR) AS due, count(s.score) AS scores, "
        "max(a.class_id) AS class_id FROM facts.assignment a "
        "JOIN facts.submission s USING (platform, assignment_id) "
        "WHERE platform = 'kiddom_style' GROUP BY ALL ORDER BY ALL"
    )
    assert told == [
        {"title": "River map", "due": "2025-09-12", "scores": 2, "class_id": "c1"},
        {"title": "Story one", "due": "2025-09-26", "scores": 2, "class_id": "c1"},
    ]
    assert shipped.ask(
        "SELECT DISTINCT state FROM views.assignment_timing WHERE platform = 'kiddom_style'"
    ) in ([], [{"state": None}])
