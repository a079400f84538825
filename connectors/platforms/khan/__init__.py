"""Khan Academy: the teacher's scores, the administrator's files, the dashboard's tables."""

from __future__ import annotations

from connectors.contract import Platform
from connectors.platforms.khan.admin import MASTERY, OVERALL
from connectors.platforms.khan.dashboard import ACTIVITY_LOG, OVERVIEW, STUDENT_ASSIGNMENTS
from connectors.platforms.khan.scores import SCORES

_ABOUT = """
The teacher's assignment scores know a student only by name and a class only by the name of the
file or its folder. There is no time of handing in: what was scored at the due date, beside the
best score ever, tells on time from late (see [measures](measures.md#assignment_timing)). A due
date without a year belongs to the school year of the file, which begins in July. `Score At Due
Date` may be absent; then nobody is called late or on time.

A student's activity log and a student's assignments name nobody inside: name the file after the
student and put it into a folder named after the class, beside or around the class's scores, such as
`Reading 3A/Ann Lee_20250912.csv`. The log adds problems and skills, never minutes: its minutes and
those of the overview differ, so the overview's count and the log's are kept apart in
`lake.progress_week`. A student's assignments tell attempts and scores, not when; where the
teacher's scores tell of the same assignment, these say whether it was late.

In the mastery progress by student a column is a week where its header is a day or a range of days;
the last one is the current week, which is not over (`through`). Where a student has several rows
with different values, nobody knows which course is which, and none is taken.

Unknown: the columns of the administrator's overall file after the fourth, what mastery progress is
counted in, and the columns of the classroom mastery and skills progress files; these two are kept
in the landing area and not read. What the statuses of a student's assignments are called.
"""

PLATFORM = Platform(
    "khan",
    "Khan Academy",
    (SCORES, OVERALL, MASTERY, OVERVIEW, ACTIVITY_LOG, STUDENT_ASSIGNMENTS),
    sends_activity=True,
    ignores=("*MasteryProgressClassroom*", "*skills_progress*"),
    carries="minutes, skills levelled up, assignments with their two scores, mastery by week",
    tested_on="the sample district; made-up files with the documented columns",
    about=_ABOUT,
)
