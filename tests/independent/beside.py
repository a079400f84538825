"""Students beside their class, and platforms beside each other."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

from tests.independent import classes, history, weeks
from tests.independent.habits import Row
from tests.independent.quiet import Told, quiet_school_days
from tests.independent.rows import COUNTS, Results
from tests.independent.told import Weeks
from tests.independent.world import PLATFORMS, World


def beside_class(
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
        if of == platform and row["status"] in COUNTS:
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


def together(world: World, found: Results, told: dict[str, Weeks]) -> None:
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
