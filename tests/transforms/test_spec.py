"""The drawn specifications of tests/spec/, through the real transforms."""

from __future__ import annotations

from collections.abc import Set
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.transforms.conftest import Row, Warehouse, monday
from tests.transforms.spec import Case, Table, cases
from tests.transforms.spec_drawing import Drawing, platforms, week
from tests.transforms.spec_tables import FILLS, KNOWN

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
    "gives by skill": (("views.student_skill",), "skill_id"),
    "gives by subject": (("views.student_progress",), "subject"),
    "gives today": (("views.student_check_in",), ""),
}

#: Titles of lists of which every row must come out and no other, and the rows of all cases. Their
#: columns are named by what they hold; `mark` ends the names of the case.
LISTS = {
    "gives cards": """
        SELECT student_id AS student, week_start AS week, value, reference AS beside
        FROM views.card WHERE rule_id = '{measure}' AND ends_with(student_id, '{mark}')""",
    "gives dips": """
        SELECT class_id AS class, week_start AS week, students, dipped
        FROM work.shared_dip WHERE ends_with(class_id, '{mark}')""",
    "gives tasks of the class": """
        SELECT class_id AS class, assignment_id AS task, students, late
        FROM work.shared_late WHERE ends_with(class_id, '{mark}')""",
    "gives skills of the class": """
        SELECT class_id AS class, week_start AS week, skill_id AS skill, students, members
        FROM work.shared_stuck AS skill JOIN views.collaboration_board AS board
            USING (class_id, week_start)
        WHERE board.rule_id = 'shared_stuck' AND board.value = skill.students AND ends_with(class_id, '{mark}')""",
    "gives two stories": """
        SELECT student_id AS student, subject, told.value AS units, told.n AS stories
        FROM work.board_two_stories AS told JOIN views.collaboration_board AS board
            USING (class_id, week_start, student_id)
        WHERE board.block = 'two_stories' AND ends_with(class_id, '{mark}')""",
    "gives starters": """
        SELECT student_id AS student, block, choice
        FROM work.board_starter JOIN views.collaboration_board
            USING (class_id, week_start, student_id, rule_id)
        WHERE ends_with(class_id, '{mark}') AND week_start = DATE '2026-11-23'""",
    "gives classes": """
        SELECT class_id AS class, *
        FROM views.class_week
        WHERE ends_with(class_id, '{mark}') AND ends_with(platform, '{mark}')
            AND week_start = DATE '2026-11-23'""",
    "gives licences": """
        SELECT *
        FROM views.licence_use
        WHERE ends_with(school_id, '{mark}') AND ends_with(platform, '{mark}')
            AND week_start = DATE '2026-11-23'""",
    "gives groups": """
        SELECT group_value AS "group", * FROM ops.fairness_audit WHERE group_name = 'group'""",
}

#: Measures that are shown by a list and are no column of it.
SHOWN_BY = {
    "gives dips": "shared_dip",
    "gives tasks of the class": "shared_late",
    "gives skills of the class": "shared_stuck",
    "gives two stories": "two_stories",
    "gives starters": "starters",
    "gives groups": "fairness_ratio",
}


@pytest.fixture(scope="module")
def together() -> dict[tuple[str, int], Drawing]:
    """All cases in one warehouse, each with students, a school and platforms of its own."""
    built = Warehouse(())
    built.add(
        "coverage",
        [{"covers_from": monday(0), "covers_to": KNOWN}],
        platform="district",
        of="assignments",
    )
    return {
        (name, number): Drawing(case, built, FILLS, f"@{name}{number}")
        for name, number, case in DRAWN
        if not alone(case)
    }


def alone(case: Case) -> bool:
    """Whether the case needs a district of its own: its tables are of all platforms, or of all
    students."""
    told = {table.what for table in [*case.given, *case.gives]}
    return bool(told & {"gives over all platforms", "gives groups", "ceiling"})


def listed(drawing: Drawing, table: Table, measure: str) -> list[Row]:
    """All rows of the list, with the names that the case has drawn."""
    sql = LISTS[table.what].format(measure=measure, mark=drawing.mark)
    rows = drawing.built.query(f"SELECT * FROM ({sql.strip()}) AS list ORDER BY ALL")
    return [{c: plain(v, drawing.mark) for c, v in row.items()} for row in rows]


def plain(got: Any, mark: str) -> Any:
    """A value as it is drawn: names without the mark, Mondays as numbers of weeks."""
    if isinstance(got, date):
        return (got - monday(0)).days // 7 + 1
    return got.removesuffix(mark) if isinstance(got, str) else got


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
    ("name", "number", "case"), [pytest.param(*d, id=f"{d[0]}-{d[1]}") for d in DRAWN]
)
def test_it_is_as_drawn(
    together: dict[tuple[str, int], Drawing], name: str, number: int, case: Case
) -> None:
    measure = name.rpartition(".")[2]
    shown = set[str]()
    if alone(case):
        drawing = Drawing(case, Warehouse(platforms(case)), FILLS)
    else:
        drawing = together[name, number]
    for table in case.gives:
        if table.what in LISTS:
            got = listed(drawing, table, measure)
            shown |= {SHOWN_BY.get(table.what, measure)}
            assert len(got) == len(table.rows), (case.sentence, got)
            # In any order: each row that is told is found, and taken away.
            for told in table.rows:
                found = [row for row in got if all(fits(told[c], row[c]) for c in told)]
                assert found, (case.sentence, told, got)
                got.remove(found[0])
            continue
        columns = table.rows[0].keys() - {"week", "task", "skill", "subject"}
        rows = rows_of(drawing, table, columns)
        for told in table.rows:
            at = (
                monday(week(told["week"]))
                if "week" in told
                else next((told[key] for key in ("task", "skill", "subject") if key in told), None)
            )
            wrong = {c: (told[c], rows[at][c]) for c in columns if not fits(told[c], rows[at][c])}
            assert not wrong, (case.sentence, told)
        shown |= columns
    assert measure in shown, f"no table shows {measure}"
