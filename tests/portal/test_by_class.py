"""What boards need is laid out by class, and says what the views say."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from portal.board import by_class
from portal.live import Live, Version
from portal.rendering import _TEMPLATES
from tests.fixtures import District
from tests.portal.conftest import Portal


@pytest.fixture
def version(portal: Portal) -> Iterator[Version]:
    with Live(portal.settings.warehouse, seconds=3600) as live, live.reading() as found:
        assert found is not None
        yield found


def _ids(version: Version) -> list[str]:
    return [row["class_id"] for row in version.rows("SELECT class_id FROM roster.class_section")]


def test_the_latest_cards_are_those_of_the_view(version: Version) -> None:
    week = by_class.weeks(version)[0]
    seen = 0
    for class_id in _ids(version):
        told = by_class.cards(version, class_id, week)
        asked = version.rows(by_class._CARDS, {"id": class_id, "week": week})
        assert sorted(map(repr, told)) == sorted(map(repr, asked))
        seen += len(told)
    assert seen > 100


def test_an_earlier_week_is_asked_of_the_view(version: Version) -> None:
    week = by_class.weeks(version)[1]
    told = [row for i in _ids(version) for row in by_class.cards(version, i, week)]
    assert {row["week_start"] for row in told} == {week}


def test_reading_in_small_parts_tells_the_same(
    version: Version, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = _ids(version)

    def told() -> tuple[dict[str, set[by_class.Pupil]], dict[str, frozenset[str]]]:
        held = by_class.pupils(version, ids)
        return {i: set(those) for i, those in held.items()}, by_class.accounts(version, ids)

    at_once = told()
    version.kept.clear()
    monkeypatch.setattr(by_class, "_PART", 1)
    assert told() == at_once
    assert sum(map(len, at_once[0].values())) > 100


def test_a_class_that_nobody_knows_has_nothing(version: Version) -> None:
    assert by_class.classes(version, ["nowhere"]) == []
    assert by_class.pupils(version, ["nowhere"]) == {"nowhere": []}
    assert by_class.accounts(version, ["nowhere"]) == {}
    assert by_class.cards(version, "nowhere", by_class.weeks(version)[0]) == []


def test_a_version_that_cannot_be_laid_out_does_not_go_live(
    small: District, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(version: Version) -> None:
        version.rows("SELECT * FROM views.of_another_age")

    with (
        Live(small.settings.warehouse, seconds=3600, prepare=broken) as live,
        live.reading() as found,
    ):
        assert found is None
    assert len(caplog.records) == 1


def test_a_closed_version_holds_nothing(small: District) -> None:
    with (
        Live(small.settings.warehouse, seconds=3600, prepare=by_class.prepare) as live,
        live.reading() as found,
    ):
        assert found is not None
        assert found.kept
    assert not found.kept
    with pytest.raises(duckdb.ConnectionException):
        found.rows("SELECT 1")


@pytest.mark.parametrize(
    ("value", "told"),
    [("a/b c", "a/b%20c"), ("ü&?#", "%C3%BC%26%3F%23"), ({"a b": "c/d&e", "n": 1}, "a%20b=c%2Fd%26e&n=1")],
    ids=["path", "signs", "fields"],
)  # fmt: skip
def test_addresses_are_quoted(value: object, told: str) -> None:
    assert _TEMPLATES.filters["urlencode"](value) == told
