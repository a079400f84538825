"""What `homeroom explain` prints: plain text that reads from top to bottom."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Console

from warehouse.explain.arithmetic import shown

if TYPE_CHECKING:
    from warehouse.explain import Explanation, Inputs
    from warehouse.explain.students import Student


_out = Console(highlight=False, soft_wrap=True, markup=False)


def explained(one: Explanation) -> None:
    """An explanation as a page of text."""
    where = [one.student_id, one.platform, one.week_start and f"week of {one.week_start}"]
    _out.print(f"{one.name} ({one.view}.{one.measure}, version {one.version})")
    _out.print(", ".join(str(w) for w in [*where, one.item_id] if w))
    _out.print(f"\nFormula: {one.formula}")
    _out.print(f"From:    {one.minimum}")
    for table in one.inputs:
        _table(table)
    _out.print()
    for line in one.steps:
        filled = "" if line.filled == line.result else f" = {line.filled}"
        _out.print(f"{line.name}{filled} = {line.result}")
    if one.says:
        _out.print(f"Not known. {one.says}")
    if one.agrees:
        _out.print(f"Published: {shown(one.published)}. It agrees.")
    else:
        _out.print(
            f"Published: {shown(one.published)}. IT DIFFERS. If a threshold has changed since: "
            "homeroom run."
        )
    told = f"n = {one.n}"
    if one.window_start is not None:
        told += f", {one.window_start} to {one.window_end}"
    if one.data_through is not None:
        told += f"; the files tell through {one.data_through}"
    _out.print(told)
    if one.caution:
        _out.print(f"Keep in mind: {one.caution}")


def candidates(found: Sequence[Student]) -> None:
    """Students of whom one may be meant."""
    for student in found:
        _out.print(
            f"{student.student_id}  {student.name}  grade {student.grade_level or '-'}  "
            f"school {student.school_id or '-'}"
        )


def _table(table: Inputs) -> None:
    _out.print(f"\n{table.title}:")
    if not table.rows:
        _out.print("  (none)")
        return
    cells = [list(table.columns), *([shown(v) for v in row] for row in table.rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        _out.print("  " + "  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip())
