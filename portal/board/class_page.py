"""What the page of a class shows: its weeks on each platform, and what the whole class shares.

Medians and counts come from views.class_week, where small cells are hidden; no child is named.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from markupsafe import Markup

from portal.live import Row
from portal.pictures import Week, dot_strip
from portal.visit import Visit

#: So many weeks are shown.
WEEKS = 8


@dataclass(frozen=True)
class Platform:
    """One platform: its weeks (rows of views.class_week), oldest first."""

    title: str
    weeks: list[Row]

    @property
    def told(self) -> bool:
        """Whether enough children stand behind any of these weeks."""
        return any(week["minutes_median"] is not None for week in self.weeks)

    @property
    def strip(self) -> Markup:
        """The medians as a picture."""
        told = [Week(w["week_start"], w["status"], w["minutes_median"]) for w in self.weeks]
        return dot_strip(told, f"Middle of the class's minutes on {self.title}; a table has it too")


@dataclass(frozen=True)
class ClassPage:
    """`notes`: cards of the block whole_class by kind, the newest first, each once."""

    who: Row
    platforms: list[Platform]
    notes: dict[str, list[Row]]


def read(visit: Visit, class_id: str) -> ClassPage:
    """Everything about one class of the roster."""
    id_ = {"id": class_id}
    weeks = visit.rows(_WEEKS, id_ | {"most": WEEKS})
    # A card about an event stands on the boards of several weeks.
    notes: dict[str, list[Row]] = {}
    for row in {row["sentence"]: row for row in visit.rows(_NOTES, id_)}.values():
        notes.setdefault(row["kind"], []).append(row)
    return ClassPage(
        visit.rows(_WHO, id_)[0],
        [
            Platform(title, list(told))
            for title, told in groupby(weeks, key=lambda row: str(row["title"]))
        ],
        notes,
    )


_WHO = """SELECT class_id, section.title, subject, school.name AS school
FROM roster.class_section AS section LEFT JOIN roster.school AS school USING (school_id)
WHERE class_id = $id"""
_WEEKS = """SELECT coalesce(named.title, week.platform) AS title, week_start, students, with_data,
    minutes_median, share_of_usual_median, pacing_median, with_target, target_met, status,
    data_through
FROM views.class_week AS week
LEFT JOIN roster.platform AS named ON named.platform = week.platform
WHERE class_id = $id
QUALIFY row_number() OVER (PARTITION BY week.platform ORDER BY week_start DESC) <= $most
ORDER BY title, week.platform, week_start"""
_NOTES = """SELECT week_start, kind, sentence, else_it_could_be, data_through
FROM views.collaboration_board WHERE class_id = $id AND block = 'whole_class'
ORDER BY week_start DESC, position"""
