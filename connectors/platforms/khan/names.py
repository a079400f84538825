"""How Khan's files name students, assignments and days.

They know no number: a student is a name within a class, an assignment its title and due day.
"""

from __future__ import annotations

NULL = ("null",)
DAYS = ("%b %d, %Y", "%B %d, %Y", "%Y-%m-%d", "%m/%d/%Y", "%b %d", "%B %d")
_CLOCKS = (", %I:%M %p", " %I:%M %p", " at %I:%M %p", " %H:%M", ", %H:%M")
#: A day that may carry a clock time.
MOMENTS = (*DAYS, *(f"{day}{clock}" for day in DAYS for clock in _CLOCKS))


def name_key(student: str) -> str:
    """The name as an account key: its letters and digits, hashed, so that no key, log or review
    list spells a child's name."""
    plain = f"trim(regexp_replace(lower({student}), '[^\\p{{L}}\\p{{N}}]+', ' ', 'g'))"
    return f"'name:' || left(sha256(_class_key || '|' || {plain}), 32)"


ASSIGNMENT_KEY = (
    "'khan:' || left(sha256(concat_ws('|', _class_key, lower(simple_spaces(title)), "
    "CAST(due_on AS VARCHAR))), 32)"
)


def with_year(day: str, named: str) -> str:
    """All rows, with `named`: a day without a year is of the file's school year, from July on."""
    return f"""SELECT *,
    CASE WHEN {day} IS NULL OR year({day}) > 1900 THEN {day}
         WHEN month({day}) >= 7 THEN make_date(_school_year - 1, month({day}), day({day}))
         ELSE make_date(_school_year, month({day}), day({day})) END AS {named}
    FROM rows"""
