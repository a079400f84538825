"""Pictures: what is drawn is what was told, and nothing else."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.pictures import MARKS, Week, Window, day_bars, dot_strip, growth, windows
from portal.pictures.windows import AFTER, BEFORE

MONDAY = date(2025, 9, 1)


def parsed(picture: object) -> ET.Element:
    return ET.fromstring(str(picture))


def of(picture: object, tag: str, kind: str) -> list[ET.Element]:
    return [e for e in parsed(picture).iter(tag) if kind in e.get("class", "").split()]


def words(picture: object) -> list[str]:
    return [e.text or "" for e in parsed(picture).iter("text")]


def numbers(elements: list[ET.Element], name: str) -> list[float]:
    return [float(e.get(name, "")) for e in elements]


def weeks(*told: Week) -> object:
    return dot_strip(told, "weeks")


def test_more_minutes_lie_higher_and_nothing_done_is_an_open_dot_on_the_floor() -> None:
    drawn = weeks(Week(MONDAY, "ok", 10.0), Week(MONDAY, "ok", 40.0), Week(MONDAY, "zero", 0.0))
    ten, forty, nothing = numbers(of(drawn, "circle", "dot"), "cy")
    assert forty < ten < nothing
    assert numbers(of(drawn, "circle", "open"), "cy") == [nothing]
    assert numbers(of(drawn, "line", "floor"), "y1") == [nothing]
    assert [w for w in words(drawn) if "/" not in w] == ["10", "40", "0"]


def test_the_band_reaches_from_usual_minus_to_usual_plus_its_scale_and_never_below_the_floor() -> (
    None
):
    drawn = weeks(
        Week(MONDAY, "ok", 100.0, usual=50.0, scale=10.0), Week(MONDAY, "ok", 1.0, 5.0, 20.0)
    )
    floor = numbers(of(drawn, "line", "floor"), "y1")[0]
    top = numbers(of(drawn, "circle", "dot"), "cy")[0]
    per_minute = (floor - top) / 100
    first, second = of(drawn, "rect", "band")
    assert float(first.get("height", "")) == pytest.approx(20 * per_minute, abs=0.11)
    assert float(second.get("y", "")) + float(second.get("height", "")) == pytest.approx(
        floor, abs=0.11
    )


@pytest.mark.parametrize("status", sorted(MARKS))
def test_a_week_that_is_no_number_has_a_mark_of_its_own_and_no_dot(status: str) -> None:
    drawn = weeks(Week(MONDAY, status, 30.0))
    assert of(drawn, "circle", "dot") == []
    assert [e.text for e in of(drawn, "text", "mark")] == [MARKS[status]]


def test_the_marks_differ() -> None:
    assert len(set(MARKS.values())) == len(MARKS)


minutes = st.one_of(st.none(), st.floats(0, 5000))


@settings(deadline=None)
@given(
    st.lists(
        st.builds(
            Week,
            st.just(MONDAY),
            st.sampled_from(["ok", "zero", *MARKS]),
            minutes,
            minutes,
            minutes,
            minutes,
        ),
        max_size=12,
    )
)
def test_any_weeks_stay_within_their_picture(told: list[Week]) -> None:
    drawn = parsed(dot_strip(told, "weeks"))
    _, _, width, height = (float(v) for v in drawn.get("viewBox", "").split())
    for e in drawn.iter():
        for name, most in (
            ("x", width),
            ("cx", width),
            ("x2", width),
            ("y", height),
            ("cy", height),
            ("y2", height),
        ):
            assert 0 <= float(e.get(name, "0")) <= most + 0.1


def test_five_bars_are_as_high_as_their_minutes() -> None:
    drawn = day_bars([10.0, 0.0, 40.0, 20.0, 0.0], "days")
    heights = numbers(of(drawn, "rect", "bar"), "height")
    assert heights[2] == pytest.approx(4 * heights[0], abs=0.2)
    assert heights[1] == heights[4] == 0
    assert words(drawn)[1::2] == ["Mon", "Tue", "Wed", "Thu", "Fri"]
    with pytest.raises(ValueError, match="five bars"):
        day_bars([1.0], "days")


def test_work_handed_in_late_lies_behind_the_due_line_and_far_away_times_stand_at_the_edge() -> (
    None
):
    due = datetime.fromisoformat("2025-09-10 12:00")
    day = timedelta(days=1)
    drawn = windows(
        [
            Window(due, due - 5 * day, due - 2 * day, due + day),
            Window(due, None, None, due + 90 * day),
        ],
        "tasks",
    )
    (line,) = numbers(of(drawn, "line", "due"), "x1")
    begun, late, far = numbers(of(drawn, "circle", "dot"), "cx")
    assert begun < line < late < far
    assert (far - line) / (late - line) == pytest.approx(AFTER, abs=0.1)
    known, unknown = numbers(of(drawn, "line", "window"), "x1")
    assert (line - unknown) / (line - known) == pytest.approx(BEFORE / 5, abs=0.1)
    assert len(of(drawn, "line", "unknown")) == 1


def test_growth_shows_the_error_to_both_sides_and_where_the_projection_lies() -> None:
    drawn = growth(5.0, 4.5, 10.0, "growth")
    (bar,) = of(drawn, "line", "work")
    (at,) = numbers(of(drawn, "circle", "dot"), "cx")
    (projected,) = numbers(of(drawn, "line", "due"), "x1")
    low, high = float(bar.get("x1", "")), float(bar.get("x2", ""))
    assert at - low == pytest.approx(high - at, abs=0.2)
    # 9.5 is below the 10 that were projected.
    assert high < projected


def test_what_stands_in_a_picture_is_escaped() -> None:
    drawn = str(day_bars([1.0] * 5, '"><script>alert(1)</script>'))
    assert "<script" not in drawn
    assert re.search(r'role="img" aria-label="&#34;&gt;&lt;script', drawn)
