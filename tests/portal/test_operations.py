"""The coordinators' pages: everything in short, lists in pages, decisions and versions that hold."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from portal.paging import address, page_of
from tests import scenario
from tests.fixtures import District, overview, roster
from tests.portal.conftest import COORDINATOR, TEACHER, Portal, running
from warehouse import nightly, publish, review
from warehouse.ledger import Ledger
from warehouse.notes import access_log
from warehouse.settings.portal import PortalSettings
from warehouse.watch import runs
from warehouse.watch.freshness import expected


@pytest.fixture(scope="module")
def sample(
    district: scenario.Scenario, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Portal]:
    """The sample district with a coordinator who sees no children."""
    home = tmp_path_factory.mktemp("operations") / "home"
    home.mkdir()
    (home / "ledger.sqlite").symlink_to(district.settings.ledger)
    coordinated = PortalSettings(coordinators=frozenset({COORDINATOR}))
    with running(district.settings, home, coordinated) as made:
        yield made


def test_a_coordinator_opens_the_quality_report_of_a_version(
    sample: Portal, district: scenario.Scenario
) -> None:
    browser = sample.browser(COORDINATOR)
    address = f"/operations/quality/{district.warehouse.name}"
    assert address in browser.get("/operations").text
    page = browser.get(address)
    assert page.status_code == 200
    assert "Quality of the data" in page.text
    policy = page.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert browser.get("/operations/quality/warehouse-1.duckdb").status_code == 404
    assert browser.get("/operations/quality/..%2F..%2Fledger.sqlite").status_code == 404


@pytest.fixture
def own(tmp_path: Path) -> District:
    """A small district of its own, published; an account of it waits."""
    made = District(tmp_path / "own", ("oneroster", "khan"))
    made.put_all("oneroster", roster(["001 Ann Ash c1", "002 Bob Bell c1"], ["c1 Reading_3A"]))
    made.put("khan/o_20250905.csv", overview("ann@x.org 10 Ann_Ash", "who@x.org 20 Bob_Bella"))
    assert made.build().published is not None
    return made


@pytest.fixture
def operated(own: District) -> Iterator[Portal]:
    """The app in the district's own home, so that its runs and the app share everything."""
    coordinated = PortalSettings(coordinators=frozenset({COORDINATOR}))
    with running(own.settings, own.settings.home, coordinated) as made:
        yield made


def test_every_page_of_operations_shows_what_the_warehouse_tells(sample: Portal) -> None:
    browser = sample.browser(COORDINATOR)
    page = browser.get("/operations")
    assert page.status_code == 200
    for words in ("detailed_student", "the file ends in the middle of a row", "Lexia", "live now"):
        assert words in page.text
    files = browser.get("/operations/files?status=refused").text
    assert "send the complete file again" in files
    assert "loaded" not in files
    every = browser.get("/operations/files").text
    assert "Page 1 of" in every
    assert browser.get("/operations/files?page=2").text != every
    turned_away = browser.get("/operations/quarantine?platform=lexia").text
    assert "Lexia" in turned_away
    assert "khan" not in turned_away
    assert browser.get("/operations/drift").status_code == 200


def test_quarantine_names_file_and_line(sample: Portal) -> None:
    version = sample.app.state.live._current
    row = version.rows("SELECT line, source_file FROM ops.quarantine ORDER BY 1, 2 LIMIT 1")[0]
    name = version.rows(
        "SELECT min(name) AS n FROM ops.file WHERE sha256 = $s", {"s": row["source_file"]}
    )[0]["n"]
    page = sample.browser(COORDINATOR).get("/operations/quarantine").text
    assert name.split("/")[-1][:20] in page
    assert f'<td class="number">{row["line"]}</td>' in page


@pytest.mark.parametrize("path", ["", "/files", "/quarantine", "/identity", "/drift"], ids=str)
def test_whoever_does_not_coordinate_is_refused(school: Portal, path: str) -> None:
    assert school.browser(TEACHER).get(f"/operations{path}").status_code == 403


def test_evidence_stands_side_by_side_and_is_logged_and_a_decision_is_kept_and_undone(
    sample: Portal,
) -> None:
    version = sample.app.state.live._current
    (case,) = version.rows(
        "SELECT account_ref, student_id FROM ops.identity_candidate ORDER BY ALL LIMIT 1"
    )
    ref, student = case["account_ref"], case["student_id"]
    browser = sample.browser(COORDINATOR)
    assert ref in browser.get("/operations/identity").text
    page = browser.get(f"/operations/identity/{ref}").text
    assert student in page
    name = version.rows(
        "SELECT family_name AS n FROM roster.student WHERE student_id = $s", {"s": student}
    )[0]["n"]
    assert name in page
    for measured in ("minutes", "score_percent", "percentile"):
        assert measured not in page
    where = f"/operations/identity/{ref}"
    assert sample.post(browser, where, decision="accept").status_code == 400
    assert sample.post(browser, where, decision="promote", student_id=student).status_code == 400
    assert sample.post(browser, where, decision="accept", student_id="S-none").status_code == 409
    done = sample.post(browser, where, decision="accept", student_id=student, why="asked")
    assert done.status_code == 303
    (made,) = review.decisions(sample.settings)
    assert (made.kind, made.student_id, made.decided_by) == ("accept", student, COORDINATOR)
    undone = sample.post(browser, "/operations/undo", decision_id=made.decision_id)
    assert undone.status_code == 303
    assert review.decisions(sample.settings)[0].undone_by == COORDINATOR
    told = [(e.action, e.what) for e in access_log.about(sample.notes, student)]
    assert ("view", "identity evidence") in told
    assert told.count(("edit", "identity")) == 2


