"""Whether a district's ledger, lake and published warehouse tell the same story, after a fault."""

from __future__ import annotations

import duckdb

from tests.fixtures import District, accounted
from warehouse.ledger import Ledger
from warehouse.reader import Reader


def consistent(district: District) -> None:
    """Fails where one of them knows what another does not, or something was left lying about."""
    told = district.settings
    ledger = Ledger(told.ledger)
    parts = ledger.rows("SELECT path, table_name, file_id, rows FROM part")
    fates = ledger.rows(
        "SELECT id, status FROM file WHERE is_archive = 0 OR status <> 'loaded' ORDER BY id"
    )
    ledger.close()
    lying = {p.relative_to(told.lake).as_posix() for p in told.lake.rglob("*.parquet")}
    assert lying == {path for path, *_ in parts}
    with duckdb.connect() as db:
        for path, table, file_id, rows in parts:
            source = f"read_parquet('{told.lake / path}', hive_partitioning=false)"
            own = "" if table == "quarantine" else f"WHERE arrival = {file_id}"
            (held,) = db.execute(f"SELECT count(*) FROM {source} {own}").fetchall()[0]
            shared = sum(n for p, *_, n in parts if p == path)
            assert held == (shared if table == "quarantine" else rows), path
    files = district.files().values()
    assert all(f["is_archive"] or accounted(f) for f in files if f["status"] != "pending")
    with Reader(told.warehouse) as reader:
        seen = reader.rows("SELECT id, status FROM ops.file ORDER BY id")
        # A file whose class is not known is loaded, and told as waiting.
        assert [(r["id"], r["status"].replace("waiting", "loaded")) for r in seen] == fates
        for row in reader.rows("SELECT name, broken FROM ops.check_result WHERE blocking"):
            assert row["broken"] == 0, row["name"]
    assert not told.work.exists() or not list(told.work.iterdir())
    assert not list(told.landing.rglob(".incoming*"))
    left = {p.name for p in told.home.iterdir()}
    assert left <= {
        "landing", "lake", "warehouse", "work", "run.lock",
        "notes.sqlite", "notes.sqlite-wal", "notes.sqlite-shm",
        "ledger.sqlite", "ledger.sqlite-wal", "ledger.sqlite-shm",
    }  # fmt: skip
    others = {p.name for p in told.warehouse.iterdir() if not p.name.startswith("warehouse-")}
    assert others == {"current.json"}
