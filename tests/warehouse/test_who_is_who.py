"""Drawn students and accounts: what links, what waits, and that children are never crossed."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.people import Outcome, link, link_rows
from warehouse.notes import decisions as notes

#         student sis given family grade school class email username active
ROSTER = [
    "U1 0042 Ann Ash 3 S1 R1 ann@x.org aash",
    "U2 0043 Bob Bell 3 S1 R1 home@x.org bbell",
    "U3 0044 Eve Bell 5 S1 R2 - ebell",
    "U4 0045 Jayden Lee 3 S1 R1 jl@x.org jlee",
    "U5 0046 Kayden Lee 3 S1 R1 kl@x.org klee",
    "U6 0047 Samuel Ortiz 4 S1 R3 - sortiz",
    "U7 0048 Maria Martinez 4 S1 R3 mm@x.org mmart",
    "U8 0049 María_José López_García 4 S1 R3 - mjlg",
    "U9 0050 小明 王 4 S1 R3 - xw",
    "U10 0051 राम Roy 4 S1 R3 - rr",
    "U11 0052 John Smith_Jr 4 S1 R3 - jsm",
    "U12 0053 Prince Prince 4 S1 R3 - pp",
    "U13 0060 Old Gone 4 S1 - gone@x.org handed no",
    "U14 0061 New Here 4 S1 R3 - handed",
]


CASES = [
    # sis email username name grade school
    ("0042", ("U1", "sis_id")),
    ("_0042_", ("U1", "sis_id")),
    ("42.0 - - Ann_Ash", ("U1", "zeros_restored")),
    ("42 - - Ann_Ash", ("U1", "zeros_restored")),
    ("42", ("U1", "zeros_restored")),
    ("42 - - Bob_Bell", (None, "name_disagrees")),
    ("u1", ("U1", "sourced_id")),
    ("0042 - - Ann_Married", ("U1", "sis_id")),
    ("0042 - - Nan_Ash", ("U1", "sis_id")),
    ("0042 - - Zoe_Young", (None, "name_disagrees")),
    # The number of a sister: the name is somebody else's of the same family.
    ("0043 - - Eve_Bell", (None, "name_disagrees")),
    ("0045 - - Kayden_Lee", (None, "name_disagrees")),
    ("0042 home@x.org - Ann_Ash", ("U1", "sis_id")),
    ("0042 home@x.org", (None, "evidence_disagrees")),
    ("9999 ann@x.org", (None, "evidence_disagrees")),
    ("9999 - - Nobody_Known", (None, "no_match")),
    # A family's address.
    ("- HOME@x.org - Bob_Bell", ("U2", "email")),
    ("- home@x.org - Eve_Bell", (None, "name_disagrees")),
    ("- home@x.org - Ian_Bell", (None, "name_disagrees")),
    ("- jl@x.org - Kayden_Lee", (None, "name_disagrees")),
    ("- mm@x.org - Maria_Martin", (None, "name_disagrees")),
    ("- mm@x.org - Mariana_Martinez", ("U7", "email")),
    ("- - klee Jayden_Lee", (None, "name_disagrees")),
    ("- - klee Kayden_Lee", ("U5", "username")),
    ("- - klee", ("U5", "username")),
    # A user name handed on.
    ("- - handed New_Here", ("U14", "username")),
    ("- - handed Old_Gone", (None, "evidence_disagrees")),
    ("- - handed", (None, "evidence_disagrees")),
    ("- - handed Zoe_Young", (None, "evidence_disagrees")),
    # Ways of writing a name.
    ("0049 - - Lopez_Garcia,_Maria_Jose", ("U8", "sis_id")),
    ("- - mjlg Maria_Jose_Lopez", ("U8", "username")),
    ("- - xw 王小明", ("U9", "username")),
    ("- - xw 小明_王", ("U9", "username")),
    ("- - rr रमा_Roy", (None, "name_disagrees")),
    ("- - rr राम_Roy", ("U10", "username")),
    ("- - jsm Smith,_John", ("U11", "username")),
    ("- - jsm John_Smith_III", ("U11", "username")),
    ("- - pp Prince", ("U12", "username")),
    ("- - aash ???", ("U1", "username")),
    ("- - aash Ann", (None, "name_disagrees")),
    # By name, grade and school alone.
    ("- - - Sam_Ortiz 4 School_S1", ("U6", "score")),
    ("- - - Samuel_Ortis 4 School_S1", ("U6", "score")),
    ("- - - Samuel_Ortiz 9 School_S1", (None, "probable")),
    ("- - - Samuel_Ortiz", (None, "probable")),
    ("- - - Maria_Martin 4 School_S1", (None, "probable")),
    ("- - - Jayden_Lee 3 School_S1", (None, "probable")),
    ("- - - Bob_Ash 3 School_S1", (None, "probable")),
    ("-", (None, "no_match")),
]  # fmt: skip


@pytest.fixture(scope="module")
def outcomes() -> dict[str, Outcome]:
    """Every case on a platform of its own."""
    return link(ROSTER, [f"p{n} k{n} directory {account}" for n, (account, _) in enumerate(CASES)])


@pytest.mark.parametrize("case", range(len(CASES)), ids=[account for account, _ in CASES])
def test_evidence_counts_in_order_and_a_doubt_waits(
    case: int, outcomes: dict[str, Outcome]
) -> None:
    assert outcomes[f"k{case}"] == CASES[case][1]


def test_zeros_come_back_only_where_one_student_fits_and_without_a_name_only_where_all_numbers_are_as_long() -> (
    None
):
    two = ["U1 0042 Ann Ash", "U2 00042 Bob Bell"]
    assert link(two, ["p k sis_id 42 - - Ann_Ash"])["k"] == (None, "probable")
    mixed = ["U1 0042 Ann Ash", "U2 12345 Bob Bell"]
    assert link(mixed, ["p k sis_id 42"])["k"] == (None, "name_disagrees")
    assert link(mixed, ["p k sis_id 42 - - Ash,_Ann"])["k"] == ("U1", "zeros_restored")


def test_one_account_to_one_student_unless_it_is_one_number_written_twice() -> None:
    two = ["p a directory 0042 - - Ann_Ash", "p b directory - ann@x.org - Ann_Ash - - k1"]
    assert link(ROSTER, two) == {"a": ("U1", "sis_id"), "b": (None, "two_accounts")}
    same = ["p a directory 0042 - - Ann_Ash", "p b directory 0042 - - Ann_Ash - - k1"]
    assert set(link(ROSTER, same).values()) == {(None, "two_accounts")}
    # Where the key is the number itself, one person stands under both; elsewhere they are two.
    zeros = ["p 0042 sis_id 0042 - - Ann_Ash", "p 42 sis_id 42 - - Ann_Ash"]
    assert set(link(ROSTER, zeros).values()) == {("U1", "sis_id"), ("U1", "zeros_restored")}
    apart = ["p a directory 0042 - - Ann_Ash", "p b directory 42 - - Ann_Ash"]
    assert link(ROSTER, apart)["b"] == (None, "two_accounts")
    other = ["p a directory 0042", "q b directory 0042", "p c login 0042"]
    assert {student for student, _ in link(ROSTER, other).values()} == {"U1"}


IN_CLASS = [
    "U1 1 Ann Ash 3 S1 R1",
    "U2 2 Sam Lee 3 S1 R1",
    "U3 3 Sam Lee 3 S1 R1",
    "U4 4 Cy Cole 3 S1 R2",
]


def test_a_class_file_knows_only_its_class_and_two_of_one_name_go_to_a_person() -> None:
    names = [f"khan {n} name_in_class - - - {n} - - R1" for n in ("Ann_Ash", "Sam_Lee", "Cy_Cole")]
    assert link(IN_CLASS, names) == {
        "Ann Ash": ("U1", "name_in_class"),
        "Sam Lee": (None, "two_students"),
        "Cy Cole": (None, "no_match"),
    }
    shown = link_rows(
        IN_CLASS, names, ask="SELECT DISTINCT student_id FROM identity.candidate ORDER BY 1"
    )
    assert shown == [("U2",), ("U3",)]


@pytest.mark.parametrize(
    "twins", ["Jayden Kayden", "Sam Samuel", "Ann Anna", "Jan Jon", "Alexander Alexandra"]
)
def test_classmates_whose_names_a_slip_would_swap_go_to_a_person(twins: str) -> None:
    one, other = twins.split()
    roster = [f"U1 1 {one} Lee 3 S1 R1", f"U2 2 {other} Lee 3 S1 R1"]
    accounts = [f"khan {n} name_in_class - - - {n}_Lee - - R1" for n in (one, other)]
    assert set(link(roster, accounts).values()) == {(None, "two_students")}


def test_a_twin_who_is_not_on_the_roster_is_not_taken_for_the_other() -> None:
    roster = ["U1 1 Kayden Lee 3 S1 R1", "U2 2 Jayden Dunn 7 S2 R9"]
    assert link(roster, ["khan j name_in_class - - - Jayden_Lee - - R1"])["j"] == (None, "probable")


def test_a_child_who_came_back_under_a_new_id_of_the_roster_stays_one() -> None:
    back = ["U1 0042 Ann Ash 3 S1 - a@x.org aash no", "U9 0042 Ann Ash 3 S1 R1 - aash"]
    for account in ("0042", "0042 - - Ann_Ash", "u1", "- a@x.org - Ann_Ash", "- - aash Ann_Ash"):
        assert link(back, [f"p k directory {account}"])["k"][0] == "U9", account
    decided = [notes.new("accept", "p", "k", by="b", why="w", student_id="U1")]
    assert link(back, ["p k directory 999"], decided)["k"] == ("U9", "decision")
    both_gone = [back[0], back[1] + " no"]
    assert link(both_gone, ["p k directory 0042 - - Ann_Ash"])["k"][0] in ("U1", "U9")


@pytest.mark.parametrize("email", ["-", "a@x.org"])
def test_an_unknown_id_where_ids_are_known_tells_of_somebody_else(email: str) -> None:
    others = [
        "p a directory 0043 - - Bob_Bell",
        "p b directory 0044 - - Eve_Bell",
        "p c directory 0045 - - Jayden_Lee",
    ]
    assert link(ROSTER, [*others, f"p k directory 7777 {email} - Samuel_Ortiz 4 School_S1"])[
        "k"
    ] == (None, "probable")


SYLLABLES = "ba ke li mo nu ra se ti vo zu da fe".split()


@st.composite
def families(draw: st.DrawFn) -> tuple[list[str], list[tuple[str, str]]]:
    """Twins and siblings in one class, and the names that somebody typed for each of them."""
    name = st.lists(st.sampled_from(SYLLABLES), min_size=2, max_size=3).map(
        lambda s: "".join(s).title()
    )
    family = draw(st.lists(name, min_size=1, max_size=2, unique=True))
    children = draw(
        st.lists(st.tuples(name, st.sampled_from(family)), min_size=2, max_size=6, unique=True)
    )
    typed = []
    for number, (first, last) in enumerate(children):
        at = draw(st.integers(1, len(first) - 1))
        slip = draw(st.sampled_from(["", "drop", "swap", "short", "double"]))
        written = {
            "": first,
            "drop": first[:at] + first[at + 1 :],
            "swap": first[: at - 1] + first[at] + first[at - 1] + first[at + 1 :],
            "short": first[:3],
            "double": first[:at] + first[at:] + first[-1],
        }[slip]
        # Whoever writes the other child's whole name has written the other child.
        if (written.lower(), last) not in {(f.lower(), g) for f, g in children} - {
            (first.lower(), last)
        }:
            typed.append((f"U{number}", f"{written}_{last}"))
    roster = [f"U{n} {n + 100} {f} {g} 3 S1 R1" for n, (f, g) in enumerate(children)]
    return roster, typed


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(families())
def test_twins_in_one_class_are_never_crossed(
    drawn: tuple[list[str], list[tuple[str, str]]],
) -> None:
    roster, typed = drawn
    accounts = [f"khan {who} name_in_class - - - {name} - - R1" for who, name in typed]
    accounts += [f"lexia L{who} lexia_id - - - {name} 3 School_S1" for who, name in typed]
    for key, (student, _) in link(roster, accounts).items():
        assert student in (None, key.removeprefix("L")), (key, student)


@pytest.mark.slow
@settings(max_examples=8, deadline=None)
@given(st.randoms(use_true_random=False))
def test_the_same_input_in_another_order_gives_the_same_map(dice: random.Random) -> None:
    accounts = [
        "p a directory 0042 - - Ann_Ash",
        "p b directory 42 - - Ann_Ash",
        "p c directory - home@x.org - Eve_Bell",
        "p d directory - - - Sam_Ortiz 4 School_S1",
        "p e directory - - - Maria_Martin 4 School_S1",
        "khan f name_in_class - - - Jayden_Lee - - R1",
        "khan g name_in_class - - - Ann_Ash - - R1",
        "q h directory 0043",
        "q i directory - - bbell Bob_Bell",
        "q j directory 0043",
    ]
    ask = "SELECT platform, account_key, student_id, evidence, score FROM identity.account_link ORDER BY ALL"
    expected = link_rows(ROSTER, accounts, ask=ask)
    students = list(ROSTER)
    dice.shuffle(students)
    dice.shuffle(accounts)
    assert link_rows(students, accounts, ask=ask) == expected
