"""Who is who: exact evidence links, doubt waits with its reason, nothing is guessed."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tests.fixtures import LEXIA, OVERALL, SCORES, District, lines, overview, roster
from warehouse.identity.classes import link_classes

CLASSES = [
    ("c1", "Reading 3A", "R-3A"),
    ("c2", "Reading 3B", None),
    ("c3", "Math", "M"),
    ("c4", "Math Club", None),
    ("c5", "Homeroom", None),
    ("c6", "Homeroom", None),
    ("c7", None, None),
]
DAY, LATER = date(2025, 9, 1), date(2025, 9, 8)


@pytest.mark.parametrize(
    ("key", "mapped", "class_id"),
    [
        ("c1", {}, "c1"),
        ("/reading 3a", {}, "c1"),
        ("/READING_3A", {}, "c1"),
        ("/reading3a", {}, "c1"),
        ("/r 3a", {}, "c1"),
        ("reading 3b/scores", {}, "c2"),
        ("/ms smith reading 3a period 2", {}, "c1"),
        ("/math", {}, "c3"),
        ("/math club", {}, "c4"),
        ("/math club tuesday", {}, "c4"),
        ("/reading 3a and reading 3b", {}, None),
        ("/homeroom", {}, None),
        ("/aftermath", {}, None),
        ("/", {}, None),
        ("/number ninjas", {}, None),
        ("/number ninjas", {"number ninjas": "c3"}, "c3"),
        ("/number ninjas", {"number ninjas": "c99"}, None),
        ("/math", {"math": "c4"}, "c4"),
    ],
)
def test_a_class_is_linked_only_where_one_fits(
    key: str, mapped: dict[str, str], class_id: str | None
) -> None:
    links = link_classes(
        [("khan", key, DAY)], {}, CLASSES, {("khan", told): c for told, c in mapped.items()}
    )
    assert [found[2] for found in links.found] == ([class_id] if class_id else [])
    assert links.waiting == (() if class_id else (("khan", key),))


@pytest.mark.parametrize(
    ("keys", "found", "waiting"),
    [
        ([("/math", DAY), ("/m", LATER)], ["/m"], ["/math"]),
        ([("/math", DAY), ("/m", DAY)], [], ["/m", "/math"]),
        ([("/math", None), ("/m", DAY)], ["/m"], ["/math"]),
    ],
)
def test_of_two_files_that_fit_one_class_the_newer_has_it(
    keys: list[tuple[str, date | None]], found: list[str], waiting: list[str]
) -> None:
    links = link_classes([("khan", key, day) for key, day in keys], {}, CLASSES, {})
    assert [key for _, key, _, _ in links.found] == found
    assert sorted(key for _, key in links.waiting) == waiting


def test_another_platforms_map_is_not_used() -> None:
    links = link_classes([("khan", "/ninjas", DAY)], {}, CLASSES, {("lexia", "ninjas"): "c3"})
    assert links.found == ()


STUDENTS = [
    "0042 Ann Ash c1", "0043 Bob Bell c1", "0044 Cy Cole c1", "0045 Di Dunn c1", "0046 Ed Eads c1",
    "0047 Sam Same c1", "0048 Sam Same c1", "0049 Flo Ford c2", "0050 Gus Gray c1", "0051 Ida Ivey c1",
]  # fmt: skip


@pytest.fixture(scope="module")
def linked(tmp_path_factory: pytest.TempPathFactory) -> District:
    """One district in which every rule has its account."""
    district = District(tmp_path_factory.mktemp("identity"), ("oneroster", "lexia", "khan", "nwea"))
    district.put_all("oneroster", roster(STUDENTS, ["c1 Reading_3A", "c2 Reading_3B"]))
    directory = (
        "Ann Ash,ann@x.org,0042,Rostered",
        "Bob Bell,other@x.org,0043,Rostered",
        "Cyrus Cole,CY@X.ORG,,Rostered",
        "Someone Else,di@x.org,,Rostered",
        "Ed Eads,ed@x.org,0050,Rostered",
        "Nobody,nobody@x.org,9999,Rostered",
        "Gus Gray,gus@y.org,50.0,Rostered",
        "Ida Ivey,ida1@y.org,0051,Rostered",
        "Ida Ivey,ida2@y.org,0051,Rostered",
        "Zeroless Ash,z@y.org,42,Rostered",
    )
    district.put("khan/north_20250901_20250930.csv", lines(OVERALL, *directory))
    users = ("1,ann,Ann,Ash", "2,bob,Robert,Smith", "3,ed,Ed,Eads", "4,unknown,Flo,Ford")
    district.put(
        "lexia/l_20250905.csv",
        lines(LEXIA, *(f"{u},3,North,A1,Vowels,,,,{n},60" for n, u in enumerate(users, 30))),
    )
    scores = ("Ann Ash", "ash, ann", "Sam Same", "Flo Ford", "Bób  Bell", "Ann Bell")
    district.put(
        "khan/Reading 3A_20250905.csv",
        lines(SCORES, *(f'"{name}",Quiz,Exercise,"Sep 4, 2025",1,1,2,1' for name in scores)),
    )
    district.put(
        "khan/Unheard Of_20250905.csv", lines(SCORES, 'Ann Ash,Quiz,Exercise,"Sep 4, 2025",1,1,2,1')
    )
    assert district.build().refusal is None
    return district


@pytest.mark.parametrize(
    ("platform", "key", "student", "why"),
    [
        ("khan", "ann@x.org", "U0042", "the school's own number"),
        ("khan", "other@x.org", "U0043", "the number, whatever the address"),
        ("khan", "cy@x.org", "U0044", "the address, with both names"),
        ("khan", "di@x.org", None, "the address, but another name"),
        ("khan", "ed@x.org", None, "number and address of two students"),
        ("khan", "nobody@x.org", None, "no such student"),
        ("khan", "ida1@y.org", None, "two accounts with one number"),
        ("khan", "ida2@y.org", None, "two accounts with one number"),
        ("khan", "z@y.org", None, "a number without its zeros, under another name"),
        ("lexia", "1", "U0042", "the user name, with the name"),
        ("lexia", "2", None, "the user name, handed on to another child"),
        ("lexia", "3", "U0046", "the user name"),
        ("lexia", "4", None, "a name alone is no evidence"),
    ],
)
def test_an_account_belongs_to_a_student_by_exact_evidence_or_waits(
    linked: District, platform: str, key: str, student: str | None, why: str
) -> None:
    found = linked.ask(
        f"SELECT student_id FROM facts.account WHERE platform = '{platform}' AND account_key = '{key}'"
    )
    assert [row["student_id"] for row in found] == [student], why


def test_an_id_that_a_spreadsheet_has_rewritten_never_reaches_identity(linked: District) -> None:
    assert linked.ask("SELECT 1 FROM facts.account WHERE account_key = 'gus@y.org'") == []


def test_a_name_counts_only_within_its_class_and_only_for_one(linked: District) -> None:
    rows = linked.ask(
        "SELECT student_id, count(*) AS n FROM facts.account WHERE account_kind = 'name_in_class' GROUP BY ALL ORDER BY ALL"
    )
    # Ann Ash stands in it twice, in two spellings: both wait. Bob's accent and spaces do not matter.
    assert {r["student_id"]: r["n"] for r in rows} == {"U0043": 1, None: 6}


def test_whoever_waits_is_listed_with_the_reason_and_without_a_name(linked: District) -> None:
    waiting = linked.ask(
        "SELECT platform, account_kind, waits_for, count(*) AS n FROM ops.identity_review GROUP BY ALL ORDER BY ALL"
    )
    assert {(r["platform"], r["account_kind"], r["waits_for"]): r["n"] for r in waiting} == {
        ("khan", "directory", "evidence_disagrees"): 1,
        # Someone else's address; and a number whose zeros may be lost, under another name.
        ("khan", "directory", "name_disagrees"): 2,
        ("khan", "directory", "no_match"): 1,
        ("khan", "directory", "two_accounts"): 2,
        ("khan", "name_in_class", "no_class"): 1,
        ("khan", "name_in_class", "no_match"): 2,
        ("khan", "name_in_class", "two_accounts"): 2,
        ("khan", "name_in_class", "two_students"): 1,
        ("lexia", "lexia_id", "name_disagrees"): 1,
        # One Flo Ford there is; a name without a class or school she shares is a person's to judge.
        ("lexia", "lexia_id", "probable"): 1,
    }
    told = str(linked.status()) + str(linked.ask("FROM ops.identity_review"))
    assert not [
        name
        for name in ("Cyrus", "Zeroless", "Robert", "Someone")
        if name.casefold() in told.casefold()
    ]


def test_a_file_of_an_unknown_class_waits_and_says_how_to_name_it(linked: District) -> None:
    waiting = [a for a in linked.status()["attention"] if a["status"] == "waiting"]
    assert [(a["file"], a["reason"]) for a in waiting] == [
        ("Unheard Of_20250905.csv", "no_single_class")
    ]
    assert "[source.classes]" in waiting[0]["fix"]


def test_waiting_facts_flow_on_once_the_roster_knows_the_child(tmp_path: Path) -> None:
    district = District(tmp_path, ("oneroster", "khan"))
    district.put_all("oneroster", roster(["001 Ann Ash c1"]))
    district.put("khan/o_20250901.csv", overview("bob@x.org 10 Bob_Bell"))
    district.build()
    ask = "SELECT student_id, minutes FROM facts.daily_activity WHERE minutes > 0"
    assert [tuple(r.values()) for r in district.ask(ask)] == [(None, 10.0)]
    district.put_all("oneroster", roster(["001 Ann Ash c1", "002 Bob Bell c1"]))
    district.build()
    assert [tuple(r.values()) for r in district.ask(ask)] == [("U002", 10.0)]
