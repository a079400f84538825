"""Weekly exports for analysts: CSV and Parquet that reconcile to the row, with a manifest."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from connectors.errors import HomeroomError
from warehouse import publish
from warehouse.casting import quote
from warehouse.reader import attached

VIEWS = ("weekly_summary", "student_platform_week")


def export_week(warehouse: Path, week: date, out: Path) -> dict[str, Any]:
    """Write one week of each view to `out`; the manifest's content.

    `week` is any day of the week. Files appear whole or not at all; the manifest comes last.
    """
    live = publish.live_file(warehouse)
    if live is None:
        raise HomeroomError(
            "nothing has been published yet", culprit=str(warehouse), fix="homeroom run"
        )
    monday = date.fromordinal(week.toordinal() - week.weekday())
    out.mkdir(parents=True, exist_ok=True)
    files = []
    with attached(live) as db:
        for view in VIEWS:
            select = f"SELECT * FROM views.{view} WHERE week_start = DATE '{monday}' ORDER BY ALL"
            columns = [
                {"name": row[0], "type": row[1]}
                for row in db.execute(f"DESCRIBE {select}").fetchall()
            ]
            for form, options in (("csv", "FORMAT csv, HEADER"), ("parquet", "FORMAT parquet")):
                target = out / f"{view}_{monday}.{form}"
                fresh = out / f".{target.name}.new"
                rows = db.execute(f"COPY ({select}) TO {quote(str(fresh))} ({options})").fetchall()[
                    0
                ][0]
                fresh.replace(target)
                files.append(
                    {
                        "file": target.name,
                        "view": f"views.{view}",
                        "rows": rows,
                        "bytes": target.stat().st_size,
                        "sha256": _sha256(target),
                        "columns": columns,
                    }
                )
    manifest = {
        "week_start": str(monday),
        "warehouse": live.name,
        "written_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "files": files,
    }
    fresh = out / ".manifest.new"
    fresh.write_text(json.dumps(manifest, indent=1) + "\n", "utf-8")
    fresh.replace(out / f"manifest_{monday}.json")
    return manifest


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
