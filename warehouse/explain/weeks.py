"""How each measure of a student's week on a platform (views.student_platform_week) is told."""

from __future__ import annotations

from warehouse.explain import week_rows
from warehouse.explain.recipe import Need, Recipe, Recipes, Rows, Step

_MINUTES = week_rows.amount("minutes", "told_minutes")
_UNPLACED = "the files do not place the minutes on days closely enough"
_DAYS_KNOWN = Need("no_feed", "days_known", "1", says=_UNPLACED)
_WORK = "(day_minutes >= active_minutes or untimed_work)"
_SPREAD = "max(1.4826 * median(abs({of} - {usual})), {least}, 0.1 * abs({usual}))"
_HISTORY = Need("not_enough_history", "count(week_minutes)", "6", "weeks")
_UNIT_HISTORY = Need("not_enough_history", "count(week_units)", "6", "weeks")
_ENOUGH = Need("too_few", "usual_minutes", "usual_minutes_least", "usual minutes")
_JUDGED_ENOUGH = Need("too_few", "judged_usual", "usual_minutes_least", "usual minutes")
_USUAL = Step("usual_minutes", "median(week_minutes)")
_SCALE = Step("usual_scale", _SPREAD.format(of="week_minutes", usual="usual_minutes", least="5"))
_UNITS = Step("usual_units", "median(week_units)")
_UNIT_SCALE = Step(
    "usual_units_scale", _SPREAD.format(of="week_units", usual="usual_units", least="1")
)
_JUDGED = Step("judged_usual", "median(week_minutes)")
_JUDGED_SCALE = Step(
    "judged_scale", _SPREAD.format(of="week_minutes", usual="judged_usual", least="5")
)
_SHARE = Step("judged_share", "minutes / judged_usual")
_BEFORE_SHARE = Step("previous_share", "sum(minutes_before) / judged_usual")


def _usual(*steps: Step, needs: tuple[Need, ...] = (_HISTORY,)) -> Recipe:
    return Recipe((week_rows.before(0),), steps, needs, counts=True, status="baseline_status")


def _judged(*steps: Step, needs: tuple[Need, ...] = (_HISTORY,)) -> Recipe:
    return Recipe(
        (week_rows.PREVIOUS, week_rows.before(1)),
        steps,
        needs,
        counts=True,
        status="baseline_status",
    )


_PACED = Need("too_few", "total(day_minutes)", "pacing_minutes", "minutes on school days")
_EARLY = Step("early", "sum(day_minutes * first_day) / sum(day_minutes)")
_LATE = Step("late", "sum(day_minutes * last_day) / sum(day_minutes)")
_LOW = Step("pacing_low", "(school_days + 1 - 2 * late) / (school_days - 1)")
_HIGH = Step("pacing_high", "(school_days + 1 - 2 * early) / (school_days - 1)")
_WIDTH = Step("width", "2 * (late - early) / (school_days - 1)")
_SURE = Step("surely", "sum(surely_last) / sum(day_minutes)")
_PERHAPS = Step("perhaps", "sum(perhaps_last) / sum(day_minutes)")


def _paced(*steps: Step, needs: tuple[Need, ...] = ()) -> Recipe:
    return Recipe(
        (week_rows.MOMENTS,), steps, (_PACED, *needs), counts=True, status="pacing_status"
    )


_NARROW = Need("no_feed", "0.25", "width", says=_UNPLACED)


def _as_told(column: str) -> Recipe:
    return Recipe(
        (
            Rows(
                "As the platform's file tells it",
                f"""SELECT week_start AS week, {column} AS told FROM views.student_platform_week
                WHERE student_id = $student AND platform = $platform AND week_start = $week""",
            ),
        ),
        (Step(column, "sum(told)"),),
        (Need("target_na", "count(told)", "1", says="no target is told"),),
    )


def _counted(rows: Rows, name: str, expression: str, *needs: Need) -> Recipe:
    return Recipe((rows,), (Step(name, expression),), needs, counts=True)


def _days(name: str, expression: str) -> Recipe:
    step = Step(name, expression)
    return Recipe((week_rows.ACTIVE, week_rows.PLACED), (step,), (_DAYS_KNOWN,), counts=True)


_ACTIVE_DAYS = Step("active_days", f"count(school_day and present and {_WORK})")
_PRESENT = Step("days_present", "count(school_day and present)")

