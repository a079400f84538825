"""docs/measures.md: what is written by hand stays, what the dictionary tells is put between marks.

Belongs here: turning the measures of the SQL files' headers, and the worked examples of
tests/spec/, into the page. Not here: what a measure is; that stands in its header.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from transforms.measures import Measure
from transforms.table import Transform

NAME = "measures.md"
_ROOT = Path(__file__).parents[2]
#: Worked examples: `<measure>.txt`; `<view>.<measure>.txt` where another view has one of that name.
SPECS = _ROOT / "tests" / "spec"
_MARK = re.compile(
    r"<!-- measures of (?P<table>[\w.]+) -->\n.*?<!-- end of measures -->", re.DOTALL
)
#: The mark for tables that no other mark names.
_REST = "others"


def page(transforms: Sequence[Transform]) -> str:
    """The page as it should be: the one on disk with everything between its marks anew."""
    text = (_ROOT / "docs" / NAME).read_text("utf-8")
    named = {match["table"] for match in _MARK.finditer(text)}
    specs = _specs()

    def marked(match: re.Match[str]) -> str:
        table = match["table"]
        told = [
            t for t in transforms if t.table == table or (table == _REST and t.table not in named)
        ]
        parts = [part for t in told for part in _table(t, specs, titled=table == _REST)]
        return "\n".join([f"<!-- measures of {table} -->", "", *parts, "<!-- end of measures -->"])

    return _MARK.sub(marked, text)


def _specs() -> Mapping[str, str]:
    """The worked examples by measure, or by view and measure."""
    return {path.stem: path.read_text("utf-8").strip() for path in SPECS.glob("*.txt")}


def _table(transform: Transform, specs: Mapping[str, str], *, titled: bool) -> Iterator[str]:
    if titled and transform.measures:
        yield f"### {transform.table}\n\n{transform.summary[:1].upper()}{transform.summary[1:]}\n"
    for measure in transform.measures:
        own = f"{transform.table.partition('.')[2]}.{measure.measure}"
        yield from _measure(measure, specs.get(own, specs.get(measure.measure, "")))


def _measure(measure: Measure, example: str) -> Iterator[str]:
    yield f"#### {_shown(measure.measure)}\n\n**{measure.name}** ({_unit(measure.unit)}).\n"
    yield f"- Formula: {_text(measure.formula)}."
    yield f"- From: {_text(measure.minimum)}."
    if measure.caution:
        yield f"- Keep in mind: {_text(measure.caution)}."
    yield f"- Source: {_text(measure.source)}. Version {measure.version}."
    yield ""
    if example:
        yield f"```text\n{example}\n```\n"


def _unit(unit: str) -> str:
    return {"bool": "yes or no", "text": "words", "ratio": "a ratio"}.get(unit, unit)


def _shown(name: str) -> str:
    return name.replace("@platform_", "&lt;platform&gt;_")


def _text(text: str) -> str:
    """As Markdown: stars and angle brackets are meant as they stand."""
    return text.replace("*", "\\*").replace("<", "&lt;")
