"""The figures of the portal's speed as text. Pure: what was measured in, Markdown out."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from benchmarks import machine

#: What we promise: pages a second, milliseconds at the 99th percentile, bytes of each worker.
PAGES, P99, MEMORY = 300, 150, 400 * 2**20


def write(measured: dict[str, Any]) -> str:
    """The machine, what was measured beside floor and peer, and the promises."""
    m = machine.describe()
    ours, floor, peer = measured["homeroom"], measured["floor"], measured["peer"]
    loads, bare, theirs = ours["loads"], floor["loads"], peer["loads"]
    rows = [
        ("board, each teacher's first", loads["first"], ours["peaks"]),
        ("board, again", loads["again"], ours["peaks"]),
        ("floor: empty route", bare["empty"], floor["peaks"]),
        ("floor: ready page of a board's size", bare["page"], floor["peaks"]),
        ("Datasette: a class's rows as a table", theirs["first"], peer["peaks"]),
        ("board, 50 a second, while versions go live", loads["rate"], ours["peaks"]),
        ("floor: ready page, 50 a second", bare["rate"], floor["peaks"]),
        ("Datasette, 50 a second", theirs["rate"], peer["peaks"]),
    ]
    lines = [
        f"{datetime.now(UTC).date()}, {m['processor']}, {m['cores']} cores, which the load and "
        f"other programs used too (on average {ours['busy']:.1f} programs wanted to run).\n",
        "| | pages a second | ms, middle | ms, 99 of 100 | processor ms a page | KB a page | "
        "peak of a process | failed |",
        "|---|---|---|---|---|---|---|---|",
        *(_row(*row) for row in rows),
        "",
        *_promises(ours),
        "",
        f"Of a processor's time a board takes {_each(loads['again']) / _each(bare['page']):.0f} "
        f"times what the ready page takes, and {_each(loads['again']) / _each(theirs['first']):.1f}"
        f" times what Datasette takes for a table without rights, names or a log. "
        f"{ours['asked']:,} boards were answered and {ours['logged']:,} entries stand in the "
        f"access log. {ours['published']} versions went live.",
    ]
    return "\n".join(lines) + "\n"


def _promises(ours: dict[str, Any]) -> list[str]:
    loads = ours["loads"]
    failed = sum(n for load in loads.values() for n in load["failed"].values())
    peak = max(ours["peaks"])
    speed = min(loads["first"]["pages_a_second"], loads["again"]["pages_a_second"])
    kept = (
        (f"at least {PAGES} boards a second", f"{speed:.0f}", speed >= PAGES),
        (f"99 of 100 within {P99} ms at 50 a second", f"{loads['rate']['p99']:.0f} ms",
         loads["rate"]["p99"] <= P99),
        ("at most 400 MB a worker", f"{peak / 2**20:.0f} MB", peak <= MEMORY),
        ("no failed request", f"{failed}", failed == 0),
    )  # fmt: skip
    return [
        "| promise | measured | |",
        "|---|---|---|",
        *(f"| {what} | {told} | {'met' if met else '**not met**'} |" for what, told, met in kept),
    ]


def _row(what: str, load: dict[str, Any], peaks: list[int]) -> str:
    return (
        f"| {what} | {load['pages_a_second']:,.0f} | {load['median']:.0f} | {load['p99']:.0f} | "
        f"{_each(load):.1f} | {load['bytes'] / 1000:.0f} | {max(peaks) / 2**20:.0f} MB | "
        f"{sum(load['failed'].values())} |"
    )


def _each(load: dict[str, Any]) -> float:
    """Milliseconds of the server's processors for each page."""
    return 1000.0 * float(load["server_cpu"]) / max(int(load["asked"]), 1)
