"""Every transform over a drawn lake, on one engine, in a process of its own.

`python -m benchmarks.engine FOLDER MEMORY [MASTER EXECUTOR_MEMORY]` prints seconds and rows as
JSON. Linking is left out: every account is linked by its number, so that the engines are compared
on what they both do.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from benchmarks.big_lake import PLATFORMS
from transforms import catalog
from warehouse import build, engines
from warehouse.engines import Choice
from warehouse.lake import lakehouse
from warehouse.ledger import Ledger
from warehouse.notes import source

_LINKS = """
CREATE TABLE scratch.identity.account_link AS
SELECT platform, account_key, 's' || substr(account_key, 2) AS student_id, 'id' AS evidence,
       CAST(NULL AS DOUBLE) AS score, CAST(NULL AS VARCHAR) AS decided_by,
       exported_on AS valid_from
FROM lake.account;
CREATE TABLE scratch.identity.class_link AS
SELECT '' AS platform, '' AS class_key, '' AS class_id, '' AS evidence WHERE FALSE
"""


def run(folder: Path, memory: str, choice: Choice) -> dict[str, object]:
    """Seconds of all and of each table, and their rows."""
    ledger = Ledger(folder / "ledger.sqlite")
    work = folder / "work"
    db = build.open_target(folder / "built.duckdb", work, memory=memory)
    tables = {}
    start = time.perf_counter()
    lakehouse.attach(db, ledger, folder / "lake")
    source.attach(db, {})
    for sql in _LINKS.split(";"):
        db.execute(sql)
    with engines.opened(choice, db) as engine:
        started = time.perf_counter() - start
        for transform in catalog.load(PLATFORMS):
            made = build.run_transform(engine, transform)
            tables[made.table] = (made.rows, round(made.seconds, 2))
            print(made, file=sys.stderr, flush=True)
    seconds = time.perf_counter() - start
    db.close()
    ledger.close()
    return {"seconds": seconds, "started": started, "tables": tables}


if __name__ == "__main__":
    told = sys.argv[3:]
    print(
        json.dumps(
            run(
                Path(sys.argv[1]),
                sys.argv[2],
                Choice("spark", told[0], told[1]) if told else Choice(),
            )
        )
    )
