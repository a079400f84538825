"""What the command line prints. Plain when piped, with colour and a progress bar on a terminal."""

from __future__ import annotations

import os
import shutil
import sys
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

if TYPE_CHECKING:
    import duckdb

    from connectors.sample import SampleSummary
    from warehouse.exports.shapes import Shaped
    from warehouse.intake.settling import Taken
    from warehouse.lock import Holder
    from warehouse.nightly import Report

_MOST_ROWS = 200
#: Names of columns in one line; `homeroom drift list` has all.
_MOST_NAMES = 5
_out = Console(highlight=False, soft_wrap=True)
_STAGES = {
    "landing": "Taking files",
    "reading": "Reading",
    "building": "Building the warehouse",
}


_NEXT = (
    'sql "SELECT DISTINCT table_name FROM ops.dictionary"',
    'sql "FROM views.student_engagement LIMIT 5"',
)


def _command(words: str, config: str) -> str:
    """A command that can be copied as it stands: with the program's path where it is not on the
    shell's, and with the configuration where it is not the one that is found by itself."""
    program = "homeroom" if shutil.which("homeroom") else os.path.relpath(sys.argv[0])
    verb, rest = words.split(" ", 1)
    here = Path("homeroom.toml").resolve() == Path(config)
    return f"{program} {verb}{'' if here else f' --config {os.path.relpath(config)}'} {rest}"


@contextmanager
def progress() -> Iterator[Callable[[str, float, float], None]]:
    """A progress bar on standard error; nothing where that is not a terminal."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description:<24}"), BarColumn(), TimeElapsedColumn())
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as bar:
        tasks: dict[str, TaskID] = {}

        def say(stage: str, done: float, of: float) -> None:
            title = _STAGES.get(stage, stage)
            if title not in tasks:
                tasks[title] = bar.add_task(title, total=of or 1)
            bar.update(tasks[title], completed=done, total=of or 1)

        yield say


def waiting(who: Holder | None, at_work: bool) -> None:
    """For whose end a run waits; nothing where it need not."""
    if who and at_work:
        words = f"process {who.process} on {who.machine}, at work since {who.since}"
        sys.stderr.write(f"Waiting for the run of {words} ...\n")


def sampled(folder: Path, summary: SampleSummary) -> None:
    """What was written, and what to do with it."""
    _out.print(
        f"Sample district (synthetic): {summary.students:,} students in {summary.schools} schools, "
        f"{summary.weeks} weeks, {summary.files:,} export files, {summary.size / 1e6:.1f} MB, "
        f"{summary.oddities} oddities, in {folder}"
    )
    _out.print(f"Next: homeroom run --config {folder / 'homeroom.toml'}")


def already_sampled(folder: Path) -> None:
    """The same sample is there from before."""
    _out.print(f"Sample district (synthetic): already there, in {folder}")


def ran(report: Report, attention: list[dict[str, Any]]) -> None:
    """What one run changed."""
    for platform, problem in report.landed.problems:
        _out.print(plain(f"{platform}: {problem}"), markup=False)
    for name in report.landed.growing:
        _out.print(plain(f"{name}: still being written; left for the next run"), markup=False)
    files = len(report.taken.files)
    if not report.landed.new and not files:
        _out.print("Nothing new.")
    else:
        _out.print(f"{report.landed.new} new files taken, {files} read.")
    _look(attention)
    _drift(report.taken)
    for night in report.held:
        _out.print(
            f"{night.platform}: only {night.rate:.0%} of its accounts match the roster "
            f"({night.rate_before:.0%} before), so its links stay as they were. Fix: check its id "
            "column and the roster; if it is right, run again with --accept-lost-links.",
            markup=False,
        )
    for result in report.checks:
        if not result.passed:
            word = "blocks" if result.check.blocking else "note"
            _out.print(f"  check ({word}): {result.check.name}: {result.broken}", markup=False)
    if report.refusal is not None:
        _out.print(f"Not published. {report.refusal}", markup=False)
    elif report.published is not None:
        spent = sum(report.seconds.values())
        _out.print(f"Published {report.published} in {spent:.1f} s.", markup=False)


def _drift(taken: Taken) -> None:
    """Layouts that have changed, and columns met for the first time that nothing reads."""
    for proposal in taken.proposals:
        _out.print(f"  a layout has changed: homeroom drift show {proposal}", markup=False)
    for (platform, feed), columns in taken.unread.items():
        more = f" and {len(columns) - _MOST_NAMES} more" if len(columns) > _MOST_NAMES else ""
        names = ", ".join(columns[:_MOST_NAMES])
        _out.print(
            f"  {platform}/{feed}: columns that nothing reads (said once): {names}{more}",
            markup=False,
        )


def _look(attention: list[dict[str, Any]]) -> None:
    """Each file with its reason; files that only went down with another of their zip in a word."""
    for row in attention:
        if row["reason"] != "part_of_refused":
            _out.print(f"  {plain(_attention(row))}", markup=False)
    others = Counter(
        row["file"].split("/")[0] for row in attention if row["reason"] == "part_of_refused"
    )
    for delivery, count in others.items():
        _out.print(
            plain(f"  {delivery}: with it, {count} other files of the delivery"), markup=False
        )


def plain(text: str) -> str:
    """A file's name may hold line ends, or what a terminal takes for an order."""
    return "".join("?" if unicodedata.category(c) in ("Cc", "Cf") else c for c in text)


