"""What `homeroom evidence` prints for people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table

from warehouse.evidence import report
from warehouse.evidence.findings import Finding
from warehouse.evidence.report import Evidence

#: More than the widest table needs, so that no figure is cut where the output is piped.
_WIDTH = 200
_out = Console(highlight=False, soft_wrap=True, width=max(_WIDTH, Console().width))


def evidence(found: Evidence) -> None:
    """The rules as they are set, as they might be, and what else the year says."""
    if not found.rules:
        _out.print("No card has been made so far: there is nothing to judge yet.")
        return
    _findings("The rules as they are set", found.rules)
    _findings("With other thresholds, one changed at a time", found.what_if)
    _table(
        "Late so far, beyond what others' items expect: was the next one late",
        ("late - expected", "next one late", "others on these items"),
        (
            (
                report.span(g),
                report.percent(g.late),
                "" if g.others_late is None else f"{g.others_late:.0%}",
            )
            for g in found.late_so_far
        ),
    )
    _table(
        "Starters that are there again the week after",
        ("rule", "there again", "by lot"),
        ((s.rule_id or "all", report.percent(s.stayed), f"{s.chance:.0%}") for s in found.starters),
    )
    _out.print(
        "In brackets: 95 % intervals. What came after a card need not have come of what the card "
        "saw.\nThresholds are set under [measures] in homeroom.toml.",
        markup=False,
    )


def _findings(title: str, found: Iterable[Finding]) -> None:
    _table(title, report.HEAD, (line for one in found for line in report.lines(one)))


def _table(title: str, head: Sequence[str], rows: Iterable[tuple[str, ...]]) -> None:
    told = list(rows)
    if not told:
        return
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for number, name in enumerate(head):
        table.add_column(name, justify="left" if number == 0 else "right", no_wrap=True)
    for row in told:
        table.add_row(*row)
    _out.print(table)
    _out.print()
