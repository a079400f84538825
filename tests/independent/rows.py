"""The rows that the views must hold, under the names that the views give their columns.

A column that is None must be NULL there.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from tests.independent.habits import Row

Key = tuple[str, str, date]
#: Statuses of weeks that count.
COUNTS = ("ok", "zero")


@dataclass
class Results:
    """Rows of student_platform_week, student_engagement, student_procrastination, weekly_summary."""

    week: dict[Key, Row] = field(default_factory=dict)
    engagement: dict[tuple[str, str], Row] = field(default_factory=dict)
    procrastination: dict[tuple[str, str], Row] = field(default_factory=dict)
    at_end: dict[Key, Row] = field(default_factory=dict)
    summary: dict[tuple[str, date], Row] = field(default_factory=dict)
