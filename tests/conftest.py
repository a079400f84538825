"""Fixtures for all tests, and which files begin first."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import scenario, shared

SHARED = Path(__file__).parents[2] / "shared"

#: The longest files, the longest first: begun last, one would keep a single worker busy at the end.
FIRST = (
    "warehouse/test_spark.py",
    "test_any_arrival.py",
    "warehouse/test_killed.py",
    "warehouse/test_formats.py",
    "warehouse/test_forgetting.py",
    "warehouse/test_forgetting_sample.py",
    "benchmarks/test_bench.py",
    "benchmarks/test_evidence.py",
    "pipelines/test_definitions.py",
    "portal/test_ask.py",
    "warehouse/test_who_is_who.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files first; the others keep their order."""
    here = Path(__file__).parent
    rank = {here / name: number for number, name in enumerate(FIRST)}
    items.sort(key=lambda item: rank.get(item.path, len(FIRST)))


@pytest.fixture(scope="session")
def district(tmp_path_factory: pytest.TempPathFactory) -> scenario.Scenario:
    """The sample district, published; all workers read the same one."""
    return scenario.opened(shared.once(tmp_path_factory, "sample", scenario.make))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real sample files that lie beside the checkout and are not part of the project."""
    if not (SHARED / "data").is_dir():
        pytest.skip("../shared/data is not here: real sample files are not part of the project")
    return SHARED / "data"
