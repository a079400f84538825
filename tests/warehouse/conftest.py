"""Fixtures for the tests of what arrives."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.servers import Site


@pytest.fixture
def site() -> Iterator[Site]:
    with Site().running() as running:
        yield running
