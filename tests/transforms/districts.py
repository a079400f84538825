"""Puts drawn districts (tests/independent/world.py) into a warehouse, and holds rows against rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from tests.independent.habits import Row
from tests.independent.world import PLATFORMS, START, World
from tests.transforms.conftest import Warehouse

_TABLE = {
    "alog": "daily_activity",
    "counter": "usage_snapshot",
    "weekly": "usage_week",
    "events": "event",
}


def filled(world: World, *, twice: bool = False) -> Warehouse:
    """A warehouse that holds the district. `twice`: a second file tells each row again."""
    built = Warehouse(PLATFORMS)
    _roster(built, world)
    for platform in world.rows:
        links = [
            {"account_key": account, "student_id": name}
            for account, name in world.accounts[platform].items()
        ]
        built.add("identity.account_link", links, platform=platform, evidence="id")
        built.add(_TABLE[platform], world.rows[platform], platform=platform)
        if twice:
            again = {"scope": "again", "source_file": "f2"}
            built.add(_TABLE[platform], world.rows[platform], platform=platform, **again)
        covers = [
            {"covers_from": first, "covers_to": last} for first, last in world.covers[platform]
        ]
        zero = platform in ("alog", "events")
        built.add("coverage", covers, platform=platform, of="activity", absence_is_zero=zero)
    # Everything is known up to the last drawn Sunday, whatever the platforms' files tell.
    end = START + timedelta(weeks=world.weeks, days=-1)
    last: list[Row] = [{"covers_from": START, "covers_to": end}]
    return built.add("coverage", last, platform="khan", of="assignments", absence_is_zero=False)


def _roster(built: Warehouse, world: World) -> None:
    same = {"platform": "oneroster"}
    built.add("org", "org_id name org_type\ns1 North school\ns2 South school", **same)
    people = [
        {
            "person_id": name,
            "role": "student",
            "sis_id": f"9{name}",
            "org_id": school,
            "is_current": name not in world.left,
        }
        for name, school in world.school_of.items()
    ]
    built.add("person", people, enabled=True, **same)
    groups = sorted({span.group for span in world.spans})
    sections = [
        {"class_id": g, "class_type": "homeroom" if g in world.homerooms else "scheduled"}
        for g in groups
    ]
    built.add("class_section", sections, school_id="s1", **same)
    enrolled = [
        {
            "class_id": span.group,
            "person_id": span.student,
            "begin_date": span.first,
            "end_date": span.last,
        }
        for span in world.spans
    ]
    built.add("enrollment", enrolled, role="student", **same)
    days = [
        {"school_id": school, "date": day, "is_school_day": told}
        for school, told_days in world.off.items()
        for day, told in told_days.items()
    ]
    built.add("calendar_day", days, platform="district")
    present = [
        {"date": row["date"], "student_sis_id": f"9{row['who']}", "present": row["present"]}
        for row in world.attendance
    ]
    built.add("attendance", present, platform="district")
    weeks = [
        {"student_id": name, "platform": platform, "week_start": monday}
        for name, platform, monday in world.excluded
    ]
    built.add("notes.exclusion", weeks)


def agree(
    want: Mapping[Any, Row], rows: Iterable[Row], key: tuple[str, ...], *, least: int = 1
) -> None:
    """The same rows, each with the same values in every column wanted."""
    got = {tuple(row[name] for name in key): row for row in rows}
    assert got.keys() == want.keys()
    assert len(want) >= least
    wrong = [
        (where, column, value, got[where][column])
        for where, row in want.items()
        for column, value in row.items()
        if not same(value, got[where][column])
    ]
    assert not wrong, (len(wrong), wrong[:5])


def same(want: Any, got: Any) -> bool:
    """Equal but for the last digits."""
    if isinstance(want, float) and isinstance(got, int | float):
        return abs(want - got) <= 1e-9 * max(1.0, abs(want))
    return bool(want == got)
