"""Who is told what by e-mail: tasks for which help may be welcome, and boards that are ready.

Pure but for reading the live warehouse; nothing is sent here. A message travels over and rests on
other people's servers, so it holds no name, id, score, task or class of a child: it says that there
is something, and where to sign in to see it. What is seen there, the rights decide.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from portal.live import Version
from portal.rights import Right, access_of, kept, why
from warehouse.notes.digests import Choice
from warehouse.notes.messages import Matter
from warehouse.settings.portal import PortalSettings

BELOW, DIGEST = "below_threshold", "weekly_digest"
#: A task is news for so long after its due day, so that switching alerts on sends no year's worth.
NEWS = timedelta(days=28)

#: The teachers of the task's class and the student's mentors; where no class is known, the
#: student's adult.
_BELOW = """
WITH task AS (
    SELECT DISTINCT card.student_id, card.platform, card.item_id, timing.class_id
    FROM views.card AS card
    LEFT JOIN views.assignment_timing AS timing
        ON timing.student_id = card.student_id
        AND timing.platform = card.platform
        AND timing.assignment_id = card.item_id
    WHERE card.rule_id = 'below_threshold' AND card.window_end >= $since
),

teacher AS (
    SELECT task.student_id, task.platform, task.item_id, access.staff_id
    FROM task
    JOIN views.class_access AS access
        ON access.class_id = task.class_id AND access.reason = 'teacher_of_class'
)

SELECT staff_id, student_id, platform, item_id FROM teacher
UNION
SELECT access.staff_id, task.student_id, task.platform, task.item_id
FROM task
JOIN views.student_access AS access
    ON access.student_id = task.student_id AND access.reason = 'mentor'
UNION
SELECT seen.staff_id, task.student_id, task.platform, task.item_id
FROM task
JOIN views.student_check_in AS seen ON seen.student_id = task.student_id
ANTI JOIN teacher
    ON teacher.student_id = task.student_id
    AND teacher.platform = task.platform
    AND teacher.item_id = task.item_id
WHERE seen.staff_id IS NOT NULL
ORDER BY 1, 2, 3, 4
"""
_BOARDS = """
SELECT access.staff_id, access.class_id, max(board.week_start) AS week_start
FROM views.class_access AS access
JOIN views.collaboration_board AS board ON board.class_id = access.class_id
WHERE access.reason = 'teacher_of_class' AND list_contains($ids, access.class_id)
GROUP BY access.staff_id, access.class_id
ORDER BY 1, 2
"""


@dataclass(frozen=True)
class Letter:
    """One message to one adult. `address`: empty where the roster has none that is usable."""

    staff_id: str
    address: str
    subject: str
    body: str
    matters: tuple[Matter, ...]


def help_offers(version: Version, settings: PortalSettings, today: date) -> list[Matter]:
    """Each graded task below the threshold, for each adult who is to know and may see the child."""
    found = version.rows(_BELOW, {"since": today - NEWS})
    return [
        Matter(staff_id, BELOW, task_key(student_id, platform, item_id), student_id)
        for staff_id, student_id, platform, item_id in (row.values() for row in found)
        if _may(version, settings, staff_id, Right.student, student_id)
    ]


def boards_ready(
    version: Version, settings: PortalSettings, choices: Mapping[str, Choice], now: datetime
) -> list[Matter]:
    """The latest board of each class whose team wants to hear of it now, for each teacher.

    `now`: the district's time. It is time from the chosen hour to the end of the chosen day.
    """
    ids = [i for i, c in choices.items() if c.weekday == now.isoweekday() and now.hour >= c.hour]
    found = version.rows(_BOARDS, {"ids": sorted(ids)})
    return [
        Matter(staff_id, DIGEST, json.dumps([class_id, week.isoformat()]), None)
        for staff_id, class_id, week in (row.values() for row in found)
        if _may(version, settings, staff_id, Right.class_, class_id)
    ]


def task_key(student_id: str, platform: str, item_id: str) -> str:
    """What an offer of help is about. Without the week: a due day that moves is no new task."""
    return json.dumps([student_id, platform, item_id])


def letters(matters: Iterable[Matter], addresses: Mapping[str, str], base_url: str) -> list[Letter]:
    """One message for each adult and kind, however many matters there are. Pure."""
    grouped: dict[tuple[str, str], list[Matter]] = {}
    for m in matters:
        grouped.setdefault((m.kind, m.staff_id), []).append(m)
    return [
        Letter(
            staff_id,
            addresses.get(staff_id, ""),
            *(_help if kind == BELOW else _ready)(len(about), base_url),
            tuple(about),
        )
        for (kind, staff_id), about in sorted(grouped.items())
    ]


def _may(
    version: Version, settings: PortalSettings, staff_id: str, right: Right, what: str
) -> bool:
    access = kept(version, staff_id) or access_of(version, staff_id, settings)
    return why(access, right, what).allowed


def _help(count: int, base_url: str) -> tuple[str, str]:
    tasks = "one task" if count == 1 else f"{count} tasks"
    return (
        "Homeroom: help may be welcome",
        f"""Hello,

help may be welcome with {tasks} of students whom you teach or mentor.

An offer helps more than a reminder: ask what was hard, and name a time and a
place to look at it together. The student's mentor and the teacher of the class
are both told, so agree on who asks.

Whom it is about is not written here. Sign in to see it:
{base_url}/alerts

You are told of each task once.
""",
    )


def _ready(count: int, base_url: str) -> tuple[str, str]:
    boards = "Your team's board is" if count == 1 else f"The boards of your {count} teams are"
    return (
        "Homeroom: your team's board is ready",
        f"""Hello,

{boards[0].lower()}{boards[1:]} ready for your collaboration time:
{base_url}/

Your team has chosen the day and the hour of this message. Any of you can change
it or stop it, on the page of the class.
""",
    )
