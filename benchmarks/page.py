"""docs/benchmarks.md from the results. Pure: results in, text out."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from benchmarks.machine import LIBRARIES
from benchmarks.targets import Results, verdicts, wall

_STAGES = ("landing", "reading", "batch checks", "transforms", "publishing")
_LACKS = {
    "pandas": "no ledger, no re-sent or corrected file, no quarantine (a bad number becomes empty "
    "without a word), no lake tables, no identity, no views",
    "dlt": "keeps its own load log, but: no check of rows, one bad value stops the load, no "
    "corrected file replaces another, no lake tables, no identity, no views",
}
_MEASURED = """\
## What is measured

Each line is one process from start to end: seconds by the clock, seconds of all processors, peak
memory. The district is `homeroom sample` without its planted oddities, because a bare script cannot
read the damaged files at all. The cache of the file system is warm: everything has been written
just before.

- **floor**: [`benchmarks/floor.py`](../benchmarks/floor.py), one process of DuckDB with its
  default limits. It reads the same files as text with `TRY_CAST`, one parallel statement per feed,
  uses the same `SELECT`s and transforms, and makes the same tables (a test compares their row
  counts). It does without ledger, landing copy, hashes, quarantine, scored identity, checks and
  lake on disk, and skips files that a newer one replaces. It runs before and after the cold run;
  the faster run counts.
- **cold**: `homeroom run` into an empty home. The stages are its own clock; *start and end* is the
  rest of the process.
- **ordinary night**: the home holds all but the last two days; the files of the one before last
  arrive. **Heaviest night**: then those of the last day, with every file that platforms send
  whole: attendance, mentors, every class's scores, the overall file.
- **nothing new**: run again, median of three.
- **pandas, dlt**: only the reading: each CSV with the contract's columns, cast, into one raw DuckDB
  table per feed. They read every file, replaced ones too.

## How to repeat

    make bench ARGS="--peers-at 10000"                   # 17 minutes on the machine above
    make bench ARGS="--students 1000 10000 --docs bench-work"   # minutes

`--only floor,homeroom,pandas,dlt` chooses, `--peers-at 10000` lets pandas and dlt read the smaller
district, `--limit` is their time in seconds, `--keep` leaves the big files. All numbers are also in
`bench-work/results.json`.

## What limits it

One machine, one run, an invented district, and a warm cache. Other programs on the machine show in
the seconds by the clock; the two runs of the floor show how much. The floor trusts every file; what
Homeroom spends beyond it buys the record of every row.
"""


def write(results: Results) -> str:
    """The whole page."""
    parts = [
        "# Benchmarks\n\nWritten by `make bench`; not edited by hand.\n",
        _machine(results),
        "![Seconds by size](benchmarks.svg)\n",
        _beside_floor(results),
        _promises(results),
        _reading(results),
        _MEASURED,
    ]
    return "\n".join(part for part in parts if part)


def _machine(results: Results) -> str:
    m = results["machine"]
    libraries = ", ".join(f"{name} {m[name]}" for name in LIBRARIES)
    return (
        f"{results['date']}, {m['processor']}, {m['cores']} cores, {m['memory'] / 2**30:.0f} GiB "
        f"of memory, {m['system']}; Python {m['python']}, {libraries}.\n"
    )


def _beside_floor(results: Results) -> str:
    rounds = results["rounds"]
    sizes = [one["size"] for one in rounds]
    head = ["", *(f"{s['students']:,} students, {s['weeks']} weeks" for s in sizes)]
    rows = [["files sent", *(f"{r['files']:,}, {r['bytes'] / 1e9:.2f} GB" for r in rounds)]]
    rows.append(["rows read", *(_rows(r, "cold") for r in rounds)])
    rows.append(["**floor**", *(_spent(r, "floor") for r in rounds)])
    rows.append(["**Homeroom, cold**", *(_spent(r, "cold") for r in rounds)])
    rows += [[f"– {stage}", *(_stage(r, stage) for r in rounds)] for stage in _STAGES]
    rows.append(["– start and end", *(_rest(r) for r in rounds)])
    rows += [
        [f"**{name}**", *(_night(r, name) for r in rounds)]
        for name in ("ordinary night", "heaviest night")
    ]
    rows.append(["**nothing new**", *(_spent(r, "nothing new") for r in rounds)])
    return _table(head, rows)


def _promises(results: Results) -> str:
    rows = [
        [v.promise, v.at, v.measured, "met" if v.met else "**not met**"] for v in verdicts(results)
    ]
    return "## Promises\n\n" + _table(["promise", "at", "measured", ""], rows) if rows else ""


def _reading(results: Results) -> str:
    rows = []
    for one in results["rounds"]:
        if not _LACKS.keys() & one["runs"].keys():
            continue
        size = f"{one['size']['students']:,}"
        if one["runs"].get("cold"):
            stages = one["runs"]["cold"][0]["said"]["stages"]
            spent = stages["landing"] + stages["reading"]
            rows.append(
                [
                    "Homeroom, landing and reading",
                    size,
                    f"{spent:,.1f} s",
                    _rows(one, "cold"),
                    "its peak is that of the whole run",
                ]
            )
        rows += [
            [name, size, _spent(one, name, results["limit"]), _rows(one, name), lacks]
            for name, lacks in _LACKS.items()
            if name in one["runs"]
        ]
    head = ["", "students", "seconds, peak memory", "rows", "what it does not do"]
    return "## The reading part beside plain loaders\n\n" + _table(head, rows) if rows else ""


def _spent(one: Results, name: str, limit: float = 0) -> str:
    runs = one["runs"].get(name)
    if not runs:
        return "not run"
    if runs[0]["stopped"]:
        return f"more than {limit:,.0f} s"
    peak = max(run["peak"] for run in runs)
    cpu = median(run["cpu"] for run in runs)
    return f"{wall(one, name):,.1f} s, cpu {cpu:,.1f} s, {peak / 1e9:.2f} GB"


def _night(one: Results, name: str) -> str:
    if name not in one["arrived"]:
        return "not run"
    files, size = one["arrived"][name]
    return f"{_spent(one, name)} ({files:,} files, {size / 1e6:,.0f} MB)"


def _rows(one: Results, name: str) -> str:
    runs = one["runs"].get(name)
    said = runs[0]["said"] if runs else {}
    return f"{sum(said['rows'].values()):,}" if said else "–"


def _stage(one: Results, stage: str) -> str:
    runs = one["runs"].get("cold")
    if not runs:
        return "not run"
    return _share(runs[0]["said"]["stages"].get(stage, 0.0), runs[0]["wall"])


def _rest(one: Results) -> str:
    runs = one["runs"].get("cold")
    if not runs:
        return "not run"
    return _share(runs[0]["wall"] - sum(runs[0]["said"]["stages"].values()), runs[0]["wall"])


def _share(spent: float, whole: float) -> str:
    return f"{spent:,.1f} s ({spent / whole:.0%})"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)
