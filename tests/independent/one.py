"""One student on one platform: every week, and how the latest stand beside those before."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from tests.independent import classes, groups, history, weeks
from tests.independent.habits import Row
from tests.independent.rows import COUNTS, Results
from tests.independent.told import Weeks
from tests.independent.world import World


def expected_weeks(world: World, spans: list[classes.Span], name: str) -> list[date]:
    """The weeks in which the student is in any class; all weeks without one, none after leaving."""
    if name in world.left:
        return []
    first = min((span.first or date.min for span in spans), default=date.min)
    last = max((span.last or date.max for span in spans), default=date.max)
    return [w for w in world.mondays if w + timedelta(days=6) >= first and w <= last]


def student(
    world: World,
    found: Results,
    platform: str,
    name: str,
    told: Weeks,
    spans: list[classes.Span],
) -> None:
    """Fills the student's weeks and the row as of the end."""
    has_account = name in world.accounts[platform].values()
    before: list[Row] = []
    days: list[set[date] | None] = []
    newest = "not_enough_history" if has_account else "not_rostered"
    inside = expected_weeks(world, spans, name)
    for monday in world.mondays:
        one, calendar = told[name, monday], world.calendar(name, monday)
        if monday not in inside and not one.rows:
            continue
        row = _week(one, calendar, _excluded(world, name, platform, monday), has_account)
        found.week[name, platform, monday] = row
        newest = row["status"]
        if row["status"] in COUNTS:
            before.append(row)
            active = weeks.active_days(one)
            days.append(None if active is None else active & set(calendar.present))
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
            "weekday_habit": groups.habit(days),
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
    counts = status in COUNTS
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
