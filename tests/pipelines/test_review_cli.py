"""`homeroom review` as a person uses it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.fixtures import SCORES, District, lexia, lines, roster
from tests.pipelines.test_cli import homeroom

#: Whole runs of small districts.
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def district(tmp_path_factory: pytest.TempPathFactory) -> District:
    district = District(tmp_path_factory.mktemp("review"), ("oneroster", "lexia", "khan"))
    district.put_all("oneroster", roster(["001 Ann Ash c1", "002 Bob Bell c1", "003 Di Dunn c1"]))
    district.put(
        "lexia/l_20250905.csv", lexia("1 ann Ann Ash 30", "2 someone Bob Bell 20", "3 di Di Dunn 5")
    )
    names = ("Ann Ash", "Bob Bell", "Cy Cole")
    district.put(
        "khan/Unheard Of_20250905.csv",
        lines(SCORES, *(f'"{n}",Quiz,Exercise,"Sep 4, 2025",1,1,2,1' for n in names)),
    )
    district.build()
    return district


@pytest.mark.slow
def test_a_doubt_is_listed_looked_at_decided_and_gone(district: District) -> None:
    def said(*words: str | Path) -> str:
        ran = homeroom("review", *words, folder=district.folder)
        assert ran.returncode == 0, ran.stderr
        return ran.stdout

    listed = said("list")
    assert "probable" in listed
    # A class that is not known is one line, not three.
    assert "unheard of: 3 accounts" in listed
    assert "[source.classes]" in listed
    assert listed.count("name_in_class") == 0
    assert said("list", "--reason", "no_class").count("name_in_class") == 3
    rows = json.loads(said("list", "--platform", "lexia", "--json"))
    (ref,) = [r["account_ref"] for r in rows]
    shown = said("show", ref)
    assert "Bob Bell" in shown
    assert "U002" in shown
    assert "bob@x.org" not in shown, "of an address only whether it agrees"
    assert "Kept" in said("accept", ref, "U002", "--by", "kim", "--why", "asked")
    district.build()
    assert json.loads(said("list", "--platform", "lexia", "--json")) == []
    made = said("decisions")
    assert "accept U002 by kim: asked" in made
    assert "1 decisions written" in said("export", "d.csv")
    assert "0 new decisions of 1" in said("import", "d.csv")
    assert "Undone: accept" in said("undo", made.split()[0], "--by", "lou")
    assert "undone" in said("decisions")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("show", "ffffffffffff"), "is no account of the live warehouse"),
        (("undo", "ffff"), "is no decision that stands"),
        (("import", "nowhere.csv"), "cannot be read as CSV"),
    ],
)
def test_what_cannot_be_done_ends_with_2_and_tells_of_no_child(
    district: District, words: tuple[str, ...], says: str
) -> None:
    ran = homeroom("review", *words, folder=district.folder)
    assert ran.returncode == 2
    assert says in ran.stderr
    assert "Traceback" not in ran.stderr
    assert not [name for name in ("Ann", "Bell", "x.org") if name in ran.stderr + ran.stdout]


@pytest.mark.slow
def test_a_student_who_is_not_on_the_roster_cannot_be_accepted(district: District) -> None:
    ref = district.ask("SELECT account_ref FROM ops.identity_review LIMIT 1")[0]["account_ref"]
    ran = homeroom("review", "accept", ref, "U999", folder=district.folder)
    assert ran.returncode == 2
    assert "is no student of the roster" in ran.stderr
