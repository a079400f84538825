"""The quality report of a version: one HTML page that loads nothing, kept beside its file.

Belongs here: what it tells, as plain values, and writing it. Counts, names of files and of columns,
and line numbers: no value of a child. Not here: judging (checks.py, expectations.py).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jinja2

from connectors.errors import ROW_REASONS, HomeroomError
from warehouse import flow, publish
from warehouse.ledger import Ledger
from warehouse.quality import view_expectations
from warehouse.reader import attached
from warehouse.settings import Settings
from warehouse.watch import status

#: Of the rows that one file lost for one reason, so many lines are named.
_LINES = 12
_QUERIES = {
    "files": """SELECT status, count(*) AS files, coalesce(sum(rows_in), 0)::BIGINT AS rows
        FROM ops.file GROUP BY ALL ORDER BY ALL""",
    "read": """PIVOT (SELECT platform, feed, outcome, rows FROM ops.row_flow WHERE step = 'file')
        ON outcome IN ('kept', 'replaced', 'turned_away', 'file_refused', 'repeated',
                       'unexplained')
        USING sum(rows)::BIGINT GROUP BY platform, feed ORDER BY platform, feed""",
    "onward": """SELECT step, of_table, platform, outcome, sum(rows)::BIGINT AS rows
        FROM ops.row_flow WHERE step IN ('facts', 'views') GROUP BY ALL ORDER BY ALL""",
    "turned_away": f"""SELECT q.platform, q.feed, f.name, q."column", q.reason, count(*) AS rows,
        list_sort(list(q.line))[1:{_LINES}] AS lines
        FROM ops.quarantine AS q
        LEFT JOIN (SELECT platform, sha256, min(name) AS name FROM ops.file GROUP BY ALL) AS f
          ON f.platform = q.platform AND f.sha256 = q.source_file
        GROUP BY ALL ORDER BY ALL""",
    "checks": """SELECT name, promise, blocking, broken FROM ops.check_result
        ORDER BY broken = 0, name""",
    "identity": """SELECT platform, sum(accounts)::BIGINT AS accounts,
        sum(linked)::BIGINT AS linked,
        sum(waiting)::BIGINT AS waiting, sum(rejected)::BIGINT AS nobody
        FROM ops.identity_coverage GROUP BY platform ORDER BY platform""",
}


def path_of(version: Path) -> Path:
    """Where the report of a warehouse file stands."""
    return publish.quality_of(version)


def write(settings: Settings, ledger: Ledger, version: Path) -> Path:
    """Make the report of a version, beside its file."""
    path = path_of(version)
    fresh = path.with_name(f".{path.name}.new")
    fresh.write_text(render(gather(settings, ledger, version)), "utf-8")
    fresh.replace(path)
    return path


def find(settings: Settings, file: str = "") -> Path:
    """The report of a version that is still there, the live one's where none is named.

    Raises HomeroomError where there is none.
    """
    names = {pointer.file: live for pointer, live in publish.versions(settings.warehouse)}
    wanted = file or next((name for name, live in names.items() if live), "")
    path = path_of(settings.warehouse / wanted)
    if wanted not in names or not path.is_file():
        raise HomeroomError(
            "there is no quality report of this version",
            culprit=file or "the live version",
            fix="homeroom versions list; a run that publishes writes one",
        )
    return path


def gather(settings: Settings, ledger: Ledger, version: Path) -> dict[str, Any]:
    """All that the page tells, as plain values."""
    with attached(version) as db:
        told = {name: _rows(db.execute(sql)) for name, sql in _QUERIES.items()}
    looked = ledger.note(view_expectations.NOTE) or {}
    views = looked["views"] if looked.get("version") == version.name else None
    batches: dict[str, Any] = ledger.note("expectations") or {}
    suites = [
        {"name": name, **outcome}
        for found in (batches, views or {})
        for name, outcome in sorted(found.items())
    ]
    return told | {
        "district": settings.name,
        "version": version.name,
        "made_at": publish.made_at(version.name),
        "attention": status.attention(ledger),
        "suites": suites,
        "views_seen": views is not None,
        "looking_failed": ledger.note("expectations_failed"),
        "rows_total": sum(row["rows"] for row in told["files"]),
        "broken": [check for check in told["checks"] if check["broken"]],
        "unmet": [
            suite | {"expectation": e}
            for suite in suites
            for e in suite["expectations"]
            if not e["passed"]
        ],
    }


def _rows(cursor: Any) -> list[dict[str, Any]]:
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def render(told: dict[str, Any]) -> str:
    """The page."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["count"] = lambda n: f"{n or 0:,}"
    page = made.get_template("page.html")
    return page.render(told | {"row_reasons": ROW_REASONS, "outcomes": flow.OUTCOMES})