def _attention(row: dict[str, Any]) -> str:
    feed = f"{row['platform']}{'/' + row['feed'] if row['feed'] else ''}"
    culprit = f" ({row['culprit']})" if row["culprit"] else ""
    return f"{feed}: {row['file']}: {row['status']}: {row['says']}{culprit}. Fix: {row['fix']}."


def status(state: dict[str, Any]) -> None:
    """The district's state as a page of text."""
    _out.print(f"\n{state['district']}", style="bold", markup=False)
    _runs(state)
    _table(
        "Platforms",
        ("platform", "newest export", "files", "rows in the lake"),
        [
            (p["title"], p["newest_export"] or "-", p["files"], f"{p['rows']:,}")
            for p in state["platforms"]
        ],
    )
    _table(
        "Files",
        ("platform", "status", "files", "rows in", "kept", "quarantined", "duplicates"),
        [
            (
                f["platform"],
                f["status"],
                *(f"{f[k]:,}" for k in ("files", "rows_in", "kept", "quarantined", "duplicate")),
            )
            for f in state["files"]
        ],
    )
    if state["changes"]:
        _table(
            "Files that replaced an older one and changed its rows",
            ("platform", "feed", "files", "rows gained", "lost", "changed"),
            [
                (
                    c["platform"],
                    c["feed"],
                    *(f"{c[k]:,}" for k in ("files", "gained", "lost", "changed")),
                )
                for c in state["changes"]
            ],
        )
    if held := [f for f in state["left_out"] if f["held"]]:
        _table(
            "Rows held back: a name alone, which may be a forgotten student's (docs/privacy.md)",
            ("platform", "file", "rows"),
            [(f["platform"], f["file"], f"{f['held']:,}") for f in held],
        )
    if state["identity"]:
        _table(
            f"Students matched ({state.get('students', 0):,} active students in the roster)",
            ("platform", "accounts", "linked", "waiting", "why they wait"),
            [
                (
                    i["platform"],
                    f"{i['accounts']:,}",
                    f"{i['linked']:,}",
                    f"{i['waiting']:,}",
                    i["reasons"] or "",
                )
                for i in state["identity"]
            ],
        )
        _doubts(state)
    if state["quarantine"]:
        _table(
            "Rows turned away",
            ("platform", "feed", "reason", "rows", "what mends it"),
            [
                (q["platform"], q["feed"], q["says"], f"{q['rows']:,}", q["fix"])
                for q in state["quarantine"]
            ],
        )
        _out.print("  Which lines of which files: homeroom quality")
    if state["missing"]:
        _table(
            "Exports that are missing, by their usual rhythm in school days",
            ("platform", "feed", "was due by"),
            [(m["platform"], m["feed"], m["due"]) for m in state["missing"]],
        )
    if state["attention"]:
        _out.print("\n[bold]Files that want a look[/]")
        _look(state["attention"])
    if unread := len(state["unread_columns"]):
        _out.print(f"\nColumns that nothing reads: {unread}. Was one renamed? homeroom drift list")
    failed = [c for c in state["checks"] if c["broken"]]
    _out.print(f"\nChecks: {len(state['checks']) - len(failed)} of {len(state['checks'])} hold.")
    for check in failed:
        _out.print(f"  {check['name']}: {check['broken']}", markup=False)
    if state["expectations_failed"]:
        _out.print(
            "  The batch checks (Great Expectations) did not end; nothing else depends on it."
        )
    _out.print("Why is a row missing? homeroom why --help")
    if state["warehouse"]:
        _out.print(
            f"\nWarehouse: {state['warehouse']} (published {state['published_at']})", markup=False
        )
        _out.print("Try next:")
        newest = state["latest_week"]
        for words in (*_NEXT, *([f"export --week {newest} --out exports"] if newest else ())):
            _out.print(f"  {_command(words, state['config'])}", markup=False)
        _out.print("  dagster dev: the same steps as a graph", markup=False)
    else:
        _out.print("\nNothing has been published yet: homeroom run")


