"""Every worked case of the measures is held by a test through the real SQL."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.transforms.conftest import ORACLES

_TESTS = Path(__file__).parents[1]
_NAMED = re.compile(r'"(O\d\d[a-z]?)"')

#: Cases whose measures are not built yet. A case that has a test may not stand here.
WAITING: frozenset[str] = frozenset()


def named() -> set[str]:
    """The ids that tests name, this file apart."""
    files = (path for path in _TESTS.rglob("test_*.py") if path != Path(__file__))
    return {name for path in files for name in _NAMED.findall(path.read_text(encoding="utf-8"))}


def test_every_worked_case_has_a_test() -> None:
    assert sorted(ORACLES.keys() - named() - WAITING) == []


def test_no_case_with_a_test_waits() -> None:
    assert sorted(WAITING & named()) == []
    assert ORACLES.keys() >= WAITING


def test_tests_name_only_cases_that_there_are() -> None:
    assert sorted(named() - ORACLES.keys()) == []


def test_the_worked_cases_are_all_there() -> None:
    given = _TESTS.parents[1] / "shared" / "oracles.json"
    if not given.is_file():
        pytest.skip("../shared/oracles.json is not here")
    cases = json.loads(given.read_text(encoding="utf-8"))
    assert {case["id"]: case for case in cases} == ORACLES
