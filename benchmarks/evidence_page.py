"""The figures of docs/evidence.md: promised and measured. The words are in the page itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from benchmarks.evidence_drawn import KINDS
from benchmarks.evidence_results import Real, Results
from warehouse import intervals
from warehouse.evidence import report
from warehouse.evidence.findings import PER, Finding
from warehouse.intervals import Share

_END = "<!-- end of figures -->"
#: False cards a week for 60 students at most, and how many of ten that are found.
MOST_FALSE, LEAST_FOUND = 3.0, 0.9
#: Section 6 of the shared definition: rule, cards, new, missed with a card and without.
_TOLD = (
    ("one half", 6.4, 3.4, 18, 6),
    ("one third", 4.7, 2.7, 21, 6),
    ("0.1", 2.4, 1.5, 30, 7),
)
_TOLD_LATE = (9, 17, 33, 44, 59)
_SAID = {"one half": "quieter_share 0.5", "one third": "quieter_share one third"}


def write(page: str, results: Results) -> str:
    """The page with its figures anew. Raises ValueError where it has no place for one."""
    real = results.real
    blocks = {
        "run": _run(results),
        "quiet": _quiet(results),
        "found": _found(results),
        "rules": f"{real.students:,} students, {real.weeks.observed:,} observed student-weeks; "
        f"{_percent(real.weeks.judged, real.weeks.observed)} of them with a usual of 20.\n\n"
        + _findings(real.evidence.rules),
        "what-if": _findings(real.evidence.what_if),
        "compared": _compared(results),
        "late": _late(results),
        "starters": _starters(results),
    }
    for name, figures in blocks.items():
        page = placed(page, name, figures)
    return page


def placed(page: str, name: str, figures: str) -> str:
    """The page with these figures between their marks. Raises ValueError where there are none."""
    begin = f"<!-- figures: {name} -->\n"
    before, found, rest = page.partition(begin)
    _, ended, after = rest.partition(_END)
    if not found or not ended:
        raise ValueError(f"docs/evidence.md has no place for the figures {name!r}")
    return f"{before}{begin}{figures}\n{_END}{after}"


def _run(results: Results) -> str:
    m, years = results.machine, results.years
    return (
        f"{results.date}, {m['processor']}, {m['cores']} cores, "
        f"{int(m['memory']) / 2**30:.0f} GiB of memory, Python {m['python']}, duckdb "
        f"{m['duckdb']}; "
        f"{years.classes} drawn classes of each kind, {years.weeks} weeks, seed {years.seed}."
    )


def _quiet(results: Results) -> str:
    rows = []
    for kind, one in zip(KINDS, results.quiet, strict=True):
        middle, low, high = one.per_week
        verdict = "met" if middle <= MOST_FALSE else "**not met**"
        rows.append(
            (
                kind.name,
                kind.words,
                f"{one.classes}",
                f"{one.cards:,}",
                f"{middle:.2f} ({low:.2f} to {high:.2f})",
                f"{one.most:.2f}",
                verdict if kind.promised else "no promise",
            )
        )
    head = "histories|their weeks|classes|false cards|a week per class|class with the most"
    return _table((*head.split("|"), f"at most {MOST_FALSE:g}"), rows)


def _found(results: Results) -> str:
    rows = []
    for kind, one in zip(KINDS, results.found, strict=True):
        found = Share(one.three_weeks, one.students)
        verdict = "met" if (found.value or 0) >= LEAST_FOUND else "**not met**"
        rows.append(
            (
                kind.name,
                f"{one.students}",
                _percent(one.two_weeks, one.students),
                report.percent(found),
                _percent(one.four_weeks, one.students),
                _percent(one.one_platform, 2 * one.students),
                verdict if kind.promised else "no promise",
            )
        )
    head = "histories|fell|found within 2 weeks|within 3 weeks|within 4 weeks"
    return _table((*head.split("|"), "on one platform alone, 3 weeks", "nine in ten"), rows)


def _findings(found: Iterable[Finding]) -> str:
    return _table(report.HEAD, [line for one in found for line in report.lines(one)])


def _compared(results: Results) -> str:
    rows = []
    for words, cards, new, flagged, others in _TOLD:
        setting = _SAID.get(words, f"quieter_share {words}")
        row = [f"at most {words}", f"{cards} / {new}"]
        for one in (results.real, results.kept):
            rule = next(r for r in one.evidence.what_if if r.setting == setting)
            row.append(" / ".join(_per_usual(n, one) for n in (rule.cards, rule.new_cards)))
        row.append(f"{flagged} % / {others} %")
        for one in (results.real, results.kept):
            rule = next(r for r in one.evidence.what_if if r.setting == setting)
            row.append(
                " / ".join(_bare(g.missed if g else None) for g in (rule.flagged, rule.others))
            )
        rows.append(tuple(row))
    head = "share of usual|cards / new ones: 22 presentations|here|here, nobody leaves"
    return _table(
        (*head.split("|"), "missed, card / others: 22", "here", "here, nobody leaves"), rows
    )


def _per_usual(cards: int | None, real: Real) -> str:
    return report.HIDDEN if cards is None else f"{PER * cards / real.weeks.with_usual:.1f}"


def _late(results: Results) -> str:
    rows = [
        (
            report.span(group),
            f"{told} %",
            report.percent(group.late),
            _bare_value(group.others_late),
        )
        for told, group in zip(_TOLD_LATE, results.real.evidence.late_so_far, strict=True)
    ]
    return _table(
        (
            "late - expected so far",
            "next one late: 22 presentations",
            "here",
            "others on these items",
        ),
        rows,
    )


def _starters(results: Results) -> str:
    rows = [
        (one.rule_id or "all", f"{one.boards}", report.percent(one.stayed), _bare_value(one.chance))
        for one in results.real.evidence.starters
    ]
    return _table(("starters", "boards", "there again a week later", "by lot"), rows)


def _bare(share: Share | None) -> str:
    bounds = intervals.wilson(share) if share else None
    if share is None or bounds is None:
        return report.HIDDEN
    return f"{_bare_value(share.value)} ({bounds[0] * 100:.0f} to {bounds[1] * 100:.0f})"


def _bare_value(value: float | None) -> str:
    return "" if value is None else f"{value * 100:.0f} %"


def _percent(hits: int, cases: int) -> str:
    return _bare_value(hits / cases)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