def _runs(state: dict[str, Any]) -> None:
    """How the last run ended, and what of the sources could not be read in it."""
    if state["running_since"]:
        _out.print(f"A run is at work since {state['running_since']}.")
    if state["ended_from_outside"]:
        _out.print(
            f"The run that began {state['ended_from_outside']} was ended from outside. "
            "Fix: homeroom run; it goes on from there."
        )
    last = state["last_run"]
    if last:
        ended = last["ended_at"][:16].replace("T", " ")
        live = "went live" if last["published"] else "nothing new went live"
        _out.print(f"Last run: ended {ended} UTC, {last['files']:,} files read, {live}.")
    if last and last["problem"]:
        told = f"Nothing was published by the last run ({last['ended_at']}): {last['problem']}"
        _out.print(plain(told), markup=False)
    for source in state["source_problems"]:
        _out.print(plain(f"{source['platform']}: {source['says']}"), markup=False)


def _doubts(state: dict[str, Any]) -> None:
    """What of linking wants a look: platforms that are held, and ids that fit badly."""
    for i in state["identity"]:
        if i["held"]:
            _out.print(
                f"  {i['platform']}: its links stay as they were, because its match rate fell. "
                "Fix: check its id column and the roster; if they are right, homeroom run "
                "--accept-lost-links.",
                markup=False,
            )
    for m in state["match_rates"]:
        fit = "" if m["names_fit"] is None else f", and of these the name fits {m['names_fit']:.0%}"
        _out.print(
            f"  {m['platform']}: {m['rate']:.0%} of {m['accounts']:,} in {m['id']} are in the "
            f"roster{fit}. Fix: check that the column holds the district's own.",
            markup=False,
        )
    if any(i["waiting"] for i in state["identity"]):
        _out.print("  Who waits, and for what: homeroom review list", markup=False)


def _table(title: str, heads: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
    table = Table(title=title, title_justify="left", box=None, pad_edge=False, header_style="dim")
    for head in heads:
        right = head in (
            "files",
            "rows",
            "rows in",
            "kept",
            "quarantined",
            "duplicates",
            "rows gained",
            "lost",
            "changed",
            "accounts",
            "linked",
            "waiting",
            "rows in the lake",
        )
        table.add_column(head, justify="right" if right else "left")
    for row in rows:
        table.add_row(*(str(cell) for cell in row))
    _out.print()
    _out.print(table, soft_wrap=False)


def rows(cursor: duckdb.DuckDBPyConnection) -> None:
    """A query's rows as a table, or each row as a block where the terminal is too narrow for that;
    many rows are cut with a word about it."""
    names = [column[0] for column in cursor.description or []]
    found = cursor.fetchmany(_MOST_ROWS + 1)
    cells = [["" if c is None else str(c) for c in row] for row in found[:_MOST_ROWS]]
    widths = [max(map(len, column)) for column in zip(names, *cells, strict=True)]
    wide = sum(widths) + 2 * len(widths)
    if _out.is_terminal and wide > _out.width:
        _blocks(names, cells)
    else:
        for line in (names, *cells):
            text = "  ".join(c.ljust(w) for c, w in zip(line, widths, strict=True))
            _out.print(text.rstrip(), markup=False, style="bold" if line is names else None)
    if len(found) > _MOST_ROWS:
        _out.print(f"... the first {_MOST_ROWS} rows; --format csv prints all of them")


def _blocks(names: list[str], cells: list[list[str]]) -> None:
    longest = max(map(len, names))
    for row in cells:
        for name, cell in zip(names, row, strict=True):
            _out.print(f"{name.ljust(longest)}  {cell}", markup=False)
        _out.print()


def exported(folder: Path, manifest: dict[str, Any]) -> None:
    """What was written."""
    for file in manifest["files"]:
        held = f"{file['rows']:,} rows" if "rows" in file else f"{len(file['sheets'])} sheets"
        _out.print(f"{folder / file['file']}: {held}", markup=False)
    people = "pseudonyms" if manifest["pseudonymous"] else "ids of the roster"
    _out.print(f"Week of {manifest['week_start']}; people stand as {people}.", markup=False)


def shaped(folder: Path, files: list[Shaped]) -> None:
    """What was written, and what a receiver may miss."""
    for file in files:
        _out.print(f"{folder / file.name}: {file.rows:,} rows", markup=False)
        for asked, rows in file.lacking.items():
            _out.print(f"  not known: {asked}, in {rows:,} rows", markup=False)
