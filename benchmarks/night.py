"""One run of Homeroom, as `homeroom run` does it.

`python -m benchmarks.night CONFIG` prints the seconds of its stages and its counts as JSON.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from warehouse import nightly, settings
from warehouse.ledger import Ledger

if __name__ == "__main__":
    district = settings.load(Path(sys.argv[1]))
    report = nightly.run(district)
    if report.failed:
        sys.exit(f"the run failed: {report.refusal or report.landed.problems}")
    ledger = Ledger(district.ledger)
    counted = ledger.rows(
        "SELECT platform || '_' || feed, sum(rows_in) FROM file WHERE feed IS NOT NULL GROUP BY 1"
    )
    ledger.close()
    print(
        json.dumps(
            {
                "stages": report.seconds,
                "files": report.landed.new,
                "rows": dict(counted),
                "tables": {m.table: round(m.seconds, 3) for m in report.made},
                "published": str(report.published or ""),
            }
        )
    )
