"""Mixed groups and the page of a class: even, reproducible, and never by a score."""

from __future__ import annotations

import re
from collections import Counter

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.board.groups import mixed
from portal.live import Version
from tests.portal.conftest import OTHER, TEACHER, Portal

CHILDREN = st.dictionaries(st.text(max_size=4), st.sampled_from("abc"), max_size=40)


@given(CHILDREN, st.integers(1, 12), st.integers(0, 99))
def test_everyone_is_in_one_group_and_groups_are_even(
    children: dict[str, str], size: int, seed: int
) -> None:
    made = mixed(children, size, seed)
    assert sorted(one for group in made for one in group) == sorted(children)
    sizes = [len(group) for group in made]
    assert all(0 < n <= size for n in sizes)
    assert not sizes or max(sizes) - min(sizes) <= 1


@given(CHILDREN, st.integers(1, 12), st.integers(0, 99))
def test_those_who_have_the_same_are_spread(children: dict[str, str], size: int, seed: int) -> None:
    made = mixed(children, size, seed)
    for word in "abc":
        held = [Counter(children[one] for one in group)[word] for group in made]
        assert not held or max(held) - min(held) <= 1


@given(CHILDREN, st.integers(1, 12), st.integers(0, 99))
def test_the_same_seed_gives_the_same_groups_in_whatever_order_children_come(
    children: dict[str, str], size: int, seed: int
) -> None:
    turned = dict(reversed(children.items()))
    assert mixed(children, size, seed) == mixed(turned, size, seed)


def test_another_seed_gives_other_groups() -> None:
    children = {f"U{n}": "" for n in range(20)}
    assert len({str(mixed(children, 4, seed)) for seed in range(10)}) == 10


def test_no_group_is_smaller_than_a_child() -> None:
    with pytest.raises(ValueError, match="at least one"):
        mixed({"a": ""}, 0, 1)


@pytest.mark.parametrize("by", ["random", "interest", "adult"])
def test_groups_read_the_roster_and_what_children_said_and_no_measure(
    school: Portal, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    asked: list[str] = []
    rows = Version.rows

    def listening(self: Version, sql: str, values: dict[str, object] | None = None) -> object:
        asked.append(sql)
        return rows(self, sql, values)

    browser = school.browser(TEACHER)
    browser.get("/")
    monkeypatch.setattr(Version, "rows", listening)
    page = browser.get(f"/classes/c1/groups?size=2&by={by}&seed=7")
    assert page.status_code == 200
    assert sorted(re.findall(r'<li><a href="/students/(U\d+)"', page.text)) == ["U001", "U002"]
    tables = {
        name.replace('"', "").split(" AS ")[0]
        for sql in asked
        for name in duckdb.get_table_names(re.sub(r"\$\w+", "NULL", sql), qualified=True)
    }
    assert asked
    assert tables <= {
        "roster.class_section", "roster.enrollment", "roster.student", "views.student_check_in",
        "facts.interest",
    }  # fmt: skip


@pytest.mark.parametrize(
    "asked", ["size=1", "size=99", "by=score", "seed=-1", "seed=x", "size=2;"], ids=str
)
def test_a_wish_that_is_none_is_refused(school: Portal, asked: str) -> None:
    assert school.browser(TEACHER).get(f"/classes/c1/groups?{asked}").status_code == 400


def test_a_class_page_names_no_child_and_hides_what_is_about_few(school: Portal) -> None:
    page = school.browser(TEACHER).get("/classes/c1").text
    for link in ("board", "decisions", "check-in", "groups"):
        assert f'href="/classes/c1/{link}"' in page
    assert "Ann" not in page
    assert "No week with at least 10 children" in page
    assert school.browser(OTHER).get("/classes/c1").status_code == 403


def test_a_bigger_class_is_told_by_medians_with_a_table(portal: Portal) -> None:
    with portal.app.state.live.reading() as version:
        (row,) = version.rows(
            "SELECT class_id, min(staff_id) AS staff_id, max(minutes_median) AS most "
            "FROM views.class_week JOIN views.class_access USING (class_id) "
            "WHERE status = 'ok' GROUP BY class_id ORDER BY class_id LIMIT 1"
        )
    page = portal.browser(row["staff_id"]).get(f"/classes/{row['class_id']}").text
    assert "<svg" in page
    assert "week by week, as a table" in page
    assert row["most"] is not None