RECIPES: Recipes = {
    "minutes": _counted(_MINUTES, "minutes", "sum(told_minutes)"),
    "units_completed": _counted(
        week_rows.amount("units_completed", "told_units"), "units_completed", "sum(told_units)"
    ),
    "items_attempted": _counted(
        week_rows.of_days("items_attempted", "tried"), "items_attempted", "sum(tried)"
    ),
    "items_correct": _counted(
        week_rows.of_days("items_correct", "right"), "items_correct", "sum(right)"
    ),
    "events": _counted(week_rows.EVENTS, "events", "sum(day_events)"),
    "school_days": Recipe((week_rows.CALENDAR,), (Step("school_days", "count(school_day)"),)),
    "days_present": Recipe((week_rows.CALENDAR,), (_PRESENT,)),
    "active_days": _days("active_days", _ACTIVE_DAYS.expression),
    "active_day_rate": Recipe(
        (week_rows.ACTIVE, week_rows.PLACED),
        (_ACTIVE_DAYS, _PRESENT, Step("active_day_rate", "active_days / days_present")),
        (_DAYS_KNOWN,),
        counts=True,
    ),
    "weekend_active_days": _days("weekend_active_days", f"count((school_day == 0) and {_WORK})"),
    "target_minutes": _as_told("target_minutes"),
    "target_units": _as_told("target_units"),
    "dosage": Recipe(
        (_MINUTES,),
        (Step("minutes", "sum(told_minutes)"), Step("dosage", "minutes / target_minutes")),
        (Need("target_na", "count(target_minutes > 0)", "1", says="no target is told"),),
        counts=True,
        status="dosage_status",
    ),
    "usual_minutes": _usual(_USUAL),
    "baseline_weeks": _usual(Step("baseline_weeks", "count(week_minutes)"), needs=()),
    "usual_scale": _usual(_USUAL, _SCALE),
    "share_of_usual": _usual(
        _USUAL, Step("share_of_usual", "minutes / usual_minutes"), needs=(_HISTORY, _ENOUGH)
    ),
    "change_z": _usual(_USUAL, _SCALE, Step("change_z", "(minutes - usual_minutes) / usual_scale")),
    "usual_units": _usual(_UNITS, needs=(_UNIT_HISTORY,)),
    "usual_units_scale": _usual(_UNITS, _UNIT_SCALE, needs=(_UNIT_HISTORY,)),
    "units_change_z": _usual(
        _UNITS,
        _UNIT_SCALE,
        Step("units_change_z", "(units_completed - usual_units) / usual_units_scale"),
        needs=(_UNIT_HISTORY,),
    ),
    "previous_minutes": _counted(week_rows.PREVIOUS, "previous_minutes", "sum(minutes_before)"),
    "judged_usual": _judged(_JUDGED),
    "judged_weeks": _judged(
        Step("judged_weeks", "count(week_minutes)"),
        needs=(Need("not_enough_history", "count(week_before)", "1", "weeks"),),
    ),
    "judged_scale": _judged(_JUDGED, _JUDGED_SCALE),
    "judged_share": _judged(_JUDGED, _SHARE, needs=(_HISTORY, _JUDGED_ENOUGH)),
    "previous_share": _judged(_JUDGED, _BEFORE_SHARE, needs=(_HISTORY, _JUDGED_ENOUGH)),
    "quieter_than_usual": _judged(
        _JUDGED,
        _SHARE,
        _BEFORE_SHARE,
        Step(
            "quieter_than_usual",
            "judged_usual >= usual_minutes_least and judged_share <= quieter_share"
            " and previous_share <= quieter_share",
        ),
    ),
    "busier_than_usual": _judged(
        _JUDGED,
        _SHARE,
        _BEFORE_SHARE,
        Step(
            "busier_than_usual",
            "judged_usual >= usual_minutes_least and judged_share >= busier_share"
            " and previous_share >= busier_share",
        ),
    ),
    "evenness": Recipe(
        (week_rows.SHARES, week_rows.PLACED),
        (
            Step("all_minutes", "sum(day_minutes)"),
            Step("share", "day_minutes / all_minutes"),
            Step("evenness", "-sum(share * ln(share)) / ln(school_days)"),
        ),
        (
            _DAYS_KNOWN,
            Need("no_feed", "0", "unplaced_minutes", says=_UNPLACED),
            Need("too_few", "total(active_days)", "2", "days with work"),
        ),
        counts=True,
    ),
    "mean_day": _paced(
        _EARLY, _LATE, _WIDTH, Step("mean_day", "(late + early) / 2"), needs=(_NARROW,)
    ),
    "pacing": _paced(
        _EARLY, _LATE, _LOW, _HIGH, _WIDTH, Step("pacing", "(pacing_low + pacing_high) / 2"),
        needs=(_NARROW,),
    ),
    "pacing_low": _paced(_LATE, _LOW),
    "pacing_high": _paced(_EARLY, _HIGH),
    "last_day_share": _paced(
        _SURE, _PERHAPS, Step("last_day_share", "(surely + perhaps) / 2"),
        needs=(Need("no_feed", "0.25", "perhaps - surely", says=_UNPLACED),),
    ),
}  # fmt: skip

#: What student_engagement tells of a week beyond the week's own columns.
OF_TWO: Recipes = {
    "judged_change_z": _judged(
        _JUDGED, _JUDGED_SCALE, Step("change_z", "(minutes - judged_usual) / judged_scale")
    ),
    "previous_change_z": _judged(
        _JUDGED,
        _JUDGED_SCALE,
        Step("previous_change_z", "(sum(minutes_before) - judged_usual) / judged_scale"),
    ),
}
