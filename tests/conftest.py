"""Fixtures for all tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import scenario, shared

SHARED = Path(__file__).parents[2] / "shared"


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
