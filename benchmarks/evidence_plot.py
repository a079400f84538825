"""docs/evidence.svg: the next hand-in after a card and without one, by rule, with intervals."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

from warehouse import intervals
from warehouse.evidence.report import Evidence

_GROUPS = (("flagged", "students with a card", "#1f6f8b"), ("others", "other students", "#9aa5b1"))
_OUTCOMES = (("missed", "next hand-in missed"), ("not_on_time", "next hand-in missed or late"))


def draw(evidence: Evidence, path: Path) -> None:
    """Write the plot; equal figures give equal bytes."""
    mpl.rcParams["svg.hashsalt"] = "homeroom"
    rules = [one for one in evidence.rules if one.flagged and one.others]
    figure = Figure(figsize=(8, 1 + 0.5 * len(rules)), layout="constrained")
    panels = figure.subplots(1, 2, sharey=True, squeeze=False)[0]
    for panel, (what, title) in zip(panels, _OUTCOMES, strict=True):
        for number, (group, words, colour) in enumerate(_GROUPS):
            for at, rule in enumerate(rules):
                share = getattr(getattr(rule, group), what)
                low, high = intervals.wilson(share) or (0.0, 0.0)
                place = at + 0.15 * (2 * number - 1)
                panel.plot([100 * low, 100 * high], [place, place], color=colour, linewidth=2)
                panel.plot(100 * share.value, place, "o", color=colour, markersize=5)
            panel.plot([], [], "o-", color=colour, label=words)
        panel.set_yticks(range(len(rules)), [rule.rule_id for rule in rules], fontsize=8)
        panel.invert_yaxis()
        panel.set_xlim(left=0)
        panel.set_xlabel("percent of student-weeks", fontsize=8)
        panel.set_title(title, loc="left", fontsize=9)
        panel.tick_params(labelsize=8, left=False)
        panel.spines[["top", "right"]].set_visible(False)
    # sharey turns the shared axis once for each panel.
    panels[0].set_ylim(len(rules) - 0.5, -0.5)
    panels[-1].legend(fontsize=8, frameon=False)
    figure.savefig(path, format="svg", metadata={"Date": None, "Creator": None})
