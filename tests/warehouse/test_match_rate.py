"""Match rates: a wrong id column shows, and a sudden drop keeps links instead of losing them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fixtures import District, lexia, roster
from tests.people import link, link_rows
from warehouse import nightly
from warehouse.identity.rates import Night, fallen

NAMES = "Ann Bob Cy Di Eve Flo Gus Hal Ida Jo Kim Lou Mo Ned Oda Pam Quin Ray Sue Tom Uma Vic Wes Xia Yul".split()
FAMILIES = "Ash Bell Cole Dunn Eads Ford Gray Hill Ivey Judd Kent Lamb Moss Nash Orr Penn Quist Reed Shaw Todd Ulm Voss West Yates Zell".split()


@pytest.mark.parametrize(
    ("night", "held"),
    [
        # platform accounts linked sent kept rate school_lost
        (Night("p", 100, 98, 98, 98, 0.98), False),
        (Night("p", 100, 98, 98, 80, 0.80), False),
        (Night("p", 100, 98, 98, 70, 0.78), True),
        (Night("p", 100, 98, 0, 0, 0.10), True),
        (Night("p", 100, 98, 98, 90, 0.90, 0.9), True),
        (Night("p", 19, 19, 19, 0, 0.0), False),
        (Night("p", 100, 0, 0, 0, 0.0), False),
        # Many leave: what is not sent is not lost.
        (Night("p", 100, 98, 40, 40, 0.98), False),
    ],
)
def test_a_platform_is_held_where_many_links_would_be_lost_at_once(
    night: Night, held: bool
) -> None:
    assert bool(fallen([night])) == held


STUDENTS = [
    f"U{n} {100 + n} {g} {f} 3 S1 R1" for n, (g, f) in enumerate(zip(NAMES, FAMILIES, strict=True))
]


def test_a_column_of_other_childrens_ids_links_nobody_and_shows() -> None:
    shifted = [
        f"p k{n} directory {101 + n} - - {g}_{f}"
        for n, (g, f) in enumerate(zip(NAMES, FAMILIES, strict=True))
    ]
    assert {s for s, _ in link(STUDENTS, shifted).values()} == {None}
    rate = link_rows(
        STUDENTS,
        shifted,
        ask="SELECT accounts, matched, named_alike FROM identity.match_rate WHERE roster_column = 'sis_id'",
    )
    assert rate == [(25, 24, 0)]


def test_where_few_ids_are_the_rosters_one_without_a_name_is_no_proof() -> None:
    foreign = [f"p k{n} directory {n + 90}" for n in range(30)]
    assert {o for k, o in link(STUDENTS, foreign).items() if int(k[1:]) >= 10} == {
        (f"U{n}", "sis_id") for n in range(20)
    }
    foreign = [f"p k{n} directory {n + 60}" for n in range(50)]
    assert {o for k, o in link(STUDENTS, foreign).items() if int(k[1:]) >= 40} == {
        (None, "ids_doubted")
    }
    named = [
        f"{row} - - {NAMES[n - 40]}_{FAMILIES[n - 40]}" if n >= 40 else row
        for n, row in enumerate(foreign)
    ]
    assert link(STUDENTS, named)["k40"] == ("U0", "sis_id")


def delivery(first: int, *, given: list[str] = NAMES) -> dict[str, str]:
    return roster(
        [f"{first + n:03} {g} {f} c1" for n, (g, f) in enumerate(zip(given, FAMILIES, strict=True))]
    )


def accounts(*, user: str = "") -> str:
    return lexia(
        *(
            f"{n} {user or g.lower()}{n if user else ''} {g} {f} 30"
            for n, (g, f) in enumerate(zip(NAMES, FAMILIES, strict=True))
        )
    )


def held(district: District) -> dict[str, int]:
    rows = district.ask("SELECT method, count(*) AS n FROM roster.identity_map GROUP BY ALL")
    return {r["method"]: r["n"] for r in rows}


@pytest.mark.slow
def test_a_wrong_column_unlinks_nobody_until_a_person_lets_go(tmp_path: Path) -> None:
    district = District(tmp_path, ("oneroster", "lexia"))
    district.put_all("oneroster", delivery(1))
    district.put("lexia/l_20250905.csv", accounts())
    assert district.build().held == []
    assert held(district) == {"username": 25}
    before = district.ask("SELECT student_id, minutes FROM facts.daily_activity ORDER BY ALL")
    # The next export has something else in the user name's place, and no such names either.
    wrong = lexia(*(f"{n} x{n} No Body{n} 30" for n in range(25)))
    district.put("lexia/l_20250906.csv", wrong)
    report = district.build()
    assert [(n.platform, n.kept) for n in report.held] == [("lexia", 0)]
    assert held(district) == {"held": 25}
    assert district.status()["identity"][0]["held"] == 25
    assert [
        r
        for r in district.ask("SELECT student_id, minutes FROM facts.daily_activity ORDER BY ALL")
        if r in before
    ] == before
    # It stays so, night after night; and goes when somebody says so.
    district.put("lexia/l_20250907.csv", wrong)
    assert [n.platform for n in district.build().held] == ["lexia"]
    report = nightly.run(district.settings, accept_links=True)
    assert (report.held, held(district)) == ([], {})


@pytest.mark.slow
def test_an_id_given_to_another_child_is_not_held(tmp_path: Path) -> None:
    district = District(tmp_path, ("oneroster", "lexia"))
    district.put_all("oneroster", delivery(1))
    district.put("lexia/l_20250905.csv", accounts())
    district.build()
    # The roster has been numbered anew: under each number there is another child.
    others = [*NAMES[3:], *NAMES[:3]]
    people = [
        f"{n + 1:03} {g} {f} c1"
        for n, (g, f) in enumerate(zip(others, [*FAMILIES[5:], *FAMILIES[:5]], strict=True))
    ]
    district.put_all("oneroster", roster(people))
    report = district.build()
    assert [n.platform for n in report.held] == ["lexia"]
    wrong = district.ask("""SELECT a.account_key FROM facts.account a JOIN roster.student s USING (student_id)
                            WHERE lower(a.given_name) <> lower(s.given_name) OR a.family_name <> s.family_name""")
    assert wrong == []
    assert {r["waits_for"] for r in district.ask("SELECT waits_for FROM ops.identity_review")} == {
        "match_rate_fell"
    }
