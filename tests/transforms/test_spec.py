"""The drawn specifications of tests/spec/, through the real transforms."""

from __future__ import annotations

from collections.abc import Set
from pathlib import Path
from typing import Any

import pytest

from tests.transforms.conftest import Row, Warehouse, monday
from tests.transforms.spec import Case, Table, cases
from tests.transforms.spec_drawing import Drawing, platforms, week

DRAWN = [
    (path.stem, number, case)
    for path in sorted((Path(__file__).parents[1] / "spec").glob("*.txt"))
    for number, case in enumerate(cases(path.read_text(encoding="utf-8")), 1)
]


#: Titles of what must come out: the views that hold it, and the column that tells rows apart.
GIVES = {
    "gives by week": (("views.student_platform_week",), "week_start"),
    "gives over all platforms": (("views.weekly_summary",), "week_start"),
    "gives by task": (("views.assignment_timing",), "assignment_id"),
    "gives in the end": (("views.student_engagement", "views.student_procrastination"), ""),
}


@pytest.fixture(scope="module")
def together() -> dict[tuple[str, int], Drawing]:
    """All cases in one warehouse, each with students, a school and platforms of its own."""
    built = Warehouse(())
    return {
        (name, number): Drawing(case, built, f"_{name}{number}") for name, number, case in DRAWN
    }


def rows_of(drawing: Drawing, table: Table, columns: Set[str]) -> dict[Any, Row]:
    """The rows of the table's student and platform, by what tells them apart."""
    views, key = GIVES[table.what]
    (view, *_) = (view for view in views if columns <= drawing.built.columns(view))
    where = f"student_id = '{table.who}{drawing.mark}'"
    if "platform" in drawing.built.columns(view):
        where += f" AND platform = '{drawing.platform(table)}'"
    rows = drawing.built.query(f"SELECT * FROM {view} WHERE {where}")
    return {row.get(key): row for row in rows}


def value(told: str | None) -> Any:
    """A cell as the views hold it."""
    if told in (None, "yes", "no"):
        return {"yes": True, "no": False}.get(told or "")
    try:
        return float(told or "")
    except ValueError:
        return told


def fits(told: str | None, got: Any) -> bool:
    """Equal to the decimals that are written; whole numbers are exact."""
    want = value(told)
    if isinstance(want, float) and not isinstance(got, int | float):
        return False
    if isinstance(want, float):
        decimals = len((told or "").partition(".")[2])
        return bool(abs(got - want) <= (0.5 * 10**-decimals if decimals else 0) + 1e-9)
    return bool((got.replace("_", " ") if isinstance(got, str) else got) == want)


@pytest.mark.parametrize(
    ("measure", "number", "case"), [pytest.param(*d, id=f"{d[0]}-{d[1]}") for d in DRAWN]
)
def test_it_is_as_drawn(
    together: dict[tuple[str, int], Drawing], measure: str, number: int, case: Case
) -> None:
    drawing, shown = together[measure, number], set[str]()
    if any(table.what == "gives over all platforms" for table in case.gives):
        # Its view has columns for each platform of the district.
        drawing = Drawing(case, Warehouse(platforms(case)))
    for table in case.gives:
        columns = table.rows[0].keys() - {"week", "task"}
        rows = rows_of(drawing, table, columns)
        for told in table.rows:
            at = monday(week(told["week"])) if "week" in told else told.get("task")
            wrong = {c: (told[c], rows[at][c]) for c in columns if not fits(told[c], rows[at][c])}
            assert not wrong, (case.sentence, told)
        shown |= columns
    assert measure in shown, f"no table shows {measure}"
