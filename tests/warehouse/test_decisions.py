"""What people decide: it stands, can be taken back, survives, and moves one student's facts only."""

from __future__ import annotations

import random
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from connectors.errors import HomeroomError
from tests.fixtures import District, lexia, overview, roster
from tests.people import link
from warehouse import review
from warehouse.notes import decisions as notes
from warehouse.notes.database import Notes
from warehouse.notes.decisions import Decision

ROSTER = ["U1 1 Ann Ash 3 S1 R1 a@x.org", "U2 2 Bob Bell 3 S1 R1", "U3 3 Cy Cole 3 S1 R1"]


def said(*rows: str) -> list[Decision]:
    """Decisions drawn as `kind account whom`, each a second after the one before."""
    found = []
    for n, row in enumerate(rows):
        kind, account, whom = (*row.split(), "")[:3]
        d = notes.new(
            kind, "p", account, by="kim", why="seen",
            student_id=whom if kind in ("accept", "reject") else None,
            other_account_key=whom if kind in ("merge", "split") else None,
        )  # fmt: skip
        found.append(replace(d, decision_id=f"d{n}", decided_at=f"2025-10-01T12:00:0{n}+00:00"))
    return found


@pytest.mark.parametrize(
    ("accounts", "decided", "outcome"),
    [
        ("a:9", "accept a U2", {"a": "U2"}),
        ("a:1", "accept a U2", {"a": "U2"}),
        ("a:1", "reject a U1", {"a": "no_match"}),
        ("a:1", "nobody a", {"a": "nobody"}),
        ("a:1", "accept a U9", {"a": "decided_student_gone"}),
        ("a:9", "accept a U2; accept a U3", {"a": "U3"}),
        ("a:9", "accept a U2; reject a U2", {"a": "no_match"}),
        ("a:9", "reject a U2; accept a U2", {"a": "U2"}),
        ("a:9", "nobody a; accept a U2", {"a": "U2"}),
        ("a:9", "accept gone U2", {"a": "no_match"}),
        # Whoever is decided has the student; another claim waits.
        ("a:1 b:9", "accept b U1", {"a": "two_accounts", "b": "U1"}),
        # Accounts that are one.
        ("a:1 b:9", "merge b a", {"a": "U1", "b": "U1"}),
        ("a:1 b:9 c:8", "merge a b; merge b c", {"a": "U1", "b": "U1", "c": "U1"}),
        ("a:1 b:1", "merge a b", {"a": "U1", "b": "U1"}),
        ("a:1 b:1 c:1", "merge a b", {"a": "two_accounts", "b": "two_accounts", "c": "two_accounts"}),
        ("a:1 b:2", "merge a b", {"a": "evidence_disagrees", "b": "evidence_disagrees"}),
        ("a:1 b:2", "merge a b; accept a U1", {"a": "U1", "b": "U1"}),
        ("a:9 b:8", "merge a b; nobody a", {"a": "nobody", "b": "nobody"}),
        ("a:1 b:9", "merge a b; split a b", {"a": "U1", "b": "no_match"}),
        ("a:1 b:9 c:8", "merge a b; merge b c; split a c", {"a": "U1", "b": "no_match", "c": "no_match"}),
        ("a:1 b:9", "merge a b; reject b U1", {"a": "U1", "b": "evidence_disagrees"}),
        ("a:1 b:9", "merge b gone", {"a": "U1", "b": "no_match"}),
    ],
)  # fmt: skip
def test_a_word_of_a_person_comes_before_all_evidence(
    accounts: str, decided: str, outcome: dict[str, str]
) -> None:
    rows = [f"p {k} directory {n}" for k, n in (a.split(":") for a in accounts.split())]
    found = link(ROSTER, rows, said(*decided.split("; ")))
    assert {k: student or why for k, (student, why) in found.items()} == outcome


def test_the_order_in_which_decisions_are_read_does_not_matter() -> None:
    made = said("accept a U1", "reject a U1", "nobody b", "accept b U2", "merge a c", "split c a")
    expected = sorted(d.decision_id for d in notes.standing(made))
    for seed in range(20):
        random.Random(seed).shuffle(made)
        assert sorted(d.decision_id for d in notes.standing(made)) == expected == ["d1", "d3", "d5"]


def test_a_csv_goes_round_and_is_known_again(tmp_path: Path) -> None:
    made = said("accept a U1", "nobody b", "merge a c")
    with Notes(f"sqlite:///{tmp_path / 'one.sqlite'}") as store:
        assert notes.add(store, made) == 3
        assert notes.undo(store, "d0", by="lou")
        assert not notes.undo(store, "d0", by="lou")
        kept = notes.every(store)
    assert notes.write_csv(tmp_path / "d.csv", kept) == 3
    with Notes(f"sqlite:///{tmp_path / 'two.sqlite'}") as store:
        assert notes.add(store, notes.read_csv(tmp_path / "d.csv")) == 3
        assert notes.add(store, notes.read_csv(tmp_path / "d.csv")) == 0
        assert [d.decision_id for d in notes.standing(notes.every(store))] == ["d1", "d2"]


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("marry,p,a,,,kim,so,", "of no known kind"),
        ("accept,p,a,,,kim,so,", "no student_id"),
        ("merge,p,a,,,kim,so,", "no other_account_key"),
        ("accept,p,a,U1,,,so,", "no decided_by"),
        ("accept,p,a,U1,,kim,so,9/30/2025", "no date or instant"),
    ],
)
def test_a_csv_with_a_fault_names_the_line_and_takes_nothing(
    tmp_path: Path, row: str, says: str
) -> None:
    (tmp_path / "d.csv").write_text(
        f"kind,platform,account_key,student_id,other_account_key,decided_by,why,decided_at\n{row}\n"
    )
    with pytest.raises(HomeroomError, match=f"{says}") as caught:
        notes.read_csv(tmp_path / "d.csv")
    assert "line 2" in str(caught.value)


