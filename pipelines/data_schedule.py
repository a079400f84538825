"""The schedule of data: every element that a platform sends, what it tells, what for, how long.

Belongs here: one row an element, from the contracts. Not here: privacy classes
(connectors/privacy.py), ages (warehouse/settings/retention.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from connectors import privacy
from connectors.contract import Feed, Platform
from warehouse.settings.retention import RetentionSettings

#: What each table of the lake is for.
_PURPOSES = {
    "who is on the roster, in which class, and who may see whom": "org person person_role course "
    "term class_section enrollment roster_property mentor class_member platform_class",
    "whether a rule treats groups alike (coordinators only)": "demographic student_group "
    "student_program",
    "which days count": "calendar_day attendance",
    "talks with the child": "check_in interest",
    "whose account it is": "account",
    "time and work on the platform": "daily_activity usage_snapshot usage_week event resource "
    "progress_week",
    "work on assignments": "assignment submission",
    "progress and skills": "program_level skill_state assessment_result result_unread "
    "assessment_growth",
    "what the files can know of": "coverage",
}
_PURPOSE = {table: purpose for purpose, tables in _PURPOSES.items() for table in tables.split()}
COLUMNS = ("platform", "feed", "element", "privacy class", "what it tells", "purpose", "kept")


@dataclass(frozen=True)
class Element:
    """One column of one feed, as the platform writes it."""

    platform: str
    feed: str
    element: str
    privacy_class: str
    tells: str
    purpose: str
    kept: str

    def row(self) -> tuple[str, ...]:
        """In the order of COLUMNS."""
        return tuple(vars(self).values())


def elements(platforms: Iterable[Platform], ages: RetentionSettings | None = None) -> list[Element]:
    """Every element of some platforms. `ages`: a district's; None names the settings."""
    return [
        _element(platform, feed, column.name, column.headers[0], ages)
        for platform in platforms
        for feed in platform.feeds
        for column in feed.columns
    ]


def _element(
    platform: Platform, feed: Feed, name: str, header: str, ages: RetentionSettings | None
) -> Element:
    tables = sorted({table for table, _ in privacy.becomes(feed)[name]})
    purposes = dict.fromkeys(_PURPOSE[t] for t in tables)
    kind = privacy.class_of(feed, name)
    return Element(
        platform.name,
        feed.name,
        header,
        kind,
        privacy.CLASSES[kind],
        "; ".join(purposes) or ("how the file is read" if feed.outputs else "not read"),
        _kept(ages, is_read=bool(tables)),
    )


def _kept(ages: RetentionSettings | None, *, is_read: bool) -> str:
    """As sent, and as read where it is."""
    if ages is None:
        return "`landing_days`, `lake_days`" if is_read else "`landing_days`"
    sent = f"as sent {_days(ages.landing_days)}"
    return f"{sent}; as read {_days(ages.lake_days)}" if is_read else sent


def _days(days: int | None) -> str:
    return f"{days} days" if days else "until removed"
