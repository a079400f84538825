"""The one awkward sample district, run once through the pipeline and shared by all tests."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from connectors.sample import write_district
from tests import shared
from warehouse import nightly, publish, settings
from warehouse.settings import Settings

STUDENTS, WEEKS, SEED = 240, 14, 7


@dataclass(frozen=True)
class Scenario:
    """A published sample district, and what only its generator knows."""

    folder: Path
    settings: Settings

    def copied(self, to: Path) -> Scenario:
        """The district in another folder, for whoever changes it."""
        shared.copy(self.folder, to)
        return opened(to)

    @property
    def warehouse(self) -> Path:
        """The live file."""
        live = publish.live_file(self.settings.warehouse)
        assert live is not None
        return live

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Ask the warehouse; `truth.<name>` are the generator's tables."""
        with duckdb.connect() as db:
            db.execute(f"ATTACH '{self.warehouse}' AS w (READ_ONLY)")
            db.execute("CREATE SCHEMA memory.truth")
            for path in (self.folder / "truth").glob("*.parquet"):
                db.execute(f"CREATE VIEW memory.truth.{path.stem} AS FROM '{path}'")
            db.execute(
                f"CREATE VIEW memory.truth.oddities AS FROM read_csv('{self.folder}/truth/oddities.csv', all_varchar=true)"
            )
            db.execute("SET search_path = 'w.main,memory.truth'")
            return db.execute(sql).fetchall()


def opened(folder: Path) -> Scenario:
    """The sample district that was made in a folder."""
    return Scenario(folder, settings.load(folder / "homeroom.toml"))


def make(folder: Path) -> Scenario:
    """Write the sample district and run the whole pipeline on it."""
    write_district(folder, students=STUDENTS, weeks=WEEKS, seed=SEED)
    made = opened(folder)
    nightly.run(made.settings)
    return made