def test_a_csv_by_hand_needs_no_id_and_its_instants_become_utc(tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text(
        "kind,platform,account_key,student_id,decided_by,why,decided_at\naccept,p,a,U1,kim,so,2025-09-30T23:00:00-05:00\n"
    )
    (read,) = notes.read_csv(tmp_path / "d.csv")
    assert read.decision_id
    assert read.decided_at == "2025-10-01T04:00:00.000000+00:00"
    with pytest.raises(HomeroomError, match="cannot be read as CSV"):
        notes.read_csv(tmp_path / "nowhere.csv")


@pytest.mark.parametrize(
    "url", ["nonsense", "mysql://me:hunter2@nowhere/x", "sqlite:////nowhere/at/all/x.sqlite"]
)
def test_a_database_that_cannot_be_used_is_named_without_its_password(url: str) -> None:
    with pytest.raises(HomeroomError, match="notes database") as caught:
        notes.every(Notes(url))
    assert "hunter2" not in str(caught.value)


TABLES = "SELECT table_schema || '.' || table_name AS name FROM information_schema.tables WHERE table_schema IN ('facts', 'views') AND table_name IN (SELECT table_name FROM information_schema.columns WHERE column_name = 'student_id') ORDER BY 1"


def everyone_else(district: District, student: str) -> dict[str, list[str]]:
    """Every row of facts and views of the linked students but one."""
    return {
        t["name"]: sorted(map(str, district.ask(f"FROM {t['name']} WHERE student_id <> '{student}'")))
        for t in district.ask(TABLES)
    }  # fmt: skip


@pytest.fixture
def waiting(tmp_path: Path) -> District:
    district = District(tmp_path, ("oneroster", "lexia", "khan"))
    district.put_all("oneroster", roster(["001 Ann Ash c1", "002 Bob Bell c1", "003 Cy Cole c1"]))
    district.put(
        "lexia/l_20250905.csv",
        lexia("1 ann Ann Ash 30", "2 someone Bob Bell 20", "3 cy Cy Cole 10"),
    )
    district.put("khan/o_20250901.csv", overview("ann@x.org 10 Ann_Ash", "who@y.org 7 W"))
    district.build()
    return district


@pytest.mark.slow
def test_one_decision_moves_one_students_facts_and_no_one_elses(waiting: District) -> None:
    before = everyone_else(waiting, "U002")
    held = waiting.ask(
        "SELECT platform, waits_for, fact, accounts FROM ops.identity_waiting WHERE platform = 'lexia'"
    )
    assert [(r["waits_for"], r["accounts"]) for r in held]
    (ref,) = [
        r["account_ref"] for r in review.waiting(waiting.settings) if r["platform"] == "lexia"
    ]
    shown = review.show(waiting.settings, ref)
    assert [c["student_id"] for c in shown["candidates"]] == ["U002"]
    made = review.decide(
        waiting.settings, "accept", ref, by="kim", why="asked the teacher", student_id="U002"
    )
    assert waiting.build().published is not None, "a decision is an input like a new file"
    assert everyone_else(waiting, "U002") == before
    mapped = "SELECT method, decided_by FROM roster.identity_map WHERE student_id = 'U002' AND platform = 'lexia'"
    assert waiting.ask(mapped) == [{"method": "decision", "decided_by": "kim"}]
    assert waiting.ask("SELECT 1 FROM ops.identity_waiting WHERE platform = 'lexia'") == []
    # It outlives the warehouse, and goes when it is taken back.
    shutil.rmtree(waiting.settings.warehouse)
    waiting.build()
    assert len(waiting.ask(mapped)) == 1
    review.undo(waiting.settings, made.decision_id[:8], by="lou")
    waiting.build()
    assert waiting.ask(mapped) == []
    assert everyone_else(waiting, "U002") == before
    assert waiting.build().published is None, "nothing new"


@pytest.mark.slow
def test_a_student_stays_one_through_every_change(tmp_path: Path) -> None:
    district = District(tmp_path, ("oneroster", "lexia"))
    district.put("lexia/l_20250905.csv", lexia("1 ann Ann Ash 30"))

    def linked(*students: str) -> list[str]:
        district.put_all("oneroster", roster(students))
        assert district.build().refusal is None
        return [r["student_id"] for r in district.ask("SELECT student_id FROM roster.identity_map")]

    assert linked("001 Ann Ash c1", "002 Bob Bell c1") == ["U001"]
    with_new_name = ["001 Ann Bell-Ash c1", "002 Bob Bell c1"]
    assert linked(*with_new_name) == ["U001"]
    assert linked("001 Ann Ash c1", "003 Cy Cole c1") == ["U001"]


@pytest.mark.slow
def test_notes_in_postgresql_are_as_in_a_file(postgres: str) -> None:
    with Notes(postgres) as store:
        assert notes.add(store, said("accept a U1", "merge a b")) == 2
        assert notes.add(store, said("accept a U1", "merge a b", "nobody c")) == 1
        assert notes.undo(store, "d0", by="lou")
    with Notes(postgres) as store:
        kept = notes.every(store)
    assert [d.decision_id for d in notes.standing(kept)] == ["d1", "d2"]
    assert (kept[0].undone_by, kept[1].undone_at) == ("lou", None)
