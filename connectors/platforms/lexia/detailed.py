"""Detailed Student: one row per student and activity, with the student's counters of the week.

Minutes, units and targets of the student repeat on every row: one of them is taken per student and
export, never a sum.
"""

from __future__ import annotations

from connectors.contract import Column, Feed, Kind, Output, Scope
from connectors.platforms.lexia.columns import NOTHING, class_key, number, text, time, truth

_DAY, _WEEK = 24 * 60.0, 7 * 24 * 60.0
#: A student of several classes has comma lists in matching order; where the lists do not match, a
#: title holds a comma, and nobody knows which.
_CLASSES = f"""
    SELECT DISTINCT _no, lexia_id, {class_key("school_name", "title")} AS class_key, title, code
    FROM (SELECT _no, lexia_id, school_name, trim(unnest(titles)) AS title,
                 nullif(trim(unnest(codes)), '') AS code
          FROM (SELECT _no, lexia_id, school_name,
                       CASE WHEN len(codes) = 1 THEN [class_names] ELSE titles END AS titles, codes
                FROM (SELECT DISTINCT _no, lexia_id, school_name, class_names,
                             string_split(class_names, ',') AS titles,
                             string_split(class_ids, ',') AS codes,
                             string_split(staff, ',') AS adults
                      FROM rows WHERE class_names IS NOT NULL)
                WHERE len(codes) = 1 OR len(titles) = 1
                      OR len(titles) = coalesce(len(codes), len(adults))))
    WHERE title <> ''"""


def detailed_student(program: str, *, mapped: bool = False) -> Feed:
    """The export of one program, by Core5's names. `mapped`: the district names the columns, and
    the activities are not needed."""
    return Feed(
        "detailed_student",
        f"{program} Detailed Student",
        (
            Column("lexia_id", Kind.ID, ("Lexia_ID",), filled=True, nothing=NOTHING),
            text("username", "username", required=True),
            text("given_name", "fname"),
            text("family_name", "lname"),
            text("grade_level", "grade_label"),
            text("school_name", "school_name"),
            text("class_ids", "classes"),
            text("class_names", "class_names"),
            text("staff", "staff"),
            Column("activity_id", Kind.ID, ("activity_id",), required=not mapped, nothing=NOTHING),
            text("activity_name", "activity_name"),
            text("complete", "status_flag_complete"),
            text("needs_instruction", "needs_instruction", "struggling_indicator"),
            text("level", "levelname"),
            number("percent_completed", "percent_completed", high=100),
            time("activity_start", "activity_start_time"),
            time("activity_end", "activity_end_time", "activity_timestamp"),
            number("activity_minutes", "activity_time", "duration_minutes"),
            number("attempts_standard", "attempts_at_standard"),
            number("attempts_practice", "attempts_at_practice"),
            number("attempts_instruction", "attempts_at_instruction"),
            number("today_minutes", "today_mins", high=_DAY),
            number("today_units", "today_units"),
            number("week_minutes", "week_time", high=_WEEK, required=True),
            number("week_units", "week_units"),
            number("target_minutes", "weekly_usage_target", "weekly_target", high=_WEEK),
            number("target_units", "weekly_units_target"),
            number("units_to_target", "units_to_benchmark", "units_to_target"),
        ),
        (
            Output(
                "account",
                """SELECT _no, lexia_id AS account_key, 'lexia_id' AS account_kind,
                          any_value(username) AS username, any_value(given_name) AS given_name,
                          any_value(family_name) AS family_name,
                          any_value(grade_level) AS grade_level,
                          any_value(school_name) AS school_name
                   FROM rows GROUP BY _no, lexia_id""",
            ),
            Output(
                "usage_snapshot",
                # The figures are counters that only grow within a week: of differing rows, the
                # largest is the newest.
                """SELECT _no, lexia_id AS account_key, _exported_on AS date,
                          week_start(_exported_on) AS week_start,
                          max(week_minutes) AS week_minutes, max(today_minutes) AS today_minutes,
                          max(week_units) AS week_units, max(today_units) AS today_units,
                          max(target_minutes) AS target_minutes, max(target_units) AS target_units
                   FROM rows WHERE week_minutes IS NOT NULL GROUP BY _no, _exported_on, lexia_id""",
            ),
            Output(
                "skill_state",
                f"""SELECT _no, lexia_id AS account_key, activity_id AS skill_id,
                          coalesce(local_date(activity_end), _exported_on) AS date,
                          arg_max(activity_name, seen) AS skill_name, arg_max(state, seen) AS state,
                          arg_max(percent_completed, seen) AS percent_completed,
                          CAST(arg_max(tries, seen) AS BIGINT) AS attempts,
                          arg_max(flag, seen) AS needs_instruction, arg_max(level, seen) AS level,
                          max(activity_minutes) AS minutes
                   FROM (SELECT *, coalesce(activity_end, TIMESTAMP '1970-01-01') AS seen,
                                CASE WHEN lower(complete) IN ('1', 'y', 'yes', 'true', 'complete')
                                     THEN 'complete'
                                     WHEN activity_start IS NULL AND activity_end IS NULL
                                     THEN 'not_started' ELSE 'in_progress' END AS state,
                                coalesce(attempts_standard, 0) + coalesce(attempts_practice, 0)
                                    + coalesce(attempts_instruction, 0) AS tries,
                                {truth("needs_instruction")} AS flag
                         FROM rows WHERE activity_id IS NOT NULL)
                   GROUP BY 1, 2, 3, 4""",
            ),
            Output(
                "program_level",
                f"""SELECT _no, lexia_id AS account_key, '{program}' AS program,
                           _exported_on AS date, 'current' AS moment,
                           min(units_to_target) AS units_to_target
                    FROM rows WHERE units_to_target IS NOT NULL
                    GROUP BY _no, _exported_on, lexia_id""",
            ),
            Output(
                "platform_class",
                f"""SELECT _no, class_key, any_value(title) AS title,
                           CASE WHEN count(DISTINCT code) = 1 THEN any_value(code) END AS class_code
                    FROM ({_CLASSES}) GROUP BY _no, class_key""",
            ),
            Output(
                "class_member",
                f"""SELECT DISTINCT _no, class_key, lexia_id AS account_key, 'student' AS role
                    FROM ({_CLASSES})""",
            ),
            Output(
                "coverage",
                """SELECT DISTINCT _no, week_start(_exported_on) AS covers_from,
                          _exported_on AS covers_to,
                          'activity' AS of, FALSE AS absence_is_zero FROM rows""",
            ),
        ),
        Scope.DAY,
        scope_column="school_name",
        key=("lexia_id", "activity_id", "activity_start"),
        dated_by="activity_end",
        layouts="names as mapped"
        if mapped
        else "56 columns; with needs_instruction; the names of 2015 to 2018",
    )
