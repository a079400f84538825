"""docs/benchmarks.svg: horizontal bars of seconds, one panel per size of district."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

from benchmarks.targets import Results, wall

_BARS = {
    "floor": ("floor", "#9aa5b1"),
    "cold": ("Homeroom, cold", "#1f6f8b"),
    "heaviest night": ("heaviest night", "#1f6f8b"),
    "ordinary night": ("ordinary night", "#1f6f8b"),
    "nothing new": ("nothing new", "#1f6f8b"),
    "pandas": ("pandas, reading only", "#d5b775"),
    "dlt": ("dlt, reading only", "#d5b775"),
}


def draw(results: Results, path: Path) -> None:
    """Write the plot; equal results give equal bytes."""
    mpl.rcParams["svg.hashsalt"] = "homeroom"
    rounds = results["rounds"]
    bars = [[name for name in _BARS if one["runs"].get(name)] for one in rounds]
    heights = [max(1, len(names)) for names in bars]
    figure = Figure(figsize=(8, 0.9 * len(rounds) + 0.34 * sum(heights)), layout="constrained")
    panels = figure.subplots(len(rounds), 1, squeeze=False, height_ratios=heights)[:, 0]
    for panel, one, names in zip(panels, rounds, bars, strict=True):
        seconds = [wall(one, name) or 0.0 for name in names]
        panel.barh(
            [_BARS[name][0] for name in names], seconds, color=[_BARS[name][1] for name in names]
        )
        for at, (name, spent) in enumerate(zip(names, seconds, strict=True)):
            more = "> " if one["runs"][name][0]["stopped"] else ""
            panel.text(spent, at, f"  {more}{spent:,.1f} s", va="center", fontsize=8)
        panel.invert_yaxis()
        panel.margins(x=0.12)
        panel.spines[["top", "right"]].set_visible(False)
        panel.tick_params(labelsize=8, left=False)
        panel.set_title(
            f"{one['size']['students']:,} students, {one['size']['weeks']} weeks",
            loc="left",
            fontsize=10,
        )
    panels[-1].set_xlabel("seconds", fontsize=8)
    figure.savefig(path, format="svg", metadata={"Date": None, "Creator": None})
