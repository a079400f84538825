"""Every row that the views of activity must hold for a drawn district, computed from its plain data.

Columns have the names that the views give them; a column that is None must be NULL there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from tests.independent import classes, history, weeks
from tests.independent.quiet import Told, quiet_school_days
from tests.independent.told import Weeks, seen
from tests.independent.world import PLATFORMS, Row, World

Key = tuple[str, str, date]
_COUNTS = ("ok", "zero")


@dataclass
class Results:
    """Rows of student_platform_week, student_engagement, student_procrastination, weekly_summary."""

    week: dict[Key, Row] = field(default_factory=dict)
    engagement: dict[tuple[str, str], Row] = field(default_factory=dict)
    procrastination: dict[tuple[str, str], Row] = field(default_factory=dict)
    at_end: dict[Key, Row] = field(default_factory=dict)
    summary: dict[tuple[str, date], Row] = field(default_factory=dict)


def compute(world: World) -> Results:
    """All of them."""
    found = Results()
    told = {platform: seen(world, platform) for platform in PLATFORMS}
    spans: dict[str, list[classes.Span]] = defaultdict(list)
    for span in world.spans:
        spans[span.student].append(span)
    for platform in PLATFORMS:
        for name in world.school_of:
            _student(world, found, platform, name, told[platform], spans[name])
        _beside_class(world, found, platform, spans)
    _together(world, found, told)
    return found


def expected_weeks(world: World, spans: list[classes.Span], name: str) -> list[date]:
    """The weeks in which the student is in any class; all weeks without one, none after leaving."""
    if name in world.left:
        return []
    first = min((span.first or date.min for span in spans), default=date.min)
    last = max((span.last or date.max for span in spans), default=date.max)
    return [w for w in world.mondays if w + timedelta(days=6) >= first and w <= last]


def _student(
    world: World,
    found: Results,
    platform: str,
    name: str,
    told: Weeks,
    spans: list[classes.Span],
) -> None:
    has_account = name in world.accounts[platform].values()
    before: list[Row] = []
    newest = "not_enough_history" if has_account else "not_rostered"
    inside = expected_weeks(world, spans, name)
    for monday in world.mondays:
        one, calendar = told[name, monday], world.calendar(name, monday)
        if monday not in inside and not one.rows:
            continue
        row = _week(one, calendar, _excluded(world, name, platform, monday), has_account)
        found.week[name, platform, monday] = row
        newest = row["status"]
        if row["status"] in _COUNTS:
            before.append(row)
            _beside_usual(row, before)
    latest = dict(before[-1]) if before else {"status": newest}
    met, held = history.targets([(row["minutes"], row["target_minutes"]) for row in before])
    if name not in world.left or any(key[:2] == (name, platform) for key in found.week):
        found.engagement[name, platform] = {
            "week_start": latest.get("week_start"),
            "minutes": latest.get("minutes"),
            "dosage": latest.get("dosage"),
            "weeks_eligible": len(before),
            "weeks_target_met": met,
            "weeks_with_target": held,
            "usual_minutes": latest.get("judged_usual"),
            "share_of_usual": latest.get("judged_share"),
            "previous_share_of_usual": latest.get("previous_share"),
            "quieter_than_usual": latest.get("quieter_than_usual"),
            "busier_than_usual": latest.get("busier_than_usual"),
            "latest_status": newest if has_account else None,
            "status": latest["status"],
        }


def _excluded(world: World, name: str, platform: str, monday: date) -> bool:
    return bool({(name, platform, monday), (name, None, monday)} & world.excluded)


def _week(one: weeks.Seen, calendar: weeks.Calendar, excluded: bool, has_account: bool) -> Row:
    """A week by itself."""
    status = weeks.status(one, calendar, excluded=excluded) if has_account else "not_rostered"
    counts = status in _COUNTS
    active, when = weeks.active_days(one), weeks.when(one, calendar) if counts else {}
    row: Row = {
        "week_start": calendar.monday,
        "status": status,
        "school_days": len(calendar.school),
        "days_present": len(calendar.present),
        "minutes": one.minutes if counts else None,
        "observed_minutes": one.minutes if has_account else None,
        "units_completed": one.units if counts else None,
        "items_attempted": one.items if counts else None,
        "items_correct": one.right if counts else None,
        "events": one.events if counts else None,
        "target_minutes": one.target,
        "dosage": None,
        "active_days": None,
        "active_day_rate": None,
        "weekend_active_days": None,
        "evenness": weeks.evenness(one, calendar) if counts else None,
        **{name: when.get(name) for name in ("pacing_low", "pacing_high", "pacing", "mean_day")},
        "last_day_share": when.get("last_day_share"),
        "pacing_status": _pacing_status(one, calendar, when) if counts else status,
    }
    if counts and one.minutes is not None and one.target:
        row["dosage"] = one.minutes / one.target
    if counts and active is not None:
        row["active_days"] = len(active & set(calendar.present))
        row["active_day_rate"] = row["active_days"] / len(calendar.present)
        row["weekend_active_days"] = len(active - set(calendar.school))
    return row


def _pacing_status(one: weeks.Seen, calendar: weeks.Calendar, when: Mapping[str, float]) -> str:
    """Why there is no pacing: too few minutes, or they are not placed closely enough."""
    if "pacing" in when:
        return "ok" if any([one.minutes, one.units, one.items, one.events]) else "zero"
    if "pacing_low" in when or one.minutes is None:
        return "no_feed"
    placed = sum(minutes for *_, minutes in weeks.on_school_days(one.parts, calendar))
    known = weeks.active_days(one) is not None
    return "too_few" if one.minutes < 20 or placed or known else "no_feed"


def _beside_usual(row: Row, upto: list[Row]) -> None:
    """What a week is beside those before it; `upto` ends with the week itself."""
    values = [other["minutes"] for other in upto]
    units = [other["units_completed"] for other in upto]
    own, judged = history.usual(values[:-1], 5), None
    if len(values) > 1:
        judged = history.usual(values[:-2], 5)
        row["previous_share"] = history.share(values[-2], judged)
    row |= {
        "usual_minutes": own and own.middle,
        "usual_scale": own and own.scale,
        "share_of_usual": history.share(values[-1], own),
        "change_z": history.change_z(values[-1], own),
        "units_change_z": history.change_z(units[-1], history.usual(units[:-1], 1)),
        "judged_usual": judged and judged.middle,
        "judged_share": history.share(values[-1], judged),
    }
    row["quieter_than_usual"], row["busier_than_usual"] = history.judged(values)


def _beside_class(
    world: World, found: Results, platform: str, spans: dict[str, list[classes.Span]]
) -> None:
    """Units per hour, and whether work lands at the end: both beside the class of each week."""
    ranked = classes.order(world.spans, set(world.accounts[platform].values()), world.homerooms)
    group = {
        (name, monday): classes.class_of(name, monday, spans, ranked)
        for name in world.school_of
        for monday in world.mondays
        if name in world.accounts[platform].values()
    }
    mates: dict[tuple[str, date], list[tuple[str, Row]]] = defaultdict(list)
    own: dict[str, list[Row]] = defaultdict(list)
    for (name, of, monday), row in found.week.items():
        if of == platform and row["status"] in _COUNTS:
            own[name].append(row)
            if chosen := group[name, monday]:
                mates[chosen, monday].append((name, row))

    def beside(name: str, row: Row) -> list[tuple[str, Row]]:
        return mates.get((group[name, row["week_start"]] or "", row["week_start"]), [])

    for (name, of), engagement in found.engagement.items():
        if of != platform:
            continue
        measured = [row for row in own[name][-8:] if _both(row)]
        engagement["units_per_hour"] = history.units_per_hour(
            [(row["units_completed"], row["minutes"]) for row in measured],
            [
                (row["units_completed"], row["minutes"])
                for week in measured
                for _, row in beside(name, week)
                if _both(row)
            ],
        )
        paced: list[Row] = []
        for row in own[name]:
            if row["pacing"] is None:
                continue
            paced = [*paced[-3:], row]
            run = classes.run(
                [{k: v for k, v in week.items() if v is not None} for week in paced],
                [
                    [
                        other["pacing"]
                        for who, other in beside(name, week)
                        if who != name and other["pacing"] is not None
                    ]
                    for week in paced
                ],
            )
            found.procrastination[name, platform] = found.at_end[
                name, platform, row["week_start"]
            ] = {
                "weeks_counted": run.weeks,
                "mean_day": run.mean_day,
                "pacing": run.pacing,
                "last_day_share": run.last_day_share,
                "class_pacing": run.class_pacing,
                "work_lands_at_end": run.at_end,
            }


def _both(row: Row) -> bool:
    return row["units_completed"] is not None and row["minutes"] is not None


def _together(world: World, found: Results, told: dict[str, Weeks]) -> None:
    """What is said over all platforms."""
    by_student: dict[str, dict[date, dict[str, Row]]] = defaultdict(lambda: defaultdict(dict))
    for (name, platform, monday), row in found.week.items():
        by_student[name][monday][platform] = row
    for name, rows in by_student.items():
        present = [d for monday in world.mondays for d in world.calendar(name, monday).present]
        lines = [
            [
                _told(told[platform][name, monday], line, world.calendar(name, monday))
                for monday, week in rows.items()
                if (line := week.get(platform))
            ]
            for platform in PLATFORMS
        ]
        for monday, week in rows.items():
            z, n, words = history.across(
                {
                    p: r["units_change_z"]
                    for p, r in week.items()
                    if r.get("units_change_z") is not None
                }
            )
            held = [r for r in week.values() if r["dosage"] is not None]
            on = [r["minutes"] for r in week.values() if r["status"] != "not_rostered"]
            found.summary[name, monday] = {
                "targets_met": sum(r["minutes"] >= r["target_minutes"] for r in held),
                "targets_with_data": len(held),
                "change_z_combined": z,
                "change_z_platforms": n,
                "agreement": words,
                "screen_minutes": sum(on) if on and None not in on else None,
                "quiet_school_days": quiet_school_days(lines, present, monday),
            }


def _told(one: weeks.Seen, row: Row, calendar: weeks.Calendar) -> Told:
    """What counts for quiet days: the last day told of, and the last one that may hold work."""
    days = {day for day, minutes in one.days.items() if minutes >= 3} | one.unmeasured
    days |= {last for _, last, minutes in one.loose if minutes > 0}
    if not one.has_days and (one.minutes or one.units):
        days.add(one.through or calendar.days[-1])
    covered = one.covered(calendar)
    return Told(
        calendar.monday,
        row["status"],
        max(covered, default=None),
        max(days, default=None),
    )
