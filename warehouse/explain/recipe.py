"""What a recipe is: how one measure of one student is told from the published tables.

Belongs here: the shape. Not here: the recipes themselves (weeks.py and its neighbours), which hold
SELECTs for the rows that go in and expressions for what comes out, and no other formula.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Need:
    """What must hold for a number to be given; else the measure is not known.

    `word`: the status word. `left` and `least`: two expressions, the first at least the second.
    `unit`: what they count, as in "4 of 6 weeks". `says`: the reason where no count tells it.
    """

    word: str
    left: str
    least: str
    unit: str = ""
    says: str = ""


@dataclass(frozen=True)
class Step:
    """One line of arithmetic; later lines may use its name."""

    name: str
    expression: str


@dataclass(frozen=True)
class Rows:
    """Rows that go in. Their columns are columns in the expressions; `one`: there is one row, and
    its columns are single values."""

    title: str
    sql: str
    one: bool = False


@dataclass(frozen=True)
class Recipe:
    """How a measure is told.

    `rows`: SELECTs over published tables; `$student`, `$platform`, `$week` and `$item` stand for
    what is asked, thresholds for their values, and other columns of the row for theirs. `steps`: the arithmetic; the last is the value.
    A name that is neither a column nor a step is a threshold or another column of the row that is
    explained. `status`: its column that says why there is no number. `counts`: only weeks that
    count (status ok or zero) have one.
    """

    rows: Sequence[Rows]
    steps: Sequence[Step]
    needs: Sequence[Need] = ()
    counts: bool = False
    status: str = "status"


#: The recipes of one view, by column.
Recipes = dict[str, Recipe]
