"""What a weekly export holds: its tables, the rows of each, and what of them names nobody.

Belongs here: that list. How rows become files is not here.
"""

from __future__ import annotations

from dataclasses import dataclass

#: Monday of the week and the Monday after it, in the conditions below.
WEEK = "week_start = $monday"
#: Ids of people: written as they are, or as keyed hashes.
PERSONS = ("student_id", "staff_id")
#: For tables in which no person stands.
EVERY = ("*",)


@dataclass(frozen=True)
class Export:
    """One table of the export.

    `rows`: SQL for the rows of the week; TRUE = as the warehouse stands. `unnamed`: the columns
    that also stand in a pseudonymous export, as they are or as patterns; what is not listed is left
    out. `coordinators`: only written when asked for.
    """

    name: str
    about: str
    table: str
    unnamed: tuple[str, ...]
    rows: str = "TRUE"
    coordinators: bool = False


def _columns(text: str) -> tuple[str, ...]:
    return tuple(text.split())


EXPORTS = (
    Export(
        "student_platform_week",
        "Each student's week on each platform.",
        "views.student_platform_week",
        _columns(
            "student_id platform week_start minutes observed_minutes active_days school_days"
            " days_present active_day_rate weekend_active_days school_days_missing target_minutes"
            " dosage dosage_status target_units units_completed items_attempted items_correct"
            " events usual_minutes baseline_weeks baseline_status share_of_usual change_z"
            " usual_units units_change_z quieter_than_usual busier_than_usual evenness mean_day"
            " pacing last_day_share pacing_status status data_through"
        ),
        WEEK,
    ),
    Export(
        "weekly_summary",
        "Each student's week over all platforms.",
        "views.weekly_summary",
        _columns(
            "student_id week_start school_id grade_level *_status *_minutes *_dosage *_units"
            " targets_met targets_with_data change_z_combined change_z_platforms agreement"
            " quiet_school_days assignments_* checkins screen_minutes data_through"
        ),
        WEEK,
    ),
    Export(
        "timing",
        "When work happens: each student and platform, as of the newest data.",
        "views.student_procrastination",
        _columns(
            "student_id platform as_of weeks_counted mean_day pacing last_day_share class_pacing"
            " class_pacing_weeks work_lands_at_end pacing_status start_delay_median started_count"
            " on_time_count late_count missing_count closed_count late_low late_high"
            " compared_count compared_late expected_late often_late due_status status data_through"
        ),
    ),
    Export(
        "assignment_timing",
        "Each student's tasks that were due in the week.",
        "views.assignment_timing",
        _columns(
            "student_id platform assignment_id class_id kind assigned_at due_at due_on started_at"
            " submitted_at submitted_basis start_delay lead_hours last_24h state closed"
            " score_percent below_threshold class_late_rate_others others_counted data_through"
        ),
        "due_on >= $monday AND due_on < $monday + 7",
    ),
    Export(
        "assessment_events",
        "Tests taken in the week.",
        "facts.assessment_result",
        _columns(
            "platform student_id term school_year subject course test_name taken_at taken_on"
            " duration_minutes status score standard_error percentile rapid_guess_percent"
            " growth_measure lexile quantile"
        ),
        "taken_on >= $monday AND taken_on < $monday + 7",
    ),
    Export(
        "skill_states",
        "Each student's skills, as of the newest data.",
        "views.student_skill",
        _columns(
            "student_id platform skill_id skill_name skill_state basis attempts attempts_to_state"
            " n since mastered_on last_worked data_through"
        ),
    ),
    Export(
        "class_week",
        "Each class's week on each platform; groups of fewer than 10 students are not shown.",
        "views.class_week",
        EVERY,
        WEEK,
    ),
    Export(
        "cards",
        "Every card of the week, with its value, what it was held against, and its rule's version.",
        "views.card",
        _columns(
            "student_id week_start rule_id platform item_id value reference n window_start"
            " window_end data_through rule_version"
        ),
        WEEK,
    ),
    Export(
        "licence_use",
        "Licences of each school on each platform, and how many were used in the week.",
        "views.licence_use",
        EVERY,
        WEEK,
    ),
    Export(
        "coverage",
        "Which days of the week each file can know of.",
        "facts.coverage",
        _columns("platform feed class_id covers_from covers_to of absence_is_zero source_file"),
        "covers_from < $monday + 7 AND covers_to >= $monday",
    ),
    Export(
        "identity_coverage",
        "Accounts of each platform and school, and how many are linked to a student.",
        "ops.identity_coverage",
        EVERY,
    ),
    Export(
        "identity_exceptions",
        "Accounts that wait for a person's decision.",
        "ops.identity_review",
        _columns("platform account_kind waits_for school_id candidates best_score"),
    ),
    Export(
        "fairness_audit",
        "How often each rule's cards appear by group of students. For coordinators only.",
        "ops.fairness_audit",
        EVERY,
        coordinators=True,
    ),
    Export(
        "measure_dictionary",
        "What every number means.",
        "views.measure_dictionary",
        EVERY,
    ),
    Export(
        "load_manifest",
        "Every file, what became of it, and its rows.",
        "ops.file",
        _columns(
            "platform feed sha256 size landed_at exported_on dated_by status rows_in"
            " rows_kept rows_quarantined rows_duplicate rows_withheld rows_held rows_before"
            " rows_gained rows_lost rows_changed compared_to superseded_by id"
        ),
    ),
)
