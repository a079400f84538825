"""NWEA's export service, as its documentation describes it."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.far import HUSH, copies, district, kept_nowhere, told
from tests.fixtures import District
from tests.servers import (
    Page,
    Site,
)

DEX = "/services/reporting/dex"
COMBO = (
    "TermName,StudentID,Subject,Course,TestName,TestStartDate,TestStartTime,TestDurationMinutes,"
    "TestRITScore,TestStandardError,TestPercentile\n"
)


def export(name: str = "ComboStudentAssessment.csv", body: str = COMBO) -> Page:
    head = {"Content-Type": "text/csv", "Content-Disposition": f'attachment; filename="{name}"'}
    return Page(body.encode(), headers=head)


def service(site: Site, folder: Path, more: str = "") -> District:
    site.protect("me", HUSH)
    secret = f'user = "me"\npassword = "{HUSH}"'
    return district(folder, f"nwea+{site.url}", more, secret, platform="nwea")


def test_nwea_s_export_is_asked_for_once_a_day(site: Site, tmp_path: Path) -> None:
    site.pages[DEX] = export("..\\out/Combo Student.csv")
    made = service(site, tmp_path)
    assert made.take().problems == []
    assert list(made.files()) == ["Combo Student.csv"]
    assert site.asked == [("GET", DEX)]
    assert made.take().new == 0
    assert site.asked == [("GET", DEX)], "not again today"
    kept_nowhere(made)


def test_nwea_may_be_asked_again_and_its_bytes_decide(site: Site, tmp_path: Path) -> None:
    site.pages[DEX] = export()
    made = service(site, tmp_path, "once_a_day = false")
    made.take()
    time.sleep(1.1)
    made.take()
    assert len(site.asked) == 2
    assert len(copies(made, "nwea")) == 1


def test_nothing_new_at_nwea_is_no_problem_and_the_next_run_asks_again(
    site: Site, tmp_path: Path
) -> None:
    site.pages[DEX] = [Page(b'{"error": "ERR_NO_FILE_AVAILABLE"}', 400), export()]
    made = service(site, tmp_path)
    landed = made.take()
    assert (landed.problems, landed.new, len(site.asked)) == ([], 0, 1)
    assert made.take().new == 1


LATER = [
    ("ERR_DEX_STATUS_IN_PROCESS", 400),
    ("ERR_DEX_STATUS_ERROR", 500),
    ("ERR_UNABLE_TO_RETRIEVE", 500),
    ("bad gateway", 502),
    ("slow down", 429),
]


@pytest.mark.slow
@pytest.mark.parametrize(("code", "status"), LATER)
def test_what_a_later_call_may_not_meet_again_is_tried_again(
    site: Site, tmp_path: Path, code: str, status: int
) -> None:
    site.pages[DEX] = [Page(code.encode(), status), export()]
    made = service(site, tmp_path, "retry_seconds = 5")
    landed = made.take()
    assert (landed.problems, landed.new, len(site.asked)) == ([], 1, 2)


@pytest.mark.parametrize(("code", "status"), LATER)
def test_without_time_it_is_told_and_left_to_the_next_run(
    site: Site, tmp_path: Path, code: str, status: int
) -> None:
    site.pages[DEX] = Page(code.encode(), status)
    text = told(service(site, tmp_path).take())
    assert f"({code})" in text or f"answers with {status}" in text
    assert len(site.asked) == 1


@pytest.mark.parametrize(
    ("page", "says"),
    [
        (Page(b"ERR_SOMETHING_ELSE", 400), "the server answers with 400"),
        (Page(b"<html>log in</html>", 200, {"Content-Type": "text/html"}), "the answer is no export"),
        (Page(b"no", 403), "the server refuses us (403)"),
        (Page(b"no", 404), "the server answers with 404"),
    ],
)  # fmt: skip
def test_what_no_retry_can_cure_stops_at_once(
    site: Site, tmp_path: Path, page: Page, says: str
) -> None:
    site.pages[DEX] = page
    made = service(site, tmp_path, "retry_seconds = 600")
    assert says in told(made.take())
    assert len(site.asked) == 1


def test_a_wrong_password_at_nwea_costs_one_request(site: Site, tmp_path: Path) -> None:
    made = service(site, tmp_path, "retry_seconds = 600")
    site.protect("me", "another")
    assert "the server refuses us (401)" in told(made.take())
    assert site.asked == [("GET", DEX)]
    kept_nowhere(made)


def test_a_cut_export_leaves_nothing(site: Site, tmp_path: Path) -> None:
    page = export()
    page.cut = 20
    site.pages[DEX] = [page, export()]
    made = service(site, tmp_path)
    assert "cut" in told(made.take())
    assert (copies(made, "nwea"), made.files()) == ([], {})
    assert made.take().new == 1


@pytest.mark.slow
def test_a_stop_does_not_wait_for_pauses(site: Site, tmp_path: Path) -> None:
    service(site, tmp_path, "retry_seconds = 600")
    site.pages[DEX] = Page(b"", 503)
    command = [str(Path(sys.executable).with_name("homeroom")), "run"]
    with subprocess.Popen(
        command,
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        # A shell in the background has its programs ignore the signal.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as run:
        while len(site.asked) < 3:
            time.sleep(0.05)
        stopped = time.monotonic()
        run.send_signal(signal.SIGINT)
        try:
            run.communicate(timeout=60)
        finally:
            run.kill()
    assert time.monotonic() - stopped < 10
    assert run.returncode != 0
