"""Small numbers: what of a group may be shown. Cells of 1 to 9 students are not; where a single
cell of a split is hidden, its next smallest is hidden too, or the total would give it away.

Belongs here: that rule, and no other place. In the SQL files it stands as `@shown(n, cells)`: n
where it may be shown beside the cells of its split (an array that holds n), else NULL; and as
`@of_enough(value, n)`: a value of n students, NULL where they are fewer than 10.
"""

from __future__ import annotations

import re

#: The smallest cell that may be shown. No setting: a district may not lower it.
LEAST = 10

_SHOWN = re.compile(r"@shown\((\w+), (\w+)\)")
_OF_ENOUGH = re.compile(r"@of_enough\((\w+), (\w+)\)")


def in_sql(text: str) -> str:
    """SQL with the rule written out."""
    return _OF_ENOUGH.sub(lambda m: of_enough(m[1], m[2]), _SHOWN.sub(_shown, text))


def shown(n: str, cells: str) -> str:
    """SQL for n where it may be shown among these cells; cells of one size are hidden together."""
    # The branches stand in this order so that the last position is looked up only where it exists.
    return (
        f"CASE WHEN {n} IS NULL OR {n} BETWEEN 1 AND {LEAST - 1} THEN NULL WHEN {n} = 0 THEN {n} "
        f"WHEN array_length(list_filter({cells}, lambda cell: cell BETWEEN 1 AND {LEAST - 1})) = 1 "
        f"AND {n} = list_sort(list_filter({cells}, lambda cell: cell >= {LEAST}))[1] "
        f"THEN NULL ELSE {n} END"
    )


def of_enough(value: str, n: str) -> str:
    """SQL for a value of n students where they are enough to be shown."""
    return f"CASE WHEN {n} >= {LEAST} THEN {value} END"


def _shown(match: re.Match[str]) -> str:
    return shown(match[1], match[2])
