"""The second look at the views, a checker that ends without a word, and the quality report."""

from __future__ import annotations

import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import duckdb
import pytest

from connectors.errors import HomeroomError
from tests import scenario
from tests.fixtures import District, lexia, roster
from warehouse import publish
from warehouse.intake.settling import Taken
from warehouse.ledger import Ledger
from warehouse.quality import apart, checks, library, view_expectations
from warehouse.quality import report as quality


def ledger_of(district: scenario.Scenario) -> Ledger:
    return Ledger(district.settings.ledger)


def test_every_view_with_a_key_meets_its_suite(district: scenario.Scenario) -> None:
    ledger = ledger_of(district)
    unmet = view_expectations.unmet(ledger, district.warehouse)
    assert ledger.note("expectations_failed") is None
    ledger.close()
    assert unmet is not None
    assert set(unmet) == set(checks.KEYS)
    assert {view: found for view, found in unmet.items() if found} == {}


def test_a_suite_holds_the_key_the_references_the_words_and_the_ends() -> None:
    columns = [
        ("student_id", "id"), ("platform", "id"), ("week_start", "date"), ("minutes", "minutes"),
        ("pacing", "ratio"), ("change_z", "ratio"), ("status", "text"),
    ]  # fmt: skip
    # Spark beside it must not be loaded with it.
    library.context()
    import great_expectations as gx

    suite = view_expectations.suite(gx, "views.student_platform_week", columns)
    told = {
        (
            type(e).__name__.removeprefix("Expect"),
            getattr(e, "column", None) or tuple(e.column_list),
        )
        for e in suite
    }
    assert told == {
        ("CompoundColumnsToBeUnique", ("student_id", "platform", "week_start")),
        ("ColumnValuesToBeInSet", "student_is_known"),
        ("ColumnValuesToBeBetween", "minutes"),
        ("ColumnValuesToBeBetween", "pacing"),
        ("ColumnValuesToNotBeNull", "status"),
        ("ColumnValuesToBeInSet", "status"),
    }


@pytest.mark.slow
def test_a_broken_view_does_not_meet_its_suite(district: scenario.Scenario, tmp_path: Path) -> None:
    broken = tmp_path / "warehouse-20250101T000000000000.duckdb"
    broken.write_bytes(district.warehouse.read_bytes())
    with duckdb.connect(str(broken)) as db:
        view = "views.student_platform_week"
        db.execute(f"INSERT INTO {view} FROM {view} LIMIT 1")
        db.execute(f"UPDATE {view} SET minutes = -1 WHERE status = 'ok'")
        db.execute(f"UPDATE {view} SET status = 'fine' WHERE status = 'zero'")
        db.execute("UPDATE views.card SET student_id = 'stranger'")
    ledger = Ledger(tmp_path / "ledger.sqlite")
    view_expectations.check(broken, ledger, library.context())
    unmet = view_expectations.unmet(ledger, broken) or {}
    ledger.close()
    week = {e["column"] for e in unmet["views.student_platform_week"]}
    assert {"student_id, platform, week_start", "minutes", "status"} <= week
    assert "student_is_known" in {e["column"] for e in unmet["views.card"]}


def test_a_checker_that_ends_without_a_word_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = District(tmp_path, ("oneroster", "lexia"))

    def silent(command: list[str], **how: object) -> subprocess.Popen[str]:
        return real([sys.executable, "-c", "raise SystemExit(0)"], **how)  # type: ignore[call-overload,no-any-return]

    real = subprocess.Popen
    monkeypatch.setattr(subprocess, "Popen", silent)
    ledger = Ledger(made.settings.ledger)
    looking = apart.Apart(made.settings)
    looking.hand_over(Taken())
    looking.finish(ledger)
    told = ledger.note("expectations_failed")
    ledger.close()
    assert told is not None
    assert told.startswith("the process ended with")


class Page(HTMLParser):
    """What a page would load, its tables and captions."""

    def __init__(self) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.count: dict[str, int] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.count[tag] = self.count.get(tag, 0) + 1
        self.loads += [f"{tag} {k}={v}" for k, v in attrs if k in ("src", "href", "srcset", "data")]


def test_the_report_stands_beside_its_version_and_loads_nothing(
    district: scenario.Scenario,
) -> None:
    text = quality.find(district.settings).read_text("utf-8")
    page = Page()
    page.feed(text)
    assert page.loads == []
    assert not re.search(r"https?:|url\(|@import|<script", text)
    assert page.count["table"] == page.count["caption"] >= 7
    assert page.count["h1"] == 1
    assert '<html lang="en">' in text
    for words in ("header_only", "Lexia_Core5_Detailed_Student_20250906.csv", "Read and live"):
        assert words in text


def test_the_report_names_no_child(district: scenario.Scenario) -> None:
    text = quality.find(district.settings).read_text("utf-8")
    words = set(re.findall(r"[\w.@-]+", text))
    told = district.rows(
        """SELECT DISTINCT value FROM (
             SELECT unnest([student_id, sis_id, given_name, family_name, email, username]) AS value
             FROM roster.student UNION ALL SELECT account_key FROM facts.account)
           WHERE length(value) > 3"""
    )
    assert sorted(words & {value for (value,) in told}) == []


@pytest.mark.slow
def test_a_report_goes_with_its_version(tmp_path: Path) -> None:
    made = District(tmp_path, ("oneroster", "lexia"))
    made.put_all("oneroster", roster(["001 Ann Ash c1"]))
    live = made.build().published
    assert live is not None
    ledger = Ledger(made.settings.ledger)
    first = quality.write(made.settings, ledger, live)
    ledger.close()
    assert "Nobody has taken the second look" in first.read_text("utf-8")
    for n in range(publish.KEEP):
        made.put(f"lexia/l_2025090{n + 1}.csv", lexia(f"1 ann Ann Ash {n}"))
        assert made.build().published is not None
    assert not live.exists()
    assert not first.exists()
    with pytest.raises(HomeroomError, match="no quality report"):
        quality.find(made.settings, live.name)
