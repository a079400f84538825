"""Lexia PowerUp: read as Core5's Detailed Student, by names that the district maps."""

from __future__ import annotations

from connectors.contract import Platform
from connectors.platforms.lexia.detailed import detailed_student

_ABOUT = """
No header of an export of PowerUp is public. The columns are those of Core5's Detailed Student; what
a file calls otherwise is told by the district under `[source.columns.detailed_student]`, such as
`week_minutes = ["Minutes this week"]` (see [operating](operating.md)). Needed are the student's
number, the user name and the minutes since Monday; a file without them is turned away with the
missing column's name.

Unknown: everything else of the layout.
"""

PLATFORM = Platform(
    "lexia_powerup",
    "Lexia PowerUp",
    (detailed_student("PowerUp", mapped=True),),
    sends_activity=True,
    subject="Reading",
    carries="what the district's own mapping names",
    tested_on="made-up headers with a mapping",
    about=_ABOUT,
)
