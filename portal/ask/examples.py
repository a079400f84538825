"""Questions to begin with, as they stand on the page. Names stand A to Z; none orders children."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Example:
    """A question in words and as SQL."""

    key: str
    title: str
    sql: str


EXAMPLES = (
    Example(
        "targets",
        "Who reached the own target, week by week?",
        """SELECT family_name, given_name, platform, week_start, minutes, target_minutes
FROM student_platform_week
JOIN mine.student USING (student_id)
WHERE dosage >= 1
ORDER BY family_name, given_name, week_start""",
    ),
    Example(
        "due",
        "What was not handed in, and when was it due?",
        """SELECT family_name, given_name, platform, title, due_on
FROM assignment_timing
JOIN mine.student USING (student_id)
WHERE state = 'missing'
ORDER BY family_name, given_name, due_on""",
    ),
    Example(
        "skills",
        "Which skills were mastered in the last four weeks?",
        """SELECT family_name, given_name, skill_name, mastered_on
FROM student_skill
JOIN mine.student USING (student_id)
WHERE mastered_on > (SELECT max(data_through) FROM student_skill) - 28
ORDER BY family_name, given_name, mastered_on""",
    ),
    Example(
        "minutes",
        "How many minutes did my students have in the middle, per week and platform?",
        """SELECT platform, week_start, median(minutes) AS minutes, count(minutes) AS students
FROM student_platform_week
GROUP BY ALL
ORDER BY platform, week_start""",
    ),
    Example(
        "made",
        "How is a number made?",
        """SELECT name, formula, minimum, caution
FROM measure_dictionary
WHERE measure = 'share_of_usual'""",
    ),
)
