"""Headers against declarations: by name, never by position."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.contract import Column, Feed, Kind, Platform, Scope, fit, norm, recognise, repeated
from connectors.registry import PLATFORMS


def text(name: str, *headers: str, required: bool = True) -> Column:
    return Column(name, Kind.TEXT, headers, required=required)


SCORES = Feed(
    "scores",
    "s",
    (text("who", "Student", "Pupil"), text("score", "Score"), text("note", "Note", required=False)),
    (),
    Scope.WHOLE,
)
TIMES = Feed(
    "times",
    "t",
    (text("who", "Student"), text("minutes", "Minutes"), text("day", "Day")),
    (),
    Scope.WHOLE,
)
FIXED = Feed("fixed", "f", (text("who", "Student"),), (), Scope.WHOLE, stems=("Pupils",))
PLATFORM = Platform("p", "P", (SCORES, TIMES, FIXED))


@pytest.mark.parametrize(
    ("stem", "header", "feed", "missing", "unknown"),
    [
        ("x", "Student,Score", "scores", "", ""),
        ("x", "score , STUDENT", "scores", "", ""),
        ("x", "\ufeffStudent,Score,Note", "scores", "", ""),
        ("x", "Pupil,Score,Extra", "scores", "", "Extra"),
        ("x", "Student,Pupil,Score", "scores", "", "Pupil"),
        ("x", "Minutes,Day,Student,Score", "times", "", "Score"),
        ("x", "Day,Minutes,Who", "times", "who", "Who"),
        ("pupils", "Student,Score", "fixed", "", "Score"),
        ("PUPILS", "Name,Score", "fixed", "who", "Name,Score"),
        ("x", "a,b,c", None, "", ""),
        ("x", "Day", None, "", ""),
        ("x", "", None, "", ""),
    ],
)
def test_the_feed_of_a_header(
    stem: str, header: str, feed: str | None, missing: str, unknown: str
) -> None:
    match = recognise(PLATFORM, stem, header.split(","))
    assert (match.feed.name if match else None) == feed
    if match:
        assert ",".join(c.name for c in match.missing) == missing
        assert ",".join(match.unknown) == unknown


@pytest.mark.parametrize("platform", list(PLATFORMS.values()), ids=lambda p: p.name)
def test_every_feed_is_recognised_by_its_own_newest_columns(platform: Platform) -> None:
    for feed in platform.feeds:
        header = list(dict.fromkeys(c.headers[0] for c in feed.columns))
        header += [feed.wide.example] if feed.wide else []
        stem = feed.stems[0].replace("*", "x") if feed.stems else "export"
        folder = f"{feed.folders[0]}/" if feed.folders else ""
        match = recognise(platform, folder + stem, header)
        assert match is not None
        assert (match.feed.name, match.fits) == (feed.name, True)


@given(
    st.integers(0, 10**6), st.sampled_from([(p, f) for p in PLATFORMS.values() for f in p.feeds])
)
@settings(max_examples=60)
def test_order_case_and_outer_spaces_of_a_header_do_not_matter(
    seed: int, which: tuple[Platform, Feed]
) -> None:
    _, feed = which
    dice = random.Random(seed)
    header = list(dict.fromkeys(c.headers[0] for c in feed.columns))
    plain = fit(feed, header)
    cases: list[Callable[[str], str]] = [str.upper, str.lower, str.strip]
    other = [f"{' ' * dice.randint(0, 2)}{dice.choice(cases)(h)} " for h in header]
    dice.shuffle(other)
    mixed = fit(feed, other)
    assert mixed.positions.keys() == plain.positions.keys()
    for name, place in mixed.positions.items():
        assert norm(other[place]) == norm(header[plain.positions[name]])


@pytest.mark.parametrize(
    ("header", "name"),
    [("a,b", None), ("a,b,A", "a"), ("a, a", "a"), ("a,,", None), ("\ufeffa,b,a", "a"), ("", None)],
)
def test_a_name_that_stands_twice_is_found(header: str, name: str | None) -> None:
    assert repeated(header.split(",")) == name
