"""Big tables in parts: which tables an engine may make range by range, and the SQL of one range.

An engine whose memory does not hold the joins and windows of a table makes it in parts. A file says
that it may, and by what, with a comment at the end of a condition:

    WHERE week.status = 'ok' /* in parts of pair: week.pair */

`pair` and `student_id` are columns of work.student_platform, which numbers its rows in the order of
the students. Only a table each of whose rows rests on rows of one key may be made so; it is the
same table then. Engines that need no parts take the SQL as it stands. Not here: running SQL
(warehouse/engines/).
"""

from __future__ import annotations

import re

_MARK = re.compile(r"/\* in parts of (?P<key>pair|student_id): (?P<column>[a-z_.]+) \*/")

#: Pairs of student and platform in one part; in a school year some 3.6 million weeks.
PAIRS = 100_000


def key_of(sql: str) -> str | None:
    """The key by whose ranges this SELECT may be made; None = only as a whole."""
    match = _MARK.search(sql)
    return match["key"] if match else None


def bounds(key: str, pairs: int = PAIRS) -> str:
    """SQL for the keys at which one part ends and the next begins, in order."""
    return f"SELECT {key} FROM work.student_platform WHERE pair % {pairs} = 0 ORDER BY pair"


def between(sql: str, after: str | None, up_to: str | None) -> str:
    """The SELECT of the keys above `after` up to `up_to`, literals of SQL; None = no limit."""

    def limited(match: re.Match[str]) -> str:
        above = f"AND {match['column']} > {after} " if after else ""
        below = f"AND {match['column']} <= {up_to} " if up_to else ""
        return above + below

    return _MARK.sub(limited, sql)
