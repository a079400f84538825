"""The storage that the docs describe for Dagster is one that Dagster takes."""

from __future__ import annotations

import re
from pathlib import Path

import dagster as dg
import pytest

from tests.warehouse.conftest import postgres

__all__ = ["postgres"]
ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_runs_are_kept_in_the_postgresql_of_the_docs(
    postgres: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("dagster_postgres", reason="the extra `postgres` is not installed")
    (block,) = re.findall(
        r"^```yaml\n(.*?)^```", (ROOT / "docs/install.md").read_text(), re.M | re.S
    )
    (tmp_path / "dagster.yaml").write_text(block)
    monkeypatch.setenv("HOMEROOM_DAGSTER_STORAGE", postgres.replace("+psycopg", "+psycopg2"))

    @dg.asset
    def one() -> int:
        return 1

    with dg.DagsterInstance.from_config(str(tmp_path)) as instance:
        assert not instance.telemetry_enabled
        done = dg.materialize([one], instance=instance)
        assert done.success
    with dg.DagsterInstance.from_config(str(tmp_path)) as again:
        assert again.run_storage.__class__.__name__ == "PostgresRunStorage"
        assert [r.run_id for r in again.get_runs()] == [done.run_id]
    assert not list(tmp_path.rglob("*.db"))
