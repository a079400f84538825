"""A layout that has changed: what is proposed, what is accepted, and what is said only once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from connectors.contract import Column, Kind
from connectors.errors import HomeroomError
from tests.fixtures import COMBO, District, lexia, lines, overview
from warehouse import nightly, settings
from warehouse.intake.settling import Taken
from warehouse.layouts import alias_file, drift, drift_book
from warehouse.layouts.drift import Evidence, alike, judge, pair


@pytest.mark.parametrize(
    ("one", "other", "least", "most"),
    [
        ("Student Name", "student_name", 1.0, 1.0),
        ("StudentName", "Name of Student", 0.7, 0.99),
        ("week_time", "TimeWeek", 1.0, 1.0),
        ("week_mins", "Week Minutes", 0.8, 1.0),
        ("today_mins", "week_time", 0.0, 0.6),
        ("Score", "", 0.0, 0.0),
        ("Username", "Total learning minutes", 0.0, 0.5),
    ],
)
def test_names_are_compared_by_their_words_in_any_order(
    one: str, other: str, least: float, most: float
) -> None:
    assert least <= alike(one, other) <= most
    assert alike(one, other) == alike(other, one)


def test_values_can_speak_where_names_do_not() -> None:
    texts = Evidence("texts", "texts", shared=0.95, distinct=40)
    assert judge(0.1, texts)[0] > 0.8
    assert judge(0.1, None)[0] < drift.LIKELY
    assert judge(0.9, Evidence("dates", "numbers"))[0] == 0.0
    # Two words that everybody uses are shared by chance.
    assert judge(0.1, Evidence("texts", "texts", shared=1.0, distinct=2))[0] < drift.SURE


def test_each_header_and_each_column_is_paired_once_and_a_tie_is_not_sure() -> None:
    a, b = (Column(n, Kind.NUMBER, (h,)) for n, h in (("a", "Alpha"), ("b", "Beta")))
    found = pair(["Alfa", "Beeta"], [a, b], None)
    assert {(r.header, r.column) for r in found} == {("Alfa", "a"), ("Beeta", "b")}
    (tied, *_) = pair(["Alpha 1", "Alpha 2"], [a], None)
    assert tied.confidence < drift.SURE
    assert "nearly as likely" in tied.evidence[-1]


def weekly(district: District, day: int, *renames: tuple[str, str], last: int = 40) -> None:
    text = lexia(*(f"{i} user{i} Ann Ash {i % 60 + day}" for i in range(1, last)))
    for old, new in renames:
        assert old in text
        text = text.replace(old, new, 1)
    district.put(f"lexia/l_202509{day:02}.csv", text)


def proposal(district: District) -> drift_book.Written:
    with nightly.opened(district.settings) as ledger:
        (found,) = drift_book.waiting(district.settings, ledger)
    return found


def take(district: District) -> Taken:
    report = nightly.Report()
    with nightly.opened(district.settings) as ledger:
        nightly.take(district.settings, ledger, report, expect=lambda *_: None)
    return report.taken


def accept(district: District, wanted: str, **mapped: str) -> None:
    with nightly.opened(district.settings) as ledger:
        drift_book.accept(district.settings, ledger, wanted, {v: k for k, v in mapped.items()})
    district.settings = settings.load(district.folder / "homeroom.toml")


def test_a_rename_is_proposed_accepted_and_read(tmp_path: Path) -> None:
    district = District(tmp_path, ("lexia", "khan"))
    weekly(district, 1)
    take(district)
    weekly(district, 2, ("username", "login handle"), ("week_time", "TimeThisWeek"))
    weekly(district, 3, ("username", "login handle"), ("week_time", "TimeThisWeek"))
    district.put("khan/o_20250902.csv", overview("ann@x.org 10 Ann_Ash"))
    taken = take(district)
    # It stops only its own feed.
    assert district.states("khan") == {"o_20250902.csv": ("loaded", None)}
    assert district.states("lexia")["l_20250902.csv"][0] == "refused"
    found = proposal(district)
    assert taken.proposals == [found.proposal.id]
    assert found.files == ("l_20250902.csv", "l_20250903.csv")
    # What was there before and not read is neither new nor a column under another name.
    assert found.proposal.new == ()
    renames = {r.column: r for r in found.proposal.renames}
    assert renames["username"].header == "login handle"
    assert renames["username"].confidence > 0.8
    assert "100% of the distinct values are shared" in renames["username"].evidence
    assert renames["week_minutes"].header == "TimeThisWeek"
    accept(district, found.proposal.id)
    assert "TimeThisWeek" in (tmp_path / "aliases.toml").read_text()
    district.take()
    assert {s for s, _ in district.states("lexia").values()} == {"loaded"}
    assert len(district.lake("usage_snapshot", "*")) == 3 * 39
    with nightly.opened(district.settings) as ledger:
        assert drift_book.waiting(district.settings, ledger) == []


def test_nothing_that_is_written_holds_a_value(tmp_path: Path) -> None:
    district = District(tmp_path, ("lexia",))
    weekly(district, 1)
    weekly(district, 2, ("username", "login handle"))
    district.take()
    written = [p.read_text() for p in (tmp_path / "data" / "drift").iterdir()]
    assert len(written) == 2
    assert not any("user7" in text or "Ash" in text for text in written)
    told = json.loads(next((tmp_path / "data" / "drift").glob("*.json")).read_text())
    assert told["proposal"]["needed"] == ["username"]


def test_a_column_that_is_truly_gone_is_not_replaced_by_a_stranger(tmp_path: Path) -> None:
    district = District(tmp_path, ("lexia",))
    weekly(district, 1)
    text = lexia(*(f"{i} user{i} Ann Ash {i % 60}" for i in range(1, 40)))
    head, *rest = text.splitlines()
    dates = [line.replace(f",user{n},", ",2025-01-01,") for n, line in enumerate(rest, 1)]
    district.put("lexia/l_20250902.csv", lines(head.replace("username", "enrolled on"), *dates))
    district.take()
    found = proposal(district)
    assert not [r for r in found.proposal.renames if r.confidence >= drift.SURE]
    assert "username" in found.proposal.gone
    with pytest.raises(HomeroomError, match=r"nothing surely stands for username.*--map"):
        accept(district, found.proposal.id)
    with pytest.raises(HomeroomError, match="no unknown column of this name"):
        accept(district, found.proposal.id, username="no such")
    with pytest.raises(HomeroomError, match="has no such column"):
        accept(district, found.proposal.id, usrname="enrolled on")
    assert not (tmp_path / "aliases.toml").exists()
    accept(district, found.proposal.id, username="Enrolled On")
    district.take()
    assert district.states("lexia")["l_20250902.csv"] == ("loaded", None)


def test_without_an_earlier_file_the_names_alone_speak(tmp_path: Path) -> None:
    district = District(tmp_path, ("lexia",))
    weekly(district, 1, ("username", "User Name"))
    district.take()
    (rename,) = proposal(district).proposal.renames
    assert (rename.header, rename.column) == ("User Name", "username")
    assert "there is no earlier file to compare values with" in rename.evidence


def test_a_file_without_a_header_tells_no_child(tmp_path: Path) -> None:
    district = District(tmp_path, ("lexia", "khan"))
    weekly(district, 1)
    district.put(
        "lexia/l_20250902.csv", "7,zoe,Zoe,Quill,3rd Grade,North\n8,max,Max,Moor,2nd Grade,South\n"
    )
    district.put("khan/o_20250902.csv", "Zoe Quill,zoe@x.org,10,1,0\nMax Moor,max@x.org,10,1,0\n")
    district.take()
    ledger = (tmp_path / "data" / "ledger.sqlite").read_bytes()
    drifted = [p.read_text() for p in (tmp_path / "data").glob("drift/*")]
    for text in (ledger.decode("latin-1"), *drifted):
        assert "Zoe" not in text
        assert "Quill" not in text


def test_a_new_column_stops_nothing_and_is_said_once(tmp_path: Path) -> None:
    district = District(tmp_path, ("nwea",))
    row = "Fall 2025,001,Ash,Ann,3,North,Reading,Reading,Growth,2025-09-15,09:00:00,40,188,3,47"
    district.put("nwea/ComboStudentAssessment.csv", lines(COMBO + ",Mood", row + ",fine"))
    said = [take(district).unread]
    district.put("nwea/ComboStudentAssessment.csv", lines(COMBO + ",Mood", row + ",good"))
    said.append(take(district).unread)
    district.put(
        "nwea/ComboStudentAssessment.csv", lines(COMBO + ",Mood,Weather", row + ",good,sun")
    )
    said.append(take(district).unread)
    assert [names for one in said for names in one.values()] == [["Mood"], ["Weather"]]
    with nightly.opened(district.settings) as ledger:
        assert [c["column"] for c in drift_book.unread(district.settings, ledger)] == [
            "Mood",
            "Weather",
        ]
    assert all(s != "refused" for s, _ in district.states("nwea").values())
    assert "Mood" in str(district.files()["ComboStudentAssessment.csv"]["unknown_columns"])


@pytest.mark.parametrize(
    ("text", "becomes"),
    [
        ("# mine\n", "# mine\n\n[p.f]\nc = [\"New\"]\n"),
        ("[p.f]  # x\nd = [\"D\"]\n# end\n", "[p.f]  # x\nc = [\"New\"]\nd = [\"D\"]\n# end\n"),
        ("[p.f]\nc = [\"Old\",]  # why\n", "[p.f]\nc = [\"Old\", \"New\"]  # why\n"),
        ("[p.f]\nc = []\n[p.g]\nc = [\"G\"]\n", "[p.f]\nc = [\"New\"]\n[p.g]\nc = [\"G\"]\n"),
    ],
)  # fmt: skip
def test_comments_of_the_aliases_stay(text: str, becomes: str) -> None:
    assert alias_file.inserted(text, "p", "f", "c", ["New"]) == becomes


def test_aliases_that_only_a_person_can_add_to_are_left_alone(tmp_path: Path) -> None:
    district = District(tmp_path, ("lexia",))
    weekly(district, 1)
    weekly(district, 2, ("username", "login handle"))
    district.take()
    text = "[lexia.detailed_student]\nusername = [\n  'Login',\n]\n"
    (tmp_path / "aliases.toml").write_text(text)
    with pytest.raises(HomeroomError, match=r"write below \[lexia.detailed_student\]"):
        accept(district, proposal(district).proposal.id)
    assert (tmp_path / "aliases.toml").read_text() == text