def run(own: District, *more: str) -> Path | None:
    """A run as at night, in a process of its own; the version that is live after it."""
    code = "from pipelines.cli import main; main()"
    command = [sys.executable, "-c", code, "run", "--config", str(own.settings.file), *more]
    subprocess.run(command, check=True, capture_output=True, cwd=Path(__file__).parents[2])
    return publish.live_file(own.settings.warehouse)


@pytest.mark.slow
def test_an_earlier_version_lives_again_until_there_is_something_new(
    own: District, operated: Portal
) -> None:
    settings = own.settings
    first = publish.live_file(settings.warehouse)
    second = run(own, "--rebuild")
    assert first is not None
    assert second is not None
    assert first != second
    browser = operated.browser(COORDINATOR)
    assert operated.post(browser, "/operations/version", file=first.name).status_code == 303
    assert publish.live_file(settings.warehouse) == first
    operated.app.state.live.look()
    page = browser.get("/operations").text
    assert "an earlier version was chosen" in page
    assert COORDINATOR in page
    # A run without news leaves it; a run with news replaces it.
    assert run(own) == first
    own.put("khan/o_20250912.csv", overview("ann@x.org 30 Ann_Ash"))
    fresh = run(own)
    assert fresh is not None
    assert fresh not in (first, second)
    ledger = Ledger(settings.ledger)
    try:
        told = [(r.what, r.by, r.published) for r in runs.last(ledger)]
    finally:
        ledger.close()
    assert told[:3] == [
        ("build", None, fresh.name),
        ("build", None, None),
        ("version", COORDINATOR, first.name),
    ]


def test_only_a_version_that_is_there_can_be_chosen(own: District, operated: Portal) -> None:
    before = (own.settings.warehouse / publish.POINTER).read_text()
    browser = operated.browser(COORDINATOR)
    gone = "warehouse-20200101T000000000000.duckdb"
    for file in ("../ledger.sqlite", gone, "", "/etc/passwd", "current.json", "."):
        answer = operated.post(browser, "/operations/version", file=file)
        assert answer.status_code in (400, 409), file
        assert (own.settings.warehouse / publish.POINTER).read_text() == before
    assert json.loads(before)["file"].startswith("warehouse-")


def test_a_refused_build_and_its_reason_stand_among_the_runs(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.sqlite")
    try:
        for i in range(25):
            runs.keep(ledger, runs.Run("build", f"{i}", f"{i}", problem="a check"))
        assert [r.began_at for r in runs.last(ledger, 2)] == ["24", "23"]
        assert runs.last(ledger, 1)[0].problem == "a check"
    finally:
        ledger.close()


@pytest.mark.parametrize(
    ("days", "due"),
    [([1, 2, 3], None), ([1, 8, 15, 22], 29), ([1, 2, 3, 4, 5], 6), ([1, 8, 15, 16, 23], 30)],
    ids=["too few", "weekly", "daily", "once odd"],
)
def test_the_next_export_is_due_by_the_usual_time_between_them(
    days: list[int], due: int | None
) -> None:
    told = expected([date(2025, 9, d) for d in days])
    assert told == (date(2025, 9, due) if due else None)


@pytest.mark.parametrize(("asked", "got"), [(1, 1), (3, 3), (0, 1), (-9, 1), (99, 3)], ids=str)
def test_a_page_that_is_not_there_is_the_nearest(asked: int, got: int) -> None:
    found = page_of(range(120), asked)
    assert (found.number, found.pages, found.total) == (got, 3, 120)
    assert found.rows[0] == found.first - 1
    assert page_of([], 1).pages == 1
    assert address("/x", [("a", "b&c"), ("d", "")], 2) == "/x?a=b%26c&page=2"


@pytest.mark.slow
def test_the_command_line_lists_versions_and_makes_one_live(
    own: District,
) -> None:
    from typer.testing import CliRunner

    from pipelines.commands.versions import app

    first = publish.live_file(own.settings.warehouse)
    assert first is not None
    nightly.run(own.settings, rebuild=True)
    told = ["--config", str(own.settings.file)]
    listed = CliRunner().invoke(app, ["list", *told]).output.splitlines()
    assert [line.endswith("live") for line in listed] == [True, False]
    assert first.name in listed[1]
    assert CliRunner().invoke(app, ["use", first.name, *told]).exit_code == 0
    assert publish.live_file(own.settings.warehouse) == first
