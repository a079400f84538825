"""The page for the weekly meeting: groups only, whole numbers of ten and more, one page in print."""

from __future__ import annotations

import base64
import re
import subprocess
import zlib
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path
from shutil import which

import pytest

from connectors.errors import HomeroomError
from pipelines.commands.report import as_pdf
from portal import weekly
from tests import scenario
from tests.fixtures import District, overview, roster
from warehouse.reader import Reader

DAY = date(2025, 10, 8)


@pytest.fixture(scope="module")
def page(district: scenario.Scenario) -> str:
    return made(district)


def made(district: scenario.Scenario) -> str:
    titles = {t.platform: t.title for t in district.settings.titles}
    with Reader(district.settings.warehouse) as live:
        return weekly.page(live, DAY, district.settings.name, titles)


def test_the_plots_say_what_the_warehouse_says(district: scenario.Scenario, page: str) -> None:
    [(active,)] = district.rows(
        """SELECT count(*) FROM views.student_platform_week WHERE platform = 'khan'
           AND week_start = DATE '2025-10-06' AND status IN ('ok', 'zero') AND minutes > 0"""
    )
    said = re.search(r'alt="(Students active on Khan Academy, All schools[^"]*)"', page)
    assert said is not None
    assert f"week of 6/10: {active}." in said[1]


def test_every_plot_has_a_title_words_and_a_row_of_numbers(page: str) -> None:
    plots = re.findall(r'<img class="picture" alt="([^"]+)" title="([^"]+)" src="([^"]+)"', page)
    assert len(plots) == page.count("<img") > 3
    rows = re.findall(
        r"<tr><th scope=\"row\">[^<]+</th><td>[^<]+</td>((?:<td class=\"n\">[^<]+</td>)+)", page
    )
    assert len(rows) == len(plots)
    twins = sorted(
        re.findall(r"week of [^:]+: ([\d,]+|not shown)", " ".join(a for a, _, _ in plots))
    )
    cells = sorted(re.findall(r">([\d,]+|not shown)<", " ".join(rows)))
    assert twins == cells


def test_it_loads_nothing_from_outside_and_is_equal_for_equal_data(
    district: scenario.Scenario, page: str
) -> None:
    drawn = [base64.b64decode(c).decode() for c in re.findall(r"base64,([\w+/=]+)", page)]
    for text in (page, *drawn):
        outside = re.sub(r'xmlns="http://www.w3.org/2000/svg"', "", text)
        assert not re.search(r"https?:|url\(|@import|<script|<link", outside)
    assert made(district) == page


def test_it_names_no_child(district: scenario.Scenario, page: str) -> None:
    words = set(re.findall(r"[\w.@-]+", page))
    told = district.rows(
        """SELECT DISTINCT value FROM (SELECT unnest([student_id, sis_id, given_name, family_name,
           email, username]) AS value FROM roster.student) WHERE length(value) > 3"""
    )
    schools = {
        w for (name,) in district.rows("SELECT name FROM roster.school") for w in name.split()
    }
    assert sorted((words & {value for (value,) in told}) - schools) == []


@pytest.mark.slow
def test_a_school_of_few_is_hidden_and_so_is_the_one_beside_it(tmp_path: Path) -> None:
    """12 at North, 4 at South: 16 and 12 shown would tell 4."""
    made = District(tmp_path, ("oneroster", "khan"))
    files = roster([f"{n:03} Kid{n} Ash c1" for n in range(16)])
    files["orgs.csv"] += "S2,,,South,school,,\n"
    lines = files["users.csv"].splitlines(keepends=True)
    files["users.csv"] = "".join(
        row.replace(",S1,", ",S2,") if n > 12 else row for n, row in enumerate(lines)
    )
    made.put_all("oneroster", files)
    for day in range(6, 15):
        made.put(
            f"khan/o_202510{day:02}.csv",
            overview(*(f"kid{n}@x.org {day} Kid{n}_Ash" for n in range(16))),
        )
    assert made.build().published is not None
    with Reader(made.settings.warehouse) as live:
        text = weekly.page(live, date(2025, 10, 8), "North", {})
    said = dict(re.findall(r'alt="Students active on khan, ([^.]+)\. ([^"]*)"', text))
    assert "week of 6/10: 16." in said["All schools"]
    assert "week of 6/10: not shown." in said["North"]
    assert "week of 6/10: not shown." in said["South"]


def test_a_feed_is_late_by_its_rhythm_on_school_days_alone() -> None:
    monday = date(2025, 10, 6)
    school = [monday + timedelta(n) for n in range(12) if n % 7 < 5]
    daily = [d for d in school if d < date(2025, 10, 11)]
    sunday = date(2025, 10, 12)
    assert weekly.late(daily, school, sunday) is None
    assert weekly.late(daily[:4], school, sunday) == date(2025, 10, 10)
    assert weekly.late(daily[:2], school, sunday) is None
    monthly = [date(2025, n, 1) for n in range(5, 10)]
    assert weekly.late(monthly, school, sunday) is None


def test_a_week_of_which_nothing_is_known_is_said(district: scenario.Scenario) -> None:
    with (
        Reader(district.settings.warehouse) as live,
        pytest.raises(HomeroomError, match="nothing is known of this week"),
    ):
        weekly.page(live, date(2001, 1, 1), "x", {})


def test_so_many_schools_as_fit_are_shown() -> None:
    assert [weekly.schools_shown(n) for n in (0, 1, 2, 3, 9)] == [8, 8, 3, 1, 1]


@pytest.mark.slow
@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_the_pdf_is_one_tagged_page_with_words_for_every_plot(
    page: str, paper: str, tmp_path: Path
) -> None:
    try:
        import weasyprint  # noqa: F401
    except (ImportError, OSError) as error:
        pytest.skip(f"WeasyPrint or Pango is not here: {type(error).__name__}")
    if which("pdfinfo") is None:
        pytest.skip("pdfinfo (poppler-utils) is not here")
    content = as_pdf(page, paper)
    assert content == as_pdf(page, paper)
    path = tmp_path / "week.pdf"
    path.write_bytes(content)

    def info(*options: str) -> str:
        asked = ["pdfinfo", *options, str(path)]
        return subprocess.run(asked, capture_output=True, text=True, check=True).stdout

    told = info()
    assert re.search(r"Pages:\s+1\n", told)
    assert re.search(r"Tagged:\s+yes", told)
    assert "Title:           Week of 6 October 2025" in told
    assert ("A4" if paper == "A4" else "letter") in told
    assert info("-struct").count("Figure") == page.count("<img")
    inner = unpacked(content)
    assert inner.count(b"/Alt (Students active") == page.count('alt="Students active')
    assert inner.count(b"/Alt") == page.count("<img")
    assert b"/Lang (en)" in inner


def unpacked(pdf: bytes) -> bytes:
    """The objects of a PDF as they stand, and those of its packed streams."""
    found = [pdf]
    for packed in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL):
        with suppress(zlib.error):
            found.append(zlib.decompress(packed))
    return b"\n".join(found)
